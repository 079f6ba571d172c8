//! `seqgan train`: maximum likelihood, discriminator, adversarial rounds, report.

mod lines;
mod logged;
mod pairs;

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, CommandFactory};

use self::lines::LineTraining;
use self::logged::{Concluded, conclude, logged};
use self::pairs::PairTraining;
use super::data::DataArgs;
use super::effects;
use super::pair_data::PairArgs;
use super::settings::Settings;
use crate::cli::args::names::{control, distinct};
use crate::cli::args::same_files::tell_same_files;
use crate::cli::args::session::{Resumable, RunArgs};
use crate::cli::args::settings::print_config;
use crate::cli::console;
use crate::cli::given::of_folder;
use crate::cli::team::team;
use crate::error::{Error, Result};
use crate::game::RewardSource;
use crate::report::results::TextResults;
use crate::text::{
    AdversarialConfig, Credit, GeneratorGradient, PRETRAINED, Phase, TextConfig, TextData, TextModel,
    TextOptions, train_text,
};

/// Train a generator of sentences on text, or on sentences of an oracle (the built-in one without --text and
/// --oracle); or one that answers sources, on --pairs
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("learnt_from").args(["text", "pairs", "source", "dialogues"]).multiple(true))]
#[command(after_help = "Examples:
  seqgan train
  seqgan train --text captions.txt --valid held-out.txt --out runs/captions
  seqgan train --text code.txt --level char --judge discriminator --credit rollouts --rollouts 4
  seqgan train --cfg arithmetic --method gumbel --out runs/arithmetic
  seqgan train --method wgan-gp --text lines.txt --level char --length 32 --out runs/lines
  seqgan train --pairs dialogue.tsv --systems mle,reinforce,regs-mc --out runs/chat
  seqgan train --dialogues talks.txt --turns 2 --out runs/talk
  seqgan train --resume runs/captions")]
pub struct TrainArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    pairs: PairArgs,
    /// First phase; those before it are skipped
    #[arg(long, value_enum, default_value_t, requires_ifs = [("adversarial", "init"), ("discriminator", "init")])]
    from: FirstPhase,
    /// Start with the networks that this run had before the first phase
    #[arg(long, value_name = "DIR")]
    init: Option<PathBuf>,
    /// Placebo rewards to play the game again with, from the same start: constant, random, shuffled, or `none`
    #[arg(long, value_delimiter = ',', default_value = "constant", value_parser = control)]
    controls: Vec<Option<RewardSource>>,
    /// Print the settings and stop
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    settings: Settings,
}

/// Phase that a training may begin with.
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
    /// Returns every file or folder that is read; of another run, the networks that this one starts with.
    fn recorded(&self) -> Vec<PathBuf> {
        let DataArgs { text, valid, oracle, real, cfg, .. } = &self.data;
        let cfg = cfg.clone().filter(|path| path.exists()); // a name of a built-in grammar is no file
        let start = match self.from {
            FirstPhase::Adversarial => PRETRAINED,
            _ => "mle.safetensors",
        };
        let init = self.init.as_ref().map(|run| run.join(start));
        let all = [
            text.clone(),
            valid.clone(),
            oracle.clone(),
            real.clone(),
            cfg,
            init,
            self.settings.config.clone(),
        ];
        all.into_iter().flatten().chain(self.pairs.inputs().cloned()).collect()
    }
}

impl Resumable for TrainArgs {
    fn run_args(&mut self) -> &mut RunArgs {
        &mut self.run
    }

    fn inputs(&mut self) -> Vec<&mut PathBuf> {
        let Self { data, pairs, init, settings, .. } = self;
        let DataArgs { text, valid, oracle, real, cfg, .. } = data;
        let all = [text, valid, oracle, real, cfg, init, &mut settings.config];
        all.into_iter().flatten().chain(pairs.inputs_mut()).collect()
    }
}

/// Reads the arguments of an earlier run of this command; the program has the parser.
type ParseTrain = fn(&[String]) -> Option<TrainArgs>;

/// Runs the command, which is one of the program `P`.
pub fn run<P: CommandFactory>(args: TrainArgs, parse: ParseTrain) -> Result<()> {
    console::goes_on_unread();
    let Some(args) = args.resumed::<P>(parse)? else { return Ok(()) };
    if team().size() > 1 && (args.pairs.are_given() || args.settings.objective().is_some()) {
        return Err(Error::Config(UNSHARED.into()));
    }
    if args.pairs.are_given() {
        let (inputs, controls) = (args.recorded(), distinct(&args.controls));
        let TrainArgs { data, pairs, settings, run, init, from, print_config, .. } = args;
        let from = from.into();
        return pairs::run(&PairTraining {
            data,
            pairs,
            settings,
            run,
            inputs,
            from,
            init,
            controls,
            print_config,
        });
    }
    if let Some(objective) = args.settings.objective() {
        let inputs = args.recorded();
        let TrainArgs { data, settings, run, print_config, .. } = args;
        return lines::run(&LineTraining { data, settings, run, inputs, objective, print_config });
    }
    effects::without_lines()?;
    let mut config = args.settings.resolve(None)?; // what is wrong is told before the data are read
    if args.print_config && args.data.text.is_none() {
        return print_config(&config);
    }
    of_folder(args.run.out.is_some());
    effects::of_data(&args.data);
    tell_same_files(&[("--text", args.data.text.as_deref()), ("--valid", args.data.valid.as_deref())]);
    effects::of_settings(&config, args.from.into());
    refuse_unshared(&config)?;
    let options = args.run.options();
    options.check()?;
    let data = args.data.load()?;
    if args.data.text.is_some() {
        config = args.settings.resolve(Some(data.train.token_count()))?;
    }
    if args.print_config {
        return print_config(&config);
    }
    agree(&config, &data)?;
    let session = options.begin("seqgan", &args.recorded())?;
    session.folder.save_config(&config)?;
    let is_policy_gradient = config.adversarial.gradient == GeneratorGradient::PolicyGradient;
    let options = TextOptions {
        from: args.from.into(),
        init: args.init.clone(),
        controls: if is_policy_gradient { distinct(&args.controls) } else { vec![] },
        folder: Some(session.folder.path().to_owned()),
        checkpoints: session.checkpoints.clone(),
        team: team(),
    };
    let started = Instant::now();
    let (session, trained) = logged(session, |listener| train_text(&config, &data, &options, listener))?;
    let results = TextResults::of_training(&config, &data, &trained, args.data.summary(&data));
    TextModel::new(&trained, data.vocabulary.clone()).save(session.folder.path())?;
    let (markdown, text) = (results.markdown(), results.text());
    let advice = ["write with it: seqgan generate --model", " -n 10"];
    conclude(session, started, &Concluded { results: &results, markdown, text, advice })
}

/// Error of a training whose work several processes cannot share.
const UNSHARED: &str = "several processes share the rollouts of a game of sentences, and these settings have none: set \
                        `adversarial.credit` to rollouts, or start one process";

/// Refuses several processes for a training without rollouts: each would do the same.
fn refuse_unshared(config: &TextConfig) -> Result<()> {
    let AdversarialConfig { credit, gradient, .. } = config.adversarial;
    let has_rollouts = credit == Credit::Rollouts && gradient == GeneratorGradient::PolicyGradient;
    match team().size() == 1 || has_rollouts {
        true => Ok(()),
        false => Err(Error::Config(UNSHARED.into())),
    }
}

/// Checks that all processes of the team have read the same settings and sentences.
fn agree(config: &TextConfig, data: &TextData) -> Result<()> {
    if team().size() == 1 {
        return Ok(());
    }
    let settings = toml::to_string(config).map_err(|cause| Error::Config(cause.to_string()))?;
    team().agree("configuration", crc32c::crc32c(settings.as_bytes()).into())?;
    let mut sum = 0;
    for sentence in data.train.iter().chain(data.valid.iter()) {
        sum = crc32c::crc32c_append(sum, bytemuck::bytes_of(&(sentence.len() as u64)));
        sum = crc32c::crc32c_append(sum, bytemuck::cast_slice(sentence));
    }
    team().agree("set of sentences in its files", sum.into())
}
