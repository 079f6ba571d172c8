//! The minimax game of IRGAN over candidate pools (Wang et al., SIGIR 2017, algorithm 1).
//!
//! # Differences from the paper
//! The best round of each player is kept by a validation measure; the authors' scripts choose it on
//! the test set.

use super::batch::{mini_batches, pool_gradient, sum_chunks};
use super::config::{GeneratorConfig, TrainConfig};
use super::discriminator::{DiscriminatorStats, Example, discriminator_epoch};
use super::generator::Sampling;
use super::negatives::{Drawer, draw_examples};
use super::objective::Objective;
use super::{Generator, LiveReward, Mode, Pools, RewardShape, RewardTable, Scorer, Validation};
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::nn::{Gradient as _, Optimizer};
use crate::policy_gradient::{
    BaselineState, Diagnostics, Outcome, Place, Players, Reward, RewardControl, Schedule, Step,
    adversarial_loop, policy_gradient,
};
use crate::seed::Stream;

/// The best of a player over the rounds.
#[derive(Clone, Debug)]
pub struct Best<M> {
    /// The model.
    pub model: M,
    /// The round it was seen after, 0 being the start.
    pub round: usize,
    /// Its validation measure.
    pub value: f64,
}

impl<M> Best<M> {
    /// Takes over a better model; says whether it was.
    fn improve(&mut self, round: usize, value: f64, model: impl FnOnce() -> M) -> bool {
        let better = value > self.value;
        if better {
            *self = Self { model: model(), round, value };
        }
        better
    }
}

/// What a game ends with.
#[derive(Clone, Debug)]
pub struct Played<S> {
    /// The best generator.
    pub generator: Best<S>,
    /// The best discriminator.
    pub discriminator: Best<S>,
    /// The best generator and discriminator of one round, ranking together.
    pub both: Best<(S, S)>,
    /// Generator and discriminator as the game left them.
    pub last: (S, S),
    /// Validation measures of the start: generator, discriminator, both.
    pub start: [f64; 3],
    /// Why the game ended early, when a number stopped being finite.
    pub failure: Option<String>,
}

/// Plays the game of `config` from the given players.
pub fn play<S: Scorer>(
    config: &TrainConfig,
    mode: Mode,
    (generator, discriminator): (S, S),
    pools: &S::Pools,
    validation: &Validation<'_, S::Pools>,
    stream: Stream,
    listener: &mut dyn Listener,
) -> Result<Played<S>> {
    let (g_scores, d_scores) = (validation.scores(&generator), validation.scores(&discriminator));
    let both_scores = validation.combine(&g_scores, &d_scores);
    let start = [&g_scores, &d_scores, &both_scores].map(|scores| validation.value(scores));
    let best = |model, value| Best { model, round: 0, value };
    let played = Played {
        generator: best(generator.clone(), start[0]),
        discriminator: best(discriminator.clone(), start[1]),
        both: Best { model: (generator.clone(), discriminator.clone()), round: 0, value: start[2] },
        last: (generator.clone(), discriminator.clone()),
        start,
        failure: None,
    };
    let mut game = Game {
        config,
        mode,
        pools,
        validation,
        queries: pools.trainable(),
        g_optimizer: Optimizer::new(config.generator.optimizer, &generator),
        d_optimizer: Optimizer::new(config.discriminator.optimizer, &discriminator),
        generator,
        discriminator,
        baseline: BaselineState::new(config.generator.baseline),
        examples: vec![],
        rewards: None,
        judged: Place { round: 0, epoch: 0 },
        d_stats: DiscriminatorStats::default(),
        g_stats: Diagnostics::default(),
        played,
        stream,
        listener,
    };
    match adversarial_loop(&mut game, &config.schedule, 0) {
        Err(Error::NonFinite(message)) => game.played.failure = Some(message),
        other => other?,
    }
    game.played.last = (game.generator, game.discriminator);
    Ok(game.played)
}

/// The policy gradient of a generator over a batch of queries: one batched pass, in parallel by
/// chunks of queries, summed in order. None without queries.
pub fn generator_gradient<'s, S: Scorer, R: Reward<Generator<'s, S>> + Sync>(
    scorer: &'s S,
    pools: &'s S::Pools,
    rewards: &R,
    queries: &[u32],
    config: &GeneratorConfig,
    baseline: &BaselineState,
    stream: Stream,
) -> Option<Step<S::Gradient>> {
    let sampling = Sampling {
        temperature: config.temperature,
        estimator: config.estimator,
        draws: config.draws,
        lambda: config.lambda,
        candidates: config.candidates,
    };
    let of_chunk = |chunk: &[u32]| {
        let generator = Generator { scorer, pools, sampling };
        policy_gradient(&generator, rewards, chunk, baseline, config.reduction, queries.len(), stream)
    };
    sum_chunks(pools, queries, of_chunk, |total, part| {
        total.gradient.accumulate(part.gradient);
        total.diagnostics = total.diagnostics.merge(part.diagnostics);
        for (a, b) in total.mean_rewards.iter_mut().zip(part.mean_rewards) {
            *a += (b - *a) * part.diagnostics.contexts as f32 / total.diagnostics.contexts as f32;
        }
    })
}

/// More rewards than this are made where they are needed, and not kept: 64 MiB.
const LARGEST_TABLE: usize = 1 << 24;

struct Game<'a, S: Scorer> {
    config: &'a TrainConfig,
    mode: Mode,
    pools: &'a S::Pools,
    validation: &'a Validation<'a, S::Pools>,
    queries: Vec<u32>,
    generator: S,
    discriminator: S,
    g_optimizer: Optimizer,
    d_optimizer: Optimizer,
    baseline: BaselineState,
    examples: Vec<Example>,
    rewards: Option<RewardTable>, // none where it would be too large
    judged: Place,                // where this turn of the generator began
    d_stats: DiscriminatorStats,  // of the last epoch
    g_stats: Diagnostics,         // of the last epoch
    played: Played<S>,
    stream: Stream,
    listener: &'a mut dyn Listener,
}

impl<S: Scorer> Game<'_, S> {
    fn schedule(&self) -> &Schedule {
        &self.config.schedule
    }

    /// From the discriminator's output to the generator's reward.
    fn rules(&self) -> (Mode, RewardShape, RewardControl) {
        (self.mode, self.config.generator.reward_shape, self.config.generator.reward)
    }

    /// Where the reward controls of this turn draw from.
    fn control_stream(&self) -> Stream {
        self.judged.stream(self.stream.named("control"))
    }

    fn check(&self, player: &S, name: &str, loss: f64, place: Place) -> Result<()> {
        if loss.is_finite() && player.is_finite() {
            return Ok(());
        }
        Err(Error::NonFinite(format!(
            "round {}: the {name}'s loss, reward or weights are no longer finite; the best round so far is kept. \
             Lower the {name}'s learning rate or raise its weight decay",
            place.round
        )))
    }

    /// One policy-gradient update on a batch of queries.
    fn generator_step(&mut self, queries: &[u32], stream: Stream) -> Diagnostics {
        let config = &self.config.generator;
        let (scorer, pools) = (&self.generator, self.pools);
        let step = match &self.rewards {
            Some(table) => generator_gradient(scorer, pools, table, queries, config, &self.baseline, stream),
            None => {
                let live = LiveReward {
                    scorer: &self.discriminator,
                    pools,
                    rules: self.rules(),
                    entropy: config.entropy,
                    stream: self.control_stream(),
                };
                generator_gradient(scorer, pools, &live, queries, config, &self.baseline, stream)
            }
        };
        let Some(mut step) = step else { return Diagnostics::default() };
        if config.teacher > 0.0 {
            let likelihood = |q: usize, scores: &[f32], d_scores: &mut [f32]| {
                Objective::Mle.gradient(scores, &pools.grades(q), d_scores)
            };
            let (mut observed, _) =
                pool_gradient(scorer, pools, queries, stream.named("teacher"), likelihood);
            observed.multiply(config.teacher / queries.len() as f32);
            step.gradient.accumulate(observed);
        }
        self.baseline.update(&step.mean_rewards);
        self.g_optimizer.step(&mut self.generator, &mut step.gradient);
        step.diagnostics
    }
}

impl<S: Scorer> Players for Game<'_, S> {
    fn redraw(&mut self, place: Place) -> Result<()> {
        let config = &self.config.discriminator;
        let drawer = Drawer::Softmax(&self.generator, config.temperature, config.uniform);
        let stream = place.stream(self.stream.named("redraw"));
        self.examples =
            draw_examples(&drawer, self.pools, &self.queries, config.draw_from, config.draws, stream);
        Ok(())
    }

    fn discriminator_epoch(&mut self, place: Place) -> Result<()> {
        self.d_stats = discriminator_epoch(
            &mut self.discriminator,
            &mut self.d_optimizer,
            self.pools,
            &self.examples,
            self.config.discriminator.loss(self.mode),
            self.config.discriminator.batch,
            place.stream(self.stream.named("discriminator")),
        );
        self.check(&self.discriminator, "discriminator", self.d_stats.loss, place)
    }

    fn judge(&mut self, place: Place) -> Result<()> {
        self.judged = place;
        let size: usize = self.queries.iter().map(|&q| self.pools.candidates(q as usize)).sum();
        if size > LARGEST_TABLE {
            return Ok(());
        }
        let (rules, stream) = (self.rules(), self.control_stream());
        let rewards = RewardTable::new(&self.discriminator, self.pools, &self.queries, rules, stream)
            .with_entropy(self.config.generator.entropy);
        let reward = if rewards.is_finite() { 0.0 } else { f64::NAN };
        self.check(&self.discriminator, "discriminator", reward, place)?;
        self.rewards = Some(rewards);
        Ok(())
    }

    fn generator_epoch(&mut self, place: Place) -> Result<()> {
        let stream = place.stream(self.stream.named("generator"));
        let batches = mini_batches(&self.queries, self.config.generator.batch, stream);
        self.g_stats = Diagnostics::default();
        for (step, batch) in batches.iter().enumerate() {
            let stats = self.generator_step(batch, stream.at(step as u64));
            self.g_stats = self.g_stats.merge(stats);
        }
        self.check(&self.generator, "generator", self.g_stats.reward, place)
    }

    fn end_round(&mut self, round: usize) -> Result<Outcome> {
        let g_scores = self.validation.scores(&self.generator);
        let d_scores = self.validation.scores(&self.discriminator);
        let both_scores = self.validation.combine(&g_scores, &d_scores);
        let [g, d, both] = [&g_scores, &d_scores, &both_scores].map(|scores| self.validation.value(scores));
        let (generator, discriminator) = (&self.generator, &self.discriminator);
        self.played.generator.improve(round, g, || generator.clone());
        self.played.discriminator.improve(round, d, || discriminator.clone());
        self.played.both.improve(round, both, || (generator.clone(), discriminator.clone()));
        let control = self.config.generator.reward;
        let phase = match control {
            RewardControl::Discriminator => "adversarial".to_owned(),
            _ => format!("{control} reward"),
        };
        self.listener.event(&Event {
            phase: &phase,
            step: round,
            of: self.schedule().rounds,
            metrics: &[
                ("g", g),
                ("d", d),
                ("both", both),
                ("reward", self.g_stats.reward),
                ("baseline", self.g_stats.baseline),
                ("gradient-variance", self.g_stats.gradient_variance),
                ("effective-sample", self.g_stats.effective_sample),
                ("entropy", self.g_stats.entropy),
                ("d-loss", self.d_stats.loss),
                ("d-accuracy", self.d_stats.accuracy),
                ("d-calibration", self.d_stats.calibration),
            ],
        });
        let played = &self.played;
        let last = played.generator.round.max(played.discriminator.round).max(played.both.round);
        Ok(if round >= last.saturating_add(self.config.patience) { Outcome::Stop } else { Outcome::Continue })
    }
}
