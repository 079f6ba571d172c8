//! `seqgan explain`: why words are hard for a GAN, as a page of measured pictures.

use std::path::PathBuf;

use clap::Args;

use crate::cli::console::print_text;
use crate::error::Result;
use crate::report;

/// Write a page that shows by small experiments why a GAN is hard to train on words, and what helps
///
/// Six arguments, each with formulas and pictures that are measured when the page is made: divergences without a slope,
/// judges that read no word, samples that stand still, relaxed draws, estimators of a gradient, reward baselines.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan explain
  seqgan explain --seed 2 --out lecture.html")]
pub struct ExplainArgs {
    /// Page to write
    #[arg(long, value_name = "FILE", default_value = "explain.html")]
    out: PathBuf,
    /// Seed of the experiments
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Commands that show the arguments of the page in a training.
const COMMANDS: [&str; 6] = [
    "seqgan train --judge discriminator --credit rollouts --divergence wasserstein --d-weight-clip 0.1",
    "seqgan train --cfg arithmetic --method gumbel --relaxation soft, beside --relaxation straight-through",
    "seqgan train (the policy gradient, the default), or cargo run --example reinforce_by_hand",
    "seqgan train --cfg arithmetic --method gumbel --gumbel-temperature 5:1",
    "the column gradient-variance of metrics.csv of any training by the policy gradient",
    "seqgan train --reward-baseline none, beside leave-one-out (the default), mean, moving or critic",
];

/// Runs the command.
pub fn run(args: &ExplainArgs) -> Result<()> {
    let made_by = format!("seqgan explain --seed {}", args.seed);
    report::save(&report::explain(args.seed, &made_by, COMMANDS), &args.out)?;
    match args.out.as_os_str() == "-" {
        true => Ok(()),
        false => print_text(&format!("{}\n", args.out.display())),
    }
}
