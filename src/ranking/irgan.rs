//! The minimax game of IRGAN over candidate pools (Wang et al., SIGIR 2017, algorithm 1).
//!
//! # Differences from the paper
//! The best round of each player is kept by a validation measure; the authors' scripts choose it on
//! the test set.

use super::batch::{mini_batches, pool_gradient, sum_chunks};
use super::config::{GeneratorConfig, TrainConfig};
use super::discriminator::{Example, discriminator_epoch};
use super::generator::Sampling;
use super::negatives::{Drawer, draw_examples};
use super::objective::Objective;
use super::played::{Learned, Played, Record};
use super::{Generator, LiveReward, Mode, Pools, RewardShape, RewardTable, Scorer, Validation};
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::game::{Checkpoints, Stage};
use crate::game::{
    Outcome, Place, Players, Progress, RewardControl, Schedule, Signs, Verdict, adversarial_loop,
};
use crate::nn::Gradient as _;
use crate::policy_gradient::{BaselineState, Diagnostics, Reward, Step, policy_gradient};
use crate::seed::Stream;

/// Plays the game of `config` from the given players: a stage of `checkpoints` by the name of its reward.
///
/// # Errors
/// When a checkpoint cannot be read or written, or the training was asked to stop. A number that stops being
/// finite ends the game instead, and so may collapse.
pub fn play<S: Scorer>(
    config: &TrainConfig,
    mode: Mode,
    start: (S, S),
    (pools, validation): (&S::Pools, &Validation<'_, S::Pools>),
    stream: Stream,
    checkpoints: &Checkpoints,
    listener: &mut dyn Listener,
) -> Result<Played<S>> {
    let phase = phase_name(config.generator.reward);
    let stage = checkpoints.stage(&phase);
    let mut learned = Learned::new(config, start);
    let record = match stage.load(&mut learned)? {
        Some(record) => record,
        None => Record::of_start(&learned, validation),
    };
    learned.slow_down(config, record.guard.rate());
    let mut game = Game {
        config,
        mode,
        pools,
        validation,
        queries: pools.trainable(),
        learned,
        record,
        examples: vec![],
        rewards: None,
        judged: Place { round: 0, epoch: 0 },
        stream,
        phase,
        stage,
        listener,
    };
    if !game.record.over {
        let done = game.record.done;
        match adversarial_loop(&mut game, &config.schedule, done) {
            Err(Error::NonFinite(message)) => game.fail(message)?,
            other => other?,
        }
    }
    checkpoints.proceed()?;
    Ok(game.learned.played(game.record))
}

/// The phase of a game in logs, and the name of its checkpoint.
fn phase_name(reward: RewardControl) -> String {
    match reward {
        RewardControl::Discriminator => "adversarial".to_owned(),
        control => format!("{control} reward"),
    }
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
    learned: Learned<S>,
    record: Record,
    examples: Vec<Example>,
    rewards: Option<RewardTable>, // none where it would be too large
    judged: Place,                // where this turn of the generator began
    stream: Stream,
    phase: String,
    stage: Stage,
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

    /// Ends the game because a number stopped being finite: both players are as they were before that round.
    fn fail(&mut self, message: String) -> Result<()> {
        self.learned.take_back(self.config, &self.record.guard);
        (self.record.failure, self.record.over) = (Some(message), true);
        self.stage.save(&self.learned, &self.record)
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
        let (scorer, pools, baseline) = (self.learned.generator.model(), self.pools, &self.learned.baseline);
        let step = match &self.rewards {
            Some(table) => generator_gradient(scorer, pools, table, queries, config, baseline, stream),
            None => {
                let live = LiveReward {
                    scorer: self.learned.discriminator.model(),
                    pools,
                    rules: self.rules(),
                    entropy: config.entropy,
                    stream: self.control_stream(),
                };
                generator_gradient(scorer, pools, &live, queries, config, baseline, stream)
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
        let Learned { generator, baseline, .. } = &mut self.learned;
        baseline.update(&step.mean_rewards);
        generator.update(&mut step.gradient);
        step.diagnostics
    }
}

impl<S: Scorer> Players for Game<'_, S> {
    fn redraw(&mut self, place: Place) -> Result<()> {
        let config = &self.config.discriminator;
        let drawer = Drawer::Softmax(self.learned.generator.model(), config.temperature, config.uniform);
        let stream = place.stream(self.stream.named("redraw"));
        self.examples =
            draw_examples(&drawer, self.pools, &self.queries, config.draw_from, config.draws, stream);
        Ok(())
    }

    fn discriminator_epoch(&mut self, place: Place) -> Result<()> {
        self.record.d_stats = discriminator_epoch(
            &mut self.learned.discriminator,
            self.pools,
            &self.examples,
            self.config.discriminator.loss(self.mode),
            self.config.discriminator.batch,
            place.stream(self.stream.named("discriminator")),
        );
        self.check(&self.learned.discriminator, "discriminator", self.record.d_stats.loss, place)
    }

    fn judge(&mut self, place: Place) -> Result<()> {
        self.judged = place;
        let size: usize = self.queries.iter().map(|&q| self.pools.candidates(q as usize)).sum();
        if size > LARGEST_TABLE {
            return Ok(());
        }
        let (rules, stream) = (self.rules(), self.control_stream());
        let rewards =
            RewardTable::new(self.learned.discriminator.model(), self.pools, &self.queries, rules, stream)
                .with_entropy(self.config.generator.entropy);
        let reward = if rewards.is_finite() { 0.0 } else { f64::NAN };
        self.check(&self.learned.discriminator, "discriminator", reward, place)?;
        self.rewards = Some(rewards);
        Ok(())
    }

    fn generator_epoch(&mut self, place: Place) -> Result<()> {
        let stream = place.stream(self.stream.named("generator"));
        let batches = mini_batches(&self.queries, self.config.generator.batch, stream);
        self.record.g_stats = Diagnostics::default();
        for (step, batch) in batches.iter().enumerate() {
            let stats = self.generator_step(batch, stream.at(step as u64));
            self.record.g_stats = self.record.g_stats.merge(stats);
        }
        self.check(&self.learned.generator, "generator", self.record.g_stats.reward, place)
    }

    fn pause(&mut self, done: Progress) -> Result<()> {
        self.record.done = done;
        self.stage.step(&self.learned, &self.record)
    }

    fn end_round(&mut self, round: usize) -> Result<Outcome> {
        let Learned { generator, discriminator, .. } = &self.learned;
        let g_scores = self.validation.scores(generator.model());
        let d_scores = self.validation.scores(discriminator.model());
        let both_scores = self.validation.combine(&g_scores, &d_scores);
        let values = [&g_scores, &d_scores, &both_scores].map(|scores| self.validation.value(scores));
        self.report(round, values);
        let verdict = self.record.guard.judge(round, &self.signs(), self.config.on_collapse);
        let record = &mut self.record;
        record.done = Progress { rounds: round, epochs: 0 };
        record.over = round >= self.config.schedule.rounds;
        match verdict {
            Verdict::PlayOn => self.learned.keep(record, values),
            Verdict::TakeBack | Verdict::Stop => self.learned.take_back(self.config, &record.guard),
        }
        record.over |= verdict == Verdict::Stop;
        let last = record.best.iter().map(|best| best.round).max().unwrap_or(0);
        record.over |= round >= last.saturating_add(self.config.patience);
        if self.record.over {
            self.stage.save(&self.learned, &self.record)?;
            return Ok(Outcome::Stop);
        }
        self.stage.step(&self.learned, &self.record)?;
        Ok(Outcome::Continue)
    }
}

impl<S: Scorer> Game<'_, S> {
    /// Tells of a round; `values` are those of generator, discriminator and both.
    fn report(&mut self, round: usize, [g, d, both]: [f64; 3]) {
        let Record { g_stats, d_stats, .. } = &self.record;
        self.listener.event(&Event {
            phase: &self.phase,
            step: round,
            of: self.config.schedule.rounds,
            metrics: &[
                ("g", g),
                ("d", d),
                ("both", both),
                ("reward", g_stats.reward),
                ("baseline", g_stats.baseline),
                ("gradient-variance", g_stats.gradient_variance),
                ("effective-sample", g_stats.effective_sample),
                ("entropy", g_stats.entropy),
                ("d-loss", d_stats.loss),
                ("d-accuracy", d_stats.accuracy),
                ("d-calibration", d_stats.calibration),
            ],
        });
    }

    /// What the last generator epoch says of its health.
    fn signs(&self) -> Signs {
        let moved = self.schedule().g_epochs > 0;
        let changes = self.config.generator.reward != RewardControl::Constant;
        let Diagnostics { entropy, reward, .. } = self.record.g_stats;
        Signs {
            entropy: moved.then_some(entropy),
            reward: (moved && changes).then_some(reward),
            ..Default::default()
        }
    }
}
