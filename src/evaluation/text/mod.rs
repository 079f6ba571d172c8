//! Measures of generated text: similarity to a corpus, and variety.
//!
//! | file | holds |
//! |---|---|
//! | [`bleu`] | BLEU against a set of references: similarity |
//! | [`self_bleu`](mod@self_bleu) | BLEU of each sentence against the others of its sample: lower is more varied |
//! | [`corpus_bleu`](mod@corpus_bleu) | BLEU of answers, each against the one reference to its source |
//! | [`answers`] | length, repetition, dull replies, and how long a conversation stays alive |
//! | [`ngram_divergence`] | Jensen–Shannon divergence of two samples' n-grams |
//! | [`distinct`] | share of different n-grams, and number of different tokens: variety |
//!
//! A sentence is a slice of token numbers, without end tokens and padding. A word that a vocabulary does not have is
//! [`NO_MATCH`]: it counts as a word of the sentence, but is equal to no other, not even to another unknown word. The values of BLEU are those of
//! NLTK's `sentence_bleu` with uniform weights and `SmoothingFunction().method1`, and those of corpus BLEU its `corpus_bleu`, checked against its recorded
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

pub mod answers;
pub mod bleu;
mod brevity;
pub mod corpus_bleu;
pub mod distinct;
pub mod ngram_divergence;
mod ngrams;
pub mod self_bleu;

/// Token that matches nothing: an unknown word, whose likeness to another unknown word nobody knows.
///
/// ```
/// use irgan::evaluation::text::{NO_MATCH, References, distinct_n, self_bleu};
///
/// let references = References::new(&[[7, NO_MATCH, 8]], 2);
/// // 2 of 3 words match, and no pair: √(2/3 · 0.1/2), smoothed.
/// assert!((references.bleu(&[7, NO_MATCH, 8], 2) - (2.0f64 / 3.0 * 0.05).sqrt()).abs() < 1e-15);
/// let unknown = [[NO_MATCH; 3]; 4];
/// assert_eq!((self_bleu(&unknown, 2..=2)[0], distinct_n(&unknown, 1)), (0.0, 0.0));
/// ```
pub const NO_MATCH: u32 = u32::MAX;

/// Returns the share of unknown words, [`NO_MATCH`], among all; 0 without words.
///
/// ```
/// use irgan::evaluation::text::{NO_MATCH, unknown_share};
///
/// assert_eq!(unknown_share(&[vec![1, NO_MATCH, 2], vec![3]]), 0.25);
/// ```
pub fn unknown_share<S: AsRef<[u32]>>(sentences: &[S]) -> f64 {
    let tokens = || sentences.iter().flat_map(|sentence| sentence.as_ref());
    let unknown = tokens().filter(|&&token| token == NO_MATCH).count();
    unknown as f64 / tokens().count().max(1) as f64
}

pub use answers::{
    LOOP_SHARE, common_words, dull_share, is_dull, mean_length, perplexity, repetition, turns_alive,
};
pub use bleu::{References, mean_bleu};
pub use corpus_bleu::corpus_bleu;
pub use distinct::{distinct_n, distinct_tokens};
pub use ngram_divergence::ngram_js;
pub use self_bleu::self_bleu;
