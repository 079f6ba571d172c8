//! Games of sentences alone: their generator is recurrent, and there is no context.

use super::config::{AdversarialConfig, TextConfig};
use super::credit::Credit;
use super::critic::{Critic, CriticConfig};
use super::data::TextData;
use super::exact::Prefixes;
use super::judges::{Classroom, Drawn, Judge, SentenceScorer as _};
use super::models::{RecurrentModel, Relaxing};
use super::monitor::measure_generator;
use super::state::GameState;
use super::subject::{InContext, Subject};
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::game::{JudgeStatistics, Position, Replay, RewardSource};
use crate::math::sampling::subset;
use crate::nn::Initializer;
use crate::nn::Parameters as _;
use crate::policy_gradient::Diagnostics;
use crate::seed::Stream;

/// Sentences to learn from, and how.
pub(super) struct Sentences<'a> {
    pub config: &'a TextConfig,
    pub data: &'a TextData,
}

/// State of a game of sentences.
pub(super) type SentenceState = GameState<RecurrentModel, Judge>;

impl Sentences<'_> {
    /// Returns the state before the first round, with the optimisers of the game at their start.
    pub fn begin(&self, generator: RecurrentModel, mut judge: Judge) -> SentenceState {
        judge.begin_game(self.config);
        let hidden = self.config.generator.hidden;
        let rules = &self.config.adversarial;
        let critic = (rules.credit == Credit::Critic).then(|| {
            let mut rng = Stream::new(self.config.seed).named("init critic").rng();
            let weights = Initializer::Normal(self.config.generator.deviation);
            Critic::new(RecurrentModel::new(generator.shape(), weights, &mut rng), &rules.critic)
        });
        let settings = &self.config.discriminator;
        let drawn = settings.drawn_beside(self.data.train.len());
        let remembers = settings.replay > 0.0 && judge.learns(); // the ensemble of a distillation learns nothing
        let replay = remembers.then(|| Replay::new(drawn, self.data.steps + 1));
        let state = GameState::new(rules, generator, judge, self.data.steps, hidden);
        GameState { critic, replay, ..state }
    }
}

impl Subject for Sentences<'_> {
    type Model = RecurrentModel;
    type Judge = Judge;
    type Lesson = Drawn;

    fn rules(&self) -> &AdversarialConfig {
        &self.config.adversarial
    }

    fn contexts(&self, _stream: Stream) -> Vec<()> {
        vec![(); self.config.adversarial.batch]
    }

    fn real(&self, count: usize, stream: Stream) -> InContext<()> {
        let train = &self.data.train;
        let chosen = subset(train.len(), count.min(train.len()), &mut stream.rng());
        InContext { contexts: vec![(); chosen.len()], sentences: train.select(&chosen) }
    }

    fn sample(&self, generator: &RecurrentModel, stream: Stream) -> Sequences {
        generator.draw(self.config.evaluation.sentences, stream)
    }

    fn measure(&self, generator: &RecurrentModel, stream: Stream) -> Vec<(&'static str, f64)> {
        measure_generator(generator, self.data, self.config, stream)
    }

    fn floor(&self) -> Option<f64> {
        self.data.oracle.as_ref().map(|oracle| oracle.floor)
    }

    fn learns(&self, judge: &Judge) -> bool {
        judge.learns()
    }

    fn draw_for_judge(&self, generator: &RecurrentModel, share: f64, stream: Stream) -> Drawn {
        Classroom { config: self.config, data: self.data, generator }.draw(share, stream)
    }

    fn replayed(&self, replay: &Replay, lesson: Drawn, stream: Stream) -> (Drawn, Replay) {
        let Drawn::Tokens(drawn) = lesson else { unreachable!("settings are checked: no soft draws") };
        let fresh = drawn.to_rows();
        let mixed = replay.mixed(fresh.view(), self.config.discriminator.replay, stream);
        (Drawn::Tokens(Sequences::of_number_rows(mixed.view())), replay.after(fresh.view(), stream))
    }

    fn judge_epoch(
        &self,
        judge: &mut Judge,
        generator: &RecurrentModel,
        drawn: &Drawn,
        stream: Stream,
    ) -> Result<JudgeStatistics> {
        let room = Classroom { config: self.config, data: self.data, generator };
        judge.epoch(room, drawn, stream)
    }

    fn prepare(&self, judge: &Judge, at: Position) {
        judge.freeze(Stream::new(self.config.seed).named("reward").at(at.round as u64));
    }

    fn held_out(
        &self,
        judge: &Judge,
        generator: &RecurrentModel,
        stream: Stream,
    ) -> Vec<(&'static str, f64)> {
        let room = Classroom { config: self.config, data: self.data, generator };
        judge.held_out_statistics(room, stream).into_iter().collect()
    }

    fn check_judge(&self, judge: &Judge, value: f64) -> Result<()> {
        judge.check(value)
    }

    fn scale_judge_rate(&self, judge: &mut Judge, rate: f32) {
        judge.set_game_optimizer(self.config, rate);
    }

    fn critic_steps(&self, state: &mut SentenceState, at: Position, stream: Stream) -> Result<()> {
        let AdversarialConfig { batch, critic: CriticConfig { steps, pretrain, .. }, .. } =
            self.config.adversarial;
        for step in 0..if at == Position::START { pretrain.max(steps) } else { steps } {
            let sentences = state.rollout.draw(batch, stream.at(step as u64));
            let rewards = state.rewarding().score(&vec![(); batch], &sentences);
            let critic = state.critic.as_mut().expect("made at the start of the game");
            critic.learn(&state.rollout, &sentences, &rewards)?;
        }
        Ok(())
    }

    fn exact_step(
        &self,
        state: &SentenceState,
        reward: RewardSource,
        stream: Stream,
    ) -> (RecurrentModel, Diagnostics) {
        let settings = &self.config.adversarial;
        let policy = state.generator.model();
        let sentences = match settings.prefixes {
            Prefixes::Drawn => policy.draw(settings.batch, stream.named("draw")),
            Prefixes::Real => self.real(settings.batch, stream.named("real")).sentences,
        };
        let step =
            state.rewarding().exact_gradient(policy, &sentences, settings, reward, stream.named("reward"));
        step.expect("settings are checked: this judge is a language model")
    }

    fn relaxed_step(
        &self,
        state: &SentenceState,
        temperature: f32,
        stream: Stream,
    ) -> (RecurrentModel, Diagnostics) {
        let AdversarialConfig { batch, reduction, gumbel, .. } = self.config.adversarial;
        let rule = Relaxing { relaxation: gumbel.relaxation, temperature, stream };
        let step = state.rewarding().relaxed_gradient(state.generator.model(), batch, rule);
        let (mut gradient, found) = step.expect("settings are checked: this judge is a network over vectors");
        gradient.scale(reduction.scale(batch, 1));
        let reward =
            found.judgements.iter().map(|&judgement| f64::from(judgement)).sum::<f64>() / batch as f64;
        let entropy = found.entropy;
        (
            gradient,
            Diagnostics { reward, entropy, effective_sample: 1.0, contexts: 1, ..Diagnostics::default() },
        )
    }
}
