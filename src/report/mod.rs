//! Reports of runs: `report.html`, one self-contained page about a run or about several side by side, and the pictures
//! and tables in it.
//!
//! A report is made from the files of the runs' folders alone and needs neither network nor JavaScript. Of a run that
//! has not finished it shows settings and curves so far.
//!
//! | module | content |
//! |---|---|
//! | [`results`] | outcome of a finished run, as `results.json` |
//! | `run` | a run's folder, read for its report |
//! | `plot` | the one plotter: curves, bars, panels of a sweep |
//! | `page` | HTML around pictures and tables |
//! | `sections`, `curves`, `diagnostics` | parts that reports of both programs share |
//! | `ranking`, `text`, `pairs`, `lines` | the reports of trainings of the two programs |
//! | `explain` | why words are hard for a GAN, by small experiments |
//! | `sweep`, `cross_validation`, `mean` | the reports of many trainings |

mod cross_validation;
mod curves;
mod diagnostics;
mod escape;
mod explain;
mod inspect;
mod lines;
mod mean;
mod page;
mod pairs;
mod plot;
mod ranking;
pub mod results;
mod run;
mod sections;
mod sweep;
mod text;

use std::path::{Path, PathBuf};

pub use explain::explain;
pub use inspect::inspect;
pub use plot::{SweepPanel, SweepPoint, sweep_picture};

use plot::Chart;
use run::{Outcome, Run};

use crate::error::{Error, Result};
use crate::evaluation::Table;
use crate::files::no_follow::replace_atomically;
use crate::files::output::write_output;

/// Name of a report in its run's folder.
pub const FILE: &str = "report.html";

/// Writes the report of the run in `folder` into that folder.
pub fn write(folder: &Path) -> Result<()> {
    let page = page(&[folder.to_owned()])?;
    replace_atomically(&folder.join(FILE), |writer| writer.write_all(page.as_bytes()))
}

/// Writes a page or a picture to `path`.
pub fn save(text: &str, path: &Path) -> Result<()> {
    write_output(path, |writer| writer.write_all(text.as_bytes()))
}

/// Returns the page about the runs in `folders`, or about the sweep or the cross-validation in one folder.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("config.toml"), "method = \"pairwise\"\nmeasure = \"nDCG@10\"\n")?;
/// let log = "phase,step,metric,value\nadversarial,1,g,0.41\nadversarial,2,g,0.44\n";
/// std::fs::write(folder.path().join("metrics.csv"), log)?;
/// let page = irgan::report::page(&[folder.path().to_owned()])?;
/// assert!(page.contains("has not finished") && page.contains("Players of the game"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A folder that holds no run, or a file in it that cannot be read; runs of two programs.
pub fn page(folders: &[PathBuf]) -> Result<String> {
    match folders {
        [folder] if sweep::is_sweep(folder) => return sweep::page(folder),
        [folder] if cross_validation::is_cross_validation(folder) => return cross_validation::page(folder),
        _ => {}
    }
    let runs = read(folders)?;
    Ok(match kind(&runs)? {
        Kind::Ranking => ranking::page(&runs),
        Kind::Text => text::page(&runs),
        Kind::Pairs => pairs::page(&runs),
        Kind::Lines => lines::page(&runs),
    })
}

/// Returns the table that every run in `folders` has, with the mean and the standard deviation over the runs in the place of each
/// number. The runs differ by their seeds alone.
///
/// # Errors
/// As [`page`]; also runs that differ by another setting, have the same seed or have not finished.
pub fn mean(folders: &[PathBuf]) -> Result<Table> {
    let runs = read(folders)?;
    kind(&runs)?;
    mean::over_seeds(&runs)
}

/// Returns the chart that sums the report up, as an SVG file for light and dark screens: the players of a ranking run
/// over the rounds with the best baseline, or the quality and diversity of text generators.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("config.toml"), "method = \"pairwise\"\nmeasure = \"nDCG@10\"\n")?;
/// let log = "phase,step,metric,value\nadversarial,1,g,0.41\nadversarial,2,g,0.44\n";
/// std::fs::write(folder.path().join("metrics.csv"), log)?;
/// let svg = irgan::report::picture(&[folder.path().to_owned()])?;
/// assert!(svg.starts_with("<svg xmlns=") && svg.contains("nDCG@10"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`page`]; also runs that have logged nothing to draw.
pub fn picture(folders: &[PathBuf]) -> Result<String> {
    if let [folder] = folders
        && sweep::is_sweep(folder)
    {
        return sweep::picture(folder);
    }
    let runs = read(folders)?;
    let chart: Chart = match kind(&runs)? {
        Kind::Ranking => ranking::main_chart(&runs),
        Kind::Text => text::main_chart(&runs),
        Kind::Pairs => pairs::main_chart(&runs),
        Kind::Lines => lines::main_chart(&runs),
    };
    chart.file().ok_or_else(|| {
        let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
        Error::Config(format!("{}: nothing to draw yet", names.join(", ")))
    })
}

fn read(folders: &[PathBuf]) -> Result<Vec<Run>> {
    folders.iter().map(|folder| Run::read(folder)).collect()
}

/// Kind of the runs of a report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ranking,
    Text,
    Pairs,
    Lines,
}

impl Kind {
    fn of(run: &Run) -> Self {
        match run.outcome {
            Outcome::Ranking(_) => Self::Ranking,
            Outcome::Text(_) => Self::Text,
            Outcome::Pairs(_) => Self::Pairs,
            Outcome::Lines(_) => Self::Lines,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ranking => "irgan",
            Self::Text => "seqgan",
            Self::Pairs => "seqgan, pairs",
            Self::Lines => "seqgan, lines",
        }
    }
}

/// Returns the kind that all runs are of.
fn kind(runs: &[Run]) -> Result<Kind> {
    let kinds = [Kind::Ranking, Kind::Text, Kind::Pairs, Kind::Lines];
    let found: Vec<Kind> =
        kinds.into_iter().filter(|&kind| runs.iter().any(|run| Kind::of(run) == kind)).collect();
    if let [kind] = found[..] {
        return Ok(kind);
    }
    let names = |kind: Kind| {
        let of_kind = runs.iter().filter(|run| Kind::of(run) == kind).map(|run| run.name.as_str());
        format!("{} ({})", of_kind.collect::<Vec<_>>().join(", "), kind.name())
    };
    let list: Vec<String> = found.into_iter().map(names).collect();
    let programs = if list.iter().all(|name| name.contains("seqgan")) { "kinds" } else { "programs" };
    Err(Error::Config(format!(
        "runs of two {programs} have nothing to compare: {}; make two reports",
        list.join(", ")
    )))
}
