//! BLEU against the training sentences as a reward (the PG-BLEU of the paper's comparison).

use super::Judge;
use crate::data::sentences::Sequences;
use crate::evaluation::text::References;
use crate::math::parallel::ordered_map;

/// Judges a sentence by its BLEU-n against reference sentences.
#[derive(Debug)]
pub struct BleuJudge {
    references: References,
    end: Option<u32>,
}

/// The order n of the reward: shared words, pairs and triples.
const ORDER: usize = 3;

impl BleuJudge {
    /// A judge that compares with `sentences`, whose end tokens do not count.
    pub fn new(sentences: &Sequences, end: Option<u32>) -> Self {
        let references: Vec<&[u32]> = sentences.iter().map(|s| without_end(s, end)).collect();
        Self { references: References::new(&references, ORDER), end }
    }
}

impl Judge for BleuJudge {
    fn score(&self, sentences: &Sequences) -> Vec<f32> {
        ordered_map(sentences.len(), |i| {
            self.references.bleu(without_end(sentences.sentence(i), self.end), ORDER) as f32
        })
    }
}

/// A sentence without the token that ends it.
pub fn without_end(sentence: &[u32], end: Option<u32>) -> &[u32] {
    match sentence.split_last() {
        Some((last, rest)) if Some(*last) == end => rest,
        _ => sentence,
    }
}
