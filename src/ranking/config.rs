//! Everything a training run depends on, with the defaults of our own preset.

use std::fmt;
use std::str::FromStr;

use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Serialize};

use super::answers::AnswerConfig;
use super::interactions::InteractionsConfig;
use super::{DrawFrom, ExampleLoss, Mode, RewardShape};
use crate::data::features::FeatureSelection;
use crate::data::features::normalize::Normalization;
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::game::{OnCollapse, RewardControl, Schedule};
use crate::nn::{Activation, Clip, Initializer, OptimizerConfig, Rule};
use crate::policy_gradient::{Baseline, Estimator, Reduction};

/// What is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// IRGAN with a pairwise discriminator.
    #[default]
    IrganPairwise,
    /// IRGAN with a pointwise discriminator.
    IrganPointwise,
    /// Maximum likelihood of the observed positives (softmax cross-entropy).
    Mle,
    /// Logistic loss of all pairs of different grades.
    Ranknet,
    /// RankNet's pairs weighted by the change of nDCG.
    Lambdarank,
    /// Cross-entropy between the softmax of grades and of scores.
    Listnet,
    /// Positives against uniformly drawn negatives.
    Rns,
    /// Positives against the best scored of several drawn negatives.
    Dns,
    /// The same as `rns`, by its name for interactions: Bayesian personalised ranking (Rendle et al., UAI 2009).
    Bpr,
    /// Interactions: most popular first.
    Pop,
    /// Interactions: nearest neighbours of the items liked.
    #[serde(rename = "itemknn")]
    #[cfg_attr(feature = "cli", value(name = "itemknn"))]
    ItemKnn,
    /// Interactions: truncated singular value decomposition.
    #[serde(rename = "puresvd")]
    #[cfg_attr(feature = "cli", value(name = "puresvd"))]
    PureSvd,
    /// Interactions: linear auto-encoder without a diagonal.
    Ease,
}

impl Method {
    /// Whether it is made in one step, without epochs.
    pub fn is_closed_form(self) -> bool {
        matches!(self, Self::Pop | Self::ItemKnn | Self::PureSvd | Self::Ease)
    }

    /// The discriminator's mode, for the adversarial methods.
    pub fn mode(self) -> Option<Mode> {
        match self {
            Self::IrganPairwise => Some(Mode::Pairwise),
            Self::IrganPointwise => Some(Mode::Pointwise),
            _ => None,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IrganPairwise => "irgan-pairwise",
            Self::IrganPointwise => "irgan-pointwise",
            Self::Mle => "mle",
            Self::Ranknet => "ranknet",
            Self::Lambdarank => "lambdarank",
            Self::Listnet => "listnet",
            Self::Rns => "rns",
            Self::Dns => "dns",
            Self::Bpr => "bpr",
            Self::Pop => "pop",
            Self::ItemKnn => "itemknn",
            Self::PureSvd => "puresvd",
            Self::Ease => "ease",
        })
    }
}

/// Where a player starts: at random weights, or at a trained baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Init {
    /// Random weights.
    None,
    /// The model of this baseline, trained on the same data.
    Baseline(Method),
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Baseline(method) => method.fmt(f),
        }
    }
}

impl FromStr for Init {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "none" {
            return Ok(Self::None);
        }
        let named: Result<Method, serde::de::value::Error> = Method::deserialize(text.into_deserializer());
        match named {
            Ok(method) if method.mode().is_none() => Ok(Self::Baseline(method)),
            _ => Err(Error::Config(format!(
                "init `{text}`: expected none, mle, listnet, ranknet, lambdarank, rns, dns, bpr, pop, itemknn, puresvd or ease"
            ))),
        }
    }
}

impl TryFrom<String> for Init {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Init> for String {
    fn from(init: Init) -> Self {
        init.to_string()
    }
}

/// More hidden units in a layer are a slip of the keyboard.
const WIDEST: usize = 1 << 16;

/// The network of every player and baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScorerConfig {
    /// Widths of the hidden layers; none gives a linear scorer.
    pub hidden: Vec<usize>,
    /// Non-linearity of the hidden layers.
    pub activation: Activation,
    /// Share of hidden units dropped while training.
    pub dropout: f32,
    /// Distribution of the initial weights.
    pub initializer: Initializer,
}

impl Default for ScorerConfig {
    fn default() -> Self {
        Self {
            hidden: vec![46],
            activation: Activation::Tanh,
            dropout: 0.0,
            initializer: Initializer::Xavier,
        }
    }
}

impl ScorerConfig {
    /// Refuses networks that cannot be made.
    pub(super) fn validate(&self) -> Result<()> {
        require(self.hidden.iter().all(|width| (1..=WIDEST).contains(width)), || {
            format!("the widths of hidden layers must lie in 1 to {WIDEST}")
        })?;
        let weights: usize = self.hidden.windows(2).map(|pair| pair[0] * pair[1]).sum(); // widths are bounded
        require(weights <= MOST_WEIGHTS, || {
            format!("the hidden layers have {weights} weights between them; at most {MOST_WEIGHTS} are held")
        })?;
        require((0.0..1.0).contains(&self.dropout), || "dropout must lie in [0, 1)".into())?;
        let spread = match self.initializer {
            Initializer::Xavier | Initializer::He => 0.0,
            Initializer::Normal(deviation) | Initializer::TruncatedNormal(deviation) => deviation,
            Initializer::Uniform(bound) => bound,
        };
        require(spread.is_finite() && spread.abs() <= 1e6, || {
            "the initializer's spread must be at most 1e6".into()
        })
    }
}

/// How baselines are trained, on their own or as the start of a player.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FitConfig {
    /// The optimiser.
    pub optimizer: OptimizerConfig,
    /// Queries in a mini-batch; 0 takes all.
    pub batch: usize,
    /// Epochs at most.
    pub epochs: usize,
    /// Epochs without a better validation measure before stopping.
    pub patience: usize,
    /// Negatives drawn per positive and epoch (RNS and DNS).
    pub draws: usize,
    /// Uniform draws of which DNS takes the best scored.
    pub dynamic: usize,
}

impl Default for FitConfig {
    fn default() -> Self {
        Self {
            optimizer: OptimizerConfig { learning_rate: 1e-3, weight_decay: 1e-4, ..Default::default() },
            batch: 16,
            epochs: 400,
            patience: 60,
            draws: 5,
            dynamic: 5,
        }
    }
}

/// The generator and its gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GeneratorConfig {
    /// Where it starts.
    pub init: Init,
    /// The optimiser.
    pub optimizer: OptimizerConfig,
    /// Queries in a mini-batch; 0 takes all.
    pub batch: usize,
    /// Temperature τ of its softmax while it learns.
    pub temperature: f32,
    /// Exact or sampled gradient.
    pub estimator: Estimator,
    /// What is subtracted from the reward.
    pub baseline: Baseline,
    /// Sum or mean over draws.
    pub reduction: Reduction,
    /// Draws per observed positive (sampled estimator).
    pub draws: usize,
    /// Share λ of the proposal given to observed positives (sampled estimator).
    pub lambda: f32,
    /// Candidates drawn from larger pools before the softmax; 0 takes whole pools.
    pub candidates: usize,
    /// From the discriminator's output to a reward.
    pub reward_shape: RewardShape,
    /// The discriminator's reward or a control.
    pub reward: RewardControl,
    /// Weight α of the policy's entropy in its objective: `E[R] + α H(π)`. The optimum is then
    /// `π ∝ exp(R / α)` instead of the one best document.
    pub entropy: f32,
    /// Weight of the likelihood of the observed positives in its loss (teacher forcing).
    pub teacher: f32,
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        Self {
            init: Init::Baseline(Method::Mle),
            optimizer: OptimizerConfig { learning_rate: 5e-4, weight_decay: 1e-4, ..Default::default() },
            batch: 16,
            temperature: 1.0,
            estimator: Estimator::Exact,
            baseline: Baseline::Expected,
            reduction: Reduction::Mean,
            draws: 5,
            lambda: 0.5,
            candidates: 0,
            reward_shape: RewardShape::Paper,
            reward: RewardControl::Discriminator,
            entropy: 0.3,
            teacher: 0.0,
        }
    }
}

/// The discriminator and its examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DiscriminatorConfig {
    /// Where it starts.
    pub init: Init,
    /// The optimiser.
    pub optimizer: OptimizerConfig,
    /// Examples in a mini-batch; 0 takes all.
    pub batch: usize,
    /// Temperature of the generator's softmax when it draws for the discriminator.
    pub temperature: f32,
    /// Share of uniform draws mixed in.
    pub uniform: f32,
    /// Documents drawn per observed positive.
    pub draws: usize,
    /// Which documents may be drawn.
    pub draw_from: DrawFrom,
    /// Margin of a hinge loss in the place of the logistic one (pairwise).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f32>,
}

impl DiscriminatorConfig {
    /// What its epochs minimise.
    pub fn loss(&self, mode: Mode) -> ExampleLoss {
        match (mode, self.margin) {
            (Mode::Pairwise, Some(margin)) => ExampleLoss::Hinge(margin),
            _ => mode.into(),
        }
    }
}

impl Default for DiscriminatorConfig {
    fn default() -> Self {
        Self {
            init: Init::Baseline(Method::Rns),
            optimizer: OptimizerConfig { learning_rate: 5e-4, weight_decay: 1e-4, ..Default::default() },
            batch: 128,
            temperature: 1.0,
            uniform: 0.5,
            draws: 5,
            draw_from: DrawFrom::Lower,
            margin: None,
        }
    }
}

/// A training run: method, networks, optimisers, schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrainConfig {
    /// What is trained.
    pub method: Method,
    /// The one seed of the run.
    pub seed: u64,
    /// The validation measure that chooses epochs and rounds.
    pub measure: String,
    /// Rounds without a better validation measure before the adversarial phase stops.
    pub patience: usize,
    /// What is done when a game collapses.
    pub on_collapse: OnCollapse,
    /// The features to use; all when there is no choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<FeatureSelection>,
    /// What is done to features before they enter a network.
    pub normalization: Normalization,
    /// Rounds and epochs of the adversarial phase.
    pub schedule: Schedule,
    /// The networks.
    pub scorer: ScorerConfig,
    /// Factors and closed forms, for interactions.
    #[serde(skip_serializing_if = "is_default")]
    pub interactions: InteractionsConfig,
    /// Texts and their networks, in the place of `scorer`, for questions and answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<AnswerConfig>,
    /// Baselines and initial models.
    pub fit: FitConfig,
    /// The generator.
    pub generator: GeneratorConfig,
    /// The discriminator.
    pub discriminator: DiscriminatorConfig,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            method: Method::IrganPairwise,
            seed: 1,
            measure: "nDCG@10".into(),
            patience: 30,
            on_collapse: OnCollapse::default(),
            features: None,
            normalization: Normalization::QueryMinmax,
            schedule: Schedule::default(),
            scorer: ScorerConfig::default(),
            interactions: InteractionsConfig::default(),
            answers: None,
            fit: FitConfig::default(),
            generator: GeneratorConfig::default(),
            discriminator: DiscriminatorConfig::default(),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Named starting points for a configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Preset {
    /// Our own settings, chosen on validation data.
    #[default]
    Ours,
    /// The settings of the IRGAN authors' LETOR code.
    Authors,
}

impl TrainConfig {
    /// The settings of `preset` for `method`.
    pub fn preset(preset: Preset, method: Method) -> Self {
        match (preset, method) {
            (Preset::Ours, _) => Self { method, ..Self::default() },
            (Preset::Authors, Method::IrganPointwise) => Self::authors_pointwise(),
            (Preset::Authors, _) => Self { method, ..Self::authors_pairwise() },
        }
    }

    /// LETOR, pairwise: both players start from DNS, plain SGD, batch 8, 30 × (30 d, 50 g).
    fn authors_pairwise() -> Self {
        let sgd = |learning_rate| OptimizerConfig {
            rule: Rule::Sgd,
            learning_rate,
            weight_decay: 0.01,
            ..Default::default()
        };
        let ours = Self::default();
        Self {
            method: Method::IrganPairwise,
            patience: 30,
            schedule: Schedule { rounds: 30, d_epochs: 30, redraw_every: 30, g_epochs: 50, d_first: true },
            generator: GeneratorConfig {
                init: Init::Baseline(Method::Dns),
                optimizer: sgd(5e-4),
                batch: 1,
                estimator: Estimator::Sampled,
                baseline: Baseline::None,
                draws: 1,
                lambda: 0.0,
                reward_shape: RewardShape::Code,
                entropy: 0.0,
                ..ours.generator
            },
            discriminator: DiscriminatorConfig {
                init: Init::Baseline(Method::Dns),
                optimizer: sgd(1e-4),
                batch: 8,
                uniform: 0.0,
                draws: 1,
                draw_from: DrawFrom::Pool,
                ..ours.discriminator
            },
            ..ours
        }
    }

    /// LETOR, pointwise: τ 0.2, λ 0.5, 5 draws a positive, 30 × (100 d redrawn every 30, 30 g).
    fn authors_pointwise() -> Self {
        let pairwise = Self::authors_pairwise();
        let optimizer = OptimizerConfig { learning_rate: 1e-3, ..pairwise.generator.optimizer };
        Self {
            method: Method::IrganPointwise,
            schedule: Schedule { d_epochs: 100, redraw_every: 30, g_epochs: 30, ..pairwise.schedule },
            generator: GeneratorConfig {
                optimizer,
                temperature: 0.2,
                draws: 5,
                lambda: 0.5,
                ..pairwise.generator
            },
            discriminator: DiscriminatorConfig { optimizer, temperature: 0.2, ..pairwise.discriminator },
            ..pairwise
        }
    }

    /// The validation measure.
    pub fn measure(&self) -> Result<Measure> {
        self.measure.parse()
    }

    /// Refuses settings that are out of range or contradict each other.
    pub fn validate(&self) -> Result<()> {
        self.measure()?;
        let generator = &self.generator;
        let positive = |value: f32| value > 0.0 && value.is_finite();
        let unit = |value: f32| (0.0..=1.0).contains(&value);
        let optimizers = [
            ("fit", self.fit.optimizer),
            ("generator", generator.optimizer),
            ("discriminator", self.discriminator.optimizer),
        ];
        for (name, optimizer) in optimizers {
            require(positive(optimizer.learning_rate), || {
                format!("{name}: the learning rate must be above 0")
            })?;
            require(optimizer.weight_decay >= 0.0, || {
                format!("{name}: the weight decay must not be negative")
            })?;
            let bounded = match optimizer.clip {
                Clip::None => true,
                Clip::Norm(bound) | Clip::Value(bound) => positive(bound),
            };
            require(bounded, || format!("{name}: the bound of clip must be above 0"))?;
        }
        self.scorer.validate()?;
        self.interactions.validate()?;
        self.answers.iter().try_for_each(AnswerConfig::validate)?;
        require(positive(generator.temperature) && positive(self.discriminator.temperature), || {
            "temperatures must be above 0".into()
        })?;
        require(unit(generator.lambda), || "lambda must lie in [0, 1]".into())?;
        require(unit(self.discriminator.uniform), || "the share of uniform draws must lie in [0, 1]".into())?;
        require(self.discriminator.margin.is_none_or(positive), || "the margin must be above 0".into())?;
        require(generator.entropy >= 0.0 && generator.entropy.is_finite(), || {
            "the weight of the entropy must not be negative".into()
        })?;
        require(generator.teacher >= 0.0 && generator.teacher.is_finite(), || {
            "the teacher's weight must not be negative".into()
        })?;
        let counts = [generator.draws, self.discriminator.draws, self.fit.draws, self.fit.dynamic];
        require(counts.iter().all(|count| (1..=MOST_DRAWS).contains(count)), || {
            format!("draws must lie between 1 and {MOST_DRAWS}")
        })?;
        require(!matches!(generator.baseline, Baseline::Critic(_)), || {
            "baseline critic learns from the states between steps, and drawing a document is one step: choose \
             expected, mean, leave-one-out, moving, constant or none"
                .into()
        })?;
        let exact = generator.estimator == Estimator::Exact;
        require(!(exact && generator.baseline == Baseline::LeaveOneOut), || {
            "baseline leave-one-out needs independent draws: set `generator.estimator` to sampled, or `generator.baseline` to expected".into()
        })
    }
}

/// Weights between hidden layers: 1 GiB, and optimisers hold several copies.
const MOST_WEIGHTS: usize = 1 << 28;

/// More draws for one positive only cost memory.
const MOST_DRAWS: usize = 1 << 16;

pub(super) fn require(condition: bool, otherwise: impl FnOnce() -> String) -> Result<()> {
    if condition { Ok(()) } else { Err(Error::Config(otherwise())) }
}
