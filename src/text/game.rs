//! The game of a generator of sentences and its judge: rounds of generator steps and judge epochs (SeqGAN, Yu et al., AAAI
//! 2017, algorithm 1).

use ndarray::Array2;

use super::config::TextConfig;
use super::credit::{Credit, CreditedReward};
use super::data::TextData;
use super::exact::Prefixes;
use super::judges::Classroom;
use super::likelihood::check_finite;
use super::models::RecurrentModel;
use super::monitor::measure_generator;
use super::state::GameState;
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::game::{
    Examination, JudgeStatistics, Players, Position, RewardSource, Round, generator_metrics, metric,
};
use crate::math::sampling::subset;
use crate::nn::Parameters as _;
use crate::policy_gradient::{Diagnostics, policy_gradient};
use crate::seed::Stream;

/// Players of a game of texts: what they play with, and the sentences of the judge's turn.
pub(super) struct TextPlayers<'a> {
    pub config: &'a TextConfig,
    pub data: &'a TextData,
    /// Reward of the generator.
    pub reward: RewardSource,
    /// Stream of the game.
    pub stream: Stream,
    /// Stream of every evaluation.
    pub evaluation: Stream,
    /// Number of distinct tokens in sentences drawn before the game.
    pub diversity: usize,
    /// Sentences drawn for the judge.
    pub drawn: Option<Sequences>,
}

impl Players for TextPlayers<'_> {
    type State = GameState;
    type Best = (); // the last round is kept

    fn start(&mut self, _state: &GameState) -> Vec<f64> {
        vec![]
    }

    fn redraw(&mut self, state: &GameState, at: Position) -> Result<()> {
        if self.judge_learns(state) {
            let stream = at.stream(self.stream.named("redraw"));
            let room = Classroom { config: self.config, data: self.data, generator: &state.generator };
            self.drawn = Some(room.draw(stream));
        }
        Ok(())
    }

    fn discriminator_epoch(
        &mut self,
        state: &mut GameState,
        at: Position,
    ) -> Result<Option<JudgeStatistics>> {
        if !self.judge_learns(state) {
            return Ok(None);
        }
        let stream = at.stream(self.stream.named("discriminator"));
        let drawn = self.drawn.as_ref().expect("drawn at the start of the turn");
        let GameState { judge, generator, .. } = state;
        let room = Classroom { config: self.config, data: self.data, generator };
        judge.epoch(room, drawn, stream).map(Some)
    }

    fn prepare_reward(&mut self, state: &GameState, _at: Position) -> Result<()> {
        if self.judge_learns(state) {
            state.judge.freeze();
        }
        Ok(())
    }

    fn generator_epoch(&mut self, state: &mut GameState, at: Position) -> Result<Diagnostics> {
        let settings = &self.config.adversarial;
        let stream = at.stream(self.stream.named("generator"));
        let (mut gradient, diagnostics) = match settings.credit {
            Credit::Exact => self.exact_step(state, stream),
            _ => self.sampled_step(state, stream),
        };
        if settings.teacher > 0.0 {
            let real = self.real(settings.batch, stream.named("teacher"));
            let scale = settings.teacher * settings.reduction.scale(real.len(), 1);
            let weights = Array2::from_elem(real.tokens().raw_dim(), scale);
            gradient.add(&state.generator.gradient(&real, weights.view(), None).gradient);
        }
        state.generator.update(&mut gradient);
        state.rollout.follow(&state.generator, settings.rollout_rate);
        state.judge.check(diagnostics.reward)?;
        check_finite(0.0, state.generator.model(), "generator", "adversarial.optimizer.learning-rate")?;
        Ok(diagnostics)
    }

    fn examine(&mut self, state: &GameState, round: &Round) -> Examination {
        let every = self.config.adversarial.evaluate_every;
        let is_complete = round.is_last || round.number.is_multiple_of(every);
        let (mut metrics, mut held_out) = (vec![], None);
        if is_complete {
            let room = Classroom { config: self.config, data: self.data, generator: &state.generator };
            metrics = measure_generator(state.generator.model(), self.data, self.config, self.evaluation);
            held_out = state.judge.held_out_statistics(room, self.evaluation);
        }
        let value = |name: &str| metrics.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        let diversity = value(metric::DISTINCT_TOKENS).map(|now| (now, self.diversity as f64));
        let floor = value(metric::NLL_ORACLE).zip(self.data.oracle.as_ref().map(|oracle| oracle.floor));
        metrics.extend(generator_metrics(&round.generator));
        if let Some(JudgeStatistics { accuracy, loss, calibration }) = round.judge {
            metrics.push((metric::D_ACCURACY, accuracy));
            metrics.extend(loss.map(|loss| (metric::D_LOSS, loss)));
            metrics.extend(calibration.map(|calibration| (metric::D_CALIBRATION, calibration)));
        }
        metrics.extend(held_out);
        Examination { values: vec![], metrics, is_complete, diversity, floor }
    }

    fn keep_best(&self, _candidate: usize, _state: &GameState, _best: &mut ()) {}

    fn scale_learning_rates(&self, state: &mut GameState, rate: f32) {
        state.scale_learning_rates(self.config, rate);
    }
}

impl TextPlayers<'_> {
    /// Returns the policy gradient of drawn sentences, whose tokens are rewarded; the baseline learns.
    fn sampled_step(&self, state: &mut GameState, stream: Stream) -> (RecurrentModel, Diagnostics) {
        let settings = &self.config.adversarial;
        let reward = CreditedReward {
            judge: &state.judge,
            credit: settings.credit,
            rollout: Some(&state.rollout),
            rollouts: settings.rollouts,
            control: self.reward,
        };
        let policy = state.generator.model();
        let contexts = vec![(); settings.batch];
        let step =
            policy_gradient(policy, &reward, &contexts[..], &state.baseline, settings.reduction, 1, stream);
        state.baseline.update(&step.mean_rewards);
        if let Some(experience) = &step.experience {
            state.baseline.learn(experience);
        }
        (step.gradient, step.diagnostics)
    }

    /// Returns the policy gradient of all next tokens in the states of drawn or of real sentences.
    fn exact_step(&self, state: &GameState, stream: Stream) -> (RecurrentModel, Diagnostics) {
        let settings = &self.config.adversarial;
        let policy = state.generator.model();
        let sentences = match settings.prefixes {
            Prefixes::Drawn => policy.draw(settings.batch, stream.named("draw")),
            Prefixes::Real => self.real(settings.batch, stream.named("real")),
        };
        let step =
            state.judge.exact_gradient(policy, &sentences, settings, self.reward, stream.named("reward"));
        step.expect("settings are checked: this judge is a language model")
    }

    /// Returns `count` training sentences at most, chosen by `stream`.
    fn real(&self, count: usize, stream: Stream) -> Sequences {
        let train = &self.data.train;
        train.select(&subset(train.len(), count.min(train.len()), &mut stream.rng()))
    }

    /// Returns true when the reward depends on a judge that learns.
    fn judge_learns(&self, state: &GameState) -> bool {
        state.judge.learns() && !matches!(self.reward, RewardSource::Constant | RewardSource::Random)
    }
}
