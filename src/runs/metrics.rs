//! `metrics.csv`: one row for every number of every step (phase, step, metric, value).

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::game::LogLength;

/// A tidy log of a run's numbers. A training that goes on from a checkpoint takes it back to where it stood then:
/// rows are written behind the log's length, over what a broken run had written there.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    file: File,
    length: LogLength,
    failure: Option<io::Error>,
}

impl MetricsLog {
    /// The log at `path`, new or to be written over from its beginning; `length` tells how far it is written.
    pub fn open(path: &Path, length: LogLength) -> Result<Self> {
        let io = |source| Error::io(path, "write", source);
        let mut file = File::options().write(true).create(true).truncate(false).open(path).map_err(io)?;
        let header = b"phase,step,metric,value\n";
        file.write_all(header).map_err(io)?;
        length.set(header.len() as u64);
        Ok(Self { path: path.to_owned(), file, length, failure: None })
    }

    /// Completes the log; the first failure to write, if there was one, comes out here.
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
