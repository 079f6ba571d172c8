//! Settings of a whole training.

use serde::{Deserialize, Serialize};

use super::choice::ChoiceConfig;
use super::discriminator::DiscriminatorConfig;
use super::fit::FitConfig;
use super::generator::GeneratorConfig;
use super::method::Method;
use super::scorer::ScorerConfig;
use super::trees::TreesConfig;
use crate::data::features::FeatureSelection;
use crate::data::features::normalize::Normalization;
use crate::error::{Result, require};
use crate::evaluation::Measure;
use crate::game::{Divergence, OnCollapse, Schedule};
use crate::nn::Clip;
use crate::policy_gradient::{Baseline, Estimator};
use crate::ranking::answers::AnswerConfig;
use crate::ranking::interactions::InteractionsConfig;
use crate::ranking::reward::RewardShape;

/// Settings of a training: method, networks, optimisers, schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrainConfig {
    /// Method of training.
    pub method: Method,
    /// The one seed of the run.
    #[serde(with = "crate::seed::number")]
    pub seed: u64,
    /// Models that differ by seed, of which the mean of the scores ranks.
    #[serde(skip_serializing_if = "is_one")]
    pub bag: usize,
    /// The validation measure that chooses epochs and rounds.
    pub measure: String,
    /// Rounds without a better validation measure before the adversarial phase stops.
    pub patience: usize,
    /// Reaction to a collapse of the game.
    pub on_collapse: OnCollapse,
    /// The features to use; all when there is no choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<FeatureSelection>,
    /// True when files count features from 0, and not from 1.
    #[serde(skip_serializing_if = "is_default")]
    pub zero_based: bool,
    /// Normalisation of features before they enter a network.
    pub normalization: Normalization,
    /// Rounds and epochs of the adversarial phase.
    pub schedule: Schedule,
    /// The networks.
    pub scorer: ScorerConfig,
    /// Boosted trees, for feature vectors.
    #[serde(skip_serializing_if = "is_default")]
    pub trees: TreesConfig,
    /// Factors and closed forms, for interactions.
    #[serde(skip_serializing_if = "is_default")]
    pub interactions: InteractionsConfig,
    /// Texts and their networks, in the place of `scorer`, for questions and answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<AnswerConfig>,
    /// The choice among models.
    pub choice: ChoiceConfig,
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
            bag: 1,
            measure: "nDCG@10".into(),
            patience: 30,
            on_collapse: OnCollapse::default(),
            features: None,
            zero_based: false,
            normalization: Normalization::QueryMinmax,
            schedule: Schedule::default(),
            scorer: ScorerConfig::default(),
            trees: TreesConfig::default(),
            interactions: InteractionsConfig::default(),
            answers: None,
            choice: ChoiceConfig::default(),
            fit: FitConfig::default(),
            generator: GeneratorConfig::default(),
            discriminator: DiscriminatorConfig::default(),
        }
    }
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl TrainConfig {
    /// Returns the validation measure.
    ///
    /// # Errors
    /// When its name is not that of a measure.
    pub fn measure(&self) -> Result<Measure> {
        self.measure.parse()
    }

    /// Returns the settings with the weights of entropy and teacher that go with a measure as the reward: none. Those of presets
    /// belong to the discriminator's reward, which is on another scale.
    #[must_use]
    pub fn for_measure(self) -> Self {
        let generator = GeneratorConfig { entropy: 0.0, teacher: 0.0, ..self.generator };
        Self { generator, ..self }
    }

    /// Returns the valid settings that `change` makes of a `preset`; where they make a measure the reward, those that it makes of the
    /// preset [for a measure](Self::for_measure).
    ///
    /// # Errors
    /// When `change` has one, or a setting is out of range.
    ///
    /// ```
    /// use irgan::ranking::TrainConfig;
    ///
    /// let config = TrainConfig::changed(TrainConfig::default(), |preset| Ok(TrainConfig { seed: 7, ..preset }))?;
    /// assert_eq!(config.seed, 7);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn changed(preset: Self, change: impl Fn(Self) -> Result<Self>) -> Result<Self> {
        let mut config = change(preset.clone())?;
        if config.generator.reward.measure.is_some() {
            config = change(preset.for_measure())?;
        }
        config.validate()?;
        Ok(config)
    }

    /// Refuses settings that are out of range or contradict each other.
    ///
    /// # Errors
    /// When one is; the message names it.
    pub fn validate(&self) -> Result<()> {
        self.measure()?;
        require((1..=MOST_MODELS).contains(&self.bag), || {
            format!("`bag` must lie between 1 and {MOST_MODELS}")
        })?;
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
            require((0.0..=1e6).contains(&optimizer.historical_average), || {
                format!("{name}: `historical-average` must lie from 0 to 1e6")
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
        self.schedule.validate()?;
        self.scorer.validate()?;
        self.trees.validate()?;
        self.choice.validate()?;
        self.interactions.validate()?;
        self.answers.iter().try_for_each(AnswerConfig::validate)?;
        require(positive(generator.temperature) && positive(self.discriminator.temperature), || {
            "temperatures must be above 0".into()
        })?;
        require(unit(generator.lambda), || "lambda must lie in [0, 1]".into())?;
        require(unit(self.discriminator.uniform), || "the share of uniform draws must lie in [0, 1]".into())?;
        require(self.discriminator.margin.is_none_or(positive), || "the margin must be above 0".into())?;
        self.validate_divergence()?;
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
        let freezes = self.schedule.freeze_d.or(self.schedule.freeze_g).is_some();
        require(!(freezes && generator.learns_alone()), || {
            "`schedule.freeze-d` and `schedule.freeze-g` do not apply where a measure alone is the reward: there is no discriminator".into()
        })?;
        let replay = self.discriminator.replay;
        require((0.0..1.0).contains(&replay), || {
            format!("`discriminator.replay` must lie from 0 to below 1, found {replay}")
        })?;
        require(!(replay > 0.0 && generator.learns_alone()), || {
            "`discriminator.replay` does not apply where a measure alone is the reward: there is no discriminator".into()
        })?;
        generator.metric.validate()?;
        let exact = generator.estimator == Estimator::Exact && generator.reward.measure.is_none();
        require(!(exact && generator.baseline == Baseline::LeaveOneOut), || {
            "baseline leave-one-out needs independent draws: set `generator.estimator` to sampled, or `generator.baseline` to expected".into()
        })
    }

    /// Refuses a bag of models, which rankers of these `data` do not have.
    pub(in crate::ranking) fn refuse_bag(&self, data: &str) -> Result<()> {
        require(self.bag == 1, || {
            format!("`bag` is of feature vectors and texts: of {data} one model is trained; leave it out")
        })
    }

    /// Refuses historical averaging, which factors of ratings cannot have.
    pub(in crate::ranking) fn refuse_history(&self) -> Result<()> {
        let weights =
            [self.generator.optimizer.historical_average, self.discriminator.optimizer.historical_average];
        require(weights == [0.0; 2], || {
            "`historical-average` does not apply to ratings: a step moves the rows of a few users and items, and the mean of all the \
             others would have to follow it"
                .into()
        })
    }

    /// Refuses a divergence that the discriminator cannot have, or that the reward does not fit.
    fn validate_divergence(&self) -> Result<()> {
        let DiscriminatorConfig { divergence, margin, optimizer, label_smoothing, .. } = self.discriminator;
        divergence.check_bound(optimizer.weight_clip)?;
        divergence.check_smoothing(label_smoothing)?;
        let is_logistic = divergence == Divergence::LOGISTIC;
        require(is_logistic || margin.is_none(), || {
            format!(
                "a margin is that of the hinge loss, in the place of the divergence {divergence}: set one of \
                     `discriminator.margin` and `discriminator.divergence`"
            )
        })?;
        require(is_logistic || self.generator.reward_shape != RewardShape::Code, || {
            format!(
                "`generator.reward-shape` code is of the logistic loss, not of the divergence {divergence}: set paper or \
                     activation"
            )
        })
    }
}

/// More models only cost time.
pub(in crate::ranking) const MOST_MODELS: usize = 100;

/// More draws for one positive only cost memory.
const MOST_DRAWS: usize = 1 << 16;
