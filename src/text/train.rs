//! The front door: sentences and a configuration in, a generator and its history out.
//!
//! Three phases: maximum likelihood, pre-training of the discriminator, adversarial rounds; then the rounds
//! again from the same start for every reward control asked for. A training that was interrupted goes on
//! from its last checkpoint to the same bits.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ndarray::Array2;
use rand::seq::SliceRandom as _;

use super::bleu::{BleuJudge, without_end};
use super::discriminator::random_prefixes;
use super::game::{Game, check, discriminator_epoch, draw_negatives};
use super::learned::{Learned, Phase, Position, Rival};
use super::{Credit, Generator, Judge as _, JudgeKind, Sequences, TextConfig, TextData};
use crate::error::{Error, Result};
use crate::evaluation::text::{References, distinct_tokens, mean_bleu, self_bleu};
use crate::event::{Event, Listener};
use crate::nn::{Optimizer, load_tensors};
use crate::policy_gradient::{Outcome, RewardControl, adversarial_loop};
use crate::seed::Stream;

/// Seconds between two checkpoints when nobody says otherwise.
const BETWEEN_CHECKPOINTS: u64 = 20;

/// The most numbers of one kind that a training keeps at a time: 4 GiB.
const LARGEST: usize = 1 << 30;

/// How a training starts and what stands beside it.
#[derive(Clone, Debug)]
pub struct TextOptions {
    /// The first phase; those before it are skipped.
    pub from: Phase,
    /// Start with what this run had learnt before the first phase: its generator, and for the adversarial
    /// phase everything, which asks for the same settings of all networks.
    pub init: Option<PathBuf>,
    /// Reward controls to play from the same start.
    pub controls: Vec<RewardControl>,
    /// Where checkpoints are kept; without a folder, none are.
    pub folder: Option<PathBuf>,
    /// Go on from the checkpoint in `folder`.
    pub resume: bool,
    /// Seconds between two checkpoints; 0: one after every step. The end of a phase always makes one.
    pub checkpoint_every: u64,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self {
            from: Phase::default(),
            init: None,
            controls: vec![],
            folder: None,
            resume: false,
            checkpoint_every: BETWEEN_CHECKPOINTS,
        }
    }
}

/// A finished training.
#[derive(Clone, Debug)]
pub struct TrainedText {
    /// The generator after maximum likelihood: the best epoch.
    pub likelihood: Generator,
    /// The generator after the last adversarial round.
    pub generator: Generator,
    /// The last state of everything.
    pub learned: Learned,
    /// Generators of the same game with a control in the reward's place.
    pub controls: Vec<(RewardControl, Generator)>,
    /// The round at which collapse was first seen.
    pub collapsed_at: Option<usize>,
}

/// Names of checkpoint files in a run's folder.
const LAST: &str = "checkpoint.safetensors";
const PRETRAINED: &str = "pretrained.safetensors";

/// Trains SeqGAN on `data`.
pub fn train_text(
    config: &TextConfig,
    data: &TextData,
    options: &TextOptions,
    listener: &mut dyn Listener,
) -> Result<TrainedText> {
    validate_sizes(config, data)?;
    let mut learned = Learned::new(config, data);
    let mut position = Position { phase: options.from, ..Default::default() };
    match (&options.init, options.from) {
        (Some(run), Phase::Adversarial) => {
            learned.load(&run.join(PRETRAINED))?;
        }
        (Some(run), _) => {
            load_tensors(&run.join("mle.safetensors"), &mut learned.generator)?;
            learned.likelihood = learned.generator.clone();
        }
        (None, _) => {}
    }
    if options.resume {
        let folder = options.folder.as_ref().expect("a resumed training has a folder");
        position = resume(&mut learned, folder)?.unwrap_or(position);
    }
    let trainer = Trainer {
        config,
        data,
        options,
        listener,
        learned,
        position,
        stream: Stream::new(config.seed),
        saved: Instant::now(),
    };
    trainer.run()
}

/// Refuses settings that would need more memory than there is: each alone is sensible, not with these data.
fn validate_sizes(config: &TextConfig, data: &TextData) -> Result<()> {
    config.validate()?;
    let TextConfig { generator, discriminator, adversarial, evaluation, .. } = config;
    data.shape(generator.cell, generator.embedding, generator.hidden).validate()?;
    let product = |factors: &[usize]| factors.iter().fold(1usize, |all, &one| all.saturating_mul(one));
    let (steps, cell) = (data.steps, generator.embedding + 8 * generator.hidden);
    let sizes = [
        ("the discriminator's embedding", product(&[data.vocabulary_size, discriminator.network.embedding])),
        ("a batch of the adversarial phase (--batch, --hidden)", product(&[adversarial.batch, steps, cell])),
        ("a batch of maximum likelihood", product(&[config.mle.batch.min(data.train.len()), steps, cell])),
        (
            "the rollouts of one sentence (--rollouts, --hidden)",
            if adversarial.credit == Credit::Rollouts {
                product(&[adversarial.rollouts, steps, steps + cell])
            } else {
                0
            },
        ),
        ("an evaluation (--evaluate-on)", product(&[evaluation.sentences, steps])),
    ];
    match sizes.into_iter().find(|&(_, size)| size > LARGEST) {
        Some((what, size)) => Err(Error::Config(format!(
            "{what}: {size} numbers are more than the {LARGEST} there is room for; choose fewer or shorter \
             sentences (--max-len, --steps) or a smaller network"
        ))),
        None => Ok(()),
    }
}

/// The checkpoint in `folder`; `None` when the training was stopped before its first.
fn resume(learned: &mut Learned, folder: &Path) -> Result<Option<Position>> {
    let path = folder.join(LAST);
    if !path.exists() {
        return Ok(None);
    }
    learned.load(&path).map(Some)
}

/// How far the training in `folder` had come at its last checkpoint.
pub fn checkpoint_position(config: &TextConfig, data: &TextData, folder: &Path) -> Result<Option<Position>> {
    validate_sizes(config, data)?;
    resume(&mut Learned::new(config, data), folder)
}

struct Trainer<'a> {
    config: &'a TextConfig,
    data: &'a TextData,
    options: &'a TextOptions,
    listener: &'a mut dyn Listener,
    learned: Learned,
    position: Position,
    stream: Stream,
    saved: Instant,
}

impl Trainer<'_> {
    fn run(mut self) -> Result<TrainedText> {
        if self.position.phase == Phase::Mle {
            self.maximum_likelihood()?;
            self.enter(Phase::Discriminator)?;
        }
        if self.position.phase == Phase::Discriminator {
            self.pretrain_discriminator()?;
            self.enter(Phase::Adversarial)?;
        }
        // Controls start where the adversarial phase did.
        let pretrained = self.pretrained()?;
        if self.position.phase == Phase::Adversarial {
            self.adversarial(self.config.adversarial.reward, "adversarial")?;
            self.enter(Phase::Control)?;
        }
        let generator = self.after_adversarial()?;
        let mut controls = vec![];
        for (index, &control) in self.options.controls.iter().enumerate() {
            if index < self.position.control {
                controls.push((control, self.finished_control(index)?));
                continue;
            }
            if self.position.done == 0 {
                self.learned = pretrained.clone();
            }
            self.adversarial(control, &format!("{control} reward"))?;
            self.save_as(&control_name(index), &self.learned, &self.position)?;
            controls.push((control, self.learned.generator.clone()));
            self.position.control = index + 1;
            self.position.done = 0;
            self.save()?;
        }
        Ok(TrainedText {
            likelihood: generator.likelihood.clone(),
            generator: generator.generator.clone(),
            collapsed_at: self.position.collapsed_at,
            learned: generator,
            controls,
        })
    }

    fn enter(&mut self, phase: Phase) -> Result<()> {
        self.position.phase = phase;
        self.position.done = 0;
        match phase {
            Phase::Adversarial => {
                let drawn = self.learned.generator.draw(self.config.evaluation.sentences, self.evaluation());
                self.position.diversity = distinct_tokens(&drawn.iter().collect::<Vec<_>>());
                self.learned.rollout = self.learned.generator.clone();
                self.save_as(PRETRAINED, &self.learned, &self.position)?;
            }
            Phase::Control => self.save_as("trained.safetensors", &self.learned, &self.position)?,
            _ => {}
        }
        self.save()
    }

    /// The state before the adversarial phase.
    fn pretrained(&mut self) -> Result<Learned> {
        let skipped = self.position.phase == Phase::Adversarial && self.position.done == 0;
        if skipped && self.position.diversity == 0 {
            self.enter(Phase::Adversarial)?; // the phases before were skipped
        }
        match &self.options.folder {
            Some(folder) if !self.options.controls.is_empty() => {
                let mut learned = self.learned.clone();
                learned.load(&folder.join(PRETRAINED))?;
                Ok(learned)
            }
            _ => Ok(self.learned.clone()),
        }
    }

    /// The state after the adversarial phase.
    fn after_adversarial(&self) -> Result<Learned> {
        match &self.options.folder {
            Some(folder) => {
                let mut learned = self.learned.clone();
                learned.load(&folder.join("trained.safetensors"))?;
                Ok(learned)
            }
            None => Ok(self.learned.clone()),
        }
    }

    fn finished_control(&self, index: usize) -> Result<Generator> {
        let folder = self.options.folder.as_ref().expect("only a resumed training skips a control");
        let mut learned = self.learned.clone();
        learned.load(&folder.join(control_name(index)))?;
        Ok(learned.generator)
    }

    fn save_as(&self, name: &str, learned: &Learned, position: &Position) -> Result<()> {
        match &self.options.folder {
            Some(folder) => learned.save(&folder.join(name), position),
            None => Ok(()),
        }
    }

    fn save(&mut self) -> Result<()> {
        self.save_as(LAST, &self.learned, &self.position)?;
        self.saved = Instant::now();
        Ok(())
    }

    fn save_sometimes(&mut self) -> Result<()> {
        if self.saved.elapsed() >= self.between() { self.save() } else { Ok(()) }
    }

    fn between(&self) -> Duration {
        Duration::from_secs(self.options.checkpoint_every)
    }

    /// The stream of every evaluation: the same, so that generators are compared on the same draws.
    fn evaluation(&self) -> Stream {
        self.stream.named("evaluation")
    }

    fn maximum_likelihood(&mut self) -> Result<()> {
        let settings = &self.config.mle;
        let keep_last = settings.patience == 0;
        for epoch in self.position.done + 1..=settings.epochs {
            // Asked before an epoch, so that a training resumed after its last one stops there too.
            if !keep_last && self.position.done >= self.position.best_at.saturating_add(settings.patience) {
                break;
            }
            let stream = self.stream.named("mle").at(epoch as u64);
            let Learned { generator, mle_optimizer, .. } = &mut self.learned;
            let loss = likelihood_epoch(self.config, self.data, generator, mle_optimizer, stream)?;
            let valid = self.learned.generator.nll(&self.data.valid);
            check(valid, &self.learned.generator, "generator", "--mle-lr")?;
            if keep_last || self.position.best.is_none_or(|best| valid < best) {
                self.learned.likelihood = self.learned.generator.clone();
                self.position.best = Some(valid);
                self.position.best_at = epoch;
            }
            let mut metrics = vec![("nll-train", loss), ("nll-valid", valid)];
            let every = self.config.adversarial.evaluate_every;
            if epoch == 1 || (epoch - 1).is_multiple_of(every) || epoch == settings.epochs {
                let looked = look_at(&self.learned.generator, self.data, self.config, self.evaluation());
                metrics.extend(looked.into_iter().filter(|(name, _)| *name != "nll-valid")); // it is there
            }
            self.listener.event(&Event { phase: "mle", step: epoch, of: settings.epochs, metrics: &metrics });
            self.position.done = epoch;
            self.save_sometimes()?;
        }
        self.learned.generator = self.learned.likelihood.clone();
        Ok(())
    }

    fn pretrain_discriminator(&mut self) -> Result<()> {
        match self.config.adversarial.judge {
            JudgeKind::Discriminator => {}
            JudgeKind::Bleu => return Ok(()),
            JudgeKind::Rival => return self.pretrain_rival(),
        }
        let settings = &self.config.discriminator;
        for draw in self.position.done + 1..=settings.pretrain_draws {
            let stream = self.stream.named("pretrain").at(draw as u64);
            let drawn = draw_negatives(self.config, self.data, &self.learned, stream.named("draw"));
            let mut seen = Default::default();
            for epoch in 0..settings.epochs {
                let stream = stream.at(epoch as u64);
                seen = discriminator_epoch(self.config, self.data, &mut self.learned, &drawn, stream)?;
            }
            self.listener.event(&Event {
                phase: "discriminator",
                step: draw,
                of: settings.pretrain_draws,
                metrics: &[
                    ("d-loss", seen.loss),
                    ("d-accuracy", seen.accuracy),
                    ("d-calibration", seen.calibration),
                    (
                        "d-held-out",
                        held_out_accuracy(&self.learned, self.data, self.config, self.evaluation()),
                    ),
                ],
            });
            self.position.done = draw;
            self.save_sometimes()?;
        }
        Ok(())
    }

    /// Maximum likelihood of the rival, for as many epochs as were best for the generator.
    fn pretrain_rival(&mut self) -> Result<()> {
        let epochs = if self.position.best_at > 0 { self.position.best_at } else { self.config.mle.epochs };
        for epoch in self.position.done + 1..=epochs {
            let stream = self.stream.named("rival").at(epoch as u64);
            let Rival { model: rival, mle_optimizer, .. } = self.learned.rival.as_mut().expect("it judges");
            let loss = likelihood_epoch(self.config, self.data, rival, mle_optimizer, stream)?;
            let metrics = [("nll-train", loss), ("nll-valid", rival.nll(&self.data.valid))];
            self.listener.event(&Event {
                phase: "discriminator",
                step: epoch,
                of: epochs,
                metrics: &metrics,
            });
            self.position.done = epoch;
            self.save_sometimes()?;
        }
        Ok(())
    }

    fn adversarial(&mut self, control: RewardControl, name: &str) -> Result<()> {
        let settings = &self.config.adversarial;
        let bleu =
            (settings.judge == JudgeKind::Bleu).then(|| BleuJudge::new(&self.data.train, self.data.end));
        let (config, data, options) = (self.config, self.data, self.options);
        let (evaluation, done, between) = (self.evaluation(), self.position.done, self.between());
        let (listener, position, saved) = (&mut *self.listener, &mut self.position, &mut self.saved);
        let mut after_round = |learned: &mut Learned, round: usize, seen: &super::game::Seen| {
            let mut metrics = vec![
                ("reward", seen.generator.reward),
                ("baseline", seen.generator.baseline),
                ("gradient-variance", seen.generator.gradient_variance),
                ("effective-sample", seen.generator.effective_sample),
                ("entropy", seen.generator.entropy),
                ("d-loss", seen.discriminator.loss),
                ("d-accuracy", seen.discriminator.accuracy),
                ("d-calibration", seen.discriminator.calibration),
            ];
            if round.is_multiple_of(settings.evaluate_every) || round == settings.schedule.rounds {
                let looked = look_at(&learned.generator, data, config, evaluation);
                let value = |name: &str| looked.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
                let halved = value("distinct-tokens").is_some_and(|d| 2.0 * d < position.diversity as f64);
                let floor = data.oracle.as_ref().map_or(f64::NEG_INFINITY, |oracle| oracle.floor);
                let below = value("nll-oracle").is_some_and(|nll| nll < floor);
                if (halved || below) && position.phase == Phase::Adversarial {
                    position.collapsed_at.get_or_insert(round);
                }
                metrics.splice(0..0, looked);
                if settings.judge == JudgeKind::Discriminator {
                    metrics.push(("d-held-out", held_out_accuracy(learned, data, config, evaluation)));
                }
            }
            let of = settings.schedule.rounds;
            listener.event(&Event { phase: name, step: round, of, metrics: &metrics });
            position.done = round;
            if let Some(folder) = &options.folder
                && saved.elapsed() >= between
            {
                learned.save(&folder.join(LAST), position)?;
                *saved = Instant::now();
            }
            Ok(Outcome::Continue)
        };
        let mut game = Game {
            config,
            data,
            learned: &mut self.learned,
            control,
            stream: self.stream.named(name),
            drawn: None,
            table: None,
            bleu,
            d_seen: Default::default(),
            g_seen: Default::default(),
            after_round: &mut after_round,
        };
        adversarial_loop(&mut game, &settings.schedule, done)
    }
}

fn control_name(index: usize) -> String {
    format!("control-{}.safetensors", index + 1)
}

/// Share of held-out real sentences and of freshly drawn ones that the discriminator judges rightly: what it
/// knows beyond the sentences it was shown.
fn held_out_accuracy(learned: &Learned, data: &TextData, config: &TextConfig, stream: Stream) -> f64 {
    let count = data.valid.len().min(config.evaluation.sentences);
    let drawn = learned.generator.draw(count, stream.named("held out"));
    let real = data.valid.select(&(0..count).collect::<Vec<_>>());
    let (mut real, mut drawn) = (real, drawn);
    if config.adversarial.credit == Credit::Prefix {
        real = random_prefixes(&real, stream.named("prefix of real"));
        drawn = random_prefixes(&drawn, stream.named("prefix of drawn"));
    }
    let right = learned.discriminator.score(&real).into_iter().filter(|&p| p > 0.5).count()
        + learned.discriminator.score(&drawn).into_iter().filter(|&p| p <= 0.5).count();
    right as f64 / (2 * count).max(1) as f64
}

/// One pass over the training sentences; returns the mean negative log-likelihood of a token.
fn likelihood_epoch(
    config: &TextConfig,
    data: &TextData,
    generator: &mut Generator,
    optimizer: &mut Optimizer,
    stream: Stream,
) -> Result<f64> {
    let settings = &config.mle;
    let mut order: Vec<usize> = (0..data.train.len()).collect();
    order.shuffle(&mut stream.named("order").rng());
    let (mut loss, mut batches) = (0.0, 0.0);
    for (step, batch) in order.chunks(settings.batch).enumerate() {
        let sentences = data.train.select(batch);
        let weight = 1.0 / sentences.token_count().max(1) as f32;
        let weights = Array2::from_elem(sentences.tokens().raw_dim(), weight);
        let dropout =
            (settings.dropout > 0.0).then(|| (settings.dropout, stream.named("dropout").at(step as u64)));
        let mut step = generator.gradient(&sentences, weights.view(), dropout);
        optimizer.step(generator, &mut step.gradient);
        loss += step.loss;
        batches += 1.0;
    }
    check(loss, generator, "generator", "--mle-lr")?;
    Ok(loss / batches)
}

/// Negative log-likelihood of `reference` under a new generator of the same shape that was trained by maximum
/// likelihood on `count` sentences of `generator`: how much of the language they cover (reverse NLL).
pub fn reverse_nll(
    generator: &Generator,
    reference: &Sequences,
    config: &TextConfig,
    count: usize,
    stream: Stream,
) -> Result<f64> {
    let shape = generator.shape().clone();
    let data = TextData {
        train: generator.draw(count, stream.named("train")),
        valid: generator.draw(count.div_ceil(10), stream.named("valid")),
        vocabulary_size: shape.vocabulary,
        steps: shape.steps,
        start: shape.start,
        end: shape.end,
        never: shape.never,
        oracle: None,
        vocabulary: None,
    };
    let mut config = config.clone();
    config.evaluation.sentences = 1; // nobody listens
    (config.generator.cell, config.generator.embedding, config.generator.hidden) =
        (shape.cell, shape.embedding, shape.hidden);
    config.mle.patience = config.mle.patience.max(1);
    let options = TextOptions::default();
    let mut trainer = Trainer {
        learned: Learned::new(&config, &data),
        config: &config,
        data: &data,
        options: &options,
        listener: &mut crate::event::Silent,
        position: Position::default(),
        stream,
        saved: Instant::now(),
    };
    trainer.maximum_likelihood()?;
    Ok(trainer.learned.likelihood.nll(reference))
}

/// Numbers about a generator: against the oracle, or on held-out text, and how diverse it is.
pub fn look_at(
    generator: &Generator,
    data: &TextData,
    config: &TextConfig,
    stream: Stream,
) -> Vec<(&'static str, f64)> {
    let drawn = generator.draw(config.evaluation.sentences, stream);
    let mut found = vec![];
    match &data.oracle {
        Some(oracle) => {
            found.push(("nll-oracle", oracle.model.nll(&drawn)));
            found.push(("nll-test", generator.nll(&oracle.test)));
        }
        None => {
            found.push(("nll-valid", generator.nll(&data.valid)));
            let plain: Vec<&[u32]> = drawn.iter().map(|s| without_end(s, data.end)).collect();
            let real: Vec<&[u32]> = data.valid.iter().map(|s| without_end(s, data.end)).collect();
            found.push(("bleu-3", mean_bleu(&plain, &References::new(&real, 3), 3..=3)[0]));
            found.push(("self-bleu-3", self_bleu(&plain, 3..=3)[0]));
        }
    }
    found.push(("distinct-tokens", distinct_tokens(&drawn.iter().collect::<Vec<_>>()) as f64));
    found
}
