//! `seqgan train` on pairs: maximum likelihood of an encoder–decoder, and a game a system.

use std::path::PathBuf;
use std::time::Instant;

use super::logged::{Concluded, conclude, logged};
use crate::cli::args::session::RunArgs;
use crate::cli::args::settings::print_config;
use crate::cli::given::of_folder;
use crate::cli::seqgan::data::DataArgs;
use crate::cli::seqgan::effects;
use crate::cli::seqgan::pair_data::PairArgs;
use crate::cli::seqgan::settings::Settings;
use crate::error::{Error, Result};
use crate::game::RewardSource;
use crate::report::results::PairResults;
use crate::text::Phase;
use crate::text::pairs::{PairModel, PairTrainingOptions, train_pairs};

/// Arguments of the command, as far as they concern pairs.
pub(super) struct PairTraining {
    pub data: DataArgs,
    pub pairs: PairArgs,
    pub settings: Settings,
    pub run: RunArgs,
    /// Every file that is read, for the record.
    pub inputs: Vec<PathBuf>,
    pub from: Phase,
    pub init: Option<PathBuf>,
    pub controls: Vec<RewardSource>,
    pub print_config: bool,
}

/// Runs the command.
pub(super) fn run(args: &PairTraining) -> Result<()> {
    let mut config = args.settings.resolve_pairs(None)?; // what is wrong is told before the data are read
    of_folder(args.run.out.is_some());
    effects::of_pairs(&args.pairs, &args.data, &config);
    if args.from == Phase::Adversarial {
        let message = "--from adversarial: a training on pairs begins with mle or discriminator";
        return Err(Error::Config(message.into()));
    }
    let run_options = args.run.options();
    run_options.check()?;
    let (data, turns) = args.pairs.load(&args.data)?;
    config = args.settings.resolve_pairs(Some(data.token_count()))?;
    if args.print_config {
        return print_config(&config);
    }
    let dull = args.pairs.dull_replies(&data)?;
    let session = run_options.begin("seqgan", &args.inputs)?;
    session.folder.save_config(&config)?;
    let options = PairTrainingOptions {
        from: args.from,
        init: args.init.clone(),
        dull,
        controls: args.controls.clone(),
        checkpoints: session.checkpoints.clone(),
    };
    let started = Instant::now();
    let (session, trained) = logged(session, |listener| train_pairs(&config, &data, &options, listener))?;
    let results = PairResults::of_training(&config, &data, &trained, args.pairs.summary(&data));
    PairModel::new(&trained, data.vocabulary.clone(), turns).save(session.folder.path())?;
    let (markdown, text) = (results.markdown(), results.text());
    let advice = ["talk with it: seqgan chat --model", ""];
    conclude(session, started, &Concluded { results: &results, markdown, text, advice })
}
