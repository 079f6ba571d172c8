//! `metrics.csv`: one row for every number of every step (phase, step, metric, value).

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::event::{Event, Listener};

/// A tidy log of a run's numbers.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    writer: csv::Writer<File>,
    failure: Option<csv::Error>,
}

impl MetricsLog {
    /// A new log at `path`.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|source| Error::io(path, "write", source))?;
        let mut writer = csv::Writer::from_writer(file);
        let failure = writer.write_record(["phase", "step", "metric", "value"]).err();
        Ok(Self { path: path.to_owned(), writer, failure })
    }

    /// The log at `path` again, with the rows of the (phase, step) that `keep` holds true for; new rows follow
    /// them. A row that a kill cut off is left out.
    pub fn reopen(path: &Path, keep: impl Fn(&str, usize) -> bool) -> Result<Self> {
        let old = std::fs::read_to_string(path).unwrap_or_default();
        let whole = &old[..old.rfind('\n').map_or(0, |end| end + 1)];
        let kept = |line: &&str| {
            let mut fields = line.split(',');
            let (phase, step) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            step.parse().is_ok_and(|step| keep(phase, step))
        };
        let rows: Vec<&str> = whole.lines().skip(1).filter(kept).collect();
        crate::atomic::write_atomically(path, |writer| {
            writeln!(writer, "phase,step,metric,value")?;
            rows.iter().try_for_each(|row| writeln!(writer, "{row}"))
        })?;
        let file =
            File::options().append(true).open(path).map_err(|source| Error::io(path, "write", source))?;
        Ok(Self { path: path.to_owned(), writer: csv::Writer::from_writer(file), failure: None })
    }

    /// Completes the log; the first failure to write, if there was one, comes out here.
    pub fn finish(mut self) -> Result<()> {
        let flushed = self.writer.flush().map_err(csv::Error::from);
        match self.failure.map_or(flushed, Err) {
            Ok(()) => Ok(()),
            Err(cause) => Err(Error::io(&self.path, "write", std::io::Error::other(cause.to_string()))),
        }
    }

    fn write(&mut self, event: &Event<'_>) -> csv::Result<()> {
        for (metric, value) in event.metrics {
            self.writer.write_record([event.phase, &event.step.to_string(), metric, &value.to_string()])?;
        }
        Ok(self.writer.flush()?)
    }
}

impl Listener for MetricsLog {
    fn event(&mut self, event: &Event<'_>) {
        if self.failure.is_none() {
            self.failure = self.write(event).err();
        }
    }
}
