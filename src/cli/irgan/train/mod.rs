//! `irgan train`: one file a kind of data, and what they share.

mod answers;
mod features;
mod interactions;
pub(super) mod text;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use crate::cli::args::session::{RunArgs, Session};
use crate::cli::args::settings::{DataKind, Settings, print_config};
use crate::cli::args::topics::TextArgs;
use crate::cli::console;
use crate::cli::console::print;
use crate::cli::irgan::{Irgan, train_arguments};
use crate::error::{Error, Result};
use crate::evaluation::{Format, Measure};
use crate::event::Listener;
use crate::game::Checkpoints;
use crate::game::RewardControl;
use crate::ranking::{Beside, Method, Ranker, TrainConfig, Trained};
use crate::report;
use crate::report::results::{DataSummary, RankingResults, Timing};
use crate::runs::{Listeners, TensorBoardLog};

/// Train a ranker
///
/// Without --train or --qa, a built-in benchmark with a planted optimum is used. Test data are never read
/// here: `irgan rank` and `irgan eval` are separate steps.
#[derive(Clone, Debug, Args)]
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
    pub(super) train: Option<PathBuf>,
    /// Validation data, in the same format
    #[arg(long, requires = "source")]
    valid: Option<PathBuf>,
    #[command(flatten)]
    pub(super) texts: TextArgs,
    /// Share of the training positives that stay observed; everything else becomes unlabelled
    #[arg(long, value_name = "SHARE", requires = "index", help_heading = "Texts")]
    observed: Option<f64>,
    #[command(flatten)]
    pub(super) ratings: interactions::RatingsArgs,
    /// Share that is held out to choose by: of the judged queries (0.25), or of each user's positives (0.2)
    #[arg(long)]
    valid_share: Option<f64>,
    /// Baselines to train beside, or `none` [default: mle,lambdarank,dns; with --ratings pop,puresvd,ease]
    #[arg(long, value_delimiter = ',', value_parser = baseline)]
    baselines: Vec<Option<Method>>,
    /// Reward controls to play beside the adversarial game: constant, random, shuffled, or `none` [default: constant]
    #[arg(long, value_delimiter = ',', value_parser = control)]
    controls: Vec<Option<RewardControl>>,
    /// Print the settings and stop
    #[arg(long)]
    pub(super) print_config: bool,
    #[command(flatten)]
    pub(super) run: RunArgs,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    answers: answers::AnswerArgs,
}

/// A method that can stand beside another; `none` for no baseline at all.
pub(in crate::cli) fn baseline(text: &str) -> Result<Option<Method>, String> {
    use clap::ValueEnum as _;
    match Method::from_str(text, false) {
        Ok(method) if method.mode().is_none() => Ok(Some(method)),
        _ if text == "none" => Ok(None),
        _ => Err("expected a baseline such as mle, lambdarank, dns, puresvd or ease, or none".into()),
    }
}

/// A reward that is not the discriminator's; `none` for no control at all.
pub(in crate::cli) fn control(text: &str) -> Result<Option<RewardControl>, String> {
    use clap::ValueEnum as _;
    match RewardControl::from_str(text, false) {
        Ok(control) if control != RewardControl::Discriminator => Ok(Some(control)),
        _ if text == "none" => Ok(None),
        _ => Err("expected constant, random, shuffled or none".into()),
    }
}

/// What a list of names asks for, each once.
pub(in crate::cli) fn distinct<T: Copy + PartialEq>(list: &[Option<T>]) -> Vec<T> {
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
        let earlier = RunArgs::earlier::<Irgan, _>(&folder, train_arguments)?;
        let Some((record, earlier)) = earlier else { return Ok(None) };
        let mut args = Self { run: self.run.over(&earlier.run), ..earlier };
        args.inputs().into_iter().for_each(|path| *path = record.folder.join(&*path));
        Ok(Some(args))
    }

    /// Every file or folder that is read.
    fn inputs(&mut self) -> Vec<&mut PathBuf> {
        let Self { train, valid, texts, ratings, answers, settings, .. } = self;
        let all = [
            train,
            valid,
            &mut texts.topics.index,
            &mut texts.topics.queries,
            &mut texts.judgements.qrels,
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
    let Some(args) = args.resumed()? else { return Ok(()) };
    let (data, config) = args.resolve()?;
    if args.print_config {
        return print_config(&config);
    }
    args.train(data, &config)?.tell()
}

impl TrainArgs {
    /// The same for the trainings of a sweep: nothing beside them that was not asked for.
    pub(super) fn of_a_sweep(&self) -> Self {
        let mut args = self.clone();
        if args.baselines.is_empty() {
            args.baselines = vec![None];
        }
        if args.controls.is_empty() {
            args.controls = vec![None];
        }
        args
    }

    /// All flags but those of the folder: two trainings that differ in it are of different data or of different settings.
    pub(super) fn described(&self) -> String {
        format!("{:?}", Self { run: self.run.at(None), ..self.clone() })
    }

    /// The same in another folder, in which an earlier run may have been interrupted.
    pub(super) fn at(&self, folder: &Path) -> Self {
        Self { run: self.run.at(Some(folder)), ..self.clone() }
    }

    /// What is learnt from, and the settings.
    pub(super) fn resolve(&self) -> Result<(DataKind, TrainConfig)> {
        let data = match (self.texts.topics.is_given(), self.ratings.is_given(), &self.answers.qa) {
            (true, ..) => DataKind::Texts,
            (_, true, _) => DataKind::Interactions,
            (.., Some(_)) => DataKind::Answers,
            _ => DataKind::Features,
        };
        let mut config = self.settings.resolve(data)?;
        self.answers.apply(&mut config);
        config.validate()?;
        Ok((data, config))
    }

    /// Trains in a new run folder.
    pub(super) fn train(&self, data: DataKind, config: &TrainConfig) -> Result<Finished> {
        let baselines = match (self.baselines.is_empty(), data) {
            (false, _) => distinct(&self.baselines),
            (true, DataKind::Interactions) => vec![Method::Pop, Method::PureSvd, Method::Ease],
            (true, _) => vec![Method::Mle, Method::Lambdarank, Method::Dns],
        };
        let controls = match self.controls.is_empty() {
            true => vec![RewardControl::Constant],
            false => distinct(&self.controls),
        };
        let measures = reported(config)?;
        let beside = Beside { baselines, controls, measures, checkpoints: Checkpoints::default() };
        let job = Job { args: self, config };
        match data {
            DataKind::Features => features::run(&job, beside),
            DataKind::Texts => text::run(&job, beside),
            DataKind::Interactions => interactions::run(&job, beside),
            DataKind::Answers => answers::run(&job, beside),
        }
    }
}

/// What a training came to; its folder holds the rest.
pub(super) struct Finished {
    /// The comparison, for people.
    report: String,
    /// The choosing measure of the chosen player on the validation data.
    pub(super) value: f64,
    /// Why it ended early, when a number stopped being finite.
    pub(super) failure: Option<String>,
    warnings: Vec<String>,
    session: Session,
}

impl Finished {
    fn tell(self) -> Result<()> {
        print(&self.report)?;
        self.session.finish()?;
        self.warnings.iter().for_each(|warning| warning!("{warning}"));
        self.failure.map_or(Ok(()), |message| Err(Error::NonFinite(message)))
    }

    /// Ends the run without a word.
    pub(super) fn close(self) -> Result<()> {
        self.session.finish()
    }
}

/// A training that is about to begin, or to go on.
struct Job<'a> {
    args: &'a TrainArgs,
    config: &'a TrainConfig,
}

impl Job<'_> {
    /// Opens the run's folder once the data are read, and lets what is trained be kept there.
    fn begin(&self, beside: Beside) -> Result<(Session, Beside)> {
        let mut inputs: Vec<PathBuf> =
            self.args.clone().inputs().into_iter().map(|path| path.clone()).collect();
        // LightGBM keeps the sizes of queries in a file of its own.
        let sizes = inputs.iter().map(|path| PathBuf::from(format!("{}.query", path.display())));
        inputs.extend(sizes.filter(|path| path.is_file()).collect::<Vec<_>>());
        let session = self.args.run.begin(&self.config.method.to_string(), &inputs)?;
        let checkpoints = session.checkpoints.clone();
        Ok((session, Beside { checkpoints, ..beside }))
    }
}

/// What is told of a training beside its own numbers.
struct Context<'a> {
    /// What is trained on.
    data: DataSummary,
    /// Rows beside the trained rankers: values of the choosing and the reported measures.
    references: Vec<(String, Vec<f64>)>,
    /// The command that ranks by the model, after `irgan rank --model DIR`.
    rank: &'a str,
}

/// Trains by `train` in the run's folder, saves the rankers there and writes the comparison.
fn train_and_report<M: Ranker>(
    config: &TrainConfig,
    beside: &Beside,
    context: &Context<'_>,
    mut session: Session,
    train: impl FnOnce(&mut dyn Listener) -> Result<Trained<M>>,
) -> Result<Finished> {
    session.folder.save_config(config)?;
    let mut board = TensorBoardLog::create(session.folder.path())?;
    let started = Instant::now();
    let mut progress = console::progress();
    let trained = {
        let mut listeners = Listeners(vec![&mut session.log, &mut board, &mut progress]);
        train(&mut listeners)
    };
    drop(progress);
    let trained = session.told("irgan", trained)?;
    let folder = &session.folder;
    trained.model.save(folder.path())?;
    for model in &trained.baselines {
        model.save(&folder.path().join("baselines").join(model.method().to_string()))?;
    }
    board.finish()?;
    let data = context.data.clone();
    let results = RankingResults::new(config, &beside.measures, &trained, &context.references, data);
    folder.save_json("results.json", &results)?;
    folder.save_json("timing.json", &Timing::since(started))?;
    report::write(folder.path())?;
    let mut text = results.table().render(Format::Text);
    text.push('\n');
    for outcome in &trained.controls {
        text += &(results.verdict(outcome) + "\n");
    }
    let (path, model) = (folder.path().display(), &trained.model);
    text += &format!(
        "chosen on the validation data: {} of {}\n\
         report: {path}/report.html\n\
         model: {path}   rank with it: irgan rank --model {path} {}\n",
        model.chosen(),
        model.method(),
        context.rank
    );
    let value = trained.value();
    let (failure, warnings) = (trained.failure, trained.warnings);
    Ok(Finished { report: text, value, failure, warnings, session })
}

/// A file and what is in it.
fn described(path: &Path, summary: impl std::fmt::Display) -> String {
    format!("{}: {summary}", path.display())
}

/// The measures shown beside the choosing one.
pub(super) fn reported(config: &TrainConfig) -> Result<Vec<Measure>> {
    let all = match config.answers {
        Some(_) => ["AP", "RR", "P@1"],
        None => ["nDCG@10", "P@5", "AP"],
    }
    .map(str::parse::<Measure>);
    let chosen = config.measure()?;
    all.into_iter().filter(|measure| measure.as_ref().map_or(true, |m| *m != chosen)).collect()
}
