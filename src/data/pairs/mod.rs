//! Pairs of a source and its answer: a line and the reply to it, the first line of a poem and the rest.
//!
//! [`PairFiles`] names the files, [`PairCorpus`] reads them as token ids of one vocabulary, [`Pairs`] is what models take,
//! [`read_sources`] reads sources alone, to be answered, and [`planted`] makes pairs whose best answers are known.

mod corpus;
mod files;
mod lines;
mod options;
#[allow(clippy::module_inception)]
mod pairs;
pub mod planted;
mod report;
mod sources;
mod split;
mod texts;

pub use corpus::{PairCorpus, PairParts};
pub use files::{MOST_TURNS, PairFiles, TURN_MARK};
pub use options::{AUTOMATIC_LENGTH, PairLimits, PairOptions};
pub use pairs::{Pairs, Source, last_turn};
pub use report::PairReport;
pub use sources::{EncodedSource, SourceLines, encode_turns, read_sources};
pub use split::SplitShares;
pub use texts::PairTexts;
