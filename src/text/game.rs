//! The game of a generator of sentences and its judge: rounds of generator steps and judge epochs (SeqGAN, Yu et al., AAAI
//! 2017, algorithm 1).

use ndarray::{Array2, ArrayView1, s};

use super::config::{GeneratorGradient, TeacherReward};
use super::credit::{Credit, CreditedReward};
use super::judges::SentenceScorer;
use super::likelihood::check_finite;
use super::models::LanguageModel;
use super::subject::{GradientOf, InContext, StateOf, Subject};
use crate::data::sentences::Sequences;
use crate::error::{Error, Result};
use crate::evaluation::text::distinct_tokens;
use crate::event::Listener;
use crate::game::{
    self, Checkpoints, Examination, JudgeStatistics, Players, Position, Replay, RewardSource, Round, Rules,
    generator_metrics, metric,
};
use crate::nn::Gradient as _;
use crate::policy_gradient::{Diagnostics, policy_gradient};
use crate::seed::Stream;
use crate::team::Team;

/// Name of a game, its reward, its randomness, and what it is kept and shown by.
pub(super) struct Playing<'a> {
    /// Name in logs and of the checkpoint.
    pub name: &'a str,
    /// Reward of the generator: the judge's, or a placebo.
    pub reward: RewardSource,
    /// Stream of the game.
    pub stream: Stream,
    /// Stream of every evaluation.
    pub evaluation: Stream,
    /// Checkpoints of the training.
    pub checkpoints: &'a Checkpoints,
    /// Processes that share the work.
    pub team: Team,
    /// Listener of the rounds.
    pub listener: &'a mut dyn Listener,
    /// Signs of collapse of all games so far; those of this one are added.
    pub collapses: &'a mut Vec<String>,
}

/// Plays a game about `subject` from `start` and returns its generator.
///
/// # Errors
/// When a number stops being finite, a checkpoint cannot be read or written, or the training was asked to stop.
pub(super) fn play<S: Subject>(subject: &S, start: &StateOf<S>, playing: Playing<'_>) -> Result<S::Model> {
    let Playing { name, reward, stream, evaluation, checkpoints, team, listener, collapses } = playing;
    let settings = subject.rules();
    let rules = Rules {
        phase: name,
        schedule: settings.schedule,
        on_collapse: settings.on_collapse,
        patience: usize::MAX,
        reward_changes: reward != RewardSource::Constant,
    };
    let drawn = subject.sample(start.generator.model(), evaluation);
    let diversity = distinct_tokens(&drawn.iter().collect::<Vec<_>>());
    let mut players =
        TextPlayers { subject, reward, stream, evaluation, team, diversity, lesson: None, next_replay: None };
    let result = game::play(&mut players, (start.clone(), ()), &rules, checkpoints, listener)?;
    if let Some(failure) = result.failure {
        return Err(Error::NonFinite(failure));
    }
    collapses.extend(result.collapses.iter().map(|collapse| format!("{name}: {collapse}")));
    Ok(result.last.generator.into_model())
}

/// Players of a game of texts: what they play with, and the sentences of the judge's turn.
pub(super) struct TextPlayers<'a, S: Subject> {
    subject: &'a S,
    reward: RewardSource,
    stream: Stream,
    evaluation: Stream,
    diversity: usize, // distinct tokens in sentences drawn before the game
    team: Team,
    lesson: Option<S::Lesson>,   // of the judge's turn
    next_replay: Option<Replay>, // after the lesson
}

impl<S: Subject> Players for TextPlayers<'_, S> {
    type State = StateOf<S>;
    type Best = (); // the last round is kept

    fn start(&mut self, _state: &StateOf<S>) -> Vec<f64> {
        vec![]
    }

    fn redraw(&mut self, state: &StateOf<S>, at: Position) -> Result<()> {
        if self.judge_learns(state) {
            let stream = at.stream(self.stream.named("redraw"));
            let share = self.subject.rules().schedule.share_of_generator(Position { epoch: 0, ..at });
            let mut lesson = self.subject.draw_for_judge(state.generator.model(), share, stream);
            if let Some(replay) = &state.replay {
                let (mixed, next) = self.subject.replayed(replay, lesson, stream.named("replay"));
                (lesson, self.next_replay) = (mixed, Some(next));
            }
            self.lesson = Some(lesson);
        }
        Ok(())
    }

    fn end_lesson(&mut self, state: &mut StateOf<S>) {
        state.replay = self.next_replay.take().or(state.replay.take());
    }

    fn discriminator_epoch(
        &mut self,
        state: &mut StateOf<S>,
        at: Position,
    ) -> Result<Option<JudgeStatistics>> {
        if !self.judge_learns(state) {
            return Ok(None);
        }
        let stream = at.stream(self.stream.named("discriminator"));
        let lesson = self.lesson.as_ref().expect("drawn at the start of the turn");
        let seen = self.subject.judge_epoch(&mut state.judge, state.generator.model(), lesson, stream)?;
        state.follow_judge(self.subject.rules().target_rate);
        Ok(Some(seen))
    }

    fn prepare_reward(&mut self, state: &StateOf<S>, at: Position) -> Result<()> {
        if self.reward_needs_judge() {
            self.subject.prepare(state.rewarding(), at);
        }
        Ok(())
    }

    fn generator_epoch(&mut self, state: &mut StateOf<S>, at: Position) -> Result<Diagnostics> {
        let settings = self.subject.rules();
        let stream = at.stream(self.stream.named("generator"));
        let (mut gradient, diagnostics) = match (settings.gradient, settings.credit) {
            (GeneratorGradient::Gumbel, _) => {
                let temperature = settings.gumbel.temperature.at(settings.schedule.share_of_generator(at));
                self.subject.relaxed_step(state, temperature, stream)
            }
            (_, Credit::Exact) => self.subject.exact_step(state, self.reward, stream),
            (_, Credit::Critic) => {
                if self.reward_needs_judge() {
                    self.subject.critic_steps(state, at, stream.named("critic"))?;
                }
                self.sampled_step(state, stream)
            }
            _ => self.sampled_step(state, stream),
        };
        if settings.teacher > 0.0 {
            let baseline = diagnostics.baseline as f32;
            gradient.accumulate(self.teacher_gradient(state, baseline, stream.named("teacher")));
        }
        state.generator.update(&mut gradient);
        state.follow_generator(settings.rollout_rate);
        self.subject.check_judge(&state.judge, diagnostics.reward)?;
        check_finite(0.0, state.generator.model(), "generator", "adversarial.optimizer.learning-rate")?;
        Ok(diagnostics)
    }

    fn examine(&mut self, state: &StateOf<S>, round: &Round) -> Examination {
        let every = self.subject.rules().evaluate_every;
        let is_complete = round.is_last || round.number.is_multiple_of(every);
        let (mut metrics, mut held_out) = (vec![], vec![]);
        if is_complete {
            metrics = self.subject.measure(state.generator.model(), self.evaluation);
            held_out = self.subject.held_out(&state.judge, state.generator.model(), self.evaluation);
        }
        let value = |name: &str| metrics.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        let diversity = value(metric::DISTINCT_TOKENS).map(|now| (now, self.diversity as f64));
        let floor = value(metric::NLL_ORACLE).zip(self.subject.floor());
        metrics.extend(generator_metrics(&round.generator));
        if let Some(JudgeStatistics { accuracy, loss, calibration }) = round.judge {
            metrics.push((metric::D_ACCURACY, accuracy));
            metrics.extend(loss.map(|loss| (metric::D_LOSS, loss)));
            metrics.extend(calibration.map(|calibration| (metric::D_CALIBRATION, calibration)));
        }
        metrics.extend(held_out);
        Examination { values: vec![], metrics, is_complete, diversity, floor }
    }

    fn keep_best(&self, _candidate: usize, _state: &StateOf<S>, _best: &mut ()) {}

    fn scale_learning_rates(&self, state: &mut StateOf<S>, rate: f32) {
        state.generator.set_learning_rate(rate * self.subject.rules().optimizer.learning_rate);
        self.subject.scale_judge_rate(&mut state.judge, rate);
    }
}

impl<S: Subject> TextPlayers<'_, S> {
    /// Returns the policy gradient of drawn sentences, whose tokens are rewarded; the baseline learns.
    fn sampled_step(&self, state: &mut StateOf<S>, stream: Stream) -> (GradientOf<S>, Diagnostics) {
        let settings = self.subject.rules();
        let reward = CreditedReward {
            judge: state.critic.as_ref().map_or(state.rewarding(), |critic| critic),
            credit: settings.credit,
            rollout: Some(&state.rollout),
            rollouts: settings.rollouts,
            team: self.team,
            control: self.reward,
            form: settings.reward_form,
            entropy: settings.entropy,
        };
        let policy = state.generator.model();
        let contexts = self.subject.contexts(stream.named("contexts"));
        let groups = contexts.chunk_by(|a, b| a == b).count();
        let baseline = &state.baseline;
        let step =
            policy_gradient(policy, &reward, &contexts[..], baseline, settings.reduction, groups, stream);
        state.baseline.update(&step.mean_rewards);
        if let Some(experience) = &step.experience {
            state.baseline.learn(experience);
        }
        (step.gradient, step.diagnostics)
    }

    /// Returns the gradient of the likelihood of real sentences, times the weight of teacher forcing.
    fn teacher_gradient(&self, state: &StateOf<S>, baseline: f32, stream: Stream) -> GradientOf<S> {
        let settings = self.subject.rules();
        let InContext { contexts, sentences } = self.subject.real(settings.batch, stream);
        let scale = settings.teacher * settings.reduction.scale(sentences.len(), 1);
        let policy = state.generator.model();
        let mut weights = Array2::from_elem(sentences.tokens().raw_dim(), scale);
        if settings.teacher_reward == TeacherReward::Judge {
            let rewards = judgements(state.rewarding(), policy, &contexts, &sentences);
            let gains = rewards.into_iter().map(|reward| (reward - baseline).max(0.0));
            weights.rows_mut().into_iter().zip(gains).for_each(|(mut row, gain)| row *= gain);
        }
        LanguageModel::gradient(policy, &contexts, &sentences, weights.view(), None).gradient
    }

    /// Returns true when the reward depends on a judge that learns.
    fn judge_learns(&self, state: &StateOf<S>) -> bool {
        self.subject.learns(&state.judge) && self.reward_needs_judge()
    }

    /// Returns false for a placebo that is made without the judge.
    fn reward_needs_judge(&self) -> bool {
        !matches!(self.reward, RewardSource::Constant | RewardSource::Random)
    }
}

/// Returns the judgement of each whole sentence; of a judge of tokens, the mean reward of a token.
fn judgements<M: LanguageModel>(
    judge: &impl SentenceScorer<M>,
    policy: &M,
    contexts: &[M::Context],
    sentences: &Sequences,
) -> Vec<f32> {
    let Some(rewards) = judge.score_tokens(policy, contexts, sentences) else {
        return judge.score(contexts, sentences);
    };
    let mean = |(row, &length): (ArrayView1<'_, f32>, &u32)| {
        row.slice(s![..length as usize]).sum() / length.max(1) as f32
    };
    rewards.rows().into_iter().zip(sentences.lengths()).map(mean).collect()
}
