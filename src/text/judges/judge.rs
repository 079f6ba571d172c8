//! The judge of a training: the network (or measure) that its generator learns from, and nothing of the others.

use std::sync::{Arc, OnceLock};

use ndarray::Array2;

use super::cnn::SoftShown;
use super::examples::Shown;
use super::{
    BleuJudge, CnnJudge, PreparedLayers, Ranker, RivalScorer, SentenceFeatures, SentenceScorer, cnn,
    mediator, rival,
};
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::game::{JudgeStatistics, RewardSource, metric};
use crate::nn::{Initializer, Learner, Parameters, Precision, Tensor, TensorMut};
use crate::pathwise::Relaxation;
use crate::policy_gradient::Diagnostics;
use crate::seed::Stream;
use crate::text::exact::ExactReward;
use crate::text::fresh::fresh_member;
use crate::text::likelihood::{Examples, check_finite, likelihood_epoch};
use crate::text::models::{Ensemble, RecurrentModel, RelaxedModel, RelaxedSentences, RelaxedStep, Relaxing};
use crate::text::{AdversarialConfig, Credit, DiscriminatorConfig, JudgeKind, TextConfig, TextData};

/// The judge that a training uses, with its optimiser.
#[derive(Clone, Debug)]
pub enum Judge {
    /// Convolutional discriminator.
    Cnn {
        /// Network and the optimiser of its cross-entropy.
        learner: Box<Learner<CnnJudge>>,
        /// Precision in which it rewards.
        precision: Precision,
        /// Layers of the network while it stands still.
        prepared: OnceLock<Arc<PreparedLayers>>,
    },
    /// Ranker of sentences among others.
    Ranker(Box<Ranker>),
    /// Language model p_φ whose log-ratio to the generator is a discriminator's logit; with the optimiser of maximum
    /// likelihood in the pre-training, and that of the logistic loss in the game.
    Rival(Learner<RecurrentModel>),
    /// Language model of real and drawn sentences alike; its optimisers as a rival's.
    Mediator(Learner<RecurrentModel>),
    /// BLEU against the training sentences, which learns nothing.
    Bleu(BleuJudge),
    /// Ensemble of models of maximum likelihood, which stands still.
    Ensemble(Ensemble<RecurrentModel>),
}

/// Surroundings in which a judge learns: the settings, the real sentences and the generator as it is now.
#[derive(Clone, Copy, Debug)]
pub struct Classroom<'a> {
    /// Settings.
    pub config: &'a TextConfig,
    /// Real sentences.
    pub data: &'a TextData,
    /// Generator, which stands still.
    pub generator: &'a RecurrentModel,
}

/// Sentences of a generator that a judge learns from.
#[derive(Clone, Debug)]
pub enum Drawn {
    /// Whole tokens.
    Tokens(Sequences),
    /// So many sentences of soft draws, which each epoch draws anew by the rule.
    Soft(usize, Relaxing),
}

impl Classroom<'_> {
    /// Draws sentences for a discriminator, as many as are set, when this `share` of the generator's steps is made. They are
    /// soft where the generator's own are.
    pub fn draw(&self, share: f64, stream: Stream) -> Drawn {
        let count = self.config.discriminator.drawn_beside(self.data.train.len());
        match self.soft(share, stream) {
            Some(rule) => Drawn::Soft(count, rule),
            None => Drawn::Tokens(self.generator.draw(count, stream)),
        }
    }

    /// Returns the rule of soft draws, where the judge is shown such.
    fn soft(&self, share: f64, stream: Stream) -> Option<Relaxing> {
        let adversarial = &self.config.adversarial;
        let temperature = adversarial.gumbel.temperature.at(share);
        adversarial.draws_softly().then_some(Relaxing { relaxation: Relaxation::Soft, temperature, stream })
    }

    fn cuts_prefixes(&self) -> bool {
        self.config.adversarial.credit == Credit::Prefix
    }
}

impl Judge {
    /// Makes the judge that the settings name, before it has learnt anything; an ensemble of models with random weights.
    pub fn new(config: &TextConfig, data: &TextData) -> Self {
        let root = Stream::new(config.seed);
        match config.adversarial.judge {
            JudgeKind::Discriminator => {
                let mut rng = root.named("init discriminator").rng();
                let shape = &config.discriminator.network;
                let network = CnnJudge::new(shape, data.vocabulary_size, data.steps, &mut rng)
                    .minimising(config.discriminator.divergence)
                    .smoothing(config.discriminator.label_smoothing)
                    .learning_in(config.discriminator.learning_precision);
                let learner = Learner::new(network, config.discriminator.optimizer);
                Self::Cnn {
                    learner: Box::new(learner),
                    precision: config.discriminator.precision,
                    prepared: OnceLock::new(),
                }
            }
            JudgeKind::Ranker => {
                let mut rng = root.named("init discriminator").rng();
                let DiscriminatorConfig { network, optimizer, ranker, precision, .. } = &config.discriminator;
                let network = SentenceFeatures::new(network, data.vocabulary_size, data.steps, &mut rng)
                    .learning_in(config.discriminator.learning_precision);
                Self::Ranker(Box::new(Ranker::new(network, *optimizer, *ranker, &data.train, *precision)))
            }
            JudgeKind::Rival | JudgeKind::Mediator => {
                let mut rng = root.named("init rival").rng();
                let generator = &config.generator;
                let shape = data.shape(generator.cell, generator.embedding, generator.hidden);
                let model = RecurrentModel::new(&shape, Initializer::Normal(generator.deviation), &mut rng);
                let learner = Learner::new(model, config.mle.optimizer);
                match config.adversarial.judge {
                    JudgeKind::Mediator => Self::Mediator(learner),
                    _ => Self::Rival(learner),
                }
            }
            JudgeKind::Ensemble => {
                let members = (1..=config.ensemble.members).map(|member| fresh_member(config, data, member));
                Self::Ensemble(Ensemble::new(members.collect()))
            }
            JudgeKind::Bleu => Self::Bleu(BleuJudge::new(&data.train, data.end, data.unknown)),
            JudgeKind::Hierarchical | JudgeKind::Reward => {
                unreachable!("settings are checked: these judge pairs")
            }
        }
    }

    /// Returns false for a measure and an ensemble, which have no epochs.
    pub fn learns(&self) -> bool {
        !matches!(self, Self::Bleu(_) | Self::Ensemble(_))
    }

    /// Returns the gradient of the divergence of `policy` to this judge in the states of `sentences`, by the rewards of all
    /// next tokens; `None` for judges of whole sentences.
    pub fn exact_gradient(
        &self,
        policy: &RecurrentModel,
        sentences: &Sequences,
        rule: &AdversarialConfig,
        control: RewardSource,
        stream: Stream,
    ) -> Option<(RecurrentModel, Diagnostics)> {
        let AdversarialConfig { kl, reduction, entropy, .. } = *rule;
        match self {
            Self::Rival(learner) | Self::Mediator(learner) => {
                let rule = ExactReward { judge: learner.model(), kl, control, reduction, entropy };
                Some(rule.gradient(policy, sentences, stream))
            }
            Self::Ensemble(ensemble) => {
                let rule = ExactReward { judge: ensemble, kl, control, reduction, entropy };
                Some(rule.gradient(policy, sentences, stream))
            }
            Self::Cnn { .. } | Self::Ranker(_) | Self::Bleu(_) => None,
        }
    }

    /// Returns the pathwise gradient of this judge's loss, summed over `count` sentences that `policy` draws by the rule, with
    /// their judgements; `None` for judges without a gradient at their input.
    pub fn relaxed_gradient(
        &self,
        policy: &RecurrentModel,
        count: usize,
        rule: Relaxing,
    ) -> Option<(RecurrentModel, RelaxedStep)> {
        let Self::Cnn { learner, .. } = self else { return None };
        let judge = |drawn: &RelaxedSentences| learner.relaxed_gradient(drawn);
        Some(RelaxedModel::relaxed_gradient(policy, &vec![(); count], rule, judge))
    }

    /// Returns the number of steps of the pre-training: draws for a discriminator; for a rival the epochs of maximum
    /// likelihood that were best for the generator, 0 when that is not known.
    pub fn pretraining_steps(&self, config: &TextConfig, best_epoch: usize) -> usize {
        match self {
            Self::Cnn { .. } | Self::Ranker(_) => config.discriminator.pretrain_draws,
            Self::Rival(_) | Self::Mediator(_) if best_epoch > 0 => best_epoch,
            Self::Rival(_) | Self::Mediator(_) => config.mle.epochs,
            Self::Bleu(_) | Self::Ensemble(_) => 0,
        }
    }

    /// Takes step `step` (from 1) of the pre-training, with streams below `root`, and returns what is reported of it;
    /// `evaluation` draws the sentences that the judge is measured on.
    ///
    /// # Errors
    /// When a number stops being finite.
    pub fn pretrain(
        &mut self,
        step: usize,
        room: Classroom<'_>,
        root: Stream,
        evaluation: Stream,
    ) -> Result<Vec<(&'static str, f64)>> {
        match self {
            Self::Cnn { .. } | Self::Ranker(_) => {
                let stream = root.named("pretrain").at(step as u64);
                let drawn = room.draw(0.0, stream.named("draw"));
                let mut seen = JudgeStatistics::default();
                for epoch in 0..room.config.discriminator.epochs {
                    seen = self.epoch(room, &drawn, stream.at(epoch as u64))?;
                }
                let JudgeStatistics { accuracy, loss, calibration } = seen;
                let mut metrics =
                    vec![(metric::D_LOSS, loss.unwrap_or_default()), (metric::D_ACCURACY, accuracy)];
                metrics.extend(calibration.map(|calibration| (metric::D_CALIBRATION, calibration)));
                metrics.extend(self.held_out_statistics(room, evaluation));
                Ok(metrics)
            }
            Self::Rival(rival) | Self::Mediator(rival) => {
                let Classroom { config, data, .. } = room;
                let stream = root.named("rival").at(step as u64);
                let contexts = vec![(); data.train.len()];
                let examples = Examples { contexts: &contexts, sentences: &data.train };
                let loss =
                    likelihood_epoch(rival, examples, &config.mle, config.mle.sampling_in(step), stream)?;
                Ok(vec![(metric::NLL_TRAIN, loss), (metric::NLL_VALID, rival.nll(&data.valid))])
            }
            Self::Bleu(_) | Self::Ensemble(_) => Ok(vec![]),
        }
    }

    /// Passes once over real sentences and those `drawn` from the generator, in a new order.
    ///
    /// # Errors
    /// When a number stops being finite.
    pub fn epoch(&mut self, room: Classroom<'_>, drawn: &Drawn, stream: Stream) -> Result<JudgeStatistics> {
        let batch = room.config.discriminator.batch;
        let drawn = match (&mut *self, drawn) {
            (_, Drawn::Tokens(drawn)) => drawn,
            (Self::Cnn { learner, prepared, .. }, &Drawn::Soft(count, rule)) => {
                *prepared = OnceLock::new();
                let shown = SoftShown { real: &room.data.train, generator: room.generator, count, rule };
                let seen = cnn::train_soft_epoch(learner, shown, batch, stream);
                self.check(seen.loss.unwrap_or_default())?;
                return Ok(seen);
            }
            _ => unreachable!("settings are checked: the discriminator is shown soft sentences"),
        };
        if let Self::Ranker(ranker) = self {
            let seen = ranker.epoch(drawn, batch, stream);
            self.check(seen.loss.unwrap_or_default())?;
            return Ok(seen);
        }
        let shown = Shown::new(&room.data.train, drawn, stream);
        let seen = match self {
            Self::Cnn { learner, prepared, .. } => {
                *prepared = OnceLock::new();
                cnn::train_epoch(learner, &shown, batch, room.cuts_prefixes(), stream)
            }
            Self::Rival(learner) => {
                let in_context = |(sentences, labels): (Sequences, Vec<bool>)| {
                    (vec![(); sentences.len()], sentences, labels)
                };
                rival::train_epoch(learner, room.generator, shown.batches(batch, 1).map(in_context))
            }
            Self::Mediator(learner) => {
                mediator::train_epoch(learner, room.generator, shown.batches(batch, 1))
            }
            Self::Ranker(_) | Self::Bleu(_) | Self::Ensemble(_) => JudgeStatistics::default(),
        };
        self.check(seen.loss.unwrap_or_default())?;
        Ok(seen)
    }

    /// Makes many judgements fast until the judge learns again; `stream` draws the sentences that a ranker compares with.
    pub fn freeze(&self, stream: Stream) {
        if let Self::Ranker(ranker) = self {
            ranker.freeze(stream);
        }
        if let Self::Cnn { learner, precision, prepared } = self {
            prepared.get_or_init(|| Arc::new(learner.prepare(*precision)));
        }
    }

    /// Returns the accuracy of a discriminator or a ranker on held-out sentences and as many fresh ones, which it was not shown; `None`
    /// for other judges.
    pub fn held_out_statistics(
        &self,
        room: Classroom<'_>,
        evaluation: Stream,
    ) -> Option<(&'static str, f64)> {
        let Classroom { config, data, generator } = room;
        let count = data.valid.len().min(config.evaluation.sentences);
        if let Self::Ranker(ranker) = self {
            let drawn = generator.draw(count, evaluation.named("held out"));
            let real = data.valid.select(&(0..count).collect::<Vec<_>>());
            let accuracy = ranker.held_out_accuracy(&real, &drawn, evaluation.named("compared"));
            return Some((metric::D_HELD_OUT, accuracy));
        }
        let Self::Cnn { learner, .. } = self else { return None };
        if let Some(rule) = room.soft(1.0, evaluation.named("held out")) {
            let drawn = generator.draw_relaxed(&vec![(); count], rule);
            let real = data.valid.select(&(0..count).collect::<Vec<_>>());
            return Some((metric::D_HELD_OUT, cnn::soft_accuracy(learner.model(), &real, &drawn)));
        }
        let drawn = generator.draw(count, evaluation.named("held out"));
        let real = data.valid.select(&(0..count).collect::<Vec<_>>());
        let accuracy = cnn::held_out_accuracy(learner.model(), real, drawn, room.cuts_prefixes(), evaluation);
        Some((metric::D_HELD_OUT, accuracy))
    }

    /// Ends the pre-training: gives a rival the optimiser of the game, at its start. The optimiser of a discriminator is
    /// one for both.
    pub fn begin_game(&mut self, config: &TextConfig) {
        if let Self::Rival(learner) | Self::Mediator(learner) = self {
            *learner = Learner::new(learner.model().clone(), config.discriminator.rival);
        }
    }

    /// Sets the optimiser to that of the game, with its learning rate times `rate`; its state stays.
    pub fn set_game_optimizer(&mut self, config: &TextConfig, rate: f32) {
        match self {
            Self::Cnn { learner, .. } => learner.set_optimizer(config.discriminator.optimizer.scaled(rate)),
            Self::Ranker(ranker) => ranker.set_optimizer(config.discriminator.optimizer.scaled(rate)),
            Self::Rival(learner) | Self::Mediator(learner) => {
                learner.set_optimizer(config.discriminator.rival.scaled(rate));
            }
            Self::Bleu(_) | Self::Ensemble(_) => {}
        }
    }

    /// Refuses a `value` (a loss or a reward) or weights that are not finite.
    ///
    /// # Errors
    /// When one is not; the message names the setting of the learning rate.
    pub fn check(&self, value: f64) -> Result<()> {
        match self {
            Self::Cnn { learner, .. } => {
                check_finite(value, learner.model(), "discriminator", "discriminator.optimizer.learning-rate")
            }
            Self::Ranker(ranker) => {
                let network = ranker.learner().model();
                check_finite(value, network, "ranker", "discriminator.optimizer.learning-rate")
            }
            Self::Rival(learner) | Self::Mediator(learner) => {
                check_finite(value, learner.model(), "rival", "discriminator.rival.learning-rate")
            }
            Self::Ensemble(ensemble) => {
                check_finite(value, ensemble, "ensemble", "mle.optimizer.learning-rate")
            }
            Self::Bleu(_) => Ok(()),
        }
    }
}

impl SentenceScorer<RecurrentModel> for Judge {
    fn score(&self, contexts: &[()], sentences: &Sequences) -> Vec<f32> {
        match self {
            Self::Cnn { learner, prepared, .. } => {
                learner.judgements(sentences, prepared.get().map(|layers| &**layers))
            }
            Self::Ranker(ranker) => ranker.log_ranks(sentences),
            Self::Rival(learner) | Self::Mediator(learner) => {
                SentenceScorer::<RecurrentModel>::score(&RivalScorer(learner.model()), contexts, sentences)
            }
            Self::Ensemble(ensemble) => {
                SentenceScorer::<RecurrentModel>::score(&RivalScorer(ensemble), contexts, sentences)
            }
            Self::Bleu(bleu) => SentenceScorer::<RecurrentModel>::score(bleu, contexts, sentences),
        }
    }

    fn score_tokens(
        &self,
        policy: &RecurrentModel,
        contexts: &[()],
        sentences: &Sequences,
    ) -> Option<Array2<f32>> {
        match self {
            Self::Rival(learner) | Self::Mediator(learner) => {
                RivalScorer(learner.model()).score_tokens(policy, contexts, sentences)
            }
            Self::Ensemble(ensemble) => RivalScorer(ensemble).score_tokens(policy, contexts, sentences),
            Self::Cnn { .. } | Self::Ranker(_) | Self::Bleu(_) => None,
        }
    }
}

impl Parameters for Judge {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        match self {
            Self::Cnn { learner, .. } => learner.tensors(),
            Self::Ranker(ranker) => ranker.tensors(),
            Self::Rival(learner) | Self::Mediator(learner) => learner.tensors(),
            Self::Ensemble(ensemble) => ensemble.tensors(),
            Self::Bleu(_) => vec![],
        }
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        match self {
            Self::Cnn { learner, prepared, .. } => {
                *prepared = OnceLock::new();
                learner.tensors_mut()
            }
            Self::Ranker(ranker) => ranker.tensors_mut(),
            Self::Rival(learner) | Self::Mediator(learner) => learner.tensors_mut(),
            Self::Ensemble(ensemble) => ensemble.tensors_mut(),
            Self::Bleu(_) => vec![],
        }
    }
}
