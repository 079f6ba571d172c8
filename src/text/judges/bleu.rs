//! BLEU against the training sentences as a reward (the PG-BLEU of the paper's comparison).

use std::sync::Arc;

use super::SentenceScorer;
use crate::data::sentences::{Sequences, as_words};
use crate::evaluation::text::References;
use crate::math::parallel::ordered_map;
use crate::text::models::LanguageModel;

/// Judges a sentence by its BLEU-3 against reference sentences.
#[derive(Clone, Debug)]
pub struct BleuJudge {
    references: Arc<References>,
    end: Option<u32>,
    unknown: Option<u32>,
}

/// Order n of the reward: shared words, pairs and triples.
const ORDER: usize = 3;

impl BleuJudge {
    /// Makes a judge that compares with `sentences`, whose end tokens do not count, and whose token `unknown` matches
    /// nothing.
    ///
    /// ```
    /// use irgan::data::sentences::Sequences;
    /// use irgan::text::judges::{BleuJudge, SentenceScorer};
    /// use irgan::text::models::RecurrentModel;
    ///
    /// let real = Sequences::fixed(ndarray::array![[4, 5, 6], [7, 8, 9]]);
    /// let judge = BleuJudge::new(&real, None, None);
    /// let drawn = Sequences::fixed(ndarray::array![[4, 5, 6], [6, 5, 4]]);
    /// let scores = SentenceScorer::<RecurrentModel>::score(&judge, &[(), ()], &drawn);
    /// assert!(scores[0] > 0.99 && scores[1] < scores[0]);
    /// ```
    pub fn new(sentences: &Sequences, end: Option<u32>, unknown: Option<u32>) -> Self {
        let references = References::new(&as_words(sentences, end, unknown), ORDER);
        Self { references: Arc::new(references), end, unknown }
    }
}

impl<M: LanguageModel> SentenceScorer<M> for BleuJudge {
    fn score(&self, _contexts: &[M::Context], sentences: &Sequences) -> Vec<f32> {
        let words = as_words(sentences, self.end, self.unknown);
        ordered_map(words.len(), |i| self.references.bleu(&words[i], ORDER) as f32)
    }
}
