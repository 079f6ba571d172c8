//! `report.html`: one self-contained page about a run, or about several side by side.
//!
//! It is made from the files of the runs' folders alone, needs neither network nor JavaScript, and shows what is
//! there: of a run that has not finished, its settings and curves so far.

mod axes;
mod bars;
mod chart;
mod page;
mod ranking;
pub mod results;
mod run;
mod sections;
mod svg;
mod text;

use std::path::{Path, PathBuf};

use run::{Outcome, Run};

use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;

/// The name of a report in its run's folder.
pub const FILE: &str = "report.html";

/// Writes the report of the run in `folder` into it.
pub fn write(folder: &Path) -> Result<()> {
    save(&page(&[folder.to_owned()])?, &folder.join(FILE))
}

/// Writes a page to `path`.
pub fn save(page: &str, path: &Path) -> Result<()> {
    write_atomically(path, |writer| writer.write_all(page.as_bytes()))
}

/// The page about the runs in `folders`, all of one program; an error names the folder that holds none.
pub fn page(folders: &[PathBuf]) -> Result<String> {
    let runs: Vec<Run> = folders.iter().map(|folder| Run::read(folder)).collect::<Result<_>>()?;
    let is_ranking = |run: &Run| matches!(run.outcome, Outcome::Ranking(_));
    match runs.iter().filter(|run| is_ranking(run)).count() {
        0 => Ok(text::page(&runs)),
        all if all == runs.len() => Ok(ranking::page(&runs)),
        _ => {
            let list = |ranking: bool| {
                let of_one = runs.iter().filter(|run| is_ranking(run) == ranking);
                of_one.map(|run| run.name.as_str()).collect::<Vec<_>>().join(", ")
            };
            Err(Error::Config(format!(
                "runs of two programs have nothing to compare: {} (irgan), {} (seqgan); make two reports",
                list(true),
                list(false)
            )))
        }
    }
}
