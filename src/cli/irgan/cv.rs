//! `irgan cv`: train, choose and test on every fold.

use std::path::{Path, PathBuf};

use clap::Args;

use super::effects::{self, Data};
use super::train::{AnswerArgs, RatingsArgs};
use crate::cli::args::names::{baseline, distinct};
use crate::cli::args::session::this_command;
use crate::cli::args::settings::{Settings, print_config};
use crate::cli::args::topics::TextArgs;
use crate::cli::console;
use crate::cli::console::{print, print_text};
use crate::cli::given::of_folder;
use crate::error::{Error, Result};
use crate::evaluation::{Format, Measure, MeasureList};
use crate::experiments::CrossValidation;
use crate::game::Interrupt;
use crate::ranking::features::FeatureTask;
use crate::ranking::{FoldPlan, Folds, Method, Task, TrainConfig, VALID_SHARE, refuse_foreign};
use crate::runs::{FolderKind, Part, RunDir};

/// Cross-validate: train on every fold's train.txt, choose on vali.txt, then rank test.txt
///
/// With --train, --qa, --index or --ratings, --folds is a number: the queries, the questions, the judged queries or
/// the positives of every user are cut into as many parts at random, and each part is ranked once by a model that was
/// trained on the others, of which one chooses. BM25's and feedback's parameters are tuned on the same others.
/// Of ratings the 100 best of the items that a user is not known to like are ranked and measured, and the user is
/// called Fold1/USER, …; users with fewer than three positives are only trained on.
///
/// The table holds means over folds: of the measure that chose on the validation data, and of the
/// test measures, with the deviation over seeds. Runs of
/// all test queries and their judgements are written to --out for `irgan compare`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan cv --pairwise --folds MQ2008 --seeds 3 --baselines mle,lambdarank --out cv
  irgan cv --train all.txt --folds 5
  irgan compare cv/qrels.txt cv/lambdarank-1.run cv/irgan-pairwise-1.run
  irgan cv --pairwise --index idx --queries topics.tsv --qrels qrels.txt --folds 5
  irgan cv --pairwise --qa questions.txt --folds 5
  irgan cv --method ease --ratings u.data --folds 5 --baselines pop,puresvd
  irgan cv --pairwise --folds MQ2008 --seeds 6 --out cv --part 2/6")]
pub struct CvArgs {
    /// Folder with Fold1, Fold2, … that each hold train.txt, vali.txt and test.txt; with other data, a number
    #[arg(long)]
    folds: PathBuf,
    /// Feature vectors to cut into folds by query: LETOR / SVMlight, or a table with a header, also .gz and .zst
    #[arg(long, value_name = "FILE", group = "source", conflicts_with = "index")]
    train: Option<PathBuf>,
    #[command(flatten)]
    texts: TextArgs,
    #[command(flatten)]
    ratings: RatingsArgs,
    #[command(flatten)]
    answers: AnswerArgs,
    /// Number of seeds, counted up from --seed
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Baselines to train beside, or `none` [default: mle,lambdarank,dns; with --ratings pop,itemknn,puresvd,ease,ials]
    #[arg(long, value_delimiter = ',', value_parser = baseline)]
    baselines: Vec<Option<Method>>,
    /// Share of the training positives that stay observed; everything else becomes unlabelled
    #[arg(long)]
    observed: Option<f64>,
    /// Test measures, as for `irgan eval`; may be repeated [default: nDCG@10, P@5, AP; with --qa AP, RR, P@1]
    #[arg(short, long = "test-measure", value_name = "MEASURES")]
    measures: Vec<MeasureList>,
    /// Folder for runs and judgements [default: the next free runs/cv-METHOD]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
    /// Train this part of the folds and seeds alone, such as 2/6; the same command without it merges what parts left in --out
    #[arg(long, value_name = "I/N", requires = "out", conflicts_with = "force")]
    part: Option<Part>,
    /// Print the settings and stop
    #[arg(long)]
    print_config: bool,
    /// Format of the table
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    settings: Settings,
}

/// Content of `cv.toml`, beside the settings of every training in `config.toml`.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Record<'a> {
    folds: &'a Path,
    #[serde(skip_serializing_if = "Option::is_none")]
    train: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratings: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qa: Option<&'a Path>,
    seeds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<f64>,
    baselines: Vec<Method>,
    test_measures: Vec<String>,
    /// Check sum of the judgements of all test queries.
    judgements: u32,
}

/// File of [`Record`].
const MARK: &str = "cv.toml";

/// Runs the command.
pub fn run(args: &CvArgs) -> Result<()> {
    console::goes_on_unread();
    let task = args.task()?;
    let mut config = args.settings.resolve(&*task)?;
    args.answers.apply(&mut config);
    config.validate()?;
    if args.print_config {
        return print_config(&config);
    }
    let measures = args.measures(&*task)?;
    let baselines = if args.baselines.is_empty() { task.baselines() } else { distinct(&args.baselines) };
    refuse_foreign(&*task, &config, &baselines)?;
    args.tell_idle_flags(&config, &baselines);
    let seeds: Vec<u64> = (0..args.seeds).map(|s| config.seed.wrapping_add(s)).collect();
    let plan = FoldPlan { folds: args.folds.clone(), seeds: seeds.clone(), observed: args.observed };
    let terminal = &mut console::terminal();
    let is_begun = args.out.as_ref().is_some_and(|path| FolderKind::CROSS_VALIDATION.made(path));
    if let Some(path) = args.out.as_ref().filter(|_| !is_begun && args.part.is_none()) {
        RunDir::check(path, args.force, &FolderKind::CROSS_VALIDATION)?;
    }
    let folds = task.folds(&plan, &config, terminal)?;
    let folder = args.open(&config, &folds, &baselines, &measures)?;
    let interrupt =
        Interrupt::listen().map_err(|source| Error::io(folder.path(), "listen to signals for", source))?;
    let validation = CrossValidation { config, seeds, baselines, measures, interrupt };
    if let (None, Some(parts)) = (args.part, folder.parts()?) {
        validation.refuse_missing(&folds, folder.path(), parts)?;
    }
    let found = validation.run_in(&folds, folder.path(), args.part, terminal);
    let found = match found {
        Ok(Some(found)) => found,
        Ok(None) => {
            let path = folder.path().display();
            return print_text(&format!(
                "this part is finished; when all are, the same command without --part merges them: {path}\n"
            ));
        }
        Err(cause) => {
            if let Error::Interrupted { .. } = cause {
                warning!("finished trainings are kept; resume with: {}", this_command());
            } else if !is_begun && args.part.is_none() {
                let _ = folder.discard(&FolderKind::CROSS_VALIDATION); // what stays is in the way, and named then
            }
            return Err(cause);
        }
    };
    found.write(folder.path(), &folds.judgements)?;
    folder.remove_parts("folds")?;
    let table = found.table().render(args.format);
    let place = format!("runs and judgements: {}", folder.path().display());
    if args.format.is_for_programs() {
        note!("{place}");
        return print(&table);
    }
    print_text(&format!("{table}\n{place}\n"))
}

impl CvArgs {
    /// Opens the folder: a new one, or that of the same cross-validation, which is then resumed.
    fn open(
        &self,
        config: &TrainConfig,
        folds: &Folds,
        baselines: &[Method],
        measures: &[Measure],
    ) -> Result<RunDir> {
        let kind = &FolderKind::CROSS_VALIDATION;
        let record = self.record(folds, baselines, measures)?;
        let begin = |folder: &RunDir| {
            folder.save_config(config)?;
            folder.save_text(MARK, &record) // last: by it the folder is known
        };
        let Some(path) = &self.out else {
            let folder = RunDir::next(&format!("cv-{}", config.method), kind)?;
            return begin(&folder).map(|()| folder);
        };
        let settings = toml::to_string_pretty(config).map_err(|cause| Error::Config(cause.to_string()))?;
        let check = |path: &Path| {
            let same = |name: &str, text: &str| {
                std::fs::read_to_string(path.join(name)).is_ok_and(|found| found == text)
            };
            if path.join("qrels.txt").exists() {
                let message = "this folder holds a finished cross-validation; choose another `run.folder`, or `run.force` to write \
                               over it";
                return Err(Error::Config(format!("{}: {message}", path.display())));
            }
            match same(MARK, &record) && same("config.toml", &settings) {
                true => Ok(()),
                false => Err(Error::Config(format!(
                    "{}: this folder holds a cross-validation of other data or settings, or of another version; choose another \
                     `run.folder`, or `run.force` to begin anew",
                    path.display()
                ))),
            }
        };
        RunDir::open_experiment(path, self.force, kind, self.part, begin, check)
    }

    /// Returns the task that the flags describe.
    fn task(&self) -> Result<Box<dyn Task>> {
        if let Some(task) = self.texts.task()? {
            return Ok(Box::new(task));
        }
        if let Some(task) = self.ratings.task(None, None) {
            return Ok(Box::new(task));
        }
        Ok(match self.answers.task(None, VALID_SHARE) {
            Some(task) => Box::new(task),
            None => Box::new(FeatureTask { train: self.train.clone(), ..FeatureTask::default() }),
        })
    }

    /// Warns of flags that have no effect on the data, or on the method with these baselines.
    fn tell_idle_flags(&self, config: &TrainConfig, baselines: &[Method]) {
        let data = match (&self.texts.topics.index, &self.ratings.ratings, &self.answers.qa) {
            (Some(_), ..) => Data::Documents,
            (_, Some(_), _) => Data::Ratings,
            (.., Some(_)) => Data::Answers,
            _ => Data::Features,
        };
        of_folder(self.out.is_some());
        effects::of_data(data);
        effects::of_folds(data);
        effects::of_method(config, data, baselines);
    }

    /// Returns the test measures that were asked for, each once, or those that are usual for the task.
    fn measures(&self, task: &dyn Task) -> Result<Vec<Measure>> {
        if self.measures.is_empty() {
            return task.measures().into_iter().map(str::parse).collect();
        }
        let mut measures = Vec::new();
        for measure in self.measures.iter().flat_map(|list| list.0.iter()) {
            if !measures.contains(measure) {
                measures.push(*measure);
            }
        }
        Ok(measures)
    }

    /// Returns the text of [`MARK`].
    fn record(&self, folds: &Folds, baselines: &[Method], measures: &[Measure]) -> Result<String> {
        let record = Record {
            folds: &self.folds,
            train: self.train.as_deref(),
            ratings: self.ratings.ratings.as_deref(),
            qa: self.answers.qa.as_deref(),
            seeds: self.seeds,
            observed: self.observed,
            baselines: baselines.to_vec(),
            test_measures: measures.iter().map(Measure::to_string).collect(),
            judgements: crc32c::crc32c(folds.judgements.as_bytes()),
        };
        let text = toml::to_string_pretty(&record).map_err(|cause| Error::Config(cause.to_string()))?;
        let gap = if folds.settings.is_empty() { "" } else { "\n" };
        Ok(format!("{text}{gap}{}", folds.settings))
    }
}
