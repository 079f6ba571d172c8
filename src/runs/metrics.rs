//! `metrics.csv`: one row for every number of every step (phase, step, metric, value).

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::files::no_follow::open_to_write;
use crate::game::LogLength;

/// First line of the log.
const HEADER: &[u8] = b"phase,step,metric,value\n";

/// Log of a run's numbers, one row each. A training that resumes from a checkpoint sets the log's length back to the
/// checkpoint's: rows are written after that length, over those of the interrupted run.
///
/// ```
/// use irgan::event::{Event, Listener};
/// use irgan::game::LogLength;
/// use irgan::runs::{MetricsLog, read_rows};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("metrics.csv");
/// let mut log = MetricsLog::open(&path, LogLength::default())?;
/// log.event(&Event { phase: "mle", step: 1, of: 5, metrics: &[("loss", 0.5)] });
/// log.finish()?;
/// let rows = read_rows(&path, true)?;
/// assert_eq!((rows[0].metric.as_str(), rows[0].value), ("loss", 0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    file: File,
    length: LogLength,
    failure: Option<io::Error>,
}

impl MetricsLog {
    /// Opens the log at `path`, new or to be written over from its beginning; `length` counts its bytes.
    pub fn open(path: &Path, length: LogLength) -> Result<Self> {
        let mut file = open_to_write(path)?;
        file.write_all(HEADER).map_err(|source| Error::io(path, "write", source))?;
        length.set(HEADER.len() as u64);
        Ok(Self { path: path.to_owned(), file, length, failure: None })
    }

    /// Returns true when no number is logged yet.
    pub fn is_empty(&self) -> bool {
        self.length.get() == HEADER.len() as u64
    }

    /// Completes the log; returns the first failure to write, if there was one.
    pub fn finish(mut self) -> Result<()> {
        let cut = self.file.set_len(self.length.get());
        self.failure.take().map_or(cut, Err).map_err(|cause| Error::io(&self.path, "write", cause))
    }

    fn write(&mut self, event: &Event<'_>) -> io::Result<()> {
        let mut rows = csv::Writer::from_writer(vec![]);
        for (metric, value) in event.metrics {
            rows.write_record([event.phase, &event.step.to_string(), metric, &value.to_string()])?;
        }
        let rows = rows.into_inner().map_err(csv::IntoInnerError::into_error)?;
        self.file.seek(SeekFrom::Start(self.length.get()))?;
        self.file.write_all(&rows)?;
        self.length.set(self.length.get() + rows.len() as u64);
        Ok(())
    }
}

impl Listener for MetricsLog {
    fn event(&mut self, event: &Event<'_>) {
        if self.failure.is_none() {
            self.failure = self.write(event).err();
        }
    }
}
