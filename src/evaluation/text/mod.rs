//! Measures of generated text: similarity to a corpus, and variety.
//!
//! | file | holds |
//! |---|---|
//! | [`bleu`] | BLEU against a set of references: similarity |
//! | [`self_bleu`](mod@self_bleu) | BLEU of each sentence against the others of its sample: lower is more varied |
//! | [`distinct`] | share of different n-grams, and number of different tokens: variety |
//!
//! A sentence is a slice of token numbers, without end tokens and padding. The values of BLEU are those of
//! NLTK's `sentence_bleu` with uniform weights and `SmoothingFunction().method1`, checked against its recorded
//! output by `tests/numerics/text_metrics.rs`.
//!
//! ```
//! use irgan::evaluation::text::{References, distinct_n, mean_bleu, self_bleu};
//!
//! let corpus = [vec![1, 2, 3, 4, 5], vec![1, 2, 6, 7]];
//! let sample = [vec![1, 2, 3, 4, 5], vec![1, 2, 6, 7], vec![8]];
//! let references = References::new(&corpus, 3);
//! // Two sentences are references, the third shares nothing with any.
//! assert_eq!(mean_bleu(&sample, &references, 2..=3), [2.0 / 3.0, 2.0 / 3.0]);
//! assert!(self_bleu(&sample, 2..=3)[0] < 0.5);
//! assert_eq!(distinct_n(&sample, 2), 6.0 / 7.0); // (1, 2) stands twice
//! ```

pub mod bleu;
mod brevity;
pub mod distinct;
mod ngrams;
pub mod self_bleu;

pub use bleu::{References, mean_bleu};
pub use distinct::{distinct_n, distinct_tokens};
pub use self_bleu::self_bleu;
