//! `seqgan train`: maximum likelihood, discriminator, adversarial rounds, report.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::data::DataArgs;
use super::settings::Settings;
use crate::cli::console;
use crate::cli::eval::print;
use crate::cli::settings::print_config;
use crate::cli::train::{control, distinct};
use crate::error::{Error, Result};
use crate::policy_gradient::RewardControl;
use crate::text::{Phase, TextConfig, TextData, TextModel, TextOptions, checkpoint_position, train_text};
use crate::toml_file;
use crate::training::results::{DataSummary, TextResults, Timing};
use crate::training::{Listeners, RunDir, TensorBoardLog, report};

/// Train a generator of sentences on text, or on sentences of an oracle (the built-in one without --text and
/// --oracle)
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan train
  seqgan train --text captions.txt --valid held-out.txt --out runs/captions
  seqgan train --text code.txt --level char --judge discriminator --credit rollouts --rollouts 4
  seqgan train --resume runs/captions")]
pub struct TrainArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Folder for the run [default: the next free runs/seqgan]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
    /// Go on with the interrupted run in this folder, to the bits of an unbroken one; its own settings and data
    /// are used
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "force", "text", "oracle", "config", "init", "from"])]
    resume: Option<PathBuf>,
    /// The first phase; those before it are skipped
    #[arg(long, value_enum, default_value_t, requires_ifs = [("adversarial", "init"), ("discriminator", "init")])]
    from: FirstPhase,
    /// Start with what this run had learnt before the first phase
    #[arg(long, value_name = "DIR")]
    init: Option<PathBuf>,
    /// Reward controls to play from the same start: constant, random, shuffled, or `none`
    #[arg(long, value_delimiter = ',', default_value = "constant", value_parser = control)]
    controls: Vec<Option<RewardControl>>,
    /// Seconds between two checkpoints, from which --resume goes on; 0: one after every step
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    checkpoint_every: u64,
    /// Print the settings and stop
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Where a training may begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum FirstPhase {
    /// Maximum likelihood of the generator
    #[default]
    Mle,
    /// Pre-training of the discriminator
    Discriminator,
    /// The rounds of both
    Adversarial,
}

/// What a run is made of, kept in its folder as `data.toml` for `--resume` and `seqgan eval`.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RunData {
    from: String,
    init: Option<PathBuf>,
    controls: Vec<RewardControl>,
    data: DataArgs,
}

/// Runs the command.
pub fn run(args: &TrainArgs) -> Result<()> {
    match &args.resume {
        Some(folder) => resume(args, folder.clone()),
        None => start(args),
    }
}

fn start(args: &TrainArgs) -> Result<()> {
    let config = args.settings.resolve()?;
    if args.print_config {
        return print_config(&config);
    }
    let (mut data, mut init) = (args.data.clone(), args.init.clone());
    let paths = [&mut data.text, &mut data.valid, &mut data.oracle, &mut data.real, &mut init];
    for path in paths.into_iter().flatten() {
        // A resumed run may be started from another folder.
        *path = std::path::absolute(&*path).map_err(|source| Error::io(&*path, "find", source))?;
    }
    let from = match args.from {
        FirstPhase::Mle => Phase::Mle,
        FirstPhase::Discriminator => Phase::Discriminator,
        FirstPhase::Adversarial => Phase::Adversarial,
    };
    let run = RunData { from: from.name().to_owned(), init, controls: distinct(&args.controls), data };
    let loaded = run.data.load()?;
    let folder = match &args.out {
        Some(path) => RunDir::create(path, args.force)?,
        None => RunDir::next("seqgan")?,
    };
    folder.save_config(&config)?;
    folder.save_toml("data.toml", &run)?;
    let log = folder.metrics()?;
    let options = options(args, &run, from, &folder);
    play(&config, (&loaded, run.data.summary(&loaded)), &options, &folder, log)
}

fn resume(args: &TrainArgs, path: PathBuf) -> Result<()> {
    let folder = RunDir::open(&path)?;
    let config: TextConfig = toml_file::read(&path.join("config.toml"))?;
    config.validate()?;
    let run: RunData = toml_file::read(&path.join("data.toml"))?;
    let loaded = run.data.load()?;
    let from =
        [Phase::Mle, Phase::Discriminator, Phase::Adversarial].into_iter().find(|p| p.name() == run.from);
    let from = from.ok_or_else(|| Error::data(path.join("data.toml"), format!("no phase `{}`", run.from)))?;
    let position = checkpoint_position(&config, &loaded, &path)?;
    let controls = run.controls.clone();
    // What was logged after the checkpoint will be logged again.
    let log = folder.metrics_until(|phase, step| match position {
        None => false,
        Some(at) => {
            let place = match phase {
                "mle" => (Phase::Mle, 0),
                "discriminator" => (Phase::Discriminator, 0),
                "adversarial" => (Phase::Adversarial, 0),
                other => {
                    let index = controls.iter().position(|control| other == format!("{control} reward"));
                    index.map_or((Phase::Adversarial, 0), |index| (Phase::Control, index))
                }
            };
            (place.0, place.1, step) <= (at.phase, at.control, at.done)
        }
    })?;
    if let Some(at) = position {
        note!("going on with {} after step {} of phase {}", path.display(), at.done, at.phase.name());
    }
    let options = options(args, &run, from, &folder);
    play(&config, (&loaded, run.data.summary(&loaded)), &options, &folder, log)
}

fn options(args: &TrainArgs, run: &RunData, from: Phase, folder: &RunDir) -> TextOptions {
    TextOptions {
        from,
        init: run.init.clone(),
        controls: run.controls.clone(),
        folder: Some(folder.path().to_owned()),
        resume: args.resume.is_some(),
        checkpoint_every: args.checkpoint_every,
    }
}

fn play(
    config: &TextConfig,
    (data, summary): (&TextData, DataSummary),
    options: &TextOptions,
    folder: &RunDir,
    mut log: crate::training::MetricsLog,
) -> Result<()> {
    let mut board = TensorBoardLog::create(folder.path())?;
    let started = Instant::now();
    let mut progress = console::progress();
    let trained = {
        let mut listeners = Listeners(vec![&mut log, &mut board, &mut progress]);
        train_text(config, data, options, &mut listeners)?
    };
    drop(progress);
    log.finish()?;
    board.finish()?;
    TextModel::new(&trained, data.vocabulary.clone()).save(folder.path())?;
    let results = TextResults::of_training(config, data, &trained, summary);
    folder.save_text("report.md", &results.markdown())?;
    folder.save_json("report.json", &results)?;
    folder.save_json("timing.json", &Timing::since(started))?;
    report::write(folder.path())?;
    let path = folder.path().display();
    print(&format!(
        "{}\nreport: {path}/report.html\nmodel: {path}   write with it: seqgan generate --model {path} -n 10\n",
        results.text()
    ))
}
