//! The adversarial phase: rounds of generator steps and discriminator epochs (algorithm 1 of the paper).

use ndarray::Array2;
use rand::seq::SliceRandom as _;

use super::judges::BleuJudge;
use super::judges::Judge;
use super::judges::{DiscriminatorLoss, FrozenDiscriminator, random_prefixes};
use super::judges::{RivalJudge, logistic_weights};
use super::learned::{Kept, Learned, Position, Rival};
use super::look::{held_out_accuracy, look_at};
use super::{Credit, CreditedReward, JudgeKind, TextConfig, TextData};
use crate::data::sentences::Sequences;
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::game::Stage;
use crate::game::rounds::{Outcome, Place, Players, Progress};
use crate::game::{RewardControl, Signs, Verdict};
use crate::nn::{Parameters, TokenTable};
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
    pub table: Option<TokenTable>,
    pub bleu: Option<BleuJudge>,
}

impl Game<'_> {
    /// Whether anybody listens to the discriminator.
    fn discriminator_counts(&self) -> bool {
        self.config.adversarial.judge != JudgeKind::Bleu
            && !matches!(self.control, RewardControl::Constant | RewardControl::Random)
    }
}

/// Sentences for the discriminator, as many as it is set to.
pub(super) fn draw_negatives(
    config: &TextConfig,
    data: &TextData,
    learned: &Learned,
    stream: Stream,
) -> Sequences {
    let count = match config.discriminator.sentences {
        0 => data.train.len(),
        count => count.min(data.train.len()),
    };
    learned.generator.draw(count, stream)
}

/// What a judge is shown in one epoch: real sentences, as many as were drawn at most, and then the drawn ones;
/// how many are real; and a new order of all.
fn shown(data: &TextData, drawn: &Sequences, stream: Stream) -> (Sequences, usize, Vec<usize>) {
    let mut real: Vec<usize> = (0..data.train.len()).collect();
    if real.len() > drawn.len() {
        real.shuffle(&mut stream.named("real").rng());
        real.truncate(drawn.len());
    }
    let all = data.train.select(&real).chain(drawn);
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.shuffle(&mut stream.named("order").rng());
    (all, real.len(), order)
}

/// One pass of the discriminator over real and drawn sentences, in a new order.
pub(super) fn discriminator_epoch(
    config: &TextConfig,
    data: &TextData,
    learned: &mut Learned,
    drawn: &Sequences,
    stream: Stream,
) -> Result<DiscriminatorLoss> {
    let (all, real, order) = shown(data, drawn, stream);
    let mut gradient = learned.discriminator.zeros_like();
    let (mut seen, mut batches) = (DiscriminatorLoss::default(), 0.0);
    for (step, batch) in order.chunks(config.discriminator.batch).enumerate() {
        let labels: Vec<bool> = batch.iter().map(|&row| row < real).collect();
        let mut sentences = all.select(batch);
        let stream = stream.at(step as u64);
        if config.adversarial.credit == Credit::Prefix {
            sentences = random_prefixes(&sentences, stream.named("prefix"));
        }
        gradient.clear();
        let mut rng = stream.named("dropout").rng();
        let loss = learned.discriminator.gradient(&sentences, &labels, &mut rng, &mut gradient);
        learned.d_optimizer.step(&mut learned.discriminator, &mut gradient);
        seen.loss += loss.loss;
        seen.accuracy += loss.accuracy;
        seen.calibration += loss.calibration;
        batches += 1.0;
    }
    seen = DiscriminatorLoss {
        loss: seen.loss / batches,
        accuracy: seen.accuracy / batches,
        calibration: seen.calibration / batches,
    };
    check(seen.loss, &learned.discriminator, "discriminator", "--d-lr")?;
    Ok(seen)
}

/// The same of the rival: the logistic loss of its log-ratio to the generator.
fn rival_epoch(
    config: &TextConfig,
    data: &TextData,
    learned: &mut Learned,
    drawn: &Sequences,
    stream: Stream,
) -> Result<DiscriminatorLoss> {
    let Learned { generator, rival, .. } = learned;
    let Rival { model: rival, optimizer, .. } = rival.as_mut().expect("the rival judges");
    let (all, real, order) = shown(data, drawn, stream);
    let (mut accuracy, mut batches) = (0.0, 0.0);
    for batch in order.chunks(config.discriminator.batch) {
        let labels: Vec<bool> = batch.iter().map(|&row| row < real).collect();
        let sentences = all.select(batch);
        let (weights, right) = logistic_weights(rival, generator, &sentences, &labels);
        let mut step = rival.gradient(&sentences, weights.view(), None);
        optimizer.step(rival, &mut step.gradient);
        accuracy += right;
        batches += 1.0;
    }
    check(0.0, rival, "rival", "--d-lr")?;
    Ok(DiscriminatorLoss { accuracy: accuracy / batches, ..Default::default() })
}

/// Refuses to go on with numbers that are not.
pub(super) fn check<P: Parameters>(loss: f64, player: &P, name: &str, rate: &str) -> Result<()> {
    if loss.is_finite() && player.is_finite() {
        return Ok(());
    }
    Err(Error::NonFinite(format!(
        "the {name}'s loss, judgement or weights are no longer finite; the last checkpoint stays. Lower its \
         learning rate ({rate})"
    )))
}

impl Players for Game<'_> {
    fn redraw(&mut self, place: Place) -> Result<()> {
        if self.discriminator_counts() {
            let stream = place.stream(self.stream.named("redraw"));
            self.drawn = Some(draw_negatives(self.config, self.data, &self.kept.learned, stream));
        }
        Ok(())
    }

    fn discriminator_epoch(&mut self, place: Place) -> Result<()> {
        if self.discriminator_counts() {
            let stream = place.stream(self.stream.named("discriminator"));
            let drawn = self.drawn.as_ref().expect("drawn at the start of the turn");
            let learned = &mut self.kept.learned;
            self.position.d_seen = Some(match learned.rival {
                Some(_) => rival_epoch(self.config, self.data, learned, drawn, stream)?,
                None => discriminator_epoch(self.config, self.data, learned, drawn, stream)?,
            });
        }
        Ok(())
    }

    fn judge(&mut self, _place: Place) -> Result<()> {
        if self.discriminator_counts() && self.kept.learned.rival.is_none() {
            self.table = self.kept.learned.discriminator.table();
        }
        Ok(())
    }

    fn generator_epoch(&mut self, place: Place) -> Result<()> {
        let settings = &self.config.adversarial;
        let stream = place.stream(self.stream.named("generator"));
        let learned = &mut self.kept.learned;
        let frozen = FrozenDiscriminator::new(&learned.discriminator, self.table.as_ref());
        let rival = learned.rival.as_ref().map(|rival| RivalJudge { rival: &rival.model });
        let judge: &dyn Judge = match (&self.bleu, &rival) {
            (Some(bleu), _) => bleu,
            (_, Some(rival)) => rival,
            _ => &frozen,
        };
        let reward = CreditedReward {
            judge,
            credit: settings.credit,
            rollout: Some(&learned.rollout),
            rollouts: settings.rollouts,
            control: self.control,
        };
        let baseline = &learned.baseline;
        let policy = &learned.generator;
        let mut step =
            policy_gradient(policy, &reward, &settings.batch, baseline, settings.reduction, 1, stream);
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
        learned.g_optimizer.step(&mut learned.generator, &mut step.gradient);
        learned.rollout.follow(&learned.generator, settings.rollout_rate);
        self.position.g_seen = step.diagnostics;
        check(step.diagnostics.reward, &learned.discriminator, "discriminator", "--d-lr")?;
        check(0.0, &learned.generator, "generator", "--g-lr")
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
                self.kept.learned.slow_down(self.config, self.position.guard.rate());
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
        let (learned, data, config) = (&self.kept.learned, self.data, self.config);
        let mut looked = look_at(&learned.generator, data, config, self.evaluation);
        if config.adversarial.judge == JudgeKind::Discriminator {
            looked.push(("d-held-out", held_out_accuracy(learned, data, config, self.evaluation)));
        }
        looked
    }

    /// Tells of a round.
    fn report(&mut self, round: usize, looked: &[(&'static str, f64)]) {
        let Position { g_seen, d_seen, .. } = &*self.position;
        let (about, held_out): (Vec<_>, Vec<_>) = looked.iter().partition(|(name, _)| *name != "d-held-out");
        let mut metrics = about;
        metrics.extend([
            ("reward", g_seen.reward),
            ("baseline", g_seen.baseline),
            ("gradient-variance", g_seen.gradient_variance),
            ("effective-sample", g_seen.effective_sample),
            ("entropy", g_seen.entropy),
        ]);
        if let Some(DiscriminatorLoss { loss, accuracy, calibration }) = *d_seen {
            metrics.push(("d-accuracy", accuracy));
            // Of a rival only the gradient of its loss is computed.
            if self.kept.learned.rival.is_none() {
                metrics.extend([("d-loss", loss), ("d-calibration", calibration)]);
            }
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
