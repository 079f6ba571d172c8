//! The numbers of a run, read back from `metrics.csv`.

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

/// The rows of `metrics.csv` in the order they were logged. A last line that is not complete is left out: its run
/// is still writing it, or was killed there.
pub fn read_rows(path: &Path) -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, "read", source))?;
    let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
    let lines = whole.lines().enumerate().skip(1);
    lines
        .map(|(index, line)| {
            row(line).ok_or_else(|| Error::parse(path, index + 1, "phase,step,metric,value", line.as_bytes()))
        })
        .collect()
}

fn row(line: &str) -> Option<Row> {
    let mut fields = line.split(',');
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

    fn read(text: &str) -> Result<Vec<Row>> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("metrics.csv");
        std::fs::write(&path, text).expect("the folder is writable");
        read_rows(&path)
    }

    #[test]
    fn a_line_that_a_kill_cut_off_is_left_out() {
        let rows = read("phase,step,metric,value\nmle,1,loss,0.5\nmle,2,lo").expect("one whole row");
        let expected = Row { phase: "mle".into(), step: 1, metric: "loss".into(), value: 0.5 };
        assert_eq!(rows, [expected]);
        assert_eq!(read("").expect("an empty file is a run that has just begun"), []);
    }

    #[test]
    fn a_malformed_line_is_named() {
        let error = read("phase,step,metric,value\nmle,one,loss,0.5\n").expect_err("`one` is no step");
        assert!(error.to_string().contains("metrics.csv:2: expected phase,step,metric,value"), "{error}");
    }
}
