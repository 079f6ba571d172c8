//! Reader of lines of `question<TAB>answer<TAB>0|1`.

use std::path::Path;

use super::{Answer, AnswerSet, Question};
use crate::data::words::Interner;
use crate::error::{Error, Result};
use crate::files::lines::for_each_line;

/// Description of a valid line, for errors.
const LINE: &str = "3 columns (question<TAB>answer<TAB>0 or 1)";

/// Reads questions and their answers from lines of `question<TAB>answer<TAB>0|1`, where 1 labels a right answer.
///
/// Lines with equal questions, after trimming, belong to one question and need not be adjacent. An answer may be empty;
/// empty lines are skipped.
///
/// # Errors
/// When the file cannot be read or has no question, or a line is not UTF-8, has not three columns, has an empty question,
/// or a label other than 0 and 1.
///
/// ```
/// use irgan::data::answers;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("qa.tsv");
/// std::fs::write(&path, "where is A ?\tA is in B .\t1\nwhere is A ?\tA makes C .\t0\n")?;
/// let set = answers::read(&path)?;
/// assert_eq!((set.questions().len(), set.questions()[0].answers[0].right), (1, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(path: impl AsRef<Path>) -> Result<AnswerSet> {
    let path = path.as_ref();
    let (mut places, mut questions) = (Interner::default(), Vec::<Question>::new());
    for_each_line(path, |line, bytes, _| {
        let wrong = |expected: &str, found: &[u8]| Error::parse(path, line, expected, found);
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8 text; convert the file", bytes))?;
        if text.trim().is_empty() && !text.contains('\t') {
            return Ok(());
        }
        let mut columns = text.split('\t');
        let (Some(question), Some(answer), Some(label), None) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            let found = text.split('\t').count();
            return Err(Error::Parse {
                path: path.to_owned(),
                line,
                expected: LINE.into(),
                found: found.to_string(),
            });
        };
        let (question, answer) = (question.trim(), answer.trim().to_owned());
        if question.is_empty() {
            return Err(wrong("a question in the first column", b""));
        }
        let right = match label.trim() {
            "0" => false,
            "1" => true,
            other => return Err(wrong("label 0 (wrong) or 1 (right) in the third column", other.as_bytes())),
        };
        let (place, new) = places.insert(question);
        if new {
            questions.push(Question { text: question.to_owned(), answers: vec![] });
        }
        questions[place as usize].answers.push(Answer { text: answer, right });
        Ok(())
    })?;
    if questions.is_empty() {
        return Err(Error::data(path, format!("holds no question; expected lines of {LINE}")));
    }
    Ok(AnswerSet::new(questions))
}
