//! The front door: sentences and a configuration in, a generator and its history out.
//!
//! Three phases: maximum likelihood, pre-training of the discriminator, adversarial rounds; then the rounds
//! again from the same start for every reward control asked for. A training that was interrupted goes on
//! from its last checkpoint to the same bits.

use std::path::PathBuf;

use super::game::Game;
use super::learned::{Kept, Learned, Phase, Position};
use super::models::RecurrentModel;
use super::{Credit, TextConfig, TextData};
use crate::error::{Error, Result};
use crate::evaluation::text::distinct_tokens;
use crate::event::Listener;
use crate::game::RewardControl;
use crate::game::rounds::{Progress, adversarial_loop};
use crate::game::{Checkpoints, Stage};
use crate::nn::load_tensors;
use crate::seed::Stream;

/// The most numbers of one kind that a training keeps at a time: 4 GiB.
const LARGEST: usize = 1 << 30;

/// How a training starts, what stands beside it, and where it is kept.
#[derive(Clone, Debug, Default)]
pub struct TextOptions {
    /// The first phase; those before it are skipped.
    pub from: Phase,
    /// Start with what this run had learnt before the first phase: its generator, and for the adversarial
    /// phase everything, which asks for the same settings of all networks.
    pub init: Option<PathBuf>,
    /// Reward controls to play from the same start.
    pub controls: Vec<RewardControl>,
    /// The run's folder, where what was learnt before the adversarial phase is kept for other runs.
    pub folder: Option<PathBuf>,
    /// Where the training itself is kept, to go on from; nowhere by default.
    pub checkpoints: Checkpoints,
}

/// A finished training.
#[derive(Clone, Debug)]
pub struct TrainedText {
    /// The generator after maximum likelihood: the best epoch.
    pub likelihood: RecurrentModel,
    /// The generator after the last adversarial round.
    pub generator: RecurrentModel,
    /// The last state of everything.
    pub learned: Learned,
    /// Generators of the same game with a control in the reward's place.
    pub controls: Vec<(RewardControl, RecurrentModel)>,
    /// What was seen of collapse, and done about it.
    pub collapses: Vec<String>,
}

/// The file in a run's folder that holds what was learnt before the adversarial phase.
pub const PRETRAINED: &str = "pretrained.safetensors";

/// Trains SeqGAN on `data`.
///
/// # Errors
/// When settings do not fit the data, a number stops being finite, a file cannot be read or written, or the
/// training was asked to stop.
pub fn train_text(
    config: &TextConfig,
    data: &TextData,
    options: &TextOptions,
    listener: &mut dyn Listener,
) -> Result<TrainedText> {
    validate_sizes(config, data)?;
    Trainer::new(config, data, options, listener)?.run()
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
        (
            "a batch of the adversarial phase (`adversarial.batch`, `generator.hidden`)",
            product(&[adversarial.batch, steps, cell]),
        ),
        ("a batch of maximum likelihood", product(&[config.mle.batch.min(data.train.len()), steps, cell])),
        (
            "the rollouts of one sentence (`adversarial.rollouts`, `generator.hidden`)",
            if adversarial.credit == Credit::Rollouts {
                product(&[adversarial.rollouts, steps, steps + cell])
            } else {
                0
            },
        ),
        ("an evaluation (`evaluation.sentences`)", product(&[evaluation.sentences, steps])),
    ];
    match sizes.into_iter().find(|&(_, size)| size > LARGEST) {
        Some((what, size)) => Err(Error::Config(format!(
            "{what}: {size} numbers are more than the {LARGEST} there is room for; choose fewer or shorter \
             sentences (`corpus.max-len`, `oracle.steps`) or a smaller network"
        ))),
        None => Ok(()),
    }
}

/// A training and where it stands.
pub(super) struct Trainer<'a> {
    pub config: &'a TextConfig,
    pub data: &'a TextData,
    pub options: &'a TextOptions,
    pub listener: &'a mut dyn Listener,
    pub kept: Kept,
    pub position: Position,
    pub stream: Stream,
    pub stage: Stage,
}

impl<'a> Trainer<'a> {
    /// A training at its start, or where its checkpoint stands.
    pub fn new(
        config: &'a TextConfig,
        data: &'a TextData,
        options: &'a TextOptions,
        listener: &'a mut dyn Listener,
    ) -> Result<Self> {
        let mut learned = Learned::new(config, data);
        match (&options.init, options.from) {
            (Some(run), Phase::Adversarial) => learned.load(&run.join(PRETRAINED))?,
            (Some(run), _) => {
                load_tensors(&run.join("mle.safetensors"), learned.generator.model_mut())?;
                learned.likelihood = learned.generator.model().clone();
            }
            (None, _) => {}
        }
        let mut kept = Kept { good: learned.clone(), learned };
        let stage = options.checkpoints.stage("last");
        let start = Position { phase: options.from, ..Default::default() };
        let position = stage.load(&mut kept)?.unwrap_or(start);
        Ok(Self { config, data, options, listener, kept, position, stream: Stream::new(config.seed), stage })
    }

    fn run(mut self) -> Result<TrainedText> {
        if self.position.phase == Phase::Mle {
            self.maximum_likelihood()?;
            self.enter(Phase::Discriminator)?;
        }
        if self.position.phase == Phase::Discriminator {
            self.pretrain_judge()?;
            self.enter(Phase::Adversarial)?;
        }
        if self.position.phase == Phase::Adversarial && self.position.diversity == 0 {
            self.enter(Phase::Adversarial)?; // the phases before were skipped
        }
        // Controls start where the adversarial phase did.
        let here = self.position.phase == Phase::Adversarial && self.position.is_at_start();
        let pretrained =
            self.state(here, self.options.folder.as_ref().map(|folder| folder.join(PRETRAINED)))?;
        if self.position.phase == Phase::Adversarial {
            self.adversarial(self.config.adversarial.reward, "adversarial")?;
            self.finish("trained", Phase::Control)?;
        }
        let here = self.position.control == 0 && self.position.is_at_start();
        let trained = self.state(here, self.result("trained"))?;
        let mut controls = vec![];
        for (index, &control) in self.options.controls.iter().enumerate() {
            let name = format!("{control} reward");
            if index >= self.position.control {
                if self.position.is_at_start() {
                    self.kept = Kept { learned: pretrained.clone(), good: pretrained.clone() };
                }
                self.adversarial(control, &name)?;
                self.position.control = index + 1;
                self.finish(&name, Phase::Control)?;
            }
            let here = index + 1 == self.position.control && self.position.is_at_start();
            controls.push((control, self.state(here, self.result(&name))?.generator.into_model()));
        }
        Ok(TrainedText {
            likelihood: trained.likelihood.clone(),
            generator: trained.generator.model().clone(),
            collapses: self.position.collapses,
            learned: trained,
            controls,
        })
    }

    /// The next phase begins.
    fn enter(&mut self, phase: Phase) -> Result<()> {
        let Position { control, best, best_at, diversity, .. } = self.position;
        let collapses = std::mem::take(&mut self.position.collapses);
        self.position =
            Position { phase, control, best, best_at, diversity, collapses, ..Default::default() };
        if phase == Phase::Adversarial {
            let count = self.config.evaluation.sentences;
            let drawn = self.kept.learned.generator.draw(count, self.evaluation());
            self.position.diversity = distinct_tokens(&drawn.iter().collect::<Vec<_>>());
            self.kept.learned.begin_game(self.config);
            self.kept.good = self.kept.learned.clone();
            if let Some(folder) = &self.options.folder {
                self.kept.learned.save(&folder.join(PRETRAINED))?;
            }
        }
        self.stage.save(&self.kept, &self.position)
    }

    /// The end of a game: keeps its `result` and enters the next phase.
    fn finish(&mut self, result: &str, next: Phase) -> Result<()> {
        if let Some(path) = self.result(result) {
            self.kept.learned.save(&path)?;
        }
        self.enter(next)
    }

    /// Where the result of a game is kept until the training is over.
    fn result(&self, name: &str) -> Option<PathBuf> {
        self.options.checkpoints.file(&format!("{name}.safetensors"))
    }

    /// What has been learnt, where that is the state asked for, or else what the file says.
    fn state(&self, here: bool, path: Option<PathBuf>) -> Result<Learned> {
        let mut learned = self.kept.learned.clone();
        if let Some(path) = path.filter(|_| !here) {
            learned.load(&path)?;
        }
        Ok(learned)
    }

    /// The stream of every evaluation: the same, so that generators are compared on the same draws.
    pub fn evaluation(&self) -> Stream {
        self.stream.named("evaluation")
    }

    fn adversarial(&mut self, control: RewardControl, name: &str) -> Result<()> {
        let settings = &self.config.adversarial;
        self.kept.learned.set_game_optimizers(self.config, self.position.guard.rate());
        if !self.position.over {
            let done = Progress { rounds: self.position.done, epochs: self.position.epochs };
            let mut game = Game {
                config: self.config,
                data: self.data,
                evaluation: self.evaluation(),
                stream: self.stream.named(name),
                kept: &mut self.kept,
                position: &mut self.position,
                stage: &mut self.stage,
                listener: &mut *self.listener,
                name,
                control,
                drawn: None,
            };
            adversarial_loop(&mut game, &settings.schedule, done)?;
        }
        let found = self.position.guard.found().iter().map(|found| format!("{name}: {found}"));
        self.position.collapses.extend(found);
        Ok(())
    }
}
