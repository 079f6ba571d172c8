//! Writer of the format that [`read`](super::read) reads.

use std::path::Path;

use super::AnswerSet;
use crate::error::Result;
use crate::files::output::write_output;

/// Writes lines of `question<TAB>answer<TAB>0|1`, question by question, atomically.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, set: &AnswerSet) -> Result<()> {
    write_output(path, |writer| {
        for question in set.questions() {
            for answer in &question.answers {
                writeln!(writer, "{}\t{}\t{}", question.text, answer.text, u8::from(answer.right))?;
            }
        }
        Ok(())
    })
}
