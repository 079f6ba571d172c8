//! Subject of a game of language models: all that differs between games of sentences and games of answers.

use super::config::AdversarialConfig;
use super::judges::SentenceScorer;
use super::models::LanguageModel;
use super::state::GameState;
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::game::{JudgeStatistics, Position, Replay, RewardSource};
use crate::nn::Parameters;
use crate::policy_gradient::Diagnostics;
use crate::seed::Stream;

/// Context of the sentences of a subject.
pub(super) type ContextOf<S> = <<S as Subject>::Model as LanguageModel>::Context;
/// Gradient of the generator of a subject.
pub(super) type GradientOf<S> = <<S as Subject>::Model as LanguageModel>::Gradient;
/// State of a game about a subject.
pub(super) type StateOf<S> = GameState<<S as Subject>::Model, <S as Subject>::Judge>;

/// Sentences with the context of each.
#[derive(Clone, Debug)]
pub(super) struct InContext<C> {
    /// Contexts: `[N]`.
    pub contexts: Vec<C>,
    /// Sentences: `[N, T]`.
    pub sentences: Sequences,
}

/// Data, judge and measurements of a game of language models. [`TextPlayers`](super::game::TextPlayers) plays it.
pub(super) trait Subject {
    /// Generator.
    type Model: LanguageModel + Parameters;
    /// Judge of its sentences.
    type Judge: SentenceScorer<Self::Model> + Parameters;
    /// Sentences drawn for the epochs of the judge, with what they are compared to.
    type Lesson;

    /// Returns the settings of the game.
    fn rules(&self) -> &AdversarialConfig;

    /// Chooses the contexts of a generator step, one a sentence; equal neighbours are a group, whose rewards are compared.
    fn contexts(&self, stream: Stream) -> Vec<ContextOf<Self>>;

    /// Chooses `count` real sentences at most.
    fn real(&self, count: usize, stream: Stream) -> InContext<ContextOf<Self>>;

    /// Draws the sentences of an evaluation.
    fn sample(&self, generator: &Self::Model, stream: Stream) -> Sequences;

    /// Measures the generator, on sentences drawn by `stream`.
    fn measure(&self, generator: &Self::Model, stream: Stream) -> Vec<(&'static str, f64)>;

    /// Returns the negative log-likelihood below which an oracle says that the generator has collapsed.
    fn floor(&self) -> Option<f64> {
        None
    }

    /// Returns false for a judge without epochs.
    fn learns(&self, judge: &Self::Judge) -> bool;

    /// Draws sentences for the epochs of the judge when this `share` of the generator's steps is made.
    fn draw_for_judge(&self, generator: &Self::Model, share: f64, stream: Stream) -> Self::Lesson;

    /// Puts sentences of earlier rounds in the place of some of a lesson; returns it with the buffer after it.
    ///
    /// # Panics
    /// Without such a buffer; settings are checked.
    fn replayed(&self, _replay: &Replay, _lesson: Self::Lesson, _stream: Stream) -> (Self::Lesson, Replay) {
        unreachable!("settings are checked: this game has a buffer of earlier draws")
    }

    /// Makes one pass of the judge over a lesson.
    ///
    /// # Errors
    /// When a number stops being finite.
    fn judge_epoch(
        &self,
        judge: &mut Self::Judge,
        generator: &Self::Model,
        lesson: &Self::Lesson,
        stream: Stream,
    ) -> Result<JudgeStatistics>;

    /// Prepares many judgements of a turn of the generator.
    fn prepare(&self, judge: &Self::Judge, at: Position);

    /// Returns measures of the judge on examples that it was not shown.
    fn held_out(
        &self,
        judge: &Self::Judge,
        generator: &Self::Model,
        stream: Stream,
    ) -> Vec<(&'static str, f64)>;

    /// Refuses a `value`, a loss or a reward, or weights of the judge that are not finite.
    ///
    /// # Errors
    /// When one is not.
    fn check_judge(&self, judge: &Self::Judge, value: f64) -> Result<()>;

    /// Sets the learning rate of the judge to that of its settings times `rate`.
    fn scale_judge_rate(&self, judge: &mut Self::Judge, rate: f32);

    /// Lets the critic learn before a step of the generator.
    ///
    /// # Errors
    /// When a number stops being finite.
    ///
    /// # Panics
    /// Without a critic; settings are checked.
    fn critic_steps(&self, _state: &mut StateOf<Self>, _at: Position, _stream: Stream) -> Result<()>
    where
        Self: Sized,
    {
        unreachable!("settings are checked: this game has a critic")
    }

    /// Returns the exact gradient of a divergence, by the rewards of all next tokens.
    ///
    /// # Panics
    /// When the judge has no reward of all tokens; settings are checked.
    fn exact_step(
        &self,
        _state: &StateOf<Self>,
        _reward: RewardSource,
        _stream: Stream,
    ) -> (GradientOf<Self>, Diagnostics)
    where
        Self: Sized,
    {
        unreachable!("settings are checked: this judge has rewards of all tokens")
    }

    /// Returns the pathwise gradient through sentences relaxed at `temperature` and the judge's input.
    ///
    /// # Panics
    /// When the judge has no gradient at its input; settings are checked.
    fn relaxed_step(
        &self,
        _state: &StateOf<Self>,
        _temperature: f32,
        _stream: Stream,
    ) -> (GradientOf<Self>, Diagnostics)
    where
        Self: Sized,
    {
        unreachable!("settings are checked: this judge has a gradient at its input")
    }
}
