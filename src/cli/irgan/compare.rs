//! `irgan compare`: are runs better than a baseline by more than chance?

use std::path::PathBuf;

use super::eval::EvalSetup;
use crate::cli::console::print;
use crate::error::Result;
use crate::evaluation::significance::{Correction, Test};
use crate::evaluation::table::Cell;
use crate::evaluation::{Comparison, ComparisonPlan, Evaluation, Format, Measure, Table, compare, pairs};

/// Compare runs with a baseline: differences, confidence, significance
///
/// Prints, for every measure and run: the mean over the queries that both runs have, the
/// difference to the baseline with its confidence interval, its effect size (Cohen's d_z), the
/// p-value before and after correction, on how many queries the run wins, ties and loses, and the
/// smallest difference that this many queries would resolve with probability 0.8. Of the geometric means GMAP and
/// GMBpref differences are those of the logarithms, by query; of counts the means are shown, not the sums.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  irgan compare qrels.txt lambdarank.run pair.run
  irgan compare qrels.txt bm25.run a.run b.run --all-pairs -m nDCG@10 -m AP
  irgan compare qrels.txt lambdarank.run pair.run --test wilcoxon --correction bonferroni --format latex")]
pub struct CompareArgs {
    /// Relevance judgements, as for `irgan eval`
    pub qrels: PathBuf,
    /// Run that the others are compared with
    pub base: PathBuf,
    /// Runs that are compared with the first
    #[arg(required = true)]
    pub runs: Vec<PathBuf>,
    /// Compare every run with every other one, not only with the first
    #[arg(long)]
    pub all_pairs: bool,
    /// Paired, two-sided test
    #[arg(long, value_enum, default_value_t)]
    pub test: Test,
    /// Correction of p-values for the number of comparisons on a measure
    #[arg(long, value_enum, default_value_t)]
    pub correction: Correction,
    /// Level of significance; intervals have a confidence of 1 - ALPHA
    #[arg(long, default_value_t = 0.05)]
    pub alpha: f64,
    /// Seed of the randomisation test, which draws when more than 16 queries differ
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    #[command(flatten)]
    pub setup: EvalSetup,
    /// No notes; warnings and errors are still shown
    // Stands for the flag of every command, whose short form is another flag of `irgan eval`.
    #[arg(long, help_heading = "Everywhere")]
    quiet: bool,
    /// Format of the table
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Runs the command: prints one row for each measure and comparison.
pub fn run(args: &CompareArgs) -> Result<()> {
    let plan =
        ComparisonPlan { test: args.test, correction: args.correction, seed: args.seed, alpha: args.alpha };
    plan.validate()?;
    let paths: Vec<PathBuf> = [&args.base].into_iter().chain(&args.runs).cloned().collect();
    let evaluations = args.setup.evaluate(&args.qrels, &paths)?;
    let pairs = pairs(evaluations.len(), args.all_pairs);
    let comparisons = compare(&evaluations, &pairs, &plan);
    print(&table(&evaluations, &comparisons, &plan).render(args.format))
}

/// Returns the name of a measure, and what its differences are of where they are not of its means.
fn named(measure: &Measure) -> String {
    if measure.is_geometric() { format!("{measure} (difference of ln)") } else { measure.to_string() }
}

fn table(evaluations: &[Evaluation], comparisons: &[Comparison], plan: &ComparisonPlan) -> Table {
    let confidence = 100.0 * (1.0 - plan.alpha);
    let adjusted = match plan.correction {
        Correction::Holm => "p (Holm)",
        Correction::Bonferroni => "p (Bonferroni)",
        Correction::None => "p (uncorrected)",
    };
    let (low, high) = (format!("{confidence:.4}"), "to");
    let low = format!("{}% from", low.trim_end_matches('0').trim_end_matches('.'));
    let header = [
        "measure",
        "run",
        "base",
        "queries",
        "mean",
        "base mean",
        "difference",
        &low,
        high,
        "d_z",
        "p",
        adjusted,
        "win",
        "tie",
        "loss",
        "resolvable",
    ];
    let mut table = Table::new(header);
    for comparison in comparisons {
        let effect = &comparison.effect;
        let name = |run: usize| Cell::from(evaluations[run].name.as_str());
        let [wins, ties, losses] = comparison.wins_ties_losses.map(Cell::count);
        table.row([
            named(&evaluations[0].measures[comparison.measure]).into(),
            name(comparison.other),
            name(comparison.base),
            Cell::count(comparison.queries),
            Cell::score(comparison.other_mean),
            Cell::score(comparison.base_mean),
            Cell::score(effect.mean),
            Cell::score(effect.low),
            Cell::score(effect.high),
            Cell::Number(effect.cohen_dz, 2),
            Cell::score(comparison.p_value),
            Cell::score(comparison.adjusted),
            wins,
            ties,
            losses,
            Cell::score(comparison.resolvable),
        ]);
    }
    table
}
