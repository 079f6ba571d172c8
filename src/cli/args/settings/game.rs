//! Flags of the adversarial game: its schedule, its players and the policy gradient.

use clap::Args;

use super::set::set;
use crate::game::{Divergence, OnCollapse};
use crate::nn::Rule;
use crate::policy_gradient::{Baseline, Estimator};
use crate::ranking::{
    DrawFrom, GeneratorConfig, GeneratorReward, Init, RankCredit, RewardShape, TrainConfig,
};

/// Rounds and epochs.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Schedule")]
pub(super) struct ScheduleFlags {
    /// Rounds of the adversarial phase
    #[arg(long)]
    rounds: Option<usize>,
    /// Discriminator epochs a round
    #[arg(long)]
    d_epochs: Option<usize>,
    /// Generator epochs a round
    #[arg(long)]
    g_epochs: Option<usize>,
    /// Discriminator epochs between redraws from the generator
    #[arg(long)]
    redraw_every: Option<usize>,
    /// Accuracy of the discriminator above which it stands still
    #[arg(long, value_name = "ACCURACY")]
    freeze_d: Option<f64>,
    /// Accuracy of the discriminator below which the generator stands still
    #[arg(long, value_name = "ACCURACY")]
    freeze_g: Option<f64>,
    /// Rounds without a better validation measure before stopping
    #[arg(long)]
    patience: Option<usize>,
    /// Reaction to a collapse of the game: its entropy is gone, or its reward frozen
    #[arg(long)]
    on_collapse: Option<OnCollapse>,
}

impl ScheduleFlags {
    /// Writes the flags into `config`.
    pub(super) fn apply(&self, config: &mut TrainConfig) {
        set(&mut config.patience, self.patience);
        set(&mut config.on_collapse, self.on_collapse);
        let schedule = &mut config.schedule;
        set(&mut schedule.rounds, self.rounds);
        set(&mut schedule.d_epochs, self.d_epochs);
        set(&mut schedule.g_epochs, self.g_epochs);
        set(&mut schedule.redraw_every, self.redraw_every);
        schedule.freeze_d = self.freeze_d.or(schedule.freeze_d);
        schedule.freeze_g = self.freeze_g.or(schedule.freeze_g);
    }
}

/// Starts, optimisers and batches of generator and discriminator.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Players")]
pub(super) struct PlayerFlags {
    /// Start both players from this baseline, or `none`
    #[arg(long)]
    init: Option<Init>,
    /// Start the generator from this baseline, or `none`
    #[arg(long)]
    g_init: Option<Init>,
    /// Start the discriminator from this baseline, or `none`
    #[arg(long)]
    d_init: Option<Init>,
    /// Optimiser of both players and of the baselines
    #[arg(long)]
    optimizer: Option<Rule>,
    /// Learning rate of the generator
    #[arg(long)]
    g_lr: Option<f32>,
    /// Learning rate of the discriminator
    #[arg(long)]
    d_lr: Option<f32>,
    /// L2 penalty of both players and of the baselines, in the place of a chosen one
    #[arg(long)]
    weight_decay: Option<f32>,
    /// Queries in a generator's mini-batch; 0 for all
    #[arg(long)]
    g_batch: Option<usize>,
    /// Examples in a discriminator's mini-batch; 0 for all
    #[arg(long)]
    d_batch: Option<usize>,
    /// Temperature of the generator's softmax while it learns
    #[arg(long)]
    temperature: Option<f32>,
    /// Temperature of the generator's softmax when it draws for the discriminator
    #[arg(long)]
    d_temperature: Option<f32>,
    /// Documents drawn per positive for the discriminator
    #[arg(long)]
    d_draws: Option<usize>,
    /// Share of uniform draws mixed into those for the discriminator
    #[arg(long)]
    d_uniform: Option<f32>,
    /// Documents that may be drawn for the discriminator
    #[arg(long)]
    draw_from: Option<DrawFrom>,
    /// Divergence that the discriminator minimises: js (the logistic loss), kl, reverse-kl, pearson, neyman, hellinger,
    /// jeffrey, tv, wasserstein, hinge:MARGIN
    #[arg(long, value_name = "NAME")]
    divergence: Option<Divergence>,
    /// Bound of every weight of the discriminator, for --divergence wasserstein
    #[arg(long, value_name = "BOUND")]
    d_weight_clip: Option<f32>,
    /// Share of one-sided label smoothing: an observed positive is real with 1 - SHARE only
    #[arg(long, value_name = "SHARE")]
    label_smoothing: Option<f32>,
    /// Share of the discriminator's drawn documents that were drawn in earlier rounds
    #[arg(long, value_name = "SHARE")]
    replay: Option<f32>,
    /// Weight of historical averaging: the squared distance of both players from the mean of their past weights
    #[arg(long, value_name = "WEIGHT")]
    historical_average: Option<f32>,
    /// Margin of a hinge loss for a pairwise discriminator
    #[arg(long)]
    margin: Option<f32>,
}

impl PlayerFlags {
    /// Writes the flags into `config`.
    pub(super) fn apply(&self, config: &mut TrainConfig) {
        set(&mut config.fit.optimizer.rule, self.optimizer);
        set(&mut config.fit.optimizer.weight_decay, self.weight_decay);
        if self.weight_decay.is_some() {
            config.choice.decays.clear();
        }
        let generator = &mut config.generator;
        set(&mut generator.init, self.g_init.or(self.init));
        set(&mut generator.optimizer.rule, self.optimizer);
        set(&mut generator.optimizer.learning_rate, self.g_lr);
        set(&mut generator.optimizer.weight_decay, self.weight_decay);
        set(&mut generator.optimizer.historical_average, self.historical_average);
        set(&mut generator.batch, self.g_batch);
        set(&mut generator.temperature, self.temperature);
        let discriminator = &mut config.discriminator;
        set(&mut discriminator.init, self.d_init.or(self.init));
        set(&mut discriminator.optimizer.rule, self.optimizer);
        set(&mut discriminator.optimizer.learning_rate, self.d_lr);
        set(&mut discriminator.optimizer.weight_decay, self.weight_decay);
        set(&mut discriminator.batch, self.d_batch);
        set(&mut discriminator.temperature, self.d_temperature);
        set(&mut discriminator.uniform, self.d_uniform);
        set(&mut discriminator.draws, self.d_draws);
        set(&mut discriminator.draw_from, self.draw_from);
        set(&mut discriminator.divergence, self.divergence);
        set(&mut discriminator.optimizer.weight_clip, self.d_weight_clip);
        set(&mut discriminator.optimizer.historical_average, self.historical_average);
        set(&mut discriminator.label_smoothing, self.label_smoothing);
        set(&mut discriminator.replay, self.replay);
        discriminator.margin = self.margin.or(discriminator.margin);
    }
}

/// The generator's estimator, reward and penalties.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Policy gradient")]
pub(super) struct GradientFlags {
    /// Exact or sampled policy gradient
    #[arg(long)]
    estimator: Option<Estimator>,
    /// Baseline subtracted from rewards: none, constant:VALUE, moving[:DECAY], mean, expected, leave-one-out
    #[arg(long, alias = "baseline")]
    reward_baseline: Option<Baseline>,
    /// Draws of the generator per observed positive (sampled estimator)
    #[arg(short = 'K', long)]
    draws: Option<usize>,
    /// Share of the proposal given to observed positives (sampled estimator)
    #[arg(long)]
    lambda: Option<f32>,
    /// Candidates drawn from larger pools before the softmax; 0 for whole pools
    #[arg(long, value_name = "K")]
    sampled_k: Option<usize>,
    /// Formula that makes a reward of the discriminator's output
    #[arg(long)]
    reward_shape: Option<RewardShape>,
    /// Source of the reward: discriminator, a measure of whole rankings such as nDCG@10 or AP, or a placebo: constant,
    /// random, shuffled (of a measure shuffled:AP)
    #[arg(long)]
    reward: Option<GeneratorReward>,
    /// Rankings drawn of every pool for a measure's reward
    #[arg(long)]
    rankings: Option<usize>,
    /// Part of a ranking's worth that each of its ranks is credited with, for a measure's reward
    #[arg(long)]
    rank_credit: Option<RankCredit>,
    /// Weight of the discriminator's reward of the ranked documents beside a measure's; 0 for no discriminator
    #[arg(long, value_name = "WEIGHT")]
    reward_mix: Option<f32>,
    /// Weight of the policy's entropy in the generator's objective
    #[arg(long)]
    entropy: Option<f32>,
    /// Weight of the observed positives' likelihood in the generator's loss
    #[arg(long)]
    teacher: Option<f32>,
}

impl GradientFlags {
    /// Writes the flags into the settings of the generator.
    pub(super) fn apply(&self, generator: &mut GeneratorConfig) {
        set(&mut generator.estimator, self.estimator);
        set(&mut generator.baseline, self.reward_baseline);
        set(&mut generator.draws, self.draws);
        set(&mut generator.lambda, self.lambda);
        set(&mut generator.candidates, self.sampled_k);
        set(&mut generator.reward_shape, self.reward_shape);
        set(&mut generator.reward, self.reward);
        set(&mut generator.metric.rankings, self.rankings);
        set(&mut generator.metric.credit, self.rank_credit);
        set(&mut generator.metric.mix, self.reward_mix);
        set(&mut generator.entropy, self.entropy);
        set(&mut generator.teacher, self.teacher);
    }
}
