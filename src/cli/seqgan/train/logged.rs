//! A training of either kind in the folder of its run.

use crate::cli::args::session::resumable;
use crate::cli::console;
use crate::error::Result;
use crate::event::Listener;
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
