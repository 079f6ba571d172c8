//! Real and drawn sentences that a judge learns from in one epoch.

use rand::seq::SliceRandom as _;

use crate::data::sentences::Sequences;
use crate::seed::Stream;

/// Real and drawn sentences in a random order.
pub(super) struct Shown {
    sentences: Sequences, // the real ones come first
    real: usize,
    order: Vec<usize>,
}

impl Shown {
    /// Takes all of `drawn` and as many of `real` at most.
    pub fn new(real: &Sequences, drawn: &Sequences, stream: Stream) -> Self {
        let mut chosen: Vec<usize> = (0..real.len()).collect();
        if chosen.len() > drawn.len() {
            chosen.shuffle(&mut stream.named("real").rng());
            chosen.truncate(drawn.len());
        }
        let sentences = real.select(&chosen).chain(drawn);
        let mut order: Vec<usize> = (0..sentences.len()).collect();
        order.shuffle(&mut stream.named("order").rng());
        Self { sentences, real: chosen.len(), order }
    }

    /// Returns batches of `size` sentences, each with a label a sentence: true for a real one.
    pub fn batches(&self, size: usize) -> impl Iterator<Item = (Sequences, Vec<bool>)> {
        self.order.chunks(size).map(|batch| {
            let labels = batch.iter().map(|&row| row < self.real).collect();
            (self.sentences.select(batch), labels)
        })
    }
}
