//! A training of any kind in the folder of its run: its log, its results, its last words.

use std::time::Instant;

use serde::Serialize;

use crate::cli::args::session::{quoted, resumable};
use crate::cli::console;
use crate::cli::console::print_text;
use crate::error::Result;
use crate::event::Listener;
use crate::report;
use crate::report::results::{self, Timing};
use crate::runs::{ActiveRun, Listeners, TensorBoardLog};

/// Trains in the folder of a run, with its log, TensorBoard and progress; returns the run beside what was trained.
pub(super) fn logged<T>(
    mut session: ActiveRun,
    train: impl FnOnce(&mut dyn Listener) -> Result<T>,
) -> Result<(ActiveRun, T)> {
    let mut board = TensorBoardLog::create(session.folder.path())?;
    let mut progress = console::progress();
    let trained = train(&mut Listeners(vec![&mut session.log, &mut board, &mut progress]));
    drop(progress);
    let (session, trained) = resumable("seqgan", session, trained)?;
    board.finish()?;
    Ok((session, trained))
}

/// Results of a training, for programs and as text.
pub(super) struct Concluded<'a, R> {
    pub results: &'a R,
    pub markdown: String,
    pub text: String,
    /// Use of the model with its command, up to the name of the folder and behind it.
    pub advice: [&'static str; 2],
}

/// Writes the results of a training that began at `started`, and the page about it, ends the run, and prints the results.
pub(super) fn conclude<R: Serialize>(
    session: ActiveRun,
    started: Instant,
    concluded: &Concluded<'_, R>,
) -> Result<()> {
    let Concluded { results, markdown, text, advice: [before, behind] } = concluded;
    let folder = &session.folder;
    folder.save_text("report.md", markdown)?;
    folder.save_json(results::FILE, results)?;
    folder.save_json("timing.json", &Timing::since(started))?;
    report::write(folder.path())?;
    let path = folder.path().display().to_string();
    session.finish()?; // before anything is printed: the reader may have left
    print_text(&format!(
        "{text}\nreport: {path}/report.html\nmodel: {path}   {before} {}{behind}\n",
        quoted(&path)
    ))
}
