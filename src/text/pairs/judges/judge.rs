//! The judge of a game of pairs.

use ndarray::Array2;

use super::{HierarchicalJudge, Lesson, PairClassifier as _, PairCnn, RewardJudge, train_epoch};
use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::game::JudgeStatistics;
use crate::nn::{Learner, Parameters, Tensor, TensorMut};
use crate::seed::Stream;
use crate::text::judges::{RivalScorer, SentenceScorer, train_rival_epoch};
use crate::text::likelihood::check_finite;
use crate::text::models::LanguageModel;
use crate::text::{Credit, DiscriminatorConfig};

/// The judge that a game of pairs uses, with its optimiser.
#[derive(Clone, Debug)]
pub enum PairJudge<M> {
    /// Hierarchical discriminator.
    Hierarchical(Box<Learner<HierarchicalJudge>>),
    /// Convolutional discriminator.
    Cnn(Box<Learner<PairCnn>>),
    /// Second encoder–decoder, whose log-ratio to the generator is a discriminator's logit.
    Rival(Box<Learner<M>>),
    /// Hand-made rewards, which learn nothing.
    Reward(Box<RewardJudge<M>>),
}

impl<M: LanguageModel<Context = Source> + Parameters> PairJudge<M> {
    /// Passes once over a lesson; a rival compares itself with the `generator`.
    ///
    /// # Errors
    /// When a number stops being finite.
    pub(in crate::text::pairs) fn epoch(
        &mut self,
        lesson: &Lesson,
        generator: &M,
        settings: &DiscriminatorConfig,
        credit: Credit,
        stream: Stream,
    ) -> Result<JudgeStatistics> {
        let prefixes = credit == Credit::Prefix;
        let seen = match self {
            Self::Hierarchical(learner) => train_epoch(learner, lesson, settings.batch, prefixes, stream),
            Self::Cnn(learner) => train_epoch(learner, lesson, settings.batch, prefixes, stream),
            Self::Rival(learner) => {
                let batches = lesson.batches(settings.batch, stream).into_iter();
                let batches = batches.map(|(pairs, labels)| (pairs.sources, pairs.answers, labels));
                train_rival_epoch(learner, generator, batches)
            }
            Self::Reward(_) => JudgeStatistics::default(),
        };
        self.check(seen.loss.unwrap_or_default())?;
        Ok(seen)
    }

    /// Returns false for a judge without epochs.
    pub fn learns(&self) -> bool {
        match self {
            Self::Hierarchical(_) | Self::Cnn(_) | Self::Rival(_) => true,
            Self::Reward(_) => false,
        }
    }

    /// Sets the learning rate to that of the settings times `rate`; the optimiser's state stays.
    pub fn scale_rate(&mut self, settings: &DiscriminatorConfig, rate: f32) {
        match self {
            Self::Hierarchical(learner) => learner.set_optimizer(settings.optimizer.scaled(rate)),
            Self::Cnn(learner) => learner.set_optimizer(settings.optimizer.scaled(rate)),
            Self::Rival(learner) => learner.set_optimizer(settings.rival.scaled(rate)),
            Self::Reward(_) => {}
        }
    }

    /// Refuses a `value` (a loss or a reward) or weights that are not finite.
    ///
    /// # Errors
    /// When one is not; the message names the setting of the learning rate.
    pub fn check(&self, value: f64) -> Result<()> {
        let rate = "discriminator.optimizer.learning-rate";
        match self {
            Self::Hierarchical(learner) => check_finite(value, learner.model(), "discriminator", rate),
            Self::Cnn(learner) => check_finite(value, learner.model(), "discriminator", rate),
            Self::Rival(learner) => {
                check_finite(value, learner.model(), "rival", "discriminator.rival.learning-rate")
            }
            Self::Reward(judge) => check_finite(value, &judge.forward, "hand-made reward", rate),
        }
    }
}

impl<M: LanguageModel<Context = Source> + Parameters> SentenceScorer<M> for PairJudge<M> {
    fn score(&self, sources: &[Source], answers: &Sequences) -> Vec<f32> {
        match self {
            Self::Hierarchical(learner) => learner.judgements(sources, answers),
            Self::Cnn(learner) => learner.judgements(sources, answers),
            Self::Rival(learner) => {
                SentenceScorer::<M>::score(&RivalScorer(learner.model()), sources, answers)
            }
            Self::Reward(judge) => judge.rewards(sources, answers),
        }
    }

    fn score_tokens(&self, policy: &M, sources: &[Source], answers: &Sequences) -> Option<Array2<f32>> {
        match self {
            Self::Rival(learner) => RivalScorer(learner.model()).score_tokens(policy, sources, answers),
            Self::Reward(judge) => {
                let whole = judge.conversation(policy, sources, answers);
                Some(Array2::from_shape_fn(answers.tokens().raw_dim(), |(row, _)| whole[row]))
            }
            _ => None,
        }
    }

    fn score_prefixes(&self, sources: &[Source], answers: &Sequences) -> Option<Array2<f32>> {
        match self {
            Self::Hierarchical(learner) => learner.prefix_judgements(sources, answers),
            Self::Cnn(learner) => learner.prefix_judgements(sources, answers),
            Self::Rival(_) | Self::Reward(_) => None,
        }
    }
}

impl<M: Parameters> Parameters for PairJudge<M> {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        match self {
            Self::Hierarchical(learner) => learner.tensors(),
            Self::Cnn(learner) => learner.tensors(),
            Self::Rival(learner) => learner.tensors(),
            Self::Reward(_) => vec![],
        }
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        match self {
            Self::Hierarchical(learner) => learner.tensors_mut(),
            Self::Cnn(learner) => learner.tensors_mut(),
            Self::Rival(learner) => learner.tensors_mut(),
            Self::Reward(_) => vec![],
        }
    }
}
