//! `irgan report` and `seqgan report`: pages and pictures about runs, from their folders alone.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::console::{print, print_text};
use crate::error::Result;
use crate::evaluation::Format;
use crate::report;

/// Rebuild the report of a run, or put several runs side by side on one page
///
/// A folder of `irgan sweep` or `irgan cv` gives a page about all its trainings.
/// A run that is still training or was interrupted gives a report of what it has logged so far.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Folders of runs
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// The page to write [default: DIR/report.html; of several runs ./report.html]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the chart that sums the report up as an SVG file, in place of the page unless --out asks for it too
    #[arg(long, value_name = "FILE.svg")]
    picture: Option<PathBuf>,
    /// Print the table of runs that differ by their seeds alone, with mean ± deviation for each number, in place of the page unless
    /// --out asks for it too
    #[arg(long)]
    mean: bool,
    /// Format of that table
    #[arg(long, value_enum, default_value_t, requires = "mean")]
    format: Format,
}

/// Runs the command.
pub fn run(args: &ReportArgs) -> Result<()> {
    if (args.picture.is_none() && !args.mean) || args.out.is_some() {
        save(&report::page(&args.folders)?, &args.page())?;
    }
    if let Some(picture) = &args.picture {
        save(&report::picture(&args.folders)?, picture)?;
    }
    if args.mean {
        print(&report::mean(&args.folders)?.render(args.format))?;
    }
    Ok(())
}

/// Writes a page or a picture and prints its path, unless it was printed itself.
fn save(text: &str, path: &Path) -> Result<()> {
    report::save(text, path)?;
    match path.as_os_str() == "-" {
        true => Ok(()),
        false => print_text(&format!("{}\n", path.display())),
    }
}

impl ReportArgs {
    fn page(&self) -> PathBuf {
        match (&self.out, &self.folders[..]) {
            (Some(out), _) => out.clone(),
            (None, [one]) => one.join(report::FILE),
            (None, _) => PathBuf::from(report::FILE),
        }
    }
}
