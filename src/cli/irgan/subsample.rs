//! `irgan subsample`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::output::tell_replaced;
use crate::cli::console;
use crate::data::features::letor;
use crate::error::Result;
use crate::ranking::features::read_vectors;
use crate::seed::Stream;

/// Keep only a share of the positives observed; all other documents become unlabelled
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan subsample --data train.txt --observed 0.1 --seed 1 --out train-10.txt")]
pub struct SubsampleArgs {
    /// LETOR / SVMlight, also .gz and .zst
    #[arg(long)]
    data: PathBuf,
    /// Share of the positives that stay observed, from 0 to 1
    #[arg(long)]
    observed: f64,
    /// The file counts features from 0, and not from 1; --out counts from 1
    #[arg(long)]
    zero_based: bool,
    /// Seed of the choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// LETOR file to write
    #[arg(long)]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &SubsampleArgs) -> Result<()> {
    let set = read_vectors(&args.data, args.zero_based, None, &mut console::terminal())?;
    let kept = set.subsample_positives(args.observed, Stream::new(args.seed).named("observed"))?;
    tell_replaced(&args.out);
    letor::write(&args.out, &kept)?;
    note!("{}: {}", args.out.display(), kept.summary());
    Ok(())
}
