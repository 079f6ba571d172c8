//! `irgan cv`: train, choose and test on every fold.

use std::path::{Path, PathBuf};

use clap::Args;

use super::effects::{self, Data};
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
use crate::ranking::{FoldPlan, Folds, Method, Task};
use crate::runs::{FolderKind, RunDir};

/// Cross-validate: train on every fold's train.txt, choose on vali.txt, then rank test.txt
///
/// With --train, --folds is a number: the queries of the file are cut into as many parts at random, and each part is
/// ranked once by a model that was trained on the others, of which one chooses. With --index, --folds is a number: the judged queries are cut into as many parts at random, and each part is
/// ranked once by a model that was trained on the others, of which one chooses. BM25's and feedback's parameters
/// are tuned on the same others.
///
/// The table holds means over folds: of the measure that chose on the validation data, and of the
/// test measures, with the deviation over seeds. Runs of
/// all test queries and their judgements are written to --out for `irgan compare`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan cv --pairwise --folds MQ2008 --seeds 3 --baselines mle,lambdarank --out cv
  irgan cv --train all.txt --folds 5
  irgan compare cv/qrels.txt cv/lambdarank-1.run cv/irgan-pairwise-1.run
  irgan cv --pairwise --index idx --queries topics.tsv --qrels qrels.txt --folds 5")]
pub struct CvArgs {
    /// Folder with Fold1, Fold2, … that each hold train.txt, vali.txt and test.txt; with --train or --index, a number
    #[arg(long)]
    folds: PathBuf,
    /// Feature vectors to cut into folds by query: LETOR / SVMlight, or a table with a header, also .gz and .zst
    #[arg(long, value_name = "FILE", conflicts_with = "index")]
    train: Option<PathBuf>,
    #[command(flatten)]
    texts: TextArgs,
    /// Number of seeds, counted up from --seed
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Baselines to train beside, or `none`
    #[arg(long, value_delimiter = ',', default_value = "mle,lambdarank,dns", value_parser = baseline)]
    baselines: Vec<Option<Method>>,
    /// Share of the training positives that stay observed; everything else becomes unlabelled
    #[arg(long)]
    observed: Option<f64>,
    /// Test measures, as for `irgan eval`; may be repeated
    #[arg(short, long = "test-measure", value_name = "MEASURES", default_values = ["nDCG@10", "P@5", "AP"])]
    measures: Vec<MeasureList>,
    /// Folder for runs and judgements [default: the next free runs/cv-METHOD]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
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
    seeds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<f64>,
    baselines: Vec<Method>,
    test_measures: Vec<String>,
}

/// Runs the command.
pub fn run(args: &CvArgs) -> Result<()> {
    console::goes_on_unread();
    let task: Box<dyn Task> = match args.texts.task()? {
        Some(task) => Box::new(task),
        None => Box::new(FeatureTask { train: args.train.clone(), ..FeatureTask::default() }),
    };
    let config = args.settings.resolve(&*task)?;
    if args.print_config {
        return print_config(&config);
    }
    let (baselines, measures) = (distinct(&args.baselines), args.measures());
    let data = if args.texts.topics.index.is_some() { Data::Documents } else { Data::Features };
    of_folder(args.out.is_some());
    effects::of_data(data);
    effects::of_method(&config, data, &baselines);
    let seeds: Vec<u64> = (0..args.seeds).map(|s| config.seed.wrapping_add(s)).collect();
    if let Some(path) = &args.out {
        RunDir::check(path, args.force, &FolderKind::CROSS_VALIDATION)?;
    }
    let plan = FoldPlan { folds: args.folds.clone(), seeds: seeds.clone(), observed: args.observed };
    let terminal = &mut console::terminal();
    let folds = task.folds(&plan, &config, terminal)?;
    let folder = match &args.out {
        Some(path) => RunDir::create(path, args.force, &FolderKind::CROSS_VALIDATION)?,
        None => RunDir::next(&format!("cv-{}", config.method), &FolderKind::CROSS_VALIDATION)?,
    };
    folder.save_config(&config)?;
    args.save_record(&folder, &folds)?;
    let interrupt =
        Interrupt::listen().map_err(|source| Error::io(folder.path(), "listen to signals for", source))?;
    let found = CrossValidation { config, seeds, baselines, measures, interrupt }.run(&folds, terminal);
    let found = match found {
        Ok(found) => found,
        Err(cause) => {
            let _ = folder.discard(&FolderKind::CROSS_VALIDATION); // what stays is in the way, and named then
            if let Error::Interrupted { .. } = cause {
                warning!("nothing is kept of it; begin it anew with: {}", this_command());
            }
            return Err(cause);
        }
    };
    found.write(folder.path(), &folds.judgements)?;
    let table = found.table().render(args.format);
    let place = format!("runs and judgements: {}", folder.path().display());
    if args.format.is_for_programs() {
        note!("{place}");
        return print(&table);
    }
    print_text(&format!("{table}\n{place}\n"))
}

impl CvArgs {
    fn measures(&self) -> Vec<Measure> {
        let mut measures = Vec::new();
        for measure in self.measures.iter().flat_map(|list| list.0.iter()) {
            if !measures.contains(measure) {
                measures.push(measure.clone());
            }
        }
        measures
    }

    fn save_record(&self, folder: &RunDir, folds: &Folds) -> Result<()> {
        let record = Record {
            folds: &self.folds,
            train: self.train.as_deref(),
            seeds: self.seeds,
            observed: self.observed,
            baselines: distinct(&self.baselines),
            test_measures: self.measures().iter().map(Measure::to_string).collect(),
        };
        folder.save_toml_with("cv.toml", &record, &folds.settings)
    }
}
