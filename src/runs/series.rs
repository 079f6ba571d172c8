//! The numbers of a run, read back from `metrics.csv`.

use std::collections::HashMap;
use std::path::Path;

use crate::error::{Error, Result};

/// One number of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The phase: `lambdarank`, `adversarial`, …
    pub phase: String,
    /// Steps done in the phase.
    pub step: usize,
    /// What was measured.
    pub metric: String,
    /// Its value; NaN where there was none.
    pub value: f64,
}

/// The rows of `metrics.csv` in the order they were logged.
///
/// Of a run that has not finished, lines that are not whole are left out, and steps that come again: it is writing
/// at them, or was killed there, or goes on from a checkpoint and writes over what it had logged since.
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
    fn what_a_kill_left_is_read_as_far_as_it_goes() {
        // Step 2 was logged again over a longer log: a piece of an old line and old steps follow.
        let text =
            "phase,step,metric,value\nmle,1,loss,0.5\nmle,2,loss,0.25\ns,0.7\nmle,2,loss,0.25\nmle,3,lo";
        let rows = read(text, false).expect("two whole rows");
        let expected = |step, value| Row { phase: "mle".into(), step, metric: "loss".into(), value };
        assert_eq!(rows, [expected(1, 0.5), expected(2, 0.25)]);
        assert_eq!(read("", false).expect("an empty file is a run that has just begun"), []);
    }

    #[test]
    fn a_finished_log_is_read_line_by_line() {
        let good = "phase,step,metric,value\nmle,1,loss,NaN\n";
        assert!(read(good, true).expect("one row")[0].value.is_nan());
        for bad in ["mle,one,loss,0.5\n", "mle,1,loss,0.5", "mle,1,loss\n", "mle,1,loss,0.5,\n"] {
            let error = read(&(good.to_owned() + bad), true).expect_err(bad);
            assert!(error.to_string().contains("metrics.csv:3: expected phase,step,metric,value"), "{error}");
        }
    }
}
