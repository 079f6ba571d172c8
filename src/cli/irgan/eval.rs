//! `irgan eval`: measures of run files against relevance judgements.

use std::path::PathBuf;

use crate::cli::console::print;
use crate::evaluation::table::Cell;
use crate::evaluation::{
    Evaluation, Format, Measure, MeasureList, Options, Protocol, Qrels, RunFile, Table, coverage,
    evaluate_runs, natural_order,
};
use crate::{Error, Result};

/// Evaluate TREC runs against relevance judgements, as trec_eval does
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  irgan eval qrels.txt bm25.run irgan.run
  irgan eval qrels.txt irgan.run -m nDCG@10,P.5,10 -m \"P(rel=2)@5\" -q --format csv
  irgan eval qrels.txt irgan.run -m official -l 2 -c
  irgan eval qrels.txt mf.run --protocol irgan --exclude train.qrels -m P@5")]
pub struct EvalArgs {
    /// Relevance judgements: TREC qrels, three columns `query document grade`, BEIR's TSV or SMART's
    /// pairs (plain, .gz or .zst; - reads standard input)
    pub qrels: PathBuf,
    /// Runs: lines of `query Q0 document rank score tag`, or of MS MARCO's `query document rank`
    /// (plain, .gz or .zst; - reads standard input)
    #[arg(required = true)]
    pub runs: Vec<PathBuf>,
    /// Print the value of every query as well
    #[arg(short = 'q', long)]
    pub per_query: bool,
    /// Leave out the row of all queries
    #[arg(short, long, requires = "per_query")]
    pub no_summary: bool,
    /// Print also the share of all items that stand among the first K of any ranking; several with commas
    #[arg(long, value_name = "K", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub coverage: Vec<u32>,
    /// Number of all items [default: those that the judgements or the run name]
    #[arg(long, value_name = "N", requires = "coverage")]
    pub items: Option<usize>,
    #[command(flatten)]
    pub setup: EvalSetup,
    /// No notes; warnings and errors are still shown
    // Stands for the flag of every command, whose short form is -q.
    #[arg(long, help_heading = "Everywhere")]
    quiet: bool,
    /// Format of the table
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Measures and protocol, which `eval` and `compare` share.
#[derive(Clone, Debug, clap::Args)]
pub struct EvalSetup {
    /// Measures, by their ir_measures or trec_eval names; may be repeated. For instance nDCG@10,
    /// P(rel=2)@5, "nDCG(dcg='exp-log2')@10", AP(empty=skip), ndcg_cut.5,10, map, HR@10, F1@10, AUC, or
    /// a set of trec_eval: official, set, all_trec
    #[arg(short, long = "measure", value_name = "MEASURES", default_values = ["nDCG@10", "P@5", "AP", "RR"])]
    pub measures: Vec<MeasureList>,
    /// Lowest grade that is relevant, for measures of binary relevance
    #[arg(short, long, value_name = "GRADE", value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub level: Option<i32>,
    /// Look at judged documents only
    #[arg(short = 'J', long)]
    pub judged_only: bool,
    /// Count judged queries that a run lacks as empty rankings (they are left out otherwise)
    #[arg(short, long)]
    pub complete: bool,
    /// Look at no more than this many documents a query
    #[arg(short = 'M', long, value_name = "N")]
    pub depth: Option<usize>,
    /// Documents and queries that count
    #[arg(long, value_enum, default_value_t)]
    pub protocol: ProtocolName,
    /// Training judgements whose positives leave the ranking (with --protocol irgan)
    #[arg(long, value_name = "QRELS")]
    pub exclude: Option<PathBuf>,
}

/// The evaluation protocols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ProtocolName {
    /// Protocol of trec_eval: all retrieved documents, graded gains
    #[default]
    Trec,
    /// Protocol of the IRGAN authors' code: candidates without the training positives, binary
    /// gains, queries with fewer than k candidates skipped
    Irgan,
}

impl EvalSetup {
    /// Returns the measures, each once, by the chosen documents and relevant grades.
    fn measures(&self) -> Vec<Measure> {
        MeasureList::joined(&self.measures, self.level.unwrap_or(1), self.judged_only)
    }

    /// Reads the judgements and evaluates the runs; warns on standard error about queries that do
    /// not take part.
    pub(super) fn evaluate(&self, qrels: &PathBuf, runs: &[PathBuf]) -> Result<Vec<Evaluation>> {
        if self.exclude.is_some() && self.protocol != ProtocolName::Irgan {
            return Err(Error::Config("--exclude needs --protocol irgan".into()));
        }
        if self.complete && self.protocol == ProtocolName::Irgan {
            return Err(Error::Config(
                "--complete goes with --protocol trec only: irgan skips such queries".into(),
            ));
        }
        if self.level.is_some() && self.protocol == ProtocolName::Irgan {
            return Err(Error::Config(
                "--level goes with --protocol trec only: irgan has gains of 1 and 0".into(),
            ));
        }
        let inputs = [qrels].into_iter().chain(runs).chain(&self.exclude);
        if inputs.filter(|path| path.as_os_str() == "-").count() > 1 {
            return Err(Error::Config("only one file can be - (standard input)".into()));
        }
        let qrels = Qrels::read(qrels)?;
        if let Some(guessed) = qrels.guessed() {
            note!("{guessed}");
        }
        let exclude = self.exclude.as_ref().map(Qrels::read).transpose()?;
        let protocol = match self.protocol {
            ProtocolName::Trec => Protocol::Trec,
            ProtocolName::Irgan => Protocol::Irgan { exclude: exclude.as_ref() },
        };
        let options = Options { protocol, complete: self.complete, depth: self.depth };
        let evaluations = evaluate_runs(&qrels, runs, &self.measures(), &options)?;
        for evaluation in &evaluations {
            warn(evaluation, qrels.len(), self.complete && self.protocol == ProtocolName::Trec);
        }
        Ok(evaluations)
    }
}

/// Runs the command: prints one row for each run, and one for each query on request.
pub fn run(args: &EvalArgs) -> Result<()> {
    let evaluations = args.setup.evaluate(&args.qrels, &args.runs)?;
    let coverages = args.coverages()?;
    let second = if args.per_query { "query" } else { "queries" };
    let names = args.setup.measures().into_iter().map(|measure| measure.to_string());
    let coverage = args.coverage.iter().map(|k| format!("Coverage@{k}"));
    let mut table = Table::new(["run", second].into_iter().map(String::from).chain(names).chain(coverage));
    for (evaluation, coverages) in evaluations.iter().zip(coverages) {
        for row in args.rows(evaluation, &coverages) {
            table.row(row);
        }
    }
    print(&table.render(args.format))
}

impl EvalArgs {
    /// Returns the rows of a run: of every query where they are asked for, and of all.
    fn rows(&self, evaluation: &Evaluation, coverages: &[f64]) -> Vec<Vec<Cell>> {
        let cells = |first: Cell, values: &mut dyn Iterator<Item = f64>, coverages: &[f64]| {
            let numbers =
                evaluation.measures.iter().zip(values).map(|(measure, value)| number(measure, value));
            let name = Cell::from(evaluation.name.as_str());
            let coverages = coverages.iter().map(|&value| Cell::score(value));
            [name, first].into_iter().chain(numbers).chain(coverages).collect::<Vec<_>>()
        };
        let mut rows = vec![];
        if self.per_query {
            let of_none = vec![f64::NAN; coverages.len()];
            let mut queries: Vec<_> = evaluation.queries.iter().zip(evaluation.values.rows()).collect();
            queries.sort_by(|a, b| natural_order(a.0, b.0));
            for (query, values) in queries {
                rows.push(cells(query.as_str().into(), &mut values.iter().copied(), &of_none));
            }
        }
        if !self.no_summary {
            let first = if self.per_query { "all".into() } else { Cell::count(evaluation.queries.len()) };
            let mut means = (0..evaluation.measures.len()).map(|measure| evaluation.mean(measure));
            rows.push(cells(first, &mut means, coverages));
        }
        rows
    }

    /// Returns the coverages of every run; none are asked for without `--coverage`.
    fn coverages(&self) -> Result<Vec<Vec<f64>>> {
        if self.coverage.is_empty() {
            return Ok(vec![vec![]; self.runs.len()]);
        }
        if [&self.qrels].into_iter().chain(&self.runs).any(|path| path.as_os_str() == "-") {
            return Err(Error::Config(
                "--coverage reads its files twice: give files, not standard input".into(),
            ));
        }
        let qrels = Qrels::read(&self.qrels)?;
        let cutoffs: Vec<usize> = self.coverage.iter().map(|&k| k as usize).collect();
        self.runs.iter().map(|run| coverage(&qrels, &RunFile::open(run)?, &cutoffs, self.items)).collect()
    }
}

fn number(measure: &Measure, value: f64) -> Cell {
    Cell::Number(value, if measure.is_count() { 0 } else { 4 })
}

fn warn(evaluation: &Evaluation, judged: usize, complete: bool) {
    let Evaluation { name, missing, unjudged, suspicion, .. } = evaluation;
    if let Some(suspicion) = suspicion {
        warning!("{name}: {suspicion}");
    }
    if *missing > 0 {
        let effect =
            if complete { "count as empty" } else { "are left out (--complete counts them as empty)" };
        warning!("{name}: {missing} of {judged} judged queries are not in the run; they {effect}");
    }
    if *unjudged > 0 {
        warning!("{name}: queries of the run without any judgement, left out: {unjudged}");
    }
}
