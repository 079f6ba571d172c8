//! `seqgan train --method wgan-gp` and `gan`: lines from noise.

use std::path::PathBuf;
use std::time::Instant;

use super::logged::{Concluded, conclude, logged};
use crate::cli::args::same_files::tell_same_files;
use crate::cli::args::session::RunArgs;
use crate::cli::args::settings::print_config;
use crate::cli::given::of_folder;
use crate::cli::seqgan::data::DataArgs;
use crate::cli::seqgan::effects;
use crate::cli::seqgan::settings::Settings;
use crate::error::Result;
use crate::report::results::LineResults;
use crate::text::wgan::{LineModel, Objective, WganOptions, train_lines};

/// Arguments of the command, as far as they concern lines.
pub(super) struct LineTraining {
    pub data: DataArgs,
    pub settings: Settings,
    pub run: RunArgs,
    /// Every file that is read, for the record.
    pub inputs: Vec<PathBuf>,
    pub objective: Objective,
    pub print_config: bool,
}

/// Runs the command.
pub(super) fn run(args: &LineTraining) -> Result<()> {
    let config = args.settings.resolve_lines(args.objective, args.data.usual_length())?;
    effects::of_lines(&config, args.data.cfg.is_some())?;
    if args.print_config {
        return print_config(&config);
    }
    of_folder(args.run.out.is_some());
    tell_same_files(&[("--text", args.data.text.as_deref()), ("--valid", args.data.valid.as_deref())]);
    let run_options = args.run.options();
    run_options.check()?;
    let (data, summary) = args.data.load_lines(config.length)?;
    let session = run_options.begin("seqgan", &args.inputs)?;
    session.folder.save_config(&config)?;
    let folder = Some(session.folder.path().to_owned());
    let options = WganOptions { folder, checkpoints: session.checkpoints.clone() };
    let started = Instant::now();
    let (session, trained) = logged(session, |listener| train_lines(&config, &data, &options, listener))?;
    let results = LineResults::of_training(&config, &trained, summary);
    LineModel::new(&config, trained.generator, data.vocabulary.clone(), trained.words)
        .save(session.folder.path())?;
    let (markdown, text) = (results.markdown(), results.text());
    let advice = ["write with it: seqgan generate --model", " -n 10"];
    conclude(session, started, &Concluded { results: &results, markdown, text, advice })
}
