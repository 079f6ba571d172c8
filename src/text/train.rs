//! The front door: sentences and a configuration in, a generator and its history out.
//!
//! Three stages: maximum likelihood, pre-training of the judge, the game; then the controls: the game again from the same
//! start with every placebo reward asked for, an ensemble of maximum likelihood, and the game with the ensemble as judge.
//! Each is a stage of the checkpoints. A training that was interrupted resumes, and its
//! results are byte-identical to those of an uninterrupted one.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::config::{JudgeKind, TextConfig};
use super::data::TextData;
use super::fresh::fresh_member;
use super::game::{Playing, play};
use super::judges::Judge;
use super::likelihood_stage::Fitted;
use super::models::{Ensemble, RecurrentModel};
use super::pretrain::TextTraining;
use super::sentences::{SentenceState, Sentences};
use super::sizes::validate_sizes;
use crate::error::{Error, Result, require};
use crate::event::Listener;
use crate::game::{Checkpoints, RewardSource, phase};
use crate::nn::load_tensors;
use crate::seed::Stream;
use crate::team::Team;

/// Stages of a training that it may begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Maximum likelihood of the generator.
    #[default]
    Mle,
    /// Pre-training of the judge.
    Discriminator,
    /// The game.
    Adversarial,
}

/// Options of a training: its beginning, what stands beside it, and where it is kept.
#[derive(Clone, Debug, Default)]
pub struct TextOptions {
    /// First stage; those before it are skipped.
    pub from: Phase,
    /// Folder of a run to begin with: its generator of maximum likelihood, and for the game both players, which asks for the
    /// same settings of all networks.
    pub init: Option<PathBuf>,
    /// Placebo rewards to play the game again with, from the same start.
    pub controls: Vec<RewardSource>,
    /// Folder of the run, where the state before the game is kept for other runs.
    pub folder: Option<PathBuf>,
    /// Checkpoints to resume from; none are kept by default.
    pub checkpoints: Checkpoints,
    /// Processes that share the rollouts; each trains on the same data.
    pub team: Team,
}

/// A finished training.
#[derive(Clone, Debug)]
pub struct TrainedText {
    /// Generator after maximum likelihood: the best epoch.
    pub likelihood: RecurrentModel,
    /// Generator after the last round.
    pub generator: RecurrentModel,
    /// Generators of the same game with each placebo reward.
    pub controls: Vec<(RewardSource, RecurrentModel)>,
    /// Ensemble of maximum likelihood, the start among its members; `None` where one member is set.
    pub ensemble: Option<Ensemble<RecurrentModel>>,
    /// Generator of the game whose judge is the ensemble, where the game had another judge.
    pub distilled: Option<RecurrentModel>,
    /// Signs of collapse that were seen, and what was done about each.
    pub collapses: Vec<String>,
}

/// Name of the file in a run's folder that holds the state before the game.
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
    for (setting, precision) in config.discriminator.precisions() {
        require(precision.is_available(), || {
            format!(
                "`{setting}` bf16: this processor has no products of bfloat16 (AMX or AVX-512 BF16); leave it f32"
            )
        })?;
    }
    refuse_older_checkpoint(&options.checkpoints)?;
    let stream = Stream::new(config.seed);
    let mut training = TextTraining {
        config,
        data,
        checkpoints: &options.checkpoints,
        team: options.team,
        listener,
        stream,
    };
    let start = training.start(options)?;
    if let Some(folder) = &options.folder {
        start.save_start(&folder.join(PRETRAINED))?;
    }
    let mut collapses = vec![];
    let mut play = |reward, name: &str| training.play(&start, reward, name, &mut collapses);
    let generator = play(config.adversarial.reward, phase::ADVERSARIAL)?;
    let mut controls = vec![];
    for &placebo in &options.controls {
        controls.push((placebo, play(placebo, &format!("{placebo}{}", phase::PLACEBO_SUFFIX))?));
    }
    let ensemble = match &start.judge {
        Judge::Ensemble(ensemble) => Some(ensemble.clone()),
        _ if config.ensemble.members > 1 => Some(training.ensemble(&start.rollout)?),
        _ => None,
    };
    let is_other = config.ensemble.distill && config.adversarial.judge != JudgeKind::Ensemble;
    let distilled = match ensemble.as_ref().filter(|_| is_other) {
        Some(ensemble) => Some(training.distill(&start.rollout, ensemble, &mut collapses)?),
        None => None,
    };
    Ok(TrainedText { likelihood: start.rollout, generator, controls, ensemble, distilled, collapses })
}

/// Refuses to resume from the one checkpoint of all stages that older versions of the program wrote.
fn refuse_older_checkpoint(checkpoints: &Checkpoints) -> Result<()> {
    let older = checkpoints.file("last.safetensors").filter(|path| path.exists());
    older.map_or(Ok(()), |path| {
        let message = "this checkpoint was written by an older version of the program. Delete this file: the training \
                       begins again and comes to the same end";
        Err(Error::data(path, message))
    })
}

impl TextTraining<'_> {
    /// Returns the state before the game, from all stages before it that are not skipped.
    fn start(&mut self, options: &TextOptions) -> Result<SentenceState> {
        let (config, data) = (self.config, self.data);
        let subject = Sentences { config, data };
        let mut generator = fresh_member(config, data, 1);
        let mut judge = Judge::new(config, data);
        if options.from == Phase::Adversarial {
            let mut state = subject.begin(generator, judge);
            if let Some(run) = &options.init {
                state.load_start(&run.join(PRETRAINED))?;
            }
            return Ok(state);
        }
        if let Some(run) = &options.init {
            load_tensors(&run.join("mle.safetensors"), &mut generator)?;
        }
        let generator = match options.from {
            Phase::Mle => self.maximum_likelihood(generator, 1)?,
            _ => Fitted { model: generator, epoch: 0 },
        };
        if let Judge::Ensemble(_) = judge {
            judge = Judge::Ensemble(self.ensemble(&generator.model)?);
        } else if judge.learns() {
            judge = self.pretrain_judge(judge, &generator)?;
        }
        Ok(subject.begin(generator.model, judge))
    }

    /// Returns the `generator` after a game whose judge is the `ensemble`; adds what was seen to `collapses`.
    fn distill(
        &mut self,
        generator: &RecurrentModel,
        ensemble: &Ensemble<RecurrentModel>,
        collapses: &mut Vec<String>,
    ) -> Result<RecurrentModel> {
        let config = self.config.distillation();
        let judge = Judge::Ensemble(ensemble.clone());
        let start = Sentences { config: &config, data: self.data }.begin(generator.clone(), judge);
        let listener = &mut *self.listener;
        let mut training = TextTraining { config: &config, listener, ..*self };
        training.play(&start, RewardSource::Discriminator, phase::DISTILLATION, collapses)
    }

    /// Plays a game from `start`, with `name` in logs, and returns its generator; adds what was seen to `collapses`.
    fn play(
        &mut self,
        start: &SentenceState,
        reward: RewardSource,
        name: &str,
        collapses: &mut Vec<String>,
    ) -> Result<RecurrentModel> {
        let subject = Sentences { config: self.config, data: self.data };
        let (stream, evaluation) = (self.stream.named(name), self.evaluation());
        let (checkpoints, listener) = (self.checkpoints, &mut *self.listener);
        let team = self.team;
        play(
            &subject,
            start,
            Playing { name, reward, stream, evaluation, checkpoints, team, listener, collapses },
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::game::{Interrupt, LogLength};

    #[test]
    fn a_checkpoint_of_an_older_version_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let checkpoints =
            Checkpoints::new(folder.path(), Duration::ZERO, Interrupt::default(), LogLength::default());
        refuse_older_checkpoint(&checkpoints).expect("nothing to resume");
        std::fs::write(folder.path().join("last.safetensors"), "older").expect("the folder is writable");
        let error = refuse_older_checkpoint(&checkpoints).expect_err("an older checkpoint").to_string();
        assert!(error.contains("last.safetensors") && error.contains("older version"), "{error}");
    }
}
