//! The adversarial phase: rounds of generator steps and discriminator epochs (algorithm 1 of the paper).

use ndarray::Array2;
use rand::seq::SliceRandom as _;

use super::bleu::BleuJudge;
use super::discriminator::{DiscriminatorLoss, FrozenDiscriminator, random_prefixes};
use super::learned::{Learned, Rival};
use super::rival::{RivalJudge, logistic_weights};
use super::{Credit, CreditedReward, Judge, JudgeKind, Sequences, TextConfig, TextData};
use crate::error::{Error, Result};
use crate::nn::{Parameters, TokenTable};
use crate::policy_gradient::{Diagnostics, Outcome, Place, Players, RewardControl, policy_gradient};
use crate::seed::Stream;

/// Both players, and what they need in their turns.
pub(super) struct Game<'a> {
    pub config: &'a TextConfig,
    pub data: &'a TextData,
    pub learned: &'a mut Learned,
    /// What is paid: the judge's reward, or a control.
    pub control: RewardControl,
    pub stream: Stream,
    pub drawn: Option<Sequences>,
    pub table: Option<TokenTable>,
    pub bleu: Option<BleuJudge>,
    pub d_seen: DiscriminatorLoss,
    pub g_seen: Diagnostics,
    /// Called after every round.
    pub after_round: &'a mut dyn FnMut(&mut Learned, usize, &Seen) -> Result<Outcome>,
}

/// What the players saw in their last turns.
pub(super) struct Seen {
    pub discriminator: DiscriminatorLoss,
    pub generator: Diagnostics,
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
            self.drawn = Some(draw_negatives(self.config, self.data, self.learned, stream));
        }
        Ok(())
    }

    fn discriminator_epoch(&mut self, place: Place) -> Result<()> {
        if self.discriminator_counts() {
            let stream = place.stream(self.stream.named("discriminator"));
            let drawn = self.drawn.as_ref().expect("drawn at the start of the turn");
            self.d_seen = match self.learned.rival {
                Some(_) => rival_epoch(self.config, self.data, self.learned, drawn, stream)?,
                None => discriminator_epoch(self.config, self.data, self.learned, drawn, stream)?,
            };
        }
        Ok(())
    }

    fn judge(&mut self, _place: Place) -> Result<()> {
        if self.discriminator_counts() && self.learned.rival.is_none() {
            self.table = self.learned.discriminator.table();
        }
        Ok(())
    }

    fn generator_epoch(&mut self, place: Place) -> Result<()> {
        let settings = &self.config.adversarial;
        let stream = place.stream(self.stream.named("generator"));
        let learned = &mut *self.learned;
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
        self.g_seen = step.diagnostics;
        check(self.g_seen.reward, &learned.discriminator, "discriminator", "--d-lr")?;
        check(0.0, &learned.generator, "generator", "--g-lr")
    }

    fn end_round(&mut self, round: usize) -> Result<Outcome> {
        let seen = Seen { discriminator: self.d_seen, generator: self.g_seen };
        (self.after_round)(self.learned, round, &seen)
    }
}
