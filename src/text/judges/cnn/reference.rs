//! Sentences that a judge of minibatch features sees a sentence beside, when it rewards.
//!
//! While it learns, a sentence stands beside the others of its batch that are real, or drawn, as it is (as in the paper). When it
//! rewards, the sentences to be judged come in any number, and many from one prefix: each then stands beside [`REFERENCE`] drawn
//! sentences of the judge's last epoch, so that its judgement depends on no other. They are part of the network, as tokens, and
//! are read by its weights as they are.

use ndarray::Array2;

use super::{CnnJudge, REFERENCE};
use crate::data::sentences::Sequences;

impl CnnJudge {
    /// Sets what is known of a batch when the judge rewards, by `sentences` of an epoch that it has made, of which `real: [N]` are
    /// real: the moments of a normalisation, and the reference, of the drawn ones.
    pub(super) fn settle(&mut self, sentences: &Sequences, real: &[bool]) {
        if self.normalization.is_some() {
            let (features, _) = self.convolution.forward(self.embed(sentences), sentences.lengths());
            self.settle_moments(&features);
        }
        let drawn: Vec<usize> = (0..real.len()).filter(|&row| !real[row]).collect();
        if let Some(reference) = self.reference.as_mut().filter(|_| !drawn.is_empty()) {
            let chosen: Vec<usize> = drawn.iter().copied().cycle().take(REFERENCE).collect();
            reference.assign(&sentences.select(&chosen).to_rows());
        }
    }

    /// Sets the moments of a normalisation to those of maxima over time: `[N, F]`.
    pub(super) fn settle_moments(&mut self, features: &Array2<f32>) {
        self.normalization.iter_mut().for_each(|layer| layer.settle(features.view()));
    }

    /// Returns the features of the reference before the output layer, `[R, F]`; `None` where nothing is compared, or nothing is
    /// known yet.
    pub(super) fn reference_features(&self) -> Option<Array2<f32>> {
        let rows = self.reference.as_ref().filter(|rows| rows[[0, rows.ncols() - 1]] > 0.0)?;
        let sentences = Sequences::of_number_rows(rows.view());
        let (features, _) = self.convolution.forward(self.embed(&sentences), sentences.lengths());
        Some(self.top(features, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Filters, MinibatchSize, Parameters as _, Precision};
    use crate::seed::Stream;
    use crate::text::judges::CnnShape;

    fn judge() -> CnnJudge {
        let filters = vec![Filters { width: 1, count: 4 }, Filters { width: 2, count: 4 }];
        let minibatch = Some(MinibatchSize { features: 3, values: 2 });
        let shape = CnnShape {
            embedding: 4,
            filters,
            highway: true,
            dropout: 0.0,
            l2: 0.0,
            batch_norm: true,
            minibatch,
        };
        CnnJudge::new(&shape, 6, 3, &mut Stream::new(1).rng())
    }

    fn random_sentences(count: usize, seed: u64) -> Sequences {
        let mut rng = Stream::new(seed).rng();
        let draw = |_| rand::Rng::random_range(&mut rng, 0..6u32);
        Sequences::fixed(
            Array2::from_shape_vec((count, 3), (0..3 * count).map(draw).collect()).expect("rows"),
        )
    }

    #[test]
    fn a_sentence_is_judged_beside_drawn_ones_whatever_else_is_judged() {
        let (mut judge, shown) = (judge(), random_sentences(70, 2));
        let sentences = random_sentences(9, 3);
        let before = judge.judgements(&sentences, None);
        let real: Vec<bool> = (0..70).map(|row| row % 7 == 0).collect();
        judge.settle(&shown, &real);
        let all = judge.judgements(&sentences, None);
        assert_ne!(all, before, "nothing was known");
        for (row, &judgement) in all.iter().enumerate() {
            assert!((judge.judgements(&sentences.select(&[row]), None)[0] - judgement).abs() < 1e-6);
        }
        let by_table = judge.judgements(&sentences, Some(&judge.prepare(Precision::F32)));
        assert!(all.iter().zip(&by_table).all(|(a, b)| (a - b).abs() < 1e-5));
        // As in training, beside all that are shown as drawn, where these are the reference and nothing else.
        let drawn = shown.select(&(0..70).filter(|&row| !real[row]).take(REFERENCE).collect::<Vec<_>>());
        let top = |sentences: &Sequences| {
            judge.top(judge.convolution.forward(judge.embed(sentences), sentences.lengths()).0, None)
        };
        let (mut group, others) = (top(&sentences.select(&[0])), top(&drawn));
        group.append(ndarray::Axis(0), others.view()).expect("features of one width");
        let layer = judge.minibatch.as_ref().expect("set above");
        let (as_trained, _) = layer.forward(group.view(), &[false; REFERENCE + 1]);
        let beside = layer.beside(group.slice(ndarray::s![..1, ..]), others.view());
        assert!(as_trained.row(0).iter().zip(&beside).all(|(a, b)| (a - b).abs() < 1e-5));
        assert_eq!(judge.reference_features().expect("settled"), others);
    }

    #[test]
    fn what_is_known_of_a_batch_is_saved_with_the_weights() {
        let mut judge = judge();
        judge.settle(&random_sentences(10, 4), &[false; 10]); // fewer than the reference has: they repeat
        let mut loaded = self::judge();
        for (mut into, from) in loaded.tensors_mut().into_iter().zip(judge.tensors()) {
            into.values.assign(&from.values);
        }
        let sentences = random_sentences(5, 5);
        assert_eq!(loaded.judgements(&sentences, None), judge.judgements(&sentences, None));
    }
}
