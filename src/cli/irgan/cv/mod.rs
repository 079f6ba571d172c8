//! `irgan cv`: train, choose and test on every fold.

mod text;

use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;

use super::rank::write_ranking;
use super::train::{baseline, distinct};
use crate::cli::args::settings::{DataKind, Settings, print_config};
use crate::cli::args::topics::TextArgs;
use crate::cli::args::vectors::read_vectors;
use crate::cli::console::print;
use crate::data::features::RankingSet;
use crate::data::features::letor;
use crate::data::features::letor::LetorOptions;
use crate::error::{Error, Result};
use crate::evaluation::table::Cell;
use crate::evaluation::{Format, Measure, Table};
use crate::event::Silent;
use crate::files::atomic::write_atomically;
use crate::game::Checkpoints;
use crate::ranking::documents::{CandidateConfig, LearnedFeatures, SimilarityConfig, Texts};
use crate::ranking::features::Model;
use crate::ranking::{Beside, Contender, Method, Player, Ranker, State, TrainConfig};
use crate::runs::RunDir;
use crate::seed::Stream;

/// Cross-validate: train on every fold's train.txt, choose on vali.txt, then rank test.txt
///
/// With --index, --folds is a number: the judged queries are cut into as many parts at random, and each part is
/// ranked once by a model that was trained on the others, of which one chooses. BM25's and feedback's parameters
/// are tuned on the same others.
///
/// The table holds means over folds: of the measure that chose on the validation data, and of the
/// test measures, with the deviation over seeds. Runs of
/// all test queries and their judgements are written to --out for `irgan compare`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan cv --pairwise --folds MQ2008 --seeds 3 --baselines mle,lambdarank --out cv
  irgan compare cv/qrels.txt cv/lambdarank-1.run cv/irgan-pairwise-1.run
  irgan cv --pairwise --index idx --queries topics.tsv --qrels qrels.txt --folds 5")]
pub struct CvArgs {
    /// A folder with Fold1, Fold2, … that each hold train.txt, vali.txt and test.txt; with --index, a number
    #[arg(long)]
    folds: PathBuf,
    #[command(flatten)]
    texts: TextArgs,
    /// Seeds, counted up from --seed
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Baselines to train beside, or `none`
    #[arg(long, value_delimiter = ',', default_value = "mle,lambdarank,dns", value_parser = baseline)]
    baselines: Vec<Option<Method>>,
    /// Share of the training positives that stay observed; everything else becomes unlabelled
    #[arg(long)]
    observed: Option<f64>,
    /// Test measure; may be repeated
    #[arg(short, long = "test-measure", value_name = "MEASURE", default_values = ["nDCG@10", "P@5", "AP"])]
    measures: Vec<Measure>,
    /// Folder for runs and judgements [default: the next free runs/cv-METHOD]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
    /// Print the settings and stop
    #[arg(long)]
    print_config: bool,
    /// How to print the table
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    settings: Settings,
}

/// What `cv.toml` tells beside the settings of every training in `config.toml`.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Record<'a> {
    folds: &'a Path,
    seeds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<f64>,
    baselines: Vec<Method>,
    test_measures: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<Candidates>,
}

/// How candidates are found over a text index; parameters of the features are tuned in each fold.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Candidates {
    depth: usize,
    training_depth: usize,
    random: usize,
    neighbours: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    similarity: Option<SimilarityConfig>,
}

impl From<CandidateConfig> for Candidates {
    fn from(config: CandidateConfig) -> Self {
        let CandidateConfig { depth, training_depth, random, neighbours, similarity, features: _ } = config;
        Self { depth, training_depth, random, neighbours, similarity }
    }
}

/// One fold of the data.
pub(super) struct Fold<'a> {
    pub(super) train: RankingSet,
    pub(super) valid: RankingSet,
    pub(super) test: RankingSet,
    /// Features that are rankers themselves, by the name of their run.
    pub(super) references: Vec<(&'static str, usize)>,
    /// Over a text index: the texts, and which features are learned from them.
    pub(super) texts: Option<(Texts<'a>, CandidateConfig)>,
}

impl Fold<'_> {
    /// `train`, validation and test data with the features that are learned from `train`.
    fn described(&self, config: &TrainConfig, train: RankingSet) -> Result<[RankingSet; 3]> {
        let (valid, test) = (self.valid.clone(), self.test.clone());
        let Some((texts, candidates)) = &self.texts else { return Ok([train, valid, test]) };
        let sets = (train, &valid);
        let (learned, train) =
            LearnedFeatures::learn(candidates, config, texts, sets, &Checkpoints::default())?;
        Ok([train, learned.describe(texts, valid)?, learned.describe(texts, test)?])
    }
}

/// The test scores of one ranker, trained with one seed on one fold.
struct Scored<'a> {
    name: String,
    seed: u64,
    test: &'a RankingSet,
    scores: Vec<f32>,
    values: Vec<f64>, // the choosing measure on the validation data, then one a test measure
}

/// Runs the command.
pub fn run(args: &CvArgs) -> Result<()> {
    let TextArgs { topics, judgements, .. } = &args.texts;
    let kind = if topics.is_given() { DataKind::Texts } else { DataKind::Features };
    let config = args.settings.resolve(kind)?;
    if args.print_config {
        return print_config(&config);
    }
    let seeds: Vec<u64> = (0..args.seeds).map(|s| config.seed.wrapping_add(s)).collect();
    let candidates = args.texts.candidates()?;
    let texts = topics.is_given().then(|| topics.open()).transpose()?;
    let (folds, qrels) = match &texts {
        Some((index, topics)) => {
            let judgements = judgements.read()?;
            let count = args.folds.to_str().and_then(|text| text.parse().ok());
            let count =
                count.ok_or_else(|| Error::Config("with --index, --folds is a number, such as 5".into()))?;
            let folds =
                |observed| text::folds(index, topics, &judgements, count, candidates, &config, observed);
            let folds = match args.observed {
                // Parameters are tuned on what is observed, which every seed draws anew.
                Some(share) => seeds.iter().map(|&seed| folds(Some((share, seed)))).collect::<Result<_>>()?,
                None => vec![folds(None)?],
            };
            (folds, judgements.to_trec()?)
        }
        None => {
            let folds = read_folds(&args.folds)?;
            let qrels =
                folds.iter().map(|fold| super::qrels::judgements(&fold.test)).collect::<Result<String>>()?;
            (vec![folds], qrels)
        }
    };
    let folder = match &args.out {
        Some(path) => RunDir::create(path, args.force)?,
        None => RunDir::next(&format!("cv-{}", config.method))?,
    };
    folder.save_config(&config)?;
    let record = Record {
        folds: &args.folds,
        seeds: args.seeds,
        observed: args.observed,
        baselines: distinct(&args.baselines),
        test_measures: args.measures.iter().map(Measure::to_string).collect(),
        candidates: texts.as_ref().map(|_| candidates.into()),
    };
    folder.save_toml("cv.toml", &record)?;
    let of_seed = |s: usize| &folds[s.min(folds.len() - 1)];
    let count = of_seed(0).len();
    let jobs: Vec<_> = (0..seeds.len()).flat_map(|s| (0..count).map(move |fold| (s, fold))).collect();
    let total = jobs.len();
    let finished = std::sync::atomic::AtomicUsize::new(0);
    let train = |(s, fold): (usize, usize)| {
        let seed = seeds[s];
        let scored = train_and_test(args, &config, &of_seed(s)[fold], seed, fold)?;
        let done = 1 + finished.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        note!("{done}/{total}  seed {seed} fold {} finished", fold + 1);
        Ok(scored)
    };
    let scored: Vec<Scored<'_>> =
        jobs.into_par_iter().map(train).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    write_runs(folder.path(), &scored, &qrels)?;
    let table = table(args, &config.measure, &scored, count).render(args.format);
    print(&format!("{table}\nruns and judgements: {}\n", folder.path().display()))
}

fn read_folds(folder: &Path) -> Result<Vec<Fold<'static>>> {
    let mut folds = vec![];
    for number in 1.. {
        let fold = folder.join(format!("Fold{number}"));
        if !fold.is_dir() {
            break;
        }
        let path = |name: &str| {
            let plain = fold.join(name);
            let packed = ["gz", "zst"].map(|end| fold.join(format!("{name}.{end}")));
            packed.into_iter().find(|path| path.exists() && !plain.exists()).unwrap_or(plain)
        };
        let train = letor::read(path("train.txt"), &LetorOptions::default())?;
        let held_out = |name: &str| read_vectors(&path(name), train.feature_count());
        let (valid, test) = (held_out("vali.txt")?, held_out("test.txt")?);
        folds.push(Fold { train, valid, test, references: vec![], texts: None });
    }
    if folds.is_empty() {
        return Err(Error::data(folder, "holds no Fold1 with train.txt, vali.txt and test.txt"));
    }
    Ok(folds)
}

fn train_and_test<'a>(
    args: &CvArgs,
    config: &TrainConfig,
    data: &'a Fold<'_>,
    seed: u64,
    fold: usize,
) -> Result<Vec<Scored<'a>>> {
    let config = TrainConfig { seed, ..config.clone() };
    let train = match args.observed {
        Some(share) if data.texts.is_none() => data
            .train
            .clone()
            .subsample_positives(share, Stream::new(seed).named("observed").at(fold as u64))?,
        _ => data.train.clone(),
    };
    let [train, valid, test] = data.described(&config, train)?;
    let in_fold = |error: Error| error.in_file(args.folds.join(format!("Fold{}", fold + 1)));
    let beside = Beside { baselines: distinct(&args.baselines), ..Beside::default() };
    let trained = crate::ranking::train(&config, &beside, train, valid, &mut Silent).map_err(in_fold)?;
    if let Some(message) = trained.failure {
        return Err(Error::NonFinite(format!("seed {seed}, fold {}: {message}", fold + 1)));
    }
    let score = |name: String, model: &Model, player: Player| {
        let scores = model.score(&test, player).map_err(in_fold)?;
        let same =
            |c: &&Contender| c.state == State::Best && c.method == model.method() && c.player == player;
        let chosen_by = trained.contenders.iter().find(same).map_or(f64::NAN, |c| c.values[0]);
        let tested = args.measures.iter().map(|measure| data.test.measure(measure, &scores));
        let values = std::iter::once(chosen_by).chain(tested).collect();
        Ok(Scored { name, seed, test: &data.test, scores, values })
    };
    let model = &trained.model;
    let mut scored = vec![score(model.method().to_string(), model, model.chosen())?];
    if model.chosen() != Player::Ranker {
        for player in [Player::G, Player::D, Player::Both] {
            scored.push(score(format!("{}-{player}", model.method()), model, player)?);
        }
    }
    for baseline in &trained.baselines {
        scored.push(score(baseline.method().to_string(), baseline, Player::Ranker)?);
    }
    for &(name, column) in &data.references {
        let scores = data.test.feature_scores(column);
        let chosen_by = data.valid.measure(&config.measure()?, &data.valid.feature_scores(column));
        let tested = args.measures.iter().map(|measure| data.test.measure(measure, &scores));
        let values = std::iter::once(chosen_by).chain(tested).collect();
        scored.push(Scored { name: name.to_owned(), seed, test: &data.test, scores, values });
    }
    Ok(scored)
}

/// One run for every ranker and seed over the test queries of all folds, and the judgements.
fn write_runs(folder: &Path, scored: &[Scored<'_>], qrels: &str) -> Result<()> {
    write_atomically(&folder.join("qrels.txt"), |writer| writer.write_all(qrels.as_bytes()))?;
    let mut files: Vec<(&str, u64)> = scored.iter().map(|s| (s.name.as_str(), s.seed)).collect();
    files.sort_unstable();
    files.dedup();
    for (name, seed) in files {
        let parts = scored.iter().filter(|s| s.name == name && s.seed == seed);
        let parts: Vec<_> = parts.map(|s| (s.test, s.scores.as_slice())).collect();
        write_ranking(&folder.join(format!("{name}-{seed}.run")), &parts, name)?;
    }
    Ok(())
}

/// Means over folds, then mean and deviation over seeds.
fn table(args: &CvArgs, chosen_by: &str, scored: &[Scored<'_>], folds: usize) -> Table {
    let first = ["ranker".to_owned(), format!("validation {chosen_by}")];
    let mut table = Table::new(first.into_iter().chain(args.measures.iter().map(Measure::to_string)));
    let mut names: Vec<&str> = vec![];
    for one in scored {
        if !names.contains(&one.name.as_str()) {
            names.push(&one.name);
        }
    }
    for name in names {
        let mut cells = vec![Cell::from(name)];
        for measure in 0..=args.measures.len() {
            let mut by_seed = std::collections::BTreeMap::new();
            for one in scored.iter().filter(|s| s.name == name) {
                *by_seed.entry(one.seed).or_insert(0.0) += one.values[measure] / folds as f64;
            }
            let n = by_seed.len() as f64;
            let mean = by_seed.values().sum::<f64>() / n;
            let variance = by_seed.values().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
            cells.push(match by_seed.len() {
                1 => Cell::score(mean),
                _ => Cell::from(format!("{mean:.4} ± {:.4}", variance.sqrt())),
            });
        }
        table.row(cells);
    }
    table
}
