//! `irgan report` and `seqgan report`: pages about runs, from their folders alone.

use std::path::PathBuf;

use clap::Args;

use crate::cli::console::print;
use crate::error::Result;
use crate::report;

/// Rebuild the report of a run, or put several runs side by side on one page
///
/// A run that goes on or was interrupted gives a report of what it has logged so far.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Folders of runs
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// The page to write [default: DIR/report.html; of several runs ./report.html]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &ReportArgs) -> Result<()> {
    let page = report::page(&args.folders)?;
    let out = match (&args.out, &args.folders[..]) {
        (Some(out), _) => out.clone(),
        (None, [one]) => one.join(report::FILE),
        (None, _) => PathBuf::from(report::FILE),
    };
    report::save(&page, &out)?;
    print(&format!("{}\n", out.display()))
}
