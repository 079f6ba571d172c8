//! BLEU against the training sentences as a reward (the PG-BLEU of the paper's comparison).

use std::sync::Arc;

use super::SentenceScorer;
use crate::data::sentences::{Sequences, without_end};
use crate::evaluation::text::References;
use crate::math::parallel::ordered_map;
use crate::text::models::LanguageModel;

/// Judges a sentence by its BLEU-3 against reference sentences.
#[derive(Clone, Debug)]
pub struct BleuJudge {
    references: Arc<References>,
    end: Option<u32>,
}

/// Order n of the reward: shared words, pairs and triples.
const ORDER: usize = 3;

impl BleuJudge {
    /// Makes a judge that compares with `sentences`, whose end tokens do not count.
    ///
    /// ```
    /// use irgan::data::sentences::Sequences;
    /// use irgan::text::judges::{BleuJudge, SentenceScorer};
    /// use irgan::text::models::RecurrentModel;
    ///
    /// let real = Sequences::fixed(ndarray::array![[4, 5, 6], [7, 8, 9]]);
    /// let judge = BleuJudge::new(&real, None);
    /// let drawn = Sequences::fixed(ndarray::array![[4, 5, 6], [6, 5, 4]]);
    /// let scores = SentenceScorer::<RecurrentModel>::score(&judge, &[(), ()], &drawn);
    /// assert!(scores[0] > 0.99 && scores[1] < scores[0]);
    /// ```
    pub fn new(sentences: &Sequences, end: Option<u32>) -> Self {
        let references: Vec<&[u32]> = sentences.iter().map(|s| without_end(s, end)).collect();
        Self { references: Arc::new(References::new(&references, ORDER)), end }
    }
}

impl<M: LanguageModel> SentenceScorer<M> for BleuJudge {
    fn score(&self, _contexts: &[M::Context], sentences: &Sequences) -> Vec<f32> {
        ordered_map(sentences.len(), |i| {
            self.references.bleu(without_end(sentences.sentence(i), self.end), ORDER) as f32
        })
    }
}
