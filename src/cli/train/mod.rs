//! `irgan train`: one file a kind of data, and what they share.

mod answers;
mod features;
mod interactions;
mod report;
pub(super) mod text;

use std::path::PathBuf;

use clap::Args;

use super::eval::print;
use super::session::{RunArgs, Session};
use super::settings::{DataKind, Settings};
use super::topics::{DepthArgs, JudgementArgs, LearnedArgs, TopicArgs};
use super::{Irgan, train_arguments};
use crate::checkpoint::Checkpoints;
use crate::error::{Error, Result};
use crate::evaluation::{Format, Measure};
use crate::event::Listener;
use crate::policy_gradient::RewardControl;
use crate::ranking::{Beside, Method, Ranker, TrainConfig, Trained};
use crate::training::{Listeners, Progress};

/// Train a ranker
///
/// Without --train or --qa, a built-in benchmark with a planted optimum is used. Test data are never read
/// here: `irgan rank` and `irgan eval` are separate steps.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan train --pairwise
  irgan train --pairwise --train Fold1/train.txt --valid Fold1/vali.txt --out runs/pair
  irgan train --method lambdarank --train train.txt --valid vali.txt
  irgan train --pointwise --preset authors --train train.txt --valid vali.txt --baselines dns,mle
  irgan train --pairwise --index idx --queries topics.tsv --qrels qrels.txt --out runs/text
  irgan train --pointwise --ratings u.data --positive 4 --out runs/mf
  irgan train --method ease --ratings ratings.csv --positive 4 --tune 20
  irgan train --pairwise --qa train.txt --valid dev.txt --out runs/qa
  irgan train --method dns --qa train.txt --valid dev.txt --pool 100 --overlap false
  irgan train --resume runs/pair")]
pub struct TrainArgs {
    /// Training data: LETOR / SVMlight, also .gz and .zst
    #[arg(long, requires = "valid", group = "source", conflicts_with = "index")]
    train: Option<PathBuf>,
    /// Validation data, in the same format
    #[arg(long, requires = "source")]
    valid: Option<PathBuf>,
    #[command(flatten)]
    topics: TopicArgs,
    #[command(flatten)]
    judgements: JudgementArgs,
    #[command(flatten)]
    depth: DepthArgs,
    #[command(flatten)]
    learned: LearnedArgs,
    /// Share of the training positives that stay observed; everything else becomes unlabelled
    #[arg(long, value_name = "SHARE", requires = "index", help_heading = "Texts")]
    observed: Option<f64>,
    #[command(flatten)]
    ratings: interactions::RatingsArgs,
    /// Share that is held out to choose by: of the judged queries (0.25), or of each user's positives (0.2)
    #[arg(long)]
    valid_share: Option<f64>,
    /// Baselines to train beside, or `none` [default: mle,lambdarank,dns; with --ratings pop,puresvd,ease]
    #[arg(long, value_delimiter = ',', value_parser = baseline)]
    baselines: Vec<Option<Method>>,
    /// Reward controls to play beside the adversarial game: constant, random, shuffled, or `none`
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
    #[command(flatten)]
    answers: answers::AnswerArgs,
}

/// A method that can stand beside another; `none` for no baseline at all.
pub(super) fn baseline(text: &str) -> Result<Option<Method>, String> {
    use clap::ValueEnum as _;
    match Method::from_str(text, false) {
        Ok(method) if method.mode().is_none() => Ok(Some(method)),
        _ if text == "none" => Ok(None),
        _ => Err("expected a baseline such as mle, lambdarank, dns, puresvd or ease, or none".into()),
    }
}

/// A reward that is not the discriminator's; `none` for no control at all.
pub(super) fn control(text: &str) -> Result<Option<RewardControl>, String> {
    use clap::ValueEnum as _;
    match RewardControl::from_str(text, false) {
        Ok(control) if control != RewardControl::Discriminator => Ok(Some(control)),
        _ if text == "none" => Ok(None),
        _ => Err("expected constant, random, shuffled or none".into()),
    }
}

/// What a list of names asks for, each once.
pub(super) fn distinct<T: Copy + PartialEq>(list: &[Option<T>]) -> Vec<T> {
    let mut kept = vec![];
    for item in list.iter().copied().flatten() {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

impl TrainArgs {
    /// The arguments of the run that `--resume` asks to go on with, or these; `None` when that run is finished.
    fn resumed(self) -> Result<Option<Self>> {
        let Some(folder) = self.run.resume.clone() else { return Ok(Some(self)) };
        let earlier = RunArgs::earlier::<Irgan, _>(&folder, &["quiet"], train_arguments)?;
        let Some((record, earlier)) = earlier else { return Ok(None) };
        let (run, quiet) = (self.run.over(&earlier.run), self.quiet || earlier.quiet);
        let mut args = Self { run, quiet, ..earlier };
        args.inputs().into_iter().for_each(|path| *path = record.folder.join(&*path));
        Ok(Some(args))
    }

    /// Every file or folder that is read.
    fn inputs(&mut self) -> Vec<&mut PathBuf> {
        let Self { train, valid, topics, judgements, ratings, answers, settings, .. } = self;
        let all = [
            train,
            valid,
            &mut topics.index,
            &mut topics.queries,
            &mut judgements.qrels,
            &mut ratings.ratings,
            &mut ratings.init_model,
            &mut answers.qa,
            &mut answers.vectors,
            &mut settings.config,
        ];
        all.into_iter().flatten().collect()
    }
}

/// Runs the command.
pub fn run(args: TrainArgs) -> Result<()> {
    let Some(mut args) = args.resumed()? else { return Ok(()) };
    let mut inputs: Vec<PathBuf> = args.inputs().into_iter().map(|path| path.clone()).collect();
    // LightGBM keeps the sizes of queries in a file of its own.
    let sizes = inputs.iter().map(|path| PathBuf::from(format!("{}.query", path.display())));
    inputs.extend(sizes.filter(|path| path.is_file()).collect::<Vec<_>>());
    let args = &args;
    let data = match (args.topics.is_given(), args.ratings.is_given(), &args.answers.qa) {
        (true, ..) => DataKind::Texts,
        (_, true, _) => DataKind::Interactions,
        (.., Some(_)) => DataKind::Answers,
        _ => DataKind::Features,
    };
    let mut config = args.settings.resolve(data)?;
    args.answers.apply(&mut config);
    config.validate()?;
    if args.print_config {
        return print(&toml::to_string_pretty(&config).map_err(|cause| Error::Config(cause.to_string()))?);
    }
    let measures = reported(&config)?;
    let baselines = match (args.baselines.is_empty(), data) {
        (false, _) => distinct(&args.baselines),
        (true, DataKind::Interactions) => vec![Method::Pop, Method::PureSvd, Method::Ease],
        (true, _) => vec![Method::Mle, Method::Lambdarank, Method::Dns],
    };
    let controls = distinct(&args.controls);
    let beside = Beside { baselines, controls, measures, checkpoints: Checkpoints::default() };
    let job = Job { args, config: &config, inputs };
    match data {
        DataKind::Features => features::run(&job, beside),
        DataKind::Texts => text::run(&job, beside),
        DataKind::Interactions => interactions::run(&job, beside),
        DataKind::Answers => answers::run(&job, beside),
    }
}

/// A training that is about to begin, or to go on.
struct Job<'a> {
    args: &'a TrainArgs,
    config: &'a TrainConfig,
    inputs: Vec<PathBuf>,
}

impl Job<'_> {
    /// Opens the run's folder once the data are read, and lets what is trained be kept there.
    fn begin(&self, beside: Beside) -> Result<(Session, Beside)> {
        let session = self.args.run.begin(&self.config.method.to_string(), &self.inputs)?;
        let checkpoints = session.checkpoints.clone();
        Ok((session, Beside { checkpoints, ..beside }))
    }
}

/// What is told of a training beside its own numbers.
struct Context<'a> {
    /// Rows beside the trained rankers: values of the choosing and the reported measures.
    references: Vec<(String, Vec<f64>)>,
    /// The command that ranks by the model, after `irgan rank --model DIR`.
    rank: &'a str,
}

/// Trains by `train` in the run's folder, saves the rankers there and prints the comparison.
fn train_and_report<M: Ranker>(
    args: &TrainArgs,
    config: &TrainConfig,
    beside: &Beside,
    context: &Context<'_>,
    mut session: Session,
    train: impl FnOnce(&mut dyn Listener) -> Result<Trained<M>>,
) -> Result<()> {
    session.folder.save_config(config)?;
    let mut progress = Progress::default();
    let trained = {
        let mut listeners = Listeners(vec![&mut session.log]);
        if !args.quiet {
            listeners.0.push(&mut progress);
        }
        train(&mut listeners)
    };
    drop(progress);
    let trained = session.told("irgan", trained)?;
    let folder = &session.folder;
    trained.model.save(folder.path())?;
    for model in &trained.baselines {
        model.save(&folder.path().join("baselines").join(model.method().to_string()))?;
    }
    let mut text =
        report::comparison(config, &beside.measures, &trained, &context.references).render(Format::Text);
    text.push('\n');
    for outcome in &trained.controls {
        text += &report::verdict(outcome, config);
    }
    let (path, model) = (folder.path().display(), &trained.model);
    text += &format!(
        "chosen on the validation data: {} of {}\n\
         model: {path}   rank with it: irgan rank --model {path} {}\n",
        model.chosen(),
        model.method(),
        context.rank
    );
    print(&text)?;
    session.finish()?;
    trained.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    match trained.failure {
        Some(message) => Err(Error::NonFinite(message)),
        None => Ok(()),
    }
}

/// The measures shown beside the choosing one.
fn reported(config: &TrainConfig) -> Result<Vec<Measure>> {
    let all = match config.answers {
        Some(_) => ["AP", "RR", "P@1"],
        None => ["nDCG@10", "P@5", "AP"],
    }
    .map(str::parse::<Measure>);
    let chosen = config.measure()?;
    all.into_iter().filter(|measure| measure.as_ref().map_or(true, |m| *m != chosen)).collect()
}
