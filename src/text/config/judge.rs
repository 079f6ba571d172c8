//! Settings of the judge.

use serde::{Deserialize, Serialize};

use super::ranker::RankerConfig;
use crate::error::{Result, require};
use crate::game::Divergence;
use crate::nn::{Filters, OptimizerConfig, Precision, Rule};
use crate::text::credit::Credit;
use crate::text::judges::CnnShape;

/// Judge of sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum JudgeKind {
    /// Convolutional discriminator.
    #[default]
    Discriminator,
    /// BLEU against the training sentences (PG-BLEU).
    Bleu,
    /// Second language model, the rival: trained on the real sentences from other initial weights, then as a discriminator
    /// whose logit is the log-ratio of its likelihood to the generator's.
    Rival,
    /// Second language model, the mediator: trained by the likelihood of real and drawn sentences alike, whose mixture it
    /// estimates (CoT; Lu et al., 2019).
    Mediator,
    /// Ranker of sentences among others by their likeness to real references (RankGAN; Lin et al., 2017).
    Ranker,
    /// Fixed ensemble of models of maximum likelihood, the generator's start among them.
    Ensemble,
    /// Hierarchical encoder of a source and its answer, with a binary head (pairs only).
    Hierarchical,
    /// Hand-made rewards of answers (pairs only).
    Reward,
}

impl JudgeKind {
    /// Returns true for judges that are language models, which have a reward of every token.
    pub fn is_language_model(self) -> bool {
        matches!(self, Self::Rival | Self::Mediator | Self::Ensemble)
    }

    /// Returns true for networks that tell real sentences from others.
    pub fn is_discriminator(self) -> bool {
        matches!(self, Self::Discriminator | Self::Hierarchical)
    }

    /// Returns true for judges that have epochs in a game.
    pub fn learns(self) -> bool {
        !matches!(self, Self::Bleu | Self::Ensemble | Self::Reward)
    }

    /// Returns true for judges that look at the source of an answer.
    pub fn is_of_pairs(self) -> bool {
        matches!(self, Self::Hierarchical | Self::Reward)
    }

    /// Returns the usual way to share a judgement out over the tokens: the rival's own reward of each token, an ensemble's
    /// rewards of all tokens, rollouts for judges of whole sentences.
    pub fn usual_credit(self) -> Credit {
        match self {
            Self::Rival => Credit::Token,
            Self::Mediator | Self::Ensemble => Credit::Exact,
            Self::Discriminator | Self::Bleu | Self::Ranker | Self::Hierarchical => Credit::Rollouts,
            Self::Reward => Credit::Sentence,
        }
    }
}

/// Settings of the judge and of its pre-training, the second phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DiscriminatorConfig {
    /// Network of a discriminator, or of a ranker's features.
    pub network: CnnShape,
    /// Comparison of a ranker.
    pub ranker: RankerConfig,
    /// Divergence between real and drawn sentences that a discriminator minimises.
    #[serde(skip_serializing_if = "Divergence::is_logistic")]
    pub divergence: Divergence,
    /// Share ε of one-sided label smoothing: a real sentence is real with 1 − ε only.
    pub label_smoothing: f32,
    /// Precision in which a discriminator or a ranker rewards.
    #[serde(skip_serializing_if = "Precision::is_single")]
    pub precision: Precision,
    /// Precision of the products by which a discriminator or a ranker learns.
    #[serde(skip_serializing_if = "Precision::is_single")]
    pub learning_precision: Precision,
    /// Share of the drawn sentences of an epoch that were drawn in earlier rounds.
    pub replay: f32,
    /// Optimiser of a discriminator or a ranker.
    pub optimizer: OptimizerConfig,
    /// Optimiser of a rival's logistic loss, or of a mediator's likelihood.
    pub rival: OptimizerConfig,
    /// Sentences in a mini-batch.
    pub batch: usize,
    /// Draws from the generator that a discriminator or a ranker is pre-trained on.
    pub pretrain_draws: usize,
    /// Epochs over real and drawn sentences after each draw of the pre-training.
    pub epochs: usize,
    /// Sentences drawn at a time, and shown with as many real ones; 0 for as many as are real.
    pub sentences: usize,
}

impl DiscriminatorConfig {
    /// Returns the number of sentences that are drawn at a time, to be shown beside those of so many `real` ones.
    pub(in crate::text) fn drawn_beside(&self, real: usize) -> usize {
        if self.sentences == 0 { real } else { self.sentences.min(real) }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// When one is out of range, or `judge` cannot minimise the divergence.
    pub fn validate(&self, judge: JudgeKind) -> Result<()> {
        let Self { divergence, optimizer, .. } = *self;
        self.network.validate()?;
        self.ranker.validate()?;
        divergence.check_bound(optimizer.weight_clip)?;
        divergence.check_smoothing(self.label_smoothing)?;
        require(self.label_smoothing == 0.0 || judge.is_discriminator(), || {
            "`discriminator.label-smoothing` does not apply to this judge: a rival and a mediator would estimate another \
             distribution than that of the real sentences, a ranker compares sentences and has no labels, and the others learn from none; \
             choose discriminator or, of pairs, hierarchical"
                .into()
        })?;
        for (setting, precision) in self.precisions() {
            let applies = matches!(judge, JudgeKind::Discriminator | JudgeKind::Ranker);
            require(precision.is_single() || applies, || {
                format!("`{setting}` applies to the judges discriminator and ranker alone: leave it f32")
            })?;
        }
        self.validate_replay(judge)?;
        self.validate_comparing(judge)?;
        optimizer.validate()?;
        self.rival.validate()?;
        require(divergence.is_logistic() || judge != JudgeKind::Rival, || {
            format!(
                "divergence {divergence}: the output of a rival is a log-ratio of likelihoods, that of js; choose the judge \
                 discriminator or, of pairs, hierarchical"
            )
        })?;
        require(divergence.is_logistic() || judge.is_discriminator(), || {
            format!(
                "divergence {divergence}: this judge minimises none; choose discriminator or, of pairs, hierarchical"
            )
        })
    }

    /// Returns the precisions with the names of their settings.
    pub(in crate::text) fn precisions(&self) -> [(&'static str, Precision); 2] {
        [
            ("discriminator.precision", self.precision),
            ("discriminator.learning-precision", self.learning_precision),
        ]
    }

    /// Checks that the judge may compare the sentences of a batch, where it does.
    fn validate_comparing(&self, judge: JudgeKind) -> Result<()> {
        let names = "`discriminator.network.batch-norm` and `discriminator.network.minibatch`";
        require(!self.network.compares() || judge == JudgeKind::Discriminator, || {
            format!(
                "{names} are layers of the convolutional discriminator: they do not apply to this judge; choose the judge discriminator"
            )
        })?;
        require(!self.network.compares() || self.batch > 1, || {
            format!(
                "{names} compare the sentences of a batch: `discriminator.batch` of 1 has none to compare; set 2 or more"
            )
        })?;
        let has_history = self.optimizer.historical_average > 0.0;
        require(self.network.minibatch.is_none() || !has_history, || {
            "`discriminator.network.minibatch` does not go with `historical-average`: the sentences that it compares with are kept beside the \
             weights, and have no mean"
                .into()
        })
    }

    /// Checks that the judge may be shown sentences of earlier rounds, where it is.
    fn validate_replay(&self, judge: JudgeKind) -> Result<()> {
        require((0.0..1.0).contains(&self.replay), || {
            format!("`discriminator.replay` must lie from 0 to below 1, found {}", self.replay)
        })?;
        let refused = |reason: &str| {
            require(self.replay == 0.0, || format!("`discriminator.replay` does not apply to {reason}"))
        };
        match judge {
            JudgeKind::Rival => refused(
                "the rival, whose logit is a log-ratio to the generator as it is now: drawn sentences must be that generator's own; \
                 choose discriminator, ranker or mediator",
            ),
            _ if !judge.learns() => refused("a judge that stands still, and is shown nothing"),
            _ => Ok(()),
        }
    }
}

impl Default for DiscriminatorConfig {
    fn default() -> Self {
        let filter = |(width, count)| Filters { width, count };
        let filters = [(1, 32), (2, 64), (3, 64), (4, 32), (5, 32)].map(filter).to_vec();
        Self {
            network: CnnShape {
                embedding: 32,
                filters,
                highway: true,
                dropout: 0.25,
                l2: 0.2,
                batch_norm: false,
                minibatch: None,
            },
            ranker: RankerConfig::default(),
            divergence: Divergence::LOGISTIC,
            label_smoothing: 0.0,
            precision: Precision::F32,
            learning_precision: Precision::F32,
            replay: 0.0,
            optimizer: OptimizerConfig { rule: Rule::Adam, learning_rate: 1e-3, ..Default::default() },
            rival: OptimizerConfig { rule: Rule::Adam, learning_rate: 1e-4, ..Default::default() },
            batch: 64,
            pretrain_draws: 5,
            epochs: 1,
            sentences: 0,
        }
    }
}
