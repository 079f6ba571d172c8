//! Reader of lines of `question<TAB>answer<TAB>0|1`.

use std::path::Path;

use super::{Answer, AnswerSet, Question};
use crate::data::words::Interner;
use crate::error::{Error, Result};
use crate::files::columns::{place_of, plain_name};
use crate::files::lines::for_each_line;

/// Description of a valid line, for errors.
const LINE: &str = "3 columns (question<TAB>answer<TAB>0 or 1)";

/// Reads questions and their answers from lines of `question<TAB>answer<TAB>0|1`, where 1 labels a right answer.
///
/// A header may name the columns, as in WikiQA's files: `Question`, `Sentence` or `answer`, `Label`; others are ignored.
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
    let (mut places_of, mut questions) = (Interner::default(), Vec::<Question>::new());
    let (mut layout, mut first) = (None, true);
    for_each_line(path, |line, bytes, _| {
        let wrong = |expected: &str, found: &[u8]| Error::parse(path, line, expected, found);
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8 text; convert the file", bytes))?;
        if text.trim().is_empty() && !text.contains('\t') {
            return Ok(());
        }
        let columns: Vec<&str> = text.split('\t').collect();
        let (places, header) = *layout.get_or_insert_with(|| match header_places(&columns) {
            Some(places) => ((places, columns.len()), true),
            None => (([0, 1, 2], 3), false),
        });
        let ([question, answer, label], count) = places;
        if std::mem::take(&mut first) && header {
            return Ok(());
        }
        if columns.len() != count {
            let expected = match header {
                true => format!("{count} columns by tabs as in the header"),
                false => format!("{LINE}, or a header that names the columns question, answer and label"),
            };
            let found = columns.len().to_string();
            return Err(Error::Parse { path: path.to_owned(), line, expected, found });
        }
        let (question, answer, label) = (columns[question], columns[answer], columns[label]);
        let (question, answer) = (question.trim(), answer.trim().to_owned());
        if question.is_empty() {
            return Err(wrong("a question in the first column", b""));
        }
        let right = match label.trim() {
            "0" => false,
            "1" => true,
            other => return Err(wrong("label 0 (wrong) or 1 (right) in the third column", other.as_bytes())),
        };
        let (place, new) = places_of.insert(question);
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

/// Returns the places of question, answer and label among the names of a header; none when the line is no header.
fn header_places(columns: &[&str]) -> Option<[usize; 3]> {
    let names: Vec<String> = columns.iter().map(|column| plain_name(column)).collect();
    let place = |known| place_of(known, &names);
    Some([
        place(&["question", "query", "questiontext"])?,
        place(&["answer", "sentence", "answertext"])?,
        place(&["label", "right", "relevance"])?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<AnswerSet> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("qa.tsv");
        std::fs::write(&path, text).expect("the folder is writable");
        read(&path)
    }

    #[test]
    fn columns_are_those_of_the_header_of_wikiqa() {
        let text = "QuestionID\tQuestion\tDocumentID\tDocumentTitle\tSentenceID\tSentence\tLabel\n\
                    Q1\twhere is A ?\tD1\tA\tD1-0\tA is in B .\t1\nQ1\twhere is A ?\tD1\tA\tD1-1\tC .\t0\n";
        let plain = read_text("where is A ?\tA is in B .\t1\nwhere is A ?\tC .\t0\n").expect("three columns");
        assert_eq!(read_text(text).expect("a header"), plain);
        assert_eq!(
            read_text("label\tanswer\tquestion\n1\tA is in B .\twhere is A ?\n0\tC .\twhere is A ?\n")
                .expect("a header"),
            plain
        );
        let error = read_text("a\tb\tc\t1\n").expect_err("no header").to_string();
        assert!(error.contains("qa.tsv:1: expected 3 columns") && error.contains("a header"), "{error}");
        assert!(read_text("question\tanswer\tlabel\n").is_err(), "a header alone");
    }
}
