//! Numbers of a run, read back from `metrics.csv`.

use std::collections::HashMap;
use std::path::Path;

use crate::error::{Error, Result};

/// Number of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Phase: `lambdarank`, `adversarial`, …
    pub phase: String,
    /// Number of steps done in the phase.
    pub step: usize,
    /// Name of the number.
    pub metric: String,
    /// Value; NaN where there was none.
    pub value: f64,
}

/// Reads the rows of `metrics.csv` in the order they were logged.
///
/// In the log of an unfinished run, incomplete lines and steps that come a second time are left out: the run is writing
/// there, was killed there, or has resumed from a checkpoint and writes over the rows that followed it.
///
/// # Errors
/// A file that cannot be read; in the log of a finished run, a line that is no row.
pub fn read_rows(path: &Path, is_finished: bool) -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
    let lines = text.split_inclusive('\n').enumerate().skip(1);
    if is_finished {
        let refused = |index, line: &str| {
            Error::parse(path, index + 1, "phase,step,metric,value", line.trim_end().as_bytes())
        };
        return lines.map(|(index, line)| row(line).ok_or_else(|| refused(index, line))).collect();
    }
    let mut seen: HashMap<(String, String), usize> = HashMap::new();
    let is_new = |row: &Row| {
        let last = seen.entry((row.phase.clone(), row.metric.clone())).or_default();
        let new = row.step > *last;
        *last = row.step.max(*last);
        new
    };
    Ok(lines.filter_map(|(_, line)| row(line)).filter(is_new).collect())
}

fn row(line: &str) -> Option<Row> {
    let mut fields = line.strip_suffix('\n')?.split(',');
    let (phase, step, metric, value) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let row = Row {
        phase: phase.to_owned(),
        step: step.parse().ok()?,
        metric: metric.to_owned(),
        value: value.parse().ok()?,
    };
    fields.next().is_none().then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, is_finished: bool) -> Result<Vec<Row>> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("metrics.csv");
        std::fs::write(&path, text).expect("the folder is writable");
        read_rows(&path, is_finished)
    }

    #[test]
    fn the_log_of_a_killed_run_is_read_up_to_its_last_whole_row() {
        // Step 2 was logged again over a longer log: a piece of an old line and old steps follow.
        let text =
            "phase,step,metric,value\nmle,1,loss,0.5\nmle,2,loss,0.25\ns,0.7\nmle,2,loss,0.25\nmle,3,lo";
        let rows = read(text, false).expect("two whole rows");
        let expected = |step, value| Row { phase: "mle".into(), step, metric: "loss".into(), value };
        assert_eq!(rows, [expected(1, 0.5), expected(2, 0.25)]);
        assert_eq!(read("", false).expect("an empty file is a run that has just started"), []);
    }

    #[test]
    fn every_line_of_a_finished_log_must_be_a_row() {
        let good = "phase,step,metric,value\nmle,1,loss,NaN\n";
        assert!(read(good, true).expect("one row")[0].value.is_nan());
        for bad in ["mle,one,loss,0.5\n", "mle,1,loss,0.5", "mle,1,loss\n", "mle,1,loss,0.5,\n"] {
            let error = read(&(good.to_owned() + bad), true).expect_err(bad);
            assert!(error.to_string().contains("metrics.csv:3: expected phase,step,metric,value"), "{error}");
        }
    }
}
