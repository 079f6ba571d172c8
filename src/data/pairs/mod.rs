//! Pairs of a source and its answer: a line and the reply to it, the first line of a poem and the rest.
//!
//! [`PairFiles`] names the files, [`PairCorpus`] reads them as token ids of one vocabulary, [`Pairs`] is what models take,
//! and [`read_sources`] reads sources alone, to be answered.

mod corpus;
mod files;
mod lines;
mod options;
#[allow(clippy::module_inception)]
mod pairs;
mod report;
mod sources;
mod split;

pub use corpus::{PairCorpus, PairParts};
pub use files::{MOST_TURNS, PairFiles, TURN_MARK};
pub use options::{AUTOMATIC_LENGTH, PairLimits, PairOptions};
pub use pairs::{Pairs, Source, last_turn};
pub use report::PairReport;
pub use sources::{EncodedSource, SourceLines, encode_turns, read_sources};
pub use split::SplitShares;
