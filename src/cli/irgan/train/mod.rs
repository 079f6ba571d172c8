//! `irgan train`: the flags of every kind of data, and the training they ask for.

mod answers;
mod interactions;

pub(super) use self::answers::AnswerArgs;
pub(super) use self::interactions::RatingsArgs;

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};

use super::effects::{self, Data};
use crate::cli::args::names::{baseline, control, distinct};
use crate::cli::args::same_files::tell_same_files;
use crate::cli::args::session::{Resumable, RunArgs, quoted, resumable};
use crate::cli::args::settings::{Settings, print_config};
use crate::cli::args::topics::TextArgs;
use crate::cli::console;
use crate::cli::console::print_text;
use crate::cli::given::of_folder;
use crate::cli::team::team;
use crate::data::features::ArrayFiles;
use crate::error::{Error, Result};
use crate::evaluation::Format;
use crate::experiments::{Training, train_in};
use crate::game::RewardSource;
use crate::ranking::features::FeatureTask;
use crate::ranking::{Method, Task, TrainConfig, VALID_SHARE, refuse_foreign};
use crate::report::results::{BestSource, RankingResults};

/// Train a ranker
///
/// Without --train or --qa, a built-in benchmark with a planted optimum is used. Test data are never read
/// here: `irgan rank` and `irgan eval` are separate steps.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  irgan train --pairwise
  irgan train --train all.txt --valid-share 0.2
  irgan train --pairwise --train Fold1/train.txt --valid Fold1/vali.txt --out runs/pair
  irgan train --method lambdarank --train train.txt --valid vali.txt
  irgan train --pointwise --preset authors --train train.txt --valid vali.txt --baselines dns,mle
  irgan train --pairwise --index idx --queries topics.tsv --qrels qrels.txt --out runs/text
  irgan train --pairwise --index idx --queries topics.tsv --qrels qrels.txt --candidates dense.run
  irgan train --pointwise --ratings u.data --positive 4 --out runs/mf
  irgan train --method ease --ratings ratings.csv --positive 4 --tune 20
  irgan train --pairwise --qa train.txt --valid dev.txt --out runs/qa
  irgan train --method dns --qa train.txt --valid dev.txt --pool 100 --overlap false
  irgan train --resume runs/pair")]
pub struct TrainArgs {
    /// Training data: LETOR / SVMlight, or a table with a header (CSV, TSV), also .gz and .zst; or NumPy arrays:
    /// features.npy (or its folder) beside labels.npy and queries.npy
    #[arg(long, group = "source", conflicts_with = "index")]
    train: Option<PathBuf>,
    /// Validation data, in the same format; without it, a share of the training data is held out
    #[arg(long, requires = "source")]
    valid: Option<PathBuf>,
    #[command(flatten)]
    texts: TextArgs,
    /// Share of the training positives that stay observed; everything else becomes unlabelled
    #[arg(long, value_name = "SHARE", requires = "index", help_heading = "Texts")]
    observed: Option<f64>,
    #[command(flatten)]
    ratings: RatingsArgs,
    /// Share that is held out to choose by, without --valid: of the queries (0.25), or of each user's positives (0.2)
    #[arg(long)]
    valid_share: Option<f64>,
    /// Baselines to train beside, or `none` [default: mle,lambdarank,dns; with --ratings pop,itemknn,puresvd,ease,ials]
    #[arg(long, value_delimiter = ',', value_parser = baseline)]
    baselines: Vec<Option<Method>>,
    /// Placebo rewards to play the adversarial game again with: constant, random, shuffled, or `none` [default: constant]
    #[arg(long, value_delimiter = ',', value_parser = control)]
    controls: Vec<Option<RewardSource>>,
    /// Print the settings and stop
    #[arg(long)]
    pub(super) print_config: bool,
    /// Format of the table; csv, tsv and json print it alone
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) run: RunArgs,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    answers: AnswerArgs,
}

/// Reads the arguments of an earlier run of this command; the program has the parser.
type ParseTrain = fn(&[String]) -> Option<TrainArgs>;

/// Runs the command, which is one of the program `P`.
pub fn run<P: CommandFactory>(args: TrainArgs, parse: ParseTrain) -> Result<()> {
    console::goes_on_unread();
    let Some(args) = args.resumed::<P>(parse)? else { return Ok(()) };
    if team().size() > 1 && !args.may_share() {
        let message = "several processes share the training of a ranker of feature vectors or of texts: expected --train or \
             --index, or one process";
        return Err(Error::Config(message.into()));
    }
    tell_baseline();
    let (task, rank) = args.task()?;
    let config = args.config(&*task)?;
    let settings = toml::to_string(&config).map_err(|cause| Error::Config(cause.to_string()))?;
    team().agree("configuration", crc32c::crc32c(settings.as_bytes()).into())?;
    if args.print_config {
        return print_config(&config);
    }
    let baselines = if args.baselines.is_empty() { task.baselines() } else { distinct(&args.baselines) };
    let controls = match args.controls.is_empty() {
        true => vec![RewardSource::Constant],
        false => distinct(&args.controls),
    };
    refuse_foreign(&*task, &config, &baselines)?;
    args.tell_idle_flags(&config, &baselines);
    let optional = args.baselines.is_empty();
    let training = Training { task: &*task, config, baselines, optional, controls };
    let options = args.run.options();
    options.check()?;
    let mut terminal = console::terminal();
    let data = task.load(&training.config, &mut terminal)?;
    let mut run = options.begin(&training.config.method.to_string(), &args.clone().recorded())?;
    let results = train_in(&mut run, &training, data, &mut terminal);
    drop(terminal);
    let (run, results) = resumable("irgan", run, results)?;
    let report = report(&results, run.folder.path(), &args, &rank);
    run.finish()?; // before anything is printed: the reader may have left
    results.warnings.iter().for_each(|warning| warning!("{warning}"));
    print_text(&report)?;
    results.failure.map_or(Ok(()), |message| Err(Error::NonFinite(message)))
}

/// Tells the reading of `--baseline`, the old name of `--reward-baseline`, which differs by a letter from another flag.
fn tell_baseline() {
    if std::env::args().any(|argument| argument == "--baseline" || argument.starts_with("--baseline=")) {
        warning!(
            "--baseline is read as --reward-baseline; rankers to train beside are listed by --baselines"
        );
    }
}

/// Returns the comparison of a finished run: with what it says and the commands that rank, or as a table alone for programs.
fn report(results: &RankingResults, folder: &Path, args: &TrainArgs, rank: &str) -> String {
    let (path, format) = (folder.display(), args.format);
    if format.is_for_programs() {
        note!("report: {path}/report.html");
        return results.plain_table().render(format);
    }
    let mut text = results.table().render(format) + "\n" + &results.standing();
    for outcome in &results.controls {
        text += &(results.verdict(outcome) + "\n");
    }
    text += &format!("report: {path}/report.html\n");
    let own = format!("irgan rank --model {} {rank}", quoted(&path.to_string()));
    match results.best().map(|best| best.source) {
        // Without settings: a score of the candidates of a run, by which no command ranks.
        None | Some(BestSource::Chosen | BestSource::Retrieval([])) => {
            text += &format!("rank with it: {own}\n");
        }
        Some(BestSource::Baseline(method)) => {
            let best = quoted(&format!("{path}/baselines/{method}"));
            text += &format!("rank with the best: irgan rank --model {best} {rank}\n");
            text += &format!("rank with the chosen: {own}\n");
        }
        Some(BestSource::Retrieval([(name, run)])) if name == "candidates.run" => {
            text += &format!("best is the run of the candidates as it is: {run}\n");
            text += &format!("rank with the chosen: {own}\n");
        }
        Some(BestSource::Retrieval(settings)) => {
            text += &format!("rank with the best: irgan search {}{rank}\n", search_flags(settings));
            text += &format!("rank with the chosen: {own}\n");
        }
    }
    text
}

/// Returns the flags of `irgan search` for the settings of a retrieval, each followed by a blank.
fn search_flags(settings: &[(String, String)]) -> String {
    let mut flags = String::new();
    if settings.iter().any(|(name, _)| name.starts_with("feedback.")) {
        flags += "--feedback ";
    }
    for (name, value) in settings {
        let flag = match name.as_str() {
            "candidates.depth" => "-k",
            "bm25.k1" => "--k1",
            "bm25.b" => "--b",
            "feedback.documents" => "--feedback-documents",
            "feedback.terms" => "--feedback-terms",
            "feedback.original" => "--feedback-original",
            _ => continue,
        };
        flags += &format!("{flag} {value} ");
    }
    flags
}

impl TrainArgs {
    /// Returns true when several processes may share the training; that of a run to resume is known later.
    pub(super) fn may_share(&self) -> bool {
        !matches!(self.data(), Data::Ratings | Data::Answers)
    }

    /// Returns the task that the flags describe, and the flags that rank by its models.
    pub(super) fn task(&self) -> Result<(Box<dyn Task>, String)> {
        if let Some(mut task) = self.texts.task()? {
            task.valid_share = self.valid_share;
            task.observed = self.observed;
            let run = if task.run.is_some() { "--candidates RUN " } else { "" };
            let rank = format!("--index {} --queries FILE {run}--out FILE.run", task.index.display());
            return Ok((Box::new(task), rank));
        }
        if let Some(task) = self.ratings.task(self.valid.as_deref(), self.valid_share) {
            return Ok((Box::new(task), "--out FILE.run".into()));
        }
        let valid_share = self.valid_share.unwrap_or(VALID_SHARE);
        let task: Box<dyn Task> = match self.answers.task(self.valid.as_deref(), valid_share) {
            Some(task) => Box::new(task),
            None => {
                let (train, valid) = (self.train.clone(), self.valid.clone());
                Box::new(FeatureTask { train, valid, valid_share, team: team() })
            }
        };
        Ok((task, "--data FILE --out FILE.run".into()))
    }

    /// Returns the settings.
    pub(super) fn config(&self, task: &dyn Task) -> Result<TrainConfig> {
        let mut config = self.settings.resolve(task)?;
        self.answers.apply(&mut config);
        config.validate()?;
        Ok(config)
    }

    /// Returns the kind of data that the flags name.
    pub(super) fn data(&self) -> Data {
        match (&self.texts.topics.index, &self.ratings.ratings, &self.answers.qa, &self.train) {
            (Some(_), ..) => Data::Documents,
            (_, Some(_), ..) => Data::Ratings,
            (_, _, Some(_), _) => Data::Answers,
            (.., Some(_)) => Data::Features,
            _ => Data::BuiltIn,
        }
    }

    /// Warns of flags that have no effect on the data, or on the method with these baselines.
    pub(super) fn tell_idle_flags(&self, config: &TrainConfig, baselines: &[Method]) {
        let data = self.data();
        of_folder(self.run.out.is_some());
        effects::of_data(data);
        effects::of_held_out(self.valid.as_ref().filter(|_| data != Data::Documents));
        tell_same_files(&self.files());
        effects::of_method(config, data, baselines);
    }

    /// Returns the files that are learned from and chosen by, with their flags.
    pub(super) fn files(&self) -> Vec<(&'static str, Option<&Path>)> {
        vec![
            ("--train", self.train.as_deref()),
            ("--qa", self.answers.qa.as_deref()),
            ("--ratings", self.ratings.ratings.as_deref()),
            ("--queries", self.texts.topics.queries.as_deref()),
            ("--valid", self.valid.as_deref()),
        ]
    }

    /// Returns the baselines and placebo rewards that were asked for: nothing else stands beside the trainings of a sweep.
    pub(super) fn asked(&self) -> (Vec<Method>, Vec<RewardSource>) {
        (distinct(&self.baselines), distinct(&self.controls))
    }

    /// Returns every file and folder to record with a run.
    pub(super) fn recorded(mut self) -> Vec<PathBuf> {
        let mut inputs: Vec<PathBuf> = self.inputs().into_iter().map(|path| path.clone()).collect();
        // LightGBM keeps the sizes of queries in a file of its own.
        let sizes = inputs.iter().map(|path| PathBuf::from(format!("{}.query", path.display())));
        inputs.extend(sizes.filter(|path| path.is_file()).collect::<Vec<_>>());
        let arrays = |path: PathBuf| ArrayFiles::of(&path).map_or_else(|| vec![path], ArrayFiles::paths);
        inputs.into_iter().flat_map(arrays).collect()
    }
}

impl Resumable for TrainArgs {
    fn run_args(&mut self) -> &mut RunArgs {
        &mut self.run
    }

    fn inputs(&mut self) -> Vec<&mut PathBuf> {
        let Self { train, valid, texts, ratings, answers, settings, .. } = self;
        let all = [
            train,
            valid,
            &mut texts.topics.index,
            &mut texts.topics.queries,
            &mut texts.topics.candidates,
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
