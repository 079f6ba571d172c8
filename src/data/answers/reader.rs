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
    read_lines(path.as_ref(), true)
}

/// Reads questions and answers to rank as [`read`] does, of which a file may have no labels: lines of `question<TAB>answer`.
/// No answer is then called right.
///
/// # Errors
/// As [`read`].
pub fn read_to_rank(path: impl AsRef<Path>) -> Result<AnswerSet> {
    read_lines(path.as_ref(), false)
}

fn read_lines(path: &Path, labelled: bool) -> Result<AnswerSet> {
    let (mut places, mut questions) = (Interner::default(), Vec::<Question>::new());
    let mut layout = None;
    for_each_line(path, |line, bytes, _| {
        let wrong = |expected: &str, found: &[u8]| Error::parse(path, line, expected, found);
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8 text; convert the file", bytes))?;
        if text.trim().is_empty() && !text.contains('\t') {
            return Ok(());
        }
        let columns: Vec<&str> = text.split('\t').collect();
        if layout.is_none() {
            let layout = layout.insert(Layout::of(&columns, labelled));
            if layout.header {
                return Ok(());
            }
        }
        let layout: &Layout = layout.as_ref().expect("just made");
        if columns.len() != layout.columns {
            let (expected, found) = (layout.expected(), columns.len().to_string());
            return Err(Error::Parse { path: path.to_owned(), line, expected, found });
        }
        let (question, answer) = (columns[layout.question].trim(), columns[layout.answer].trim().to_owned());
        if question.is_empty() {
            return Err(wrong("a question", b""));
        }
        let right = match layout.label.map(|label| columns[label].trim()) {
            None | Some("0") => false,
            Some("1") => true,
            Some(other) => return Err(wrong("label 0 (wrong) or 1 (right)", other.as_bytes())),
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

/// Places of the columns of a file, and their number.
struct Layout {
    question: usize,
    answer: usize,
    label: Option<usize>,
    columns: usize,
    header: bool,
}

impl Layout {
    /// Recognises a header in the first line by its names; without one, question, answer and label follow each other.
    fn of(first: &[&str], labelled: bool) -> Self {
        let names: Vec<String> = first.iter().map(|column| plain_name(column)).collect();
        let question = place_of(&["question", "query", "questiontext"], &names);
        let answer = place_of(&["answer", "sentence", "answertext"], &names);
        let label = place_of(&["label", "right", "relevance"], &names);
        match (question, answer) {
            (Some(question), Some(answer)) if label.is_some() || !labelled => {
                Self { question, answer, label, columns: first.len(), header: true }
            }
            _ => {
                let label = (labelled || first.len() > 2).then_some(2);
                Self {
                    question: 0,
                    answer: 1,
                    label,
                    columns: if label.is_some() { 3 } else { 2 },
                    header: false,
                }
            }
        }
    }

    fn expected(&self) -> String {
        match self.header {
            true => format!("{} columns by tabs as in the header", self.columns),
            false => format!("{LINE}, or a header that names the columns question, answer and label"),
        }
    }
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

    #[test]
    fn labels_may_be_missing_where_answers_are_ranked() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("qa.tsv");
        for text in ["where ?\there\nwhere ?\tthere\n", "answer\tquestion\nhere\twhere ?\nthere\twhere ?\n"] {
            std::fs::write(&path, text).expect("the folder is writable");
            let set = read_to_rank(&path).expect(text);
            assert_eq!((set.questions().len(), set.questions()[0].answers.len()), (1, 2));
            assert!(read(&path).is_err(), "there is nothing to learn from");
        }
    }
}
