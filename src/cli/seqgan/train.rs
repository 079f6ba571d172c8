//! `seqgan train`: maximum likelihood, discriminator, adversarial rounds, report.

use std::path::PathBuf;

use clap::Args;

use super::data::DataArgs;
use super::report::Report;
use super::settings::Settings;
use super::{Seqgan, train_arguments};
use crate::cli::eval::print;
use crate::cli::session::{RunArgs, Session};
use crate::cli::train::{control, distinct};
use crate::error::{Error, Result};
use crate::policy_gradient::RewardControl;
use crate::text::{PRETRAINED, Phase, TextConfig, TextData, TextModel, TextOptions, TrainedText, train_text};
use crate::training::{Listeners, Progress};

/// Train a generator of sentences on text, or on sentences of an oracle (the built-in one without --text and
/// --oracle)
#[derive(Debug, Args)]
pub struct TrainArgs {
    #[command(flatten)]
    data: DataArgs,
    /// The first phase; those before it are skipped
    #[arg(long, value_enum, default_value_t, requires_ifs = [("adversarial", "init"), ("discriminator", "init")])]
    from: FirstPhase,
    /// Start with what this run had learnt before the first phase
    #[arg(long, value_name = "DIR")]
    init: Option<PathBuf>,
    /// Reward controls to play from the same start: constant, random, shuffled, or `none`
    #[arg(long, value_delimiter = ',', default_value = "constant", value_parser = control)]
    controls: Vec<Option<RewardControl>>,
    /// Print the settings and stop
    #[arg(long)]
    print_config: bool,
    /// No progress
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    run: RunArgs,
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

impl From<FirstPhase> for Phase {
    fn from(phase: FirstPhase) -> Self {
        match phase {
            FirstPhase::Mle => Self::Mle,
            FirstPhase::Discriminator => Self::Discriminator,
            FirstPhase::Adversarial => Self::Adversarial,
        }
    }
}

impl TrainArgs {
    /// The arguments of the run that `--resume` asks to go on with, or these; `None` when that run is finished.
    fn resumed(self) -> Result<Option<Self>> {
        let Some(folder) = self.run.resume.clone() else { return Ok(Some(self)) };
        let earlier = RunArgs::earlier::<Seqgan, _>(&folder, &["quiet"], train_arguments)?;
        let Some((record, earlier)) = earlier else { return Ok(None) };
        let (run, quiet) = (self.run.over(&earlier.run), self.quiet || earlier.quiet);
        let mut args = Self { run, quiet, ..earlier };
        args.paths().into_iter().for_each(|path| *path = record.folder.join(&*path));
        Ok(Some(args))
    }

    /// Every path that is read from.
    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let Self { data, init, settings, .. } = self;
        let all =
            [&mut data.text, &mut data.valid, &mut data.oracle, &mut data.real, init, &mut settings.config];
        all.into_iter().flatten().collect()
    }

    /// Every file or folder that is read: of another run, what this one starts with.
    fn inputs(&self) -> Vec<PathBuf> {
        let DataArgs { text, valid, oracle, real, .. } = &self.data;
        let start = match self.from {
            FirstPhase::Adversarial => PRETRAINED,
            _ => "mle.safetensors",
        };
        let init = self.init.as_ref().map(|run| run.join(start));
        let all =
            [text.clone(), valid.clone(), oracle.clone(), real.clone(), init, self.settings.config.clone()];
        all.into_iter().flatten().collect()
    }
}

/// Runs the command.
pub fn run(args: TrainArgs) -> Result<()> {
    let Some(args) = args.resumed()? else { return Ok(()) };
    let config = args.settings.resolve()?;
    if args.print_config {
        return print(&toml::to_string_pretty(&config).map_err(|cause| Error::Config(cause.to_string()))?);
    }
    let data = args.data.load()?;
    let mut session = args.run.begin("seqgan", &args.inputs())?;
    session.folder.save_config(&config)?;
    let options = TextOptions {
        from: args.from.into(),
        init: args.init.clone(),
        controls: distinct(&args.controls),
        folder: Some(session.folder.path().to_owned()),
        checkpoints: session.checkpoints.clone(),
    };
    let mut progress = Progress::default();
    let trained = {
        let mut listeners = Listeners(vec![&mut session.log]);
        if !args.quiet {
            listeners.0.push(&mut progress);
        }
        train_text(&config, &data, &options, &mut listeners)
    };
    drop(progress);
    let trained = session.told("seqgan", trained)?;
    report(&config, &data, &trained, session)
}

/// Writes the model and the report, and prints it.
fn report(config: &TextConfig, data: &TextData, trained: &TrainedText, session: Session) -> Result<()> {
    let folder = &session.folder;
    TextModel::new(trained, data.vocabulary.clone()).save(folder.path())?;
    let report = Report::of_training(config, data, trained);
    folder.save_text("report.md", &report.markdown())?;
    folder.save_text("report.json", &report.json()?)?;
    let path = folder.path().display();
    print(&format!(
        "{}\nmodel: {path}   write with it: seqgan generate --model {path} -n 10\n",
        report.text()
    ))?;
    session.finish()
}
