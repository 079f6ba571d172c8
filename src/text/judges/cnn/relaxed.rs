//! The convolutional judge of relaxed sentences: its gradient at them, and its training on soft ones.

use ndarray::{Array2, Array3, Axis, concatenate, s};
use rand::seq::SliceRandom as _;

use super::{CnnJudge, Learning, SETTLED};
use crate::data::sentences::Sequences;
use crate::game::JudgeStatistics;
use crate::nn::{Embedding, Learner, Parameters as _, dropout_mask};
use crate::seed::{Rng, Stream};
use crate::text::judges::two_classes::{judgements, loss_gradient, share_right, train_batches};
use crate::text::models::{RecurrentModel, RelaxedGradient, RelaxedModel as _, RelaxedSentences, Relaxing};

/// Real sentences, and the rule by which soft ones are drawn beside them.
pub(in crate::text::judges) struct SoftShown<'a> {
    pub real: &'a Sequences,
    pub generator: &'a RecurrentModel,
    /// Soft sentences of an epoch.
    pub count: usize,
    pub rule: Relaxing,
}

/// Passes once over as many real sentences as soft ones, drawn batch by batch, and returns the means over the batches.
pub(in crate::text::judges) fn train_soft_epoch(
    learner: &mut Learner<CnnJudge>,
    shown: SoftShown<'_>,
    batch: usize,
    stream: Stream,
) -> JudgeStatistics {
    let mut chosen: Vec<usize> = (0..shown.real.len()).collect();
    chosen.shuffle(&mut stream.named("real").rng());
    chosen.truncate(shown.count);
    let batches = || {
        chosen.chunks((batch / 2).max(1)).enumerate().map(|(number, rows)| {
            let rule = Relaxing { stream: shown.rule.stream.at(number as u64), ..shown.rule };
            (shown.real.select(rows), shown.generator.draw_relaxed(&vec![(); rows.len()], rule))
        })
    };
    let seen = train_batches(learner, batches(), stream, |network, (real, drawn), stream, gradient| {
        network.soft_gradient(&real, &drawn, &mut stream.named("dropout").rng(), gradient)
    });
    if learner.shape.batch_norm {
        let some = batches().take(SETTLED.div_ceil(batch));
        let features = some.map(|(real, drawn)| learner.soft_features(&real, &drawn)).collect::<Vec<_>>();
        let views: Vec<_> = features.iter().map(|features| features.view()).collect();
        learner.model_mut().settle_moments(&concatenate(Axis(0), &views).expect("features of one width"));
    }
    seen
}

/// Returns the share of `real` and soft `drawn` sentences, as many of both, that the judge classifies correctly.
pub(in crate::text::judges) fn soft_accuracy(
    network: &CnnJudge,
    real: &Sequences,
    drawn: &RelaxedSentences,
) -> f64 {
    let of_drawn = network.pass(network.embed_relaxed(drawn), drawn.sentences.lengths(), None);
    let of_drawn = judgements(network.divergence, of_drawn.logits.view());
    let of_real = network.judgements(real, None);
    let right = |judgements: &[f32], is_real| share_right(network.divergence, judgements, is_real);
    (right(&of_real, true) + right(&of_drawn, false)) / 2.0
}

impl CnnJudge {
    /// Returns the gradient of the generator's loss, summed over relaxed sentences, with their judgements.
    ///
    /// The loss of a drawn sentence is that of a real one: `−log D(x)` of a logistic judge (Goodfellow et al., 2014), and
    /// `−g(f(x))` of other f-divergences (Nowozin et al., 2016, section 3.2).
    pub fn relaxed_gradient(&self, drawn: &RelaxedSentences) -> RelaxedGradient {
        let sentences = &drawn.sentences;
        let mut pass = self.pass(self.embed_relaxed(drawn), sentences.lengths(), None);
        let judgements = judgements(self.divergence, pass.logits.view());
        let (d_logits, _) =
            loss_gradient((self.divergence, 0.0), &mut pass.logits, &vec![true; sentences.len()]);
        // The loss is a mean over the batch.
        let d_logits = d_logits * sentences.len() as f32;
        let d_x = self.backward(&pass, &d_logits, &mut self.zeros_like());
        let step = |step: usize| self.embedding.backward_parts(d_x.index_axis(Axis(1), step));
        RelaxedGradient { steps: (0..drawn.steps.len()).map(step).collect(), judgements }
    }

    /// Adds the gradient of the mean loss of `real` and soft `drawn` sentences, and of the L2 penalty.
    fn soft_gradient(
        &self,
        real: &Sequences,
        drawn: &RelaxedSentences,
        rng: &mut Rng,
        gradient: &mut Self,
    ) -> JudgeStatistics {
        let (x, lengths) = self.embed_both(real, drawn);
        let labels: Vec<bool> = (0..lengths.len()).map(|row| row < real.len()).collect();
        let features = (lengths.len(), self.convolution.features());
        let mask = dropout_mask(features, 1.0 - self.shape.dropout, rng);
        let mut pass = self.pass(x, &lengths, Some(Learning { mask, real: &labels }));
        let (d_logits, seen) = loss_gradient((self.divergence, self.smoothing), &mut pass.logits, &labels);
        let d_x = self.backward(&pass, &d_logits, gradient);
        self.add_penalty(gradient);
        for (row, tokens) in real.iter().enumerate() {
            Embedding::backward(tokens, d_x.slice(s![row, ..tokens.len(), ..]), &mut gradient.embedding);
        }
        // Beyond a sentence's end there is no gradient.
        for (step, draws) in drawn.steps.iter().enumerate() {
            let d_x = d_x.slice(s![real.len().., step, ..]);
            Embedding::backward_mixtures(draws.soft(), d_x, &mut gradient.embedding);
        }
        seen
    }

    /// Returns the maxima over time of real and of soft sentences: `[B, F]`.
    fn soft_features(&self, real: &Sequences, drawn: &RelaxedSentences) -> Array2<f32> {
        let (x, lengths) = self.embed_both(real, drawn);
        self.convolution.forward(x, &lengths).0
    }

    /// Returns the vectors of real and then of relaxed sentences, `[B, T, D]`, and the lengths of both.
    fn embed_both(&self, real: &Sequences, drawn: &RelaxedSentences) -> (Array3<f32>, Vec<u32>) {
        let (first, second) = (self.embed(real), self.embed_relaxed(drawn));
        let x = concatenate(Axis(0), &[first.view(), second.view()]).expect("sentences of one width");
        (x, [real.lengths(), drawn.sentences.lengths()].concat())
    }

    /// Returns the vectors of relaxed sentences, zero beyond their ends: `[B, T, D]`.
    fn embed_relaxed(&self, drawn: &RelaxedSentences) -> Array3<f32> {
        let mut x = self.embed(&drawn.sentences);
        for step in 0..drawn.steps.len() {
            let Some(mixtures) = drawn.mixtures(step) else { break };
            let vectors = self.embedding.mix(mixtures);
            let lengths = drawn.sentences.lengths().iter().enumerate();
            for (row, _) in lengths.filter(|(_, length)| step < **length as usize) {
                x.slice_mut(s![row, step, ..]).assign(&vectors.row(row));
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Filters, Initializer};
    use crate::pathwise::Relaxation;
    use crate::text::judges::CnnShape;
    use crate::text::models::oracle_shape;

    #[test]
    fn the_gradient_of_soft_sentences_equals_finite_differences() {
        let filters = vec![Filters { width: 1, count: 3 }, Filters { width: 2, count: 3 }];
        let shape = CnnShape {
            embedding: 3,
            filters,
            highway: true,
            dropout: 0.0,
            l2: 0.0,
            batch_norm: false,
            minibatch: None,
        };
        let judge = CnnJudge::new(&shape, 5, 4, &mut Stream::new(1).rng());
        let generator =
            RecurrentModel::new(&oracle_shape(5, 4), Initializer::Normal(0.5), &mut Stream::new(2).rng());
        let real = generator.draw(3, Stream::new(3));
        let rule = Relaxing { relaxation: Relaxation::Soft, temperature: 1.0, stream: Stream::new(4) };
        let drawn = generator.draw_relaxed(&[(); 3], rule);
        let run = |judge: &CnnJudge, gradient: &mut CnnJudge| {
            judge.soft_gradient(&real, &drawn, &mut Stream::new(5).rng(), gradient).loss.expect("a loss")
        };
        let mut gradient = judge.zeros_like();
        run(&judge, &mut gradient);
        let step = 1.0 / 512.0;
        for (number, tensor) in gradient.tensors().into_iter().enumerate() {
            for (place, &d) in tensor.values.iter().enumerate() {
                let moved = |by: f32| {
                    let mut judge = judge.clone();
                    *judge.tensors_mut()[number].values.iter_mut().nth(place).expect("same shapes") += by;
                    run(&judge, &mut judge.zeros_like())
                };
                let slope = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
                assert!((slope - f64::from(d)).abs() < 3e-3, "{}[{place}]: {d}, {slope}", tensor.name);
            }
        }
    }
}
