//! The adversarial phase: rounds of generator steps and discriminator epochs (algorithm 1 of the paper).

use ndarray::Array2;

use super::judges::Classroom;
use super::learned::{Kept, Learned, Position};
use super::likelihood::check_finite;
use super::monitor::measure_generator;
use super::{CreditedReward, TextConfig, TextData};
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::event::{Event, Listener};
use crate::game::Stage;
use crate::game::rounds::{Outcome, Place, Players, Progress};
use crate::game::{JudgeStatistics, RewardControl, Signs, Verdict, metric};
use crate::nn::Parameters as _;
use crate::policy_gradient::{Diagnostics, policy_gradient};
use crate::seed::Stream;

/// Both players, and what they need in their turns.
pub(super) struct Game<'a> {
    pub config: &'a TextConfig,
    pub data: &'a TextData,
    pub kept: &'a mut Kept,
    pub position: &'a mut Position,
    pub stage: &'a mut Stage,
    pub listener: &'a mut dyn Listener,
    /// Its name in logs.
    pub name: &'a str,
    /// What is paid: the judge's reward, or a control.
    pub control: RewardControl,
    pub stream: Stream,
    /// The stream of every evaluation.
    pub evaluation: Stream,
    pub drawn: Option<Sequences>,
}

impl Game<'_> {
    /// Returns whether the reward depends on a judge that learns.
    fn judge_learns(&self) -> bool {
        self.kept.learned.judge.learns()
            && !matches!(self.control, RewardControl::Constant | RewardControl::Random)
    }
}

impl Players for Game<'_> {
    fn redraw(&mut self, place: Place) -> Result<()> {
        if self.judge_learns() {
            let stream = place.stream(self.stream.named("redraw"));
            let generator = &self.kept.learned.generator;
            self.drawn = Some(Classroom { config: self.config, data: self.data, generator }.draw(stream));
        }
        Ok(())
    }

    fn discriminator_epoch(&mut self, place: Place) -> Result<()> {
        if self.judge_learns() {
            let stream = place.stream(self.stream.named("discriminator"));
            let drawn = self.drawn.as_ref().expect("drawn at the start of the turn");
            let Learned { judge, generator, .. } = &mut self.kept.learned;
            let room = Classroom { config: self.config, data: self.data, generator };
            self.position.d_seen = Some(judge.epoch(room, drawn, stream)?);
        }
        Ok(())
    }

    fn judge(&mut self, _place: Place) -> Result<()> {
        if self.judge_learns() {
            self.kept.learned.judge.freeze();
        }
        Ok(())
    }

    fn generator_epoch(&mut self, place: Place) -> Result<()> {
        let settings = &self.config.adversarial;
        let stream = place.stream(self.stream.named("generator"));
        let learned = &mut self.kept.learned;
        let reward = CreditedReward {
            judge: &learned.judge,
            credit: settings.credit,
            rollout: Some(&learned.rollout),
            rollouts: settings.rollouts,
            control: self.control,
        };
        let baseline = &learned.baseline;
        let policy = learned.generator.model();
        let contexts = vec![(); settings.batch];
        let mut step =
            policy_gradient(policy, &reward, &contexts[..], baseline, settings.reduction, 1, stream);
        if settings.teacher > 0.0 {
            let rows = crate::math::sampling::subset(
                self.data.train.len(),
                settings.batch.min(self.data.train.len()),
                &mut stream.named("teacher").rng(),
            );
            let real = self.data.train.select(&rows);
            let scale = settings.teacher * settings.reduction.scale(rows.len(), 1);
            let weights = Array2::from_elem(real.tokens().raw_dim(), scale);
            step.gradient.add(&policy.gradient(&real, weights.view(), None).gradient);
        }
        learned.baseline.update(&step.mean_rewards);
        if let Some(experience) = &step.experience {
            learned.baseline.learn(experience);
        }
        learned.generator.update(&mut step.gradient);
        learned.rollout.follow(&learned.generator, settings.rollout_rate);
        self.position.g_seen = step.diagnostics;
        learned.judge.check(step.diagnostics.reward)?;
        check_finite(0.0, learned.generator.model(), "generator", "adversarial.optimizer.learning-rate")
    }

    fn pause(&mut self, done: Progress) -> Result<()> {
        self.position.epochs = done.epochs;
        self.stage.step(self.kept, self.position)
    }

    fn end_round(&mut self, round: usize) -> Result<Outcome> {
        let settings = &self.config.adversarial;
        let looks = round.is_multiple_of(settings.evaluate_every) || round == settings.schedule.rounds;
        let looked = if looks { self.look() } else { vec![] };
        self.report(round, &looked);
        let signs = self.signs(&looked);
        let verdict = self.position.guard.judge(round, &signs, settings.on_collapse);
        match verdict {
            // Good is what was looked at from all sides.
            Verdict::PlayOn if looks => self.kept.good = self.kept.learned.clone(),
            Verdict::PlayOn => {}
            Verdict::RollBack | Verdict::Stop => {
                self.kept.learned = self.kept.good.clone();
                self.kept.learned.set_game_optimizers(self.config, self.position.guard.rate());
            }
        }
        (self.position.done, self.position.epochs) = (round, 0);
        self.position.over = verdict == Verdict::Stop || round == settings.schedule.rounds;
        self.stage.step(self.kept, self.position)?;
        Ok(if self.position.over { Outcome::Stop } else { Outcome::Continue })
    }
}

impl Game<'_> {
    /// Numbers about the generator, and about the discriminator beyond what it was shown.
    fn look(&self) -> Vec<(&'static str, f64)> {
        let Learned { judge, generator, .. } = &self.kept.learned;
        let mut looked = measure_generator(generator, self.data, self.config, self.evaluation);
        let room = Classroom { config: self.config, data: self.data, generator };
        looked.extend(judge.held_out_statistics(room, self.evaluation));
        looked
    }

    /// Tells of a round.
    fn report(&mut self, round: usize, looked: &[(&'static str, f64)]) {
        let Position { g_seen, d_seen, .. } = &*self.position;
        let (about, held_out): (Vec<_>, Vec<_>) =
            looked.iter().partition(|(name, _)| *name != metric::D_HELD_OUT);
        let mut metrics = about;
        metrics.extend([
            ("reward", g_seen.reward),
            ("baseline", g_seen.baseline),
            ("gradient-variance", g_seen.gradient_variance),
            ("effective-sample", g_seen.effective_sample),
            ("entropy", g_seen.entropy),
        ]);
        if let Some(JudgeStatistics { accuracy, loss, calibration }) = *d_seen {
            metrics.push(("d-accuracy", accuracy));
            metrics.extend(loss.map(|loss| ("d-loss", loss)));
            metrics.extend(calibration.map(|calibration| ("d-calibration", calibration)));
        }
        metrics.extend(held_out);
        let of = self.config.adversarial.schedule.rounds;
        self.listener.event(&Event { phase: self.name, step: round, of, metrics: &metrics });
    }

    /// What the last step, and an evaluation where there was one, say of the generator's health.
    fn signs(&self, looked: &[(&'static str, f64)]) -> Signs {
        let value = |name: &str| looked.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        let moved = self.config.adversarial.schedule.g_epochs > 0;
        let Diagnostics { entropy, reward, .. } = self.position.g_seen;
        let floor = self.data.oracle.as_ref().map(|oracle| oracle.floor);
        Signs {
            entropy: moved.then_some(entropy),
            reward: (moved && self.control != RewardControl::Constant).then_some(reward),
            diversity: value("distinct-tokens").map(|now| (now, self.position.diversity as f64)),
            floor: value("nll-oracle").zip(floor),
        }
    }
}
