//! Flags that change a training configuration.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::settings::{overlaid, set};
use crate::error::{Error, Result};
use crate::game::{Divergence, OnCollapse, RewardSource};
use crate::nn::{AttentionKind, CellKind, MinibatchSize, Precision, Rule};
use crate::pathwise::{Annealing, Lipschitz, Relaxation};
use crate::policy_gradient::Baseline;
use crate::text::hand_made::RewardTerms;
use crate::text::models::EncoderKind;
use crate::text::pairs::{PairConfig, System};
use crate::text::wgan::{NormalizationKind, Objective, WganConfig, WganSize};
use crate::text::{
    AdversarialConfig, Credit, DiscriminatorConfig, GeneratorGradient, JudgeKind, Kl, MleConfig, Prefixes,
    RewardForm, TeacherReward, TextConfig, TextPreset,
};

/// Flags that change the settings: they win over `--config`, which wins over `--preset`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Start from named settings [default: on text the size that its tokens ask for, else ours]
    #[arg(long, value_enum)]
    preset: Option<TextPreset>,
    /// Read settings from a TOML file, such as the config.toml of an earlier run
    #[arg(long)]
    pub(super) config: Option<PathBuf>,
    /// Seed of every random stream of the training
    #[arg(long)]
    seed: Option<u64>,
    /// Recurrent layer of the generator
    #[arg(long)]
    cell: Option<CellKind>,
    /// Values of a token's vector in the generator
    #[arg(long)]
    embedding: Option<usize>,
    /// Values of the generator's recurrent state
    #[arg(long)]
    hidden: Option<usize>,
    /// Most epochs of maximum likelihood
    #[arg(long)]
    mle_epochs: Option<usize>,
    /// Epochs without a better validation likelihood before maximum likelihood stops; 0 for never
    #[arg(long)]
    patience: Option<usize>,
    /// Learning rate of maximum likelihood
    #[arg(long)]
    mle_lr: Option<f32>,
    /// Factor of the learning rate after an epoch without a better validation likelihood; 1 keeps the rate
    #[arg(long)]
    mle_anneal: Option<f32>,
    /// Share of the recurrent layer that is dropped during maximum likelihood
    #[arg(long)]
    dropout: Option<f32>,
    /// Share of the tokens read that the model draws itself in the last epoch of maximum likelihood (scheduled sampling)
    #[arg(long)]
    sampling: Option<f32>,
    /// Models of maximum likelihood whose mean distribution is measured beside the game, its start among them; 1 for none
    #[arg(long, value_name = "M")]
    ensemble: Option<usize>,
    /// Also distil the generator from the ensemble
    #[arg(long, value_name = "BOOL")]
    distill: Option<bool>,
    /// Steps a round of the distillation
    #[arg(long)]
    distill_steps: Option<usize>,
    /// Learning rate of the distillation
    #[arg(long)]
    distill_lr: Option<f32>,
    /// Number of draws that the discriminator or the ranker is pre-trained on
    #[arg(long)]
    d_draws: Option<usize>,
    /// Learning rate of the discriminator, of the ranker, or of the rival
    #[arg(long)]
    d_lr: Option<f32>,
    /// Divergence that a discriminator minimises: js (the logistic loss), kl, reverse-kl, pearson, neyman, hellinger, jeffrey,
    /// tv, wasserstein, hinge:MARGIN
    #[arg(long, value_name = "NAME")]
    divergence: Option<Divergence>,
    /// Bound of every weight of the discriminator or the ranker, needed by --divergence wasserstein
    #[arg(long, value_name = "BOUND")]
    d_weight_clip: Option<f32>,
    /// Real sentences that a sentence's likeness is taken to by --judge ranker, its reference set
    #[arg(long, value_name = "N")]
    ranker_references: Option<usize>,
    /// Sentences of the other side that --judge ranker ranks a sentence among, its comparison set
    #[arg(long, value_name = "N")]
    ranker_comparisons: Option<usize>,
    /// Factor of the cosine between a sentence and a reference of --judge ranker
    #[arg(long, value_name = "GAMMA")]
    ranker_gamma: Option<f32>,
    /// Share of one-sided label smoothing: a real sentence is real with 1 - SHARE only
    #[arg(long, value_name = "SHARE")]
    label_smoothing: Option<f32>,
    /// Precision in which --judge discriminator or ranker rewards: bf16 is several times as fast where the processor has AMX
    #[arg(long, value_name = "NUMBERS")]
    judge_precision: Option<Precision>,
    /// Precision of the products by which --judge discriminator or ranker learns; bf16 takes the same processors
    #[arg(long, value_name = "NUMBERS")]
    judge_learning_precision: Option<Precision>,
    /// Normalise the maxima of the discriminator's filters over each batch that it learns from
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    batch_norm: Option<bool>,
    /// Minibatch discrimination: B features of C values each that compare a sentence with others of its batch
    #[arg(long, value_name = "B,C")]
    minibatch_features: Option<MinibatchSize>,
    /// Share of the old judge that is kept in the copy that rewards, after an epoch of the judge
    #[arg(long, value_name = "RATE")]
    d_target: Option<f32>,
    /// Share of the judge's drawn sentences that were drawn in earlier rounds, for --judge discriminator, ranker or mediator
    #[arg(long, value_name = "SHARE")]
    replay: Option<f32>,
    /// Weight of historical averaging: the squared distance of both players from the mean of their past weights
    #[arg(long, value_name = "WEIGHT")]
    historical_average: Option<f32>,
    /// Accuracy of the discriminator above which it stands still
    #[arg(long, value_name = "ACCURACY")]
    freeze_d: Option<f64>,
    /// Accuracy of the discriminator below which the generator stands still
    #[arg(long, value_name = "ACCURACY")]
    freeze_g: Option<f64>,
    /// Adversarial rounds
    #[arg(long)]
    rounds: Option<usize>,
    /// Generator steps a round
    #[arg(long)]
    g_steps: Option<usize>,
    /// Discriminator epochs a round
    #[arg(long)]
    d_epochs: Option<usize>,
    /// Discriminator epochs between redraws from the generator
    #[arg(long)]
    redraw_every: Option<usize>,
    /// Learning rate of the generator in the adversarial phase
    #[arg(long)]
    g_lr: Option<f32>,
    /// Sentences of a generator step
    #[arg(long)]
    batch: Option<usize>,
    /// Method by which the generator learns: policy-gradient; gumbel, through relaxed tokens and the judge's input; wgan-gp or gan,
    /// whole lines from noise by convolutions, against a critic of their soft tokens
    #[arg(long, value_enum)]
    method: Option<Method>,
    /// Value of a relaxed token of --method gumbel where it is read: the drawn token, or the soft mixture of all
    #[arg(long)]
    relaxation: Option<Relaxation>,
    /// Temperature of the relaxed tokens of --method gumbel: a number, or FROM:TO over the rounds
    #[arg(long, value_name = "TAU")]
    gumbel_temperature: Option<Annealing>,
    /// Judge of sentences [default: rival; of --method gumbel: discriminator]
    #[arg(long)]
    judge: Option<JudgeKind>,
    /// Way in which a judgement is shared out over the tokens
    #[arg(long)]
    credit: Option<Credit>,
    /// Divergence to the judge's distribution that --credit exact and the distillation descend
    #[arg(long)]
    kl: Option<Kl>,
    /// Sentences in whose states --credit exact and the distillation learn
    #[arg(long)]
    prefixes: Option<Prefixes>,
    /// Monte Carlo rollouts from each prefix
    #[arg(long)]
    rollouts: Option<usize>,
    /// Share of the old rollout policy kept after a generator step; with 0 it is the generator
    #[arg(long)]
    rollout_rate: Option<f32>,
    /// Learning rate of the critic of --credit critic
    #[arg(long)]
    critic_lr: Option<f32>,
    /// Share of the critic's old target network that is kept after a step
    #[arg(long, value_name = "SHARE")]
    critic_target: Option<f32>,
    /// Steps of the critic, of --credit critic or of lines, before a step of the generator
    #[arg(long)]
    critic_steps: Option<usize>,
    /// Steps of the critic before the first step of the generator
    #[arg(long, value_name = "STEPS")]
    critic_pretrain: Option<usize>,
    /// Baseline subtracted from rewards: none, constant:VALUE, moving[:DECAY], mean, leave-one-out, critic[:RATE]
    #[arg(long, alias = "baseline")]
    reward_baseline: Option<Baseline>,
    /// Reward of the generator: the judge's, or a placebo
    #[arg(long)]
    reward: Option<RewardSource>,
    /// Form of the reward that is made of a discriminator's judgement D: D itself, MaliGAN's ratio D/(1 - D), SentiGAN's penalty 1 - D
    #[arg(long)]
    reward_form: Option<RewardForm>,
    /// Weight of the policy's entropy in the generator's objective
    #[arg(long)]
    entropy: Option<f32>,
    /// Weight of teacher forcing on real sentences beside the policy gradient
    #[arg(long)]
    teacher: Option<f32>,
    /// Reward of the real sentences of --teacher: one, or the judge's own where it exceeds the baseline
    #[arg(long)]
    teacher_reward: Option<TeacherReward>,
    /// Epochs or rounds between two evaluations
    #[arg(long)]
    evaluate_every: Option<usize>,
    /// Sentences drawn for an evaluation
    #[arg(long)]
    evaluate_on: Option<usize>,
    /// Reaction to a collapse of the game: below the oracle's floor, or half of the distinct tokens, the entropy or
    /// the reward gone
    #[arg(long)]
    on_collapse: Option<OnCollapse>,
    /// Temperatures of the final sweep
    #[arg(long, value_delimiter = ',')]
    temperatures: Option<Vec<f32>>,
    #[command(flatten)]
    pairs: PairSettings,
    #[command(flatten)]
    lines: LineSettings,
}

/// Method by which a generator learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Method {
    /// Policy gradient of a judge's reward (the default)
    PolicyGradient,
    /// Gumbel-softmax: through relaxed tokens and the judge's input
    Gumbel,
    /// Lines from noise, a critic of bounded slopes that estimates the Wasserstein distance
    WganGp,
    /// Lines from noise with the ordinary objective
    Gan,
}

impl Method {
    fn gradient(self) -> Option<GeneratorGradient> {
        match self {
            Self::PolicyGradient => Some(GeneratorGradient::PolicyGradient),
            Self::Gumbel => Some(GeneratorGradient::Gumbel),
            Self::WganGp | Self::Gan => None,
        }
    }

    fn objective(self) -> Option<Objective> {
        match self {
            Self::WganGp => Some(Objective::Wgan),
            Self::Gan => Some(Objective::Gan),
            Self::PolicyGradient | Self::Gumbel => None,
        }
    }
}

/// Flags that change the settings of a training of lines.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings of lines")]
struct LineSettings {
    /// With --method wgan-gp or gan, tokens of a line: longer ones are cut, shorter ones padded [default: 32, of --cfg 12]
    #[arg(long, value_name = "TOKENS")]
    length: Option<usize>,
    /// Channels of both networks
    #[arg(long)]
    channels: Option<usize>,
    /// Residual blocks of both networks
    #[arg(long)]
    blocks: Option<usize>,
    /// Random numbers that a line is made of
    #[arg(long)]
    noise: Option<usize>,
    /// Normalisation before the convolutions of the generator
    #[arg(long)]
    normalization: Option<NormalizationKind>,
    /// Bound on the critic's slopes [default: penalty; none of --method gan]
    #[arg(long)]
    lipschitz: Option<Lipschitz>,
    /// Weight of the gradient penalty
    #[arg(long, value_name = "LAMBDA", allow_negative_numbers = true)]
    penalty: Option<f32>,
    /// Update rule of both networks
    #[arg(long)]
    optimizer: Option<Rule>,
}

/// Bound of every weight under `--lipschitz clip` where none is given (Arjovsky et al., ICML 2017).
const USUAL_WEIGHT_CLIP: f32 = 0.01;

/// Flags that change the settings of a training on pairs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings of pairs")]
struct PairSettings {
    /// Systems to train on pairs, all from one start: mle, reinforce, regs-mc, regs-prefix, rival, reward [default: mle,
    /// and the one of --judge and --credit]
    #[arg(long, value_delimiter = ',')]
    systems: Option<Vec<System>>,
    /// Answers drawn for each source of a step
    #[arg(long)]
    draws: Option<usize>,
    /// Train a model of sources given answers too, for `seqgan answer --mutual`; --judge reward trains it in any case
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    reverse_model: Option<bool>,
    /// Weights of the hand-made reward, such as "ease=0.25 flow=0.25 coherence=0.5"; also repetition and length
    #[arg(long)]
    reward_terms: Option<RewardTerms>,
    /// Turns of a conversation of the policy with itself that the hand-made reward counts; 1 for the answer alone
    #[arg(long, value_name = "TURNS")]
    self_play: Option<usize>,
    /// Kind of the encoder
    #[arg(long)]
    encoder: Option<EncoderKind>,
    /// Attention of the decoder to the source
    #[arg(long)]
    attention: Option<AttentionKind>,
    /// Let the decoder read what it attended to at the step before
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    input_feeding: Option<bool>,
    /// Let the encoder read in both directions
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    bidirectional: Option<bool>,
    /// Read sources from their end
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    reverse_source: Option<bool>,
    /// Let sources and answers share the vectors of tokens
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    shared_embeddings: Option<bool>,
}

impl Settings {
    /// Returns the configuration that these flags describe for a text of so many `tokens`; `None` for an oracle, or where
    /// they are not known.
    pub fn resolve(&self, tokens: Option<usize>) -> Result<TextConfig> {
        let of_data = || tokens.map_or(TextPreset::Ours, TextPreset::for_tokens);
        let preset = TextConfig::preset(self.preset.unwrap_or_else(of_data));
        let mut config = match &self.config {
            Some(path) => overlaid(path, &preset)?,
            None => preset,
        };
        set(&mut config.seed, self.seed);
        set(&mut config.generator.cell, self.cell);
        set(&mut config.generator.embedding, self.embedding);
        set(&mut config.generator.hidden, self.hidden);
        self.set_likelihood(&mut config.mle);
        set(&mut config.ensemble.members, self.ensemble);
        set(&mut config.ensemble.distill, self.distill);
        set(&mut config.ensemble.distill_steps, self.distill_steps);
        set(&mut config.ensemble.distill_rate, self.distill_lr);
        self.set_game(&mut config.discriminator, &mut config.adversarial);
        set(&mut config.evaluation.sentences, self.evaluate_on);
        set(&mut config.evaluation.temperatures, self.temperatures.clone());
        config.validate()?;
        Ok(config)
    }

    /// Returns the configuration that these flags describe for pairs whose answers have so many `tokens`; `None` where they
    /// are not known.
    pub fn resolve_pairs(&self, tokens: Option<usize>) -> Result<PairConfig> {
        let of_data = || tokens.map_or(TextPreset::Small, TextPreset::for_tokens);
        let preset = PairConfig::preset(self.preset.unwrap_or_else(of_data));
        let mut config = match &self.config {
            Some(path) => overlaid(path, &preset)?,
            None => preset,
        };
        let PairSettings { systems, draws, encoder, attention, .. } = &self.pairs;
        set(&mut config.seed, self.seed);
        set(&mut config.draws, *draws);
        set(&mut config.reverse_model, self.pairs.reverse_model);
        set(&mut config.reward.terms, self.pairs.reward_terms);
        set(&mut config.reward.self_play, self.pairs.self_play);
        let generator = &mut config.generator;
        set(&mut generator.cell, self.cell);
        set(&mut generator.embedding, self.embedding);
        set(&mut generator.hidden, self.hidden);
        set(&mut generator.encoder, *encoder);
        set(&mut generator.attention, *attention);
        set(&mut generator.input_feeding, self.pairs.input_feeding);
        set(&mut generator.bidirectional, self.pairs.bidirectional);
        set(&mut generator.reverse_source, self.pairs.reverse_source);
        set(&mut generator.shared_embeddings, self.pairs.shared_embeddings);
        self.set_likelihood(&mut config.mle);
        self.set_game(&mut config.discriminator, &mut config.adversarial);
        set(&mut config.evaluation.sources, self.evaluate_on);
        set(&mut config.systems, systems.clone());
        if systems.is_none() && (self.judge.is_some() || self.credit.is_some()) {
            config.systems = vec![System::Mle, System::of(config.adversarial.judge, self.credit)];
        }
        config.validate()?;
        Ok(config)
    }

    /// Returns the objective of a training of lines, where `--method` names one.
    pub fn objective(&self) -> Option<Objective> {
        self.method.and_then(Method::objective)
    }

    /// Returns the configuration that these flags describe for lines, of `length` tokens where nothing else is said.
    pub fn resolve_lines(&self, objective: Objective, length: Option<usize>) -> Result<WganConfig> {
        let size = match self.preset {
            None | Some(TextPreset::Small) => WganSize::Small,
            Some(TextPreset::Medium) => WganSize::Medium,
            Some(TextPreset::Large) => WganSize::Large,
            Some(TextPreset::Ours | TextPreset::Authors) => {
                let message = "--preset: of --method wgan-gp and gan expected small, medium or large";
                return Err(Error::Config(message.into()));
            }
        };
        let mut preset = WganConfig::preset(objective, size);
        set(&mut preset.length, length);
        let mut config = match &self.config {
            Some(path) => overlaid(path, &preset)?,
            None => preset,
        };
        config.objective = objective;
        self.set_lines(&mut config);
        config.validate()?;
        Ok(config)
    }

    fn set_lines(&self, config: &mut WganConfig) {
        let LineSettings { length, channels, blocks, noise, normalization, .. } = self.lines;
        let WganConfig { generator, critic, .. } = config;
        set(&mut config.seed, self.seed);
        set(&mut config.length, length);
        set(&mut config.batch, self.batch);
        set(&mut config.rounds, self.rounds);
        set(&mut config.generator_steps, self.g_steps);
        set(&mut config.on_collapse, self.on_collapse);
        set(&mut config.evaluate_on, self.evaluate_on);
        set(&mut generator.channels, channels);
        set(&mut generator.blocks, blocks);
        set(&mut generator.noise, noise);
        set(&mut generator.normalization, normalization);
        set(&mut generator.optimizer.learning_rate, self.g_lr);
        set(&mut generator.optimizer.rule, self.lines.optimizer);
        set(&mut critic.channels, channels);
        set(&mut critic.blocks, blocks);
        set(&mut critic.steps, self.critic_steps);
        set(&mut critic.lipschitz, self.lines.lipschitz);
        set(&mut critic.penalty, self.lines.penalty);
        set(&mut critic.optimizer.learning_rate, self.d_lr);
        set(&mut critic.optimizer.rule, self.lines.optimizer);
        set(&mut critic.optimizer.weight_clip, self.d_weight_clip);
        if critic.lipschitz == Lipschitz::Clip
            && critic.optimizer.weight_clip == 0.0
            && self.d_weight_clip.is_none()
        {
            critic.optimizer.weight_clip = USUAL_WEIGHT_CLIP;
        }
    }

    fn set_likelihood(&self, mle: &mut MleConfig) {
        set(&mut mle.epochs, self.mle_epochs);
        set(&mut mle.patience, self.patience);
        set(&mut mle.optimizer.learning_rate, self.mle_lr);
        set(&mut mle.dropout, self.dropout);
        set(&mut mle.anneal, self.mle_anneal);
        set(&mut mle.sampling, self.sampling);
    }

    fn set_game(&self, discriminator: &mut DiscriminatorConfig, adversarial: &mut AdversarialConfig) {
        set(&mut discriminator.pretrain_draws, self.d_draws);
        set(&mut discriminator.optimizer.learning_rate, self.d_lr);
        set(&mut discriminator.rival.learning_rate, self.d_lr);
        set(&mut discriminator.divergence, self.divergence);
        set(&mut discriminator.optimizer.weight_clip, self.d_weight_clip);
        set(&mut discriminator.label_smoothing, self.label_smoothing);
        set(&mut discriminator.precision, self.judge_precision);
        set(&mut discriminator.learning_precision, self.judge_learning_precision);
        set(&mut discriminator.replay, self.replay);
        set(&mut discriminator.ranker.references, self.ranker_references);
        set(&mut discriminator.ranker.comparisons, self.ranker_comparisons);
        set(&mut discriminator.ranker.gamma, self.ranker_gamma);
        set(&mut discriminator.network.batch_norm, self.batch_norm);
        discriminator.network.minibatch = self.minibatch_features.or(discriminator.network.minibatch);
        for optimizer in [&mut discriminator.optimizer, &mut discriminator.rival, &mut adversarial.optimizer]
        {
            set(&mut optimizer.historical_average, self.historical_average);
        }
        let schedule = &mut adversarial.schedule;
        schedule.freeze_d = self.freeze_d.or(schedule.freeze_d);
        schedule.freeze_g = self.freeze_g.or(schedule.freeze_g);
        set(&mut adversarial.schedule.rounds, self.rounds);
        set(&mut adversarial.schedule.g_epochs, self.g_steps);
        set(&mut adversarial.schedule.d_epochs, self.d_epochs);
        set(&mut adversarial.schedule.redraw_every, self.redraw_every);
        set(&mut adversarial.optimizer.learning_rate, self.g_lr);
        set(&mut adversarial.batch, self.batch);
        set(&mut adversarial.gradient, self.method.and_then(Method::gradient));
        set(&mut adversarial.gumbel.relaxation, self.relaxation);
        set(&mut adversarial.gumbel.temperature, self.gumbel_temperature);
        let through_judge = self.method == Some(Method::Gumbel);
        let judge = self.judge.or(through_judge.then_some(JudgeKind::Discriminator));
        set(&mut adversarial.judge, judge);
        // Another judge than the preset's brings the usual way to share its judgement out.
        set(&mut adversarial.credit, self.credit.or(judge.map(JudgeKind::usual_credit)));
        set(&mut adversarial.kl, self.kl);
        set(&mut adversarial.prefixes, self.prefixes);
        set(&mut adversarial.rollouts, self.rollouts);
        set(&mut adversarial.rollout_rate, self.rollout_rate);
        set(&mut adversarial.target_rate, self.d_target);
        set(&mut adversarial.critic.learning_rate, self.critic_lr);
        set(&mut adversarial.critic.target_rate, self.critic_target);
        set(&mut adversarial.critic.steps, self.critic_steps);
        set(&mut adversarial.critic.pretrain, self.critic_pretrain);
        set(&mut adversarial.baseline, self.reward_baseline);
        set(&mut adversarial.reward, self.reward);
        set(&mut adversarial.reward_form, self.reward_form);
        set(&mut adversarial.entropy, self.entropy);
        set(&mut adversarial.teacher, self.teacher);
        set(&mut adversarial.teacher_reward, self.teacher_reward);
        set(&mut adversarial.evaluate_every, self.evaluate_every);
        set(&mut adversarial.on_collapse, self.on_collapse);
    }
}
