//! Flags that change a training configuration; shared by `train` and `cv`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::console::print;
use crate::data::features::FeatureSelection;
use crate::data::features::normalize::Normalization;
use crate::error::{Error, Result};
use crate::game::{OnCollapse, RewardControl};
use crate::nn::{Activation, Rule};
use crate::policy_gradient::{Baseline, Estimator};
use crate::ranking::{DrawFrom, Init, Method, Preset, RewardShape, TrainConfig};
use crate::ranking::{documents, interactions};

/// What is trained, and by which settings. Flags win over `--config`, which wins over `--preset`.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// IRGAN with a pairwise discriminator (the default)
    #[arg(long, group = "what")]
    pairwise: bool,
    /// IRGAN with a pointwise discriminator
    #[arg(long, group = "what")]
    pointwise: bool,
    /// Train this method
    #[arg(long, group = "what")]
    method: Option<Method>,
    /// Start from named settings
    #[arg(long, default_value = "ours", help_heading = "Settings")]
    preset: Preset,
    /// Read settings from a TOML file, such as the config.toml of an earlier run
    #[arg(long, help_heading = "Settings")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Seed of every random stream
    #[arg(long, help_heading = "Settings")]
    pub(in crate::cli) seed: Option<u64>,
    /// Validation measure that chooses epochs and rounds
    #[arg(long, help_heading = "Settings")]
    measure: Option<String>,
    /// Rounds of the adversarial phase
    #[arg(long, help_heading = "Schedule")]
    rounds: Option<usize>,
    /// Discriminator epochs a round
    #[arg(long, help_heading = "Schedule")]
    d_epochs: Option<usize>,
    /// Generator epochs a round
    #[arg(long, help_heading = "Schedule")]
    g_epochs: Option<usize>,
    /// Discriminator epochs between redraws from the generator
    #[arg(long, help_heading = "Schedule")]
    redraw_every: Option<usize>,
    /// Rounds without a better validation measure before stopping
    #[arg(long, help_heading = "Schedule")]
    patience: Option<usize>,
    /// What is done when a game collapses: its entropy is gone, or its reward frozen
    #[arg(long, help_heading = "Schedule")]
    on_collapse: Option<OnCollapse>,
    /// Widths of the hidden layers, such as 64,32; `none` for a linear scorer
    #[arg(long, value_parser = hidden_layers, help_heading = "Networks")]
    hidden: Option<Widths>,
    /// Rank of the factors (--ratings)
    #[arg(long, help_heading = "Networks")]
    rank: Option<usize>,
    /// Rank of PureSVD (--ratings)
    #[arg(long, help_heading = "Baselines")]
    svd_rank: Option<usize>,
    /// Ridge of EASE (--ratings)
    #[arg(long, help_heading = "Baselines")]
    ridge: Option<f64>,
    /// Neighbours of item-KNN (--ratings)
    #[arg(long, help_heading = "Baselines")]
    neighbours: Option<usize>,
    /// Shrinkage of item-KNN's cosines (--ratings)
    #[arg(long, help_heading = "Baselines")]
    shrinkage: Option<f32>,
    /// Non-linearity of the hidden layers
    #[arg(long, help_heading = "Networks")]
    activation: Option<Activation>,
    /// Share of hidden units dropped while training
    #[arg(long, help_heading = "Networks")]
    dropout: Option<f32>,
    /// Use only these features, by number or name: 1,3,5-9,bm25.body
    #[arg(long, help_heading = "Networks")]
    features: Option<FeatureSelection>,
    /// What is done to features first
    #[arg(long, help_heading = "Networks")]
    normalize: Option<Normalization>,
    /// Start both players from this baseline, or `none`
    #[arg(long, help_heading = "Players")]
    init: Option<Init>,
    /// Start the generator from this baseline, or `none`
    #[arg(long, help_heading = "Players")]
    g_init: Option<Init>,
    /// Start the discriminator from this baseline, or `none`
    #[arg(long, help_heading = "Players")]
    d_init: Option<Init>,
    /// Optimiser of both players and of the baselines
    #[arg(long, help_heading = "Players")]
    optimizer: Option<Rule>,
    /// Learning rate of the generator
    #[arg(long, help_heading = "Players")]
    g_lr: Option<f32>,
    /// Learning rate of the discriminator
    #[arg(long, help_heading = "Players")]
    d_lr: Option<f32>,
    /// L2 penalty of both players and of the baselines
    #[arg(long, help_heading = "Players")]
    weight_decay: Option<f32>,
    /// Queries in a generator's mini-batch; 0 for all
    #[arg(long, help_heading = "Players")]
    g_batch: Option<usize>,
    /// Examples in a discriminator's mini-batch; 0 for all
    #[arg(long, help_heading = "Players")]
    d_batch: Option<usize>,
    /// Temperature of the generator's softmax while it learns
    #[arg(long, help_heading = "Players")]
    temperature: Option<f32>,
    /// Temperature of the generator's softmax when it draws for the discriminator
    #[arg(long, help_heading = "Players")]
    d_temperature: Option<f32>,
    /// Exact or sampled policy gradient
    #[arg(long, help_heading = "Policy gradient")]
    estimator: Option<Estimator>,
    /// Baseline subtracted from rewards: none, constant:VALUE, moving[:DECAY], mean, expected, leave-one-out
    #[arg(long, alias = "baseline", help_heading = "Policy gradient")]
    reward_baseline: Option<Baseline>,
    /// Draws of the generator per observed positive (sampled estimator)
    #[arg(short = 'K', long, help_heading = "Policy gradient")]
    draws: Option<usize>,
    /// Share of the proposal given to observed positives (sampled estimator)
    #[arg(long, help_heading = "Policy gradient")]
    lambda: Option<f32>,
    /// Candidates drawn from larger pools before the softmax; 0 for whole pools
    #[arg(long, value_name = "K", help_heading = "Policy gradient")]
    sampled_k: Option<usize>,
    /// From the discriminator's output to a reward
    #[arg(long, help_heading = "Policy gradient")]
    reward_shape: Option<RewardShape>,
    /// The discriminator's reward, or a control
    #[arg(long, help_heading = "Policy gradient")]
    reward: Option<RewardControl>,
    /// Weight of the policy's entropy in the generator's objective
    #[arg(long, help_heading = "Policy gradient")]
    entropy: Option<f32>,
    /// Weight of the observed positives' likelihood in the generator's loss
    #[arg(long, help_heading = "Policy gradient")]
    teacher: Option<f32>,
    /// Documents drawn per positive for the discriminator
    #[arg(long, help_heading = "Players")]
    d_draws: Option<usize>,
    /// Share of uniform draws mixed into those for the discriminator
    #[arg(long, help_heading = "Players")]
    d_uniform: Option<f32>,
    /// Which documents may be drawn for the discriminator
    #[arg(long, help_heading = "Players")]
    draw_from: Option<DrawFrom>,
    /// Margin of a hinge loss for a pairwise discriminator
    #[arg(long, help_heading = "Players")]
    margin: Option<f32>,
    /// Learning rate of baselines and initial models
    #[arg(long, help_heading = "Baselines")]
    fit_lr: Option<f32>,
    /// Epochs of baselines and initial models
    #[arg(long, help_heading = "Baselines")]
    fit_epochs: Option<usize>,
    /// Epochs without a better validation measure before a baseline stops
    #[arg(long, help_heading = "Baselines")]
    fit_patience: Option<usize>,
    /// Queries in a baseline's mini-batch; 0 for all
    #[arg(long, help_heading = "Baselines")]
    fit_batch: Option<usize>,
}

/// What a training learns from; each has presets of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum DataKind {
    Features,
    Texts,
    Interactions,
    Answers,
}

impl DataKind {
    fn preset(self, preset: Preset, method: Method) -> TrainConfig {
        match self {
            Self::Features => TrainConfig::preset(preset, method),
            Self::Texts => documents::preset(preset, method),
            Self::Interactions => interactions::preset(preset, method),
            Self::Answers => TrainConfig::for_answers(preset, method),
        }
    }
}

#[derive(Clone, Debug)]
struct Widths(Vec<usize>);

fn hidden_layers(text: &str) -> Result<Widths, String> {
    if text == "none" {
        return Ok(Widths(vec![]));
    }
    let width = |part: &str| part.trim().parse::<usize>().ok().filter(|&width| width > 0);
    let widths: Option<Vec<usize>> = text.split(',').map(width).collect();
    widths.map(Widths).ok_or_else(|| "expected widths such as 64,32, or none".into())
}

impl Settings {
    /// The configuration these flags describe, for this kind of data.
    pub(in crate::cli) fn resolve(&self, data: DataKind) -> Result<TrainConfig> {
        let method = match (self.pairwise, self.pointwise, self.method) {
            (true, ..) => Some(Method::IrganPairwise),
            (_, true, _) => Some(Method::IrganPointwise),
            (.., method) => method,
        };
        let mut config = match &self.config {
            Some(path) => method_config(path, |method| data.preset(self.preset, method), method)?,
            None => data.preset(self.preset, method.unwrap_or_default()),
        };
        self.apply(&mut config);
        config.validate()?;
        if config.generator.estimator == Estimator::Exact && (self.draws.is_some() || self.lambda.is_some()) {
            warning!("--draws and --lambda have no effect on the exact estimator; see --estimator sampled");
        }
        Ok(config)
    }

    fn apply(&self, config: &mut TrainConfig) {
        set(&mut config.seed, self.seed);
        set(&mut config.measure, self.measure.clone());
        set(&mut config.patience, self.patience);
        set(&mut config.on_collapse, self.on_collapse);
        set(&mut config.normalization, self.normalize);
        config.features = self.features.clone().or(config.features.take());

        let schedule = &mut config.schedule;
        set(&mut schedule.rounds, self.rounds);
        set(&mut schedule.d_epochs, self.d_epochs);
        set(&mut schedule.g_epochs, self.g_epochs);
        set(&mut schedule.redraw_every, self.redraw_every);

        set(&mut config.scorer.hidden, self.hidden.clone().map(|widths| widths.0));
        set(&mut config.scorer.activation, self.activation);
        set(&mut config.scorer.dropout, self.dropout);
        if let Some(answers) = &mut config.answers {
            set(&mut answers.dropout, self.dropout);
        }

        let interactions = &mut config.interactions;
        set(&mut interactions.rank, self.rank);
        set(&mut interactions.svd_rank, self.svd_rank);
        set(&mut interactions.ridge, self.ridge);
        set(&mut interactions.neighbours, self.neighbours);
        set(&mut interactions.shrinkage, self.shrinkage);

        let fit = &mut config.fit;
        set(&mut fit.optimizer.rule, self.optimizer);
        set(&mut fit.optimizer.learning_rate, self.fit_lr);
        set(&mut fit.optimizer.weight_decay, self.weight_decay);
        set(&mut fit.epochs, self.fit_epochs);
        set(&mut fit.patience, self.fit_patience);
        set(&mut fit.batch, self.fit_batch);

        let generator = &mut config.generator;
        set(&mut generator.init, self.g_init.or(self.init));
        set(&mut generator.optimizer.rule, self.optimizer);
        set(&mut generator.optimizer.learning_rate, self.g_lr);
        set(&mut generator.optimizer.weight_decay, self.weight_decay);
        set(&mut generator.batch, self.g_batch);
        set(&mut generator.temperature, self.temperature);
        set(&mut generator.estimator, self.estimator);
        set(&mut generator.baseline, self.reward_baseline);
        set(&mut generator.draws, self.draws);
        set(&mut generator.lambda, self.lambda);
        set(&mut generator.candidates, self.sampled_k);
        set(&mut generator.reward_shape, self.reward_shape);
        set(&mut generator.reward, self.reward);
        set(&mut generator.entropy, self.entropy);
        set(&mut generator.teacher, self.teacher);

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
        discriminator.margin = self.margin.or(discriminator.margin);
    }
}

/// Prints settings as `--config` reads them.
pub(in crate::cli) fn print_config(config: &impl Serialize) -> Result<()> {
    print(&toml::to_string_pretty(config).map_err(|cause| Error::Config(cause.to_string()))?)
}

pub(in crate::cli) fn set<T>(field: &mut T, flag: Option<T>) {
    if let Some(value) = flag {
        *field = value;
    }
}

/// The preset of the file's method, or of `method`, with the file's settings over it.
fn method_config(
    path: &Path,
    preset: impl Fn(Method) -> TrainConfig,
    method: Option<Method>,
) -> Result<TrainConfig> {
    let alone: TrainConfig = crate::files::toml_file::read(path)?;
    let file: toml::Table = crate::files::toml_file::read(path)?;
    let named = if file.contains_key("method") { alone.method } else { Method::default() };
    let method = method.unwrap_or(named);
    let mut config = overlaid(path, &preset(method))?;
    config.method = method;
    Ok(config)
}

/// The settings of the TOML file at `path` over those of `preset`.
pub(in crate::cli) fn overlaid<C: Serialize + DeserializeOwned>(path: &Path, preset: &C) -> Result<C> {
    let _: C = crate::files::toml_file::read(path)?; // for its own errors, which know their lines
    let file: toml::Table = crate::files::toml_file::read(path)?;
    let whole = |cause: &dyn std::fmt::Display| Error::Config(format!("{}: {cause}", path.display()));
    let mut settings = toml::Table::try_from(preset).map_err(|cause| whole(&cause))?;
    overlay(&mut settings, file);
    settings.try_into().map_err(|cause: toml::de::Error| whole(&cause.message()))
}

/// Puts the values of `over` in place of those of `settings`, table by table.
fn overlay(settings: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (settings.get_mut(&key), value) {
            (Some(toml::Value::Table(settings)), toml::Value::Table(over)) => overlay(settings, over),
            (_, value) => {
                settings.insert(key, value);
            }
        }
    }
}
