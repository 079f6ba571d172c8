//! Training a baseline: epochs until the validation measure stops rising.

use serde::{Deserialize, Serialize};

use super::batch::mini_batches;
use super::config::{FitConfig, Solver};
use super::converged::converge;
use super::discriminator::discriminator_epoch;
use super::example_loss::ExampleLoss;
use super::negatives::{DrawFrom, NegativeSampler, draw_examples};
use super::objective::Objective;
use super::pool_gradient::pool_gradient;
use super::{Method, Pools, Scorer, Validation};
use crate::error::Result;
use crate::event::{Event, Listener};
use crate::game::Checkpoints;
use crate::nn::{Gradient as _, Learner, impl_parameters};
use crate::seed::Stream;

/// A trained baseline.
#[derive(Clone, Debug)]
pub struct Fitted<S> {
    /// The model of the best epoch.
    pub scorer: S,
    /// The model of the last epoch.
    pub last: S,
    /// Best epoch, 0 being the start.
    pub epoch: usize,
    /// Epochs that were made.
    pub epochs: usize,
    /// Validation measure of the best epoch.
    pub value: f64,
    /// Reason that training ended early, when a number stopped being finite; the model is the best before.
    pub failure: Option<String>,
}

impl<S: Clone> Fitted<S> {
    /// Puts the last epoch in the place of the best; its value is not known.
    pub(super) fn at_the_end(self) -> Self {
        Self { scorer: self.last.clone(), epoch: self.epochs, value: f64::NAN, ..self }
    }
}

/// Trains `scorer` by `method` (any but the adversarial ones) and keeps its best epoch: a stage of `checkpoints`
/// by the method's name.
///
/// # Errors
/// When a checkpoint cannot be read or written, or the training was asked to stop.
pub fn fit<S: Scorer>(
    method: Method,
    scorer: S,
    (pools, validation): (&S::Pools, &Validation<'_, S::Pools>),
    config: &FitConfig,
    stream: Stream,
    checkpoints: &Checkpoints,
    listener: &mut dyn Listener,
) -> Result<Fitted<S>> {
    let queries = pools.trainable();
    if let Some(objective) = listwise(method).filter(|objective| objective.is_convex())
        && config.solver == Solver::Lbfgs
        && scorer.is_linear()
    {
        checkpoints.check_interrupt()?; // nothing is kept of it: it is made again
        return Ok(converged(method, objective, scorer.zeros_like(), (pools, validation), config, listener));
    }
    let mut learned = Learned { best: scorer.clone(), last: Learner::new(scorer, config.optimizer) };
    let phase = method.to_string();
    let mut stage = checkpoints.stage(&phase);
    let mut place = match stage.load(&mut learned)? {
        Some(place) => place,
        None => Place { value: validation.value(&validation.scores(&learned.best)), ..Default::default() },
    };
    while !place.over && place.epochs < config.epochs {
        let epoch = place.epochs + 1;
        let stream = stream.at(epoch as u64);
        let Learned { last: learner, best } = &mut learned;
        let loss = match listwise(method) {
            Some(objective) => listwise_epoch(objective, learner, pools, &queries, config.batch, stream),
            None => sampled_epoch(method, learner, pools, &queries, config, stream),
        };
        place.epochs = epoch;
        if !loss.is_finite() || !learner.model().is_finite() {
            place.failure = Some(format!(
                "{method}, epoch {epoch}: the loss or a weight is no longer finite; the best epoch so far is kept. \
                 Lower `fit.optimizer.learning-rate` or normalise the features"
            ));
            *learner.model_mut() = best.clone();
            break;
        }
        let value = validation.value(&validation.scores(learner.model()));
        listener.event(&Event {
            phase: &phase,
            step: epoch,
            of: config.epochs,
            metrics: &[("loss", loss), ("valid", value)],
        });
        if value > place.value {
            *best = learner.model().clone();
            (place.best, place.value) = (epoch, value);
        } else if epoch >= place.best.saturating_add(config.patience) {
            break;
        }
        stage.step(&learned, &place)?;
    }
    if !place.over {
        place.over = true;
        stage.save(&learned, &place)?;
    }
    checkpoints.check_interrupt()?;
    let Learned { last, best } = learned;
    Ok(Fitted {
        scorer: best,
        last: last.into_model(),
        epoch: place.best,
        epochs: place.epochs,
        value: place.value,
        failure: place.failure,
    })
}

/// Fits a linear scorer to the minimum of a convex objective; its steps count as epochs.
fn converged<S: Scorer>(
    method: Method,
    objective: Objective,
    mut scorer: S,
    (pools, validation): (&S::Pools, &Validation<'_, S::Pools>),
    config: &FitConfig,
    listener: &mut dyn Listener,
) -> Fitted<S> {
    let queries = pools.trainable();
    let (loss, minimum) = converge(objective, &mut scorer, pools, &queries, config.optimizer.weight_decay);
    let value = validation.value(&validation.scores(&scorer));
    listener.event(&Event {
        phase: &method.to_string(),
        step: minimum.steps,
        of: minimum.steps,
        metrics: &[("loss", loss), ("valid", value)],
    });
    let failure =
        (!loss.is_finite()).then(|| format!("{method}: the loss is not finite; normalise the features"));
    Fitted { last: scorer.clone(), scorer, epoch: minimum.steps, epochs: minimum.steps, value, failure }
}

/// Position of the training of a baseline.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    epochs: usize,
    best: usize,
    value: f64,
    over: bool,
    failure: Option<String>,
}

/// Everything that the training of a baseline changes.
#[derive(Clone)]
struct Learned<S> {
    last: Learner<S>,
    best: S,
}

impl_parameters!(S: Scorer, Learned<S> { "last": last, "best": best });

/// The pool objective of a method, for those that have one.
fn listwise(method: Method) -> Option<Objective> {
    match method {
        Method::Mle => Some(Objective::Mle),
        Method::Listnet => Some(Objective::ListNet),
        Method::Ranknet => Some(Objective::RankNet),
        Method::Lambdarank => Some(Objective::LambdaRank),
        _ => None,
    }
}

/// Passes once over the pools of `queries`, `batch` in a step, and returns the mean loss of a query.
pub fn listwise_epoch<S: Scorer>(
    objective: Objective,
    learner: &mut Learner<S>,
    pools: &S::Pools,
    queries: &[u32],
    batch: usize,
    stream: Stream,
) -> f64 {
    let mut total = 0.0;
    for (step, batch) in mini_batches(queries, batch, stream).iter().enumerate() {
        let of_query = |q: usize, scores: &[f32], d_scores: &mut [f32]| {
            objective.gradient(scores, &pools.grades(q), d_scores)
        };
        let (mut gradient, loss) =
            pool_gradient(learner.model(), pools, batch, stream.at(step as u64), of_query);
        gradient.multiply(1.0 / batch.len().max(1) as f32);
        learner.update(&mut gradient);
        total += loss;
    }
    total / queries.len().max(1) as f64
}

/// One pass over positives and sampled negatives; returns the mean loss of a pair.
fn sampled_epoch<S: Scorer>(
    method: Method,
    learner: &mut Learner<S>,
    pools: &S::Pools,
    queries: &[u32],
    config: &FitConfig,
    stream: Stream,
) -> f64 {
    let drawer = match method {
        Method::Dns => NegativeSampler::Dynamic(learner.model(), config.dynamic),
        _ => NegativeSampler::Uniform,
    };
    let draw = stream.named("draw");
    let examples = draw_examples(&drawer, pools, queries, DrawFrom::Lower, config.draws, draw);
    // As many updates as a listwise epoch makes, so that one batch size serves all baselines.
    let updates = queries.len().div_ceil(config.batch.clamp(1, queries.len().max(1)));
    let batch = if config.batch == 0 { 0 } else { examples.len().div_ceil(updates.max(1)).max(1) };
    discriminator_epoch(learner, pools, &examples, ExampleLoss::PAIRWISE, batch, stream).loss
}
