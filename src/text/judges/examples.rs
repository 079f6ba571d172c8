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

    /// Returns batches of `size` sentences, each with a label a sentence, true for a real one; a last batch of less than `least` joins
    /// the one before.
    pub fn batches(&self, size: usize, least: usize) -> impl Iterator<Item = (Sequences, Vec<bool>)> {
        let rest = self.order.len() % size;
        let joined = if rest > 0 && rest < least { size + rest } else { rest };
        let (whole, last) = self.order.split_at(self.order.len().saturating_sub(joined));
        whole.chunks(size).chain(Some(last).filter(|last| !last.is_empty())).map(|batch| {
            let labels = batch.iter().map(|&row| row < self.real).collect();
            (self.sentences.select(batch), labels)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_batch_that_is_too_small_joins_the_one_before() {
        let ids = |from: u32, to: u32| Sequences::of(&(from..to).map(|id| vec![id]).collect::<Vec<_>>());
        let sizes = |real: u32, size: usize, least: usize| {
            let shown = Shown::new(&ids(1, 1 + real), &ids(10, 15), Stream::new(1)); // 5 are drawn
            let batches: Vec<_> = shown.batches(size, least).collect();
            let mut all: Vec<u32> = batches
                .iter()
                .flat_map(|(sentences, _)| sentences.iter().map(|s| s[0]).collect::<Vec<_>>())
                .collect();
            all.sort_unstable();
            assert_eq!(all, (1..=real).chain(10..15).collect::<Vec<_>>(), "each is shown once");
            batches.iter().map(|(sentences, _)| sentences.len()).collect::<Vec<_>>()
        };
        assert_eq!(sizes(4, 4, 1), [4, 4, 1]);
        assert_eq!(sizes(4, 4, 2), [4, 5]);
        assert_eq!(sizes(5, 4, 2), [4, 4, 2]);
        assert_eq!(sizes(3, 4, 2), [4, 4]);
        assert_eq!(sizes(1, 5, 2), [6]);
    }
}
