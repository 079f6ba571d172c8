//! A whole training of lines.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::config::WganConfig;
use super::game::{LinePlayers, SampleLog, WganState};
use super::generator::LineGenerator;
use super::lines::{LineData, text};
use super::measures::{LineMeasures, LineReference, real_sample, words_of};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::game::{self, Checkpoints, Rules, Schedule, phase};
use crate::nn::Learner;
use crate::seed::Stream;

/// Lines of each generator in the results.
const SHOWN: usize = 10;
/// Name of the file in a run's folder that holds lines of every round.
const SAMPLES_FILE: &str = "samples.tsv";

/// Folder and checkpoints of a training.
#[derive(Clone, Debug, Default)]
pub struct WganOptions {
    /// Folder of the run, for the lines of every round.
    pub folder: Option<PathBuf>,
    /// Checkpoints to resume from; none are kept by default.
    pub checkpoints: Checkpoints,
}

/// A finished training.
#[derive(Clone, Debug)]
pub struct TrainedLines {
    /// Generator of the best round by the validation lines.
    pub generator: LineGenerator,
    /// That round, 0 being the start.
    pub round: usize,
    /// Words of the training lines.
    pub words: BTreeSet<String>,
    /// Measures against the validation lines of: real lines, the start, the best round, the last one.
    pub measures: [LineMeasures; 4],
    /// Some lines of: real lines, the start, the best round, the last one.
    pub samples: [Vec<String>; 4],
    /// Signs of collapse that were seen, and what was done about each.
    pub collapses: Vec<String>,
}

/// Trains a generator of lines on `data`.
///
/// # Errors
/// When a setting is out of range, a number stops being finite, a file cannot be read or written, or the training was asked to
/// stop.
pub fn train_lines(
    config: &WganConfig,
    data: &LineData,
    options: &WganOptions,
    listener: &mut dyn Listener,
) -> Result<TrainedLines> {
    config.validate()?;
    let stream = Stream::new(config.seed).named("lines");
    let evaluation = stream.named("evaluation");
    let words = words_of(data.train.view(), &data.vocabulary);
    let reference = LineReference::held_out(data, &words);
    let samples = options.folder.as_ref().map(|folder| SampleLog(folder.join(SAMPLES_FILE)));
    let game_stream = stream.named("game");
    let mut players = LinePlayers {
        config,
        data,
        reference: &reference,
        stream: game_stream,
        evaluation,
        samples,
        failure: None,
    };
    let start = WganState::new(config, data, stream);
    let first = start.generator.model().clone();
    let rules = Rules {
        phase: phase::ADVERSARIAL,
        schedule: schedule(config),
        on_collapse: config.on_collapse,
        patience: usize::MAX,
        reward_changes: true,
    };
    let begin = (start, first.clone());
    let result = game::play(&mut players, begin, &rules, &options.checkpoints, listener)?;
    players.failure.take().map_or(Ok(()), Err)?;
    if let Some(failure) = result.failure {
        return Err(Error::NonFinite(failure));
    }
    let last = Learner::into_model(result.last.generator);
    let real = real_sample(data, config.evaluate_on, evaluation.named("real"));
    let shown = |lines: &ndarray::Array2<u32>| -> Vec<String> {
        lines.rows().into_iter().take(SHOWN).map(|line| text(line, &data.vocabulary)).collect()
    };
    let of_generators = [&first, &result.best, &last].map(|generator| players.measure(generator));
    let [start, best, end] = of_generators;
    Ok(TrainedLines {
        generator: result.best,
        round: result.best_rounds[0].round,
        measures: [reference.measure(real.view()), start.0, best.0, end.0],
        samples: [shown(&real), shown(&start.1), shown(&best.1), shown(&end.1)],
        words: words.clone(),
        collapses: result.collapses,
    })
}

/// Returns rounds of as many generator epochs as a round has steps of the generator; the critic moves within them.
fn schedule(config: &WganConfig) -> Schedule {
    let WganConfig { rounds, generator_steps, .. } = *config;
    Schedule { rounds, d_epochs: 0, g_epochs: generator_steps, ..Schedule::default() }
}
