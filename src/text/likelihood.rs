//! Maximum likelihood of any language model.

use ndarray::Array2;
use rand::Rng as _;
use rand::seq::SliceRandom as _;

use super::config::MleConfig;
use super::models::LanguageModel;
use crate::data::sentences::Sequences;
use crate::error::{Error, Result};
use crate::nn::{Learner, Parameters};
use crate::seed::{Rng, Stream};

/// Sentences and the context of each.
#[derive(Debug)]
pub struct Examples<'a, C> {
    /// Contexts: `[N]`.
    pub contexts: &'a [C],
    /// Sentences: `[N, T]`.
    pub sentences: &'a Sequences,
}

impl<C> Clone for Examples<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Examples<'_, C> {}

/// One epoch of maximum likelihood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikelihoodEpoch {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Mean over the batches of the negative log-likelihood of a training token, in nats.
    pub train: f64,
    /// Negative log-likelihood of a validation token after the epoch, in nats.
    pub valid: f64,
}

/// Best epoch so far of a training that stops early.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BestEpoch {
    /// Negative log-likelihood of the validation sentences; `None` before the first epoch.
    pub nll: Option<f64>,
    /// Epoch, from 1.
    pub epoch: usize,
    /// Epochs that made no better model, all together.
    pub worse: usize,
}

impl BestEpoch {
    /// Returns whether a training that has done `done` epochs waits no longer for a better one.
    pub fn is_over(&self, done: usize, patience: usize) -> bool {
        patience > 0 && done >= self.epoch.saturating_add(patience)
    }

    /// Takes in the validation likelihood of an epoch and returns whether that epoch is to be kept: a better one, or,
    /// without patience, every one.
    pub fn observe(&mut self, epoch: usize, nll: f64, patience: usize) -> bool {
        let kept = patience == 0 || self.nll.is_none_or(|best| nll < best);
        match kept {
            true => (self.nll, self.epoch) = (Some(nll), epoch),
            false => self.worse += 1,
        }
        kept
    }
}

/// Ends an epoch whose model has the validation likelihood `nll`: keeps it as the best, or, where the learning rate is
/// annealed, returns to the best with a smaller rate.
pub(super) fn end_epoch<M: Parameters>(
    learner: &mut Learner<M>,
    kept: &mut M,
    best: &mut BestEpoch,
    (epoch, nll): (usize, f64),
    settings: &MleConfig,
) {
    if best.observe(epoch, nll, settings.patience) {
        *kept = learner.model().clone();
    } else if settings.anneal < 1.0 {
        *learner.model_mut() = kept.clone();
        learner.set_learning_rate(settings.rate(best.worse));
    }
}

/// Passes once over `examples` in a new order and returns the mean over the batches of the negative log-likelihood of a
/// token; a share of `sampling` of the tokens read are the model's own draws (scheduled sampling).
///
/// # Errors
/// When a number stops being finite.
pub fn likelihood_epoch<M: LanguageModel + Parameters>(
    learner: &mut Learner<M>,
    examples: Examples<'_, M::Context>,
    settings: &MleConfig,
    sampling: f32,
    stream: Stream,
) -> Result<f64> {
    let Examples { contexts, sentences } = examples;
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    order.shuffle(&mut stream.named("order").rng());
    let (mut loss, mut batches) = (0.0, 0.0);
    for (step, batch) in order.chunks(settings.batch.max(1)).enumerate() {
        let sentences = sentences.select(batch);
        let contexts: Vec<M::Context> = batch.iter().map(|&row| contexts[row].clone()).collect();
        let weight = 1.0 / sentences.token_count().max(1) as f32;
        let weights = Array2::from_elem(sentences.tokens().raw_dim(), weight);
        let dropout =
            (settings.dropout > 0.0).then(|| (settings.dropout, stream.named("dropout").at(step as u64)));
        let here = Examples { contexts: &contexts, sentences: &sentences };
        let mut step = match sampling > 0.0 {
            true => {
                let stream = stream.named("sampling").at(step as u64);
                let read = partly_drawn(learner.model(), here, sampling, stream);
                let gradient =
                    learner.model().gradient_after(&contexts, &read, &sentences, weights.view(), dropout);
                gradient.ok_or_else(|| {
                    Error::Config("`mle.sampling`: this model cannot read its own draws".into())
                })?
            }
            false => LanguageModel::gradient(learner.model(), &contexts, &sentences, weights.view(), dropout),
        };
        learner.update(&mut step.gradient);
        loss += step.loss;
        batches += 1.0;
    }
    check_finite(loss, learner.model(), "language model", MLE_RATE)?;
    Ok(loss / batches)
}

/// Returns the examples' sentences with a share of `sampling` of their tokens replaced by those that the model draws after
/// the tokens before them, which may be drawn themselves (Bengio et al., 2015).
fn partly_drawn<M: LanguageModel>(
    model: &M,
    Examples { contexts, sentences }: Examples<'_, M::Context>,
    sampling: f32,
    stream: Stream,
) -> Sequences {
    let mut rngs: Vec<Rng> = (0..sentences.len()).map(|row| stream.at(row as u64).rng()).collect();
    let mut tokens = sentences.tokens().to_owned();
    let mut state = model.start(contexts);
    let mut last = vec![model.limits().start; sentences.len()];
    for mut column in tokens.columns_mut() {
        state = model.advance(&last, &state);
        let draws: Vec<(bool, f64)> =
            rngs.iter_mut().map(|rng| (rng.random::<f32>() < sampling, rng.random())).collect();
        let uniforms: Vec<f64> = draws.iter().map(|&(_, uniform)| uniform).collect();
        let own = model.next_tokens(&state, 1, &uniforms);
        for ((token, own), (is_own, _)) in column.iter_mut().zip(own).zip(draws) {
            *token = if is_own { own } else { *token };
        }
        last = column.to_vec();
    }
    Sequences::new(tokens, sentences.lengths().to_vec())
}

/// Setting of the learning rate of maximum likelihood.
pub(super) const MLE_RATE: &str = "mle.optimizer.learning-rate";

/// Refuses numbers that are not finite; `rate` is the setting of the learning rate of `player`.
pub(super) fn check_finite<P: Parameters>(loss: f64, player: &P, name: &str, rate: &str) -> Result<()> {
    if loss.is_finite() && player.is_finite() {
        return Ok(());
    }
    Err(Error::NonFinite(format!(
        "the {name}'s loss, judgement or weights are no longer finite; the last checkpoint stays. Lower its \
         learning rate, `{rate}`"
    )))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::nn::{Initializer, Linear, OptimizerConfig, Rule};
    use crate::text::models::{RecurrentModel, oracle_shape, places};

    /// One weight, moved by 1 in a step of rate 1.
    fn after_an_epoch(anneal: f32, nlls: &[f64]) -> Vec<f32> {
        let optimizer = OptimizerConfig { rule: Rule::Sgd, learning_rate: 1.0, ..OptimizerConfig::default() };
        let settings = MleConfig { anneal, optimizer, ..MleConfig::default() };
        let linear = |weight: f32| Linear::from_parts(array![[weight]], array![0.0]);
        let mut learner = Learner::new(linear(0.0), optimizer);
        let (mut kept, mut best) = (linear(0.0), BestEpoch::default());
        let each = nlls.iter().enumerate().map(|(i, &nll)| {
            learner.update(&mut linear(-1.0));
            end_epoch(&mut learner, &mut kept, &mut best, (i + 1, nll), &settings);
            learner.tensors()[0].values[[0, 0]]
        });
        each.collect()
    }

    #[test]
    fn a_worse_epoch_brings_the_best_weights_back_at_a_smaller_rate() {
        // 1 is kept; 2 is worse, and from 1 on the step is 1/2; 1.5 is kept; 2 is worse, and then the step is 1/4.
        assert_eq!(after_an_epoch(0.5, &[3.0, 4.0, 2.0, 2.5, 1.0]), [1.0, 1.0, 1.5, 1.5, 1.75]);
        assert_eq!(after_an_epoch(1.0, &[3.0, 4.0, 2.0]), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn scheduled_sampling_learns_the_real_tokens_after_those_that_were_read() {
        let initializer = Initializer::Normal(0.5);
        let model = RecurrentModel::new(&oracle_shape(6, 3), initializer, &mut Stream::new(1).rng());
        let real = model.draw(4, Stream::new(2));
        let here = Examples { contexts: &[(); 4], sentences: &real };
        assert_eq!(partly_drawn(&model, here, 0.0, Stream::new(3)), real);
        let read = partly_drawn(&model, here, 1.0, Stream::new(3));
        assert_ne!(read, real);

        let weights = Array2::ones(real.tokens().raw_dim());
        let loss = |model: &RecurrentModel| {
            let reading = LanguageModel::read(model, &[(); 4], read.tokens());
            let chosen = model.choices(&reading, &real, &places(&real));
            -chosen.iter().map(|choice| f64::from(choice.log_probability)).sum::<f64>()
        };
        let found = model.gradient_after(&[(); 4], &read, &real, weights.view(), None).expect("it reads any");
        assert!((found.loss - loss(&model)).abs() < 1e-4, "{} and {}", found.loss, loss(&model));
        for (tensor, gradient) in found.gradient.tensors().iter().enumerate() {
            let moved = |by: f32| {
                let mut model = model.clone();
                *model.tensors_mut()[tensor].values.iter_mut().next().expect("a value") += by;
                loss(&model)
            };
            let (d, difference) =
                (gradient.values.iter().next().expect("a value"), (moved(1e-2) - moved(-1e-2)) / 2e-2);
            assert!((difference - f64::from(*d)).abs() < 5e-3, "{}: {d}, {difference}", gradient.name);
        }
        let settings = MleConfig { sampling: 0.5, epochs: 5, ..MleConfig::default() };
        assert_eq!([1, 3, 5].map(|epoch| settings.sampling_in(epoch)), [0.0, 0.25, 0.5]);
    }
}
