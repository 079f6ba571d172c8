//! Settings of the published code.

use super::{
    AdversarialConfig, DiscriminatorConfig, EnsembleConfig, EvaluationConfig, GeneratorConfig,
    GeneratorGradient, GumbelConfig, JudgeKind, MleConfig, RankerConfig, TeacherReward, TextConfig,
};
use crate::game::{Divergence, OnCollapse, RewardSource, Schedule};
use crate::nn::{Clip, Filters, OptimizerConfig, Precision, Rule};
use crate::policy_gradient::{Baseline, Reduction};
use crate::text::credit::Credit;
use crate::text::critic::CriticConfig;
use crate::text::exact::{Kl, Prefixes};
use crate::text::judges::CnnShape;
use crate::text::reward_form::RewardForm;

impl TextConfig {
    /// Returns the settings of the published code (SeqGAN, AAAI 2017).
    pub(super) fn authors() -> Self {
        let counts = [100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160];
        let widths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20];
        let filters = widths.into_iter().zip(counts).map(|(width, count)| Filters { width, count }).collect();
        let clipped = OptimizerConfig {
            rule: Rule::Adam,
            learning_rate: 0.01,
            weight_decay: 0.0,
            clip: Clip::Norm(5.0),
            ..OptimizerConfig::default()
        };
        Self {
            seed: 0,
            generator: GeneratorConfig::default(),
            mle: MleConfig {
                optimizer: clipped,
                batch: 64,
                epochs: 120,
                patience: 0,
                dropout: 0.0,
                sampling: 0.0,
                anneal: 1.0,
            },
            ensemble: EnsembleConfig { members: 1, ..EnsembleConfig::default() },
            discriminator: DiscriminatorConfig {
                network: CnnShape {
                    embedding: 64,
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
                optimizer: OptimizerConfig { learning_rate: 1e-4, ..Default::default() },
                rival: OptimizerConfig { learning_rate: 1e-4, ..Default::default() },
                batch: 64,
                pretrain_draws: 50,
                epochs: 3,
                sentences: 0,
            },
            adversarial: AdversarialConfig {
                schedule: Schedule {
                    rounds: 200,
                    d_epochs: 15,
                    redraw_every: 3,
                    g_epochs: 1,
                    d_first: false,
                    freeze_d: None,
                    freeze_g: None,
                },
                optimizer: clipped,
                batch: 64,
                gradient: GeneratorGradient::default(),
                gumbel: GumbelConfig::default(),
                judge: JudgeKind::Discriminator,
                credit: Credit::Rollouts,
                kl: Kl::default(),
                prefixes: Prefixes::default(),
                rollouts: 16,
                rollout_rate: 0.8,
                target_rate: 0.0,
                critic: CriticConfig::default(),
                baseline: Baseline::None,
                reduction: Reduction::Sum,
                reward: RewardSource::Discriminator,
                reward_form: RewardForm::default(),
                entropy: 0.0,
                teacher: 0.0,
                teacher_reward: TeacherReward::One,
                evaluate_every: 5,
                on_collapse: OnCollapse::default(),
            },
            evaluation: EvaluationConfig::default(),
        }
    }
}
