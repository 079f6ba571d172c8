//! File of judgements that are being made: each is on disk, in TREC's format, before it counts.

use std::collections::HashMap;
use std::path::Path;

use super::qrels::write_qrels;
use super::{Qrels, check_id, read_grade};
use crate::error::{Error, Result};
use crate::files::appended::AppendedLines;
use crate::files::packed::Packing;

/// Judgements in a file of lines `query 0 document grade`, to which each new one is appended. A changed or withdrawn judgement is
/// taken out of the file, which is replaced as a whole, so that readers find one grade for a query and document at any time.
///
/// ```
/// use irgan::evaluation::JudgementFile;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("qrels.txt");
/// let (mut file, notice) = JudgementFile::open(&path)?;
/// assert_eq!(notice, None);
/// file.set("q1", "d7", Some(2))?;
/// file.set("q1", "d8", Some(0))?;
/// assert_eq!(file.set("q1", "d7", Some(3))?, Some(2)); // the grade before
/// file.set("q1", "d8", None)?;
/// assert_eq!(std::fs::read_to_string(&path)?, "q1 0 d7 3\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct JudgementFile {
    lines: AppendedLines,
    by_query: HashMap<String, Vec<(String, i32)>>,
    order: Vec<String>, // of the queries, by their first judgement
}

impl JudgementFile {
    /// Opens the file at `path`, which is made when it is missing, and returns it with a sentence on a torn last line that was mended.
    ///
    /// # Errors
    /// When the file cannot be written, another process writes to it, it is packed, or a line is not `query 0 document grade`.
    pub fn open(path: &Path) -> Result<(Self, Option<String>)> {
        if std::fs::File::open(path).is_ok_and(is_packed) {
            return Err(Error::data(
                path,
                "is packed, so that nothing can be appended to it; unpack it first",
            ));
        }
        let (lines, opened) = AppendedLines::open(path, is_whole)?;
        let mut file = Self { lines, by_query: HashMap::new(), order: vec![] };
        if has_lines(&opened.bytes) {
            let qrels = Qrels::from_bytes(path, opened.bytes)?;
            if !qrels.is_trec() {
                let message = "judgements are appended to lines of `query 0 document grade` only; convert the file: `judgements.convert`";
                return Err(Error::data(path, message));
            }
            for (offset, query, document, grade) in qrels.judgements() {
                let text = |bytes: &[u8]| {
                    let text = std::str::from_utf8(bytes).map(str::to_owned);
                    text.map_err(|_| Error::parse(path, qrels.line(offset), "ids in UTF-8", bytes))
                };
                file.note(&text(query)?, &text(document)?, grade);
            }
        }
        Ok((file, opened.mended))
    }

    /// Returns the path of the file, with links resolved.
    pub fn path(&self) -> &Path {
        self.lines.path()
    }

    /// Returns the documents that were judged for a query, in the order of the file.
    pub fn of(&self, query: &str) -> &[(String, i32)] {
        self.by_query.get(query).map_or(&[], Vec::as_slice)
    }

    /// Returns the grade of a document for a query.
    pub fn grade(&self, query: &str, document: &str) -> Option<i32> {
        self.of(query).iter().find(|(id, _)| id == document).map(|(_, grade)| *grade)
    }

    /// Iterates over the ids of the queries with a judgement, in the order of their first ones.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str).filter(|query| !self.of(query).is_empty())
    }

    /// Sets the grade of a document for a query, or takes its judgement back, and returns the grade before. The change is on disk
    /// when this returns.
    ///
    /// # Errors
    /// When an id is empty, holds a blank or, for a query, starts with `#`, or the file cannot be written; nothing changes then.
    pub fn set(&mut self, query: &str, document: &str, grade: Option<i32>) -> Result<Option<i32>> {
        check_id("query", query)?;
        check_id("document", document)?;
        let before = self.grade(query, document);
        let line = grade.map(|grade| line(query, document, grade)).transpose()?;
        match (before, line) {
            _ if before == grade => return Ok(before),
            (None, Some(line)) => self.lines.append(&line)?,
            (_, line) => {
                let keep = |line: &[u8]| !is_of(line, query, document);
                self.lines.replace(keep, line.as_deref())?;
            }
        }
        if let Some(judged) = self.by_query.get_mut(query) {
            judged.retain(|(id, _)| id != document);
        }
        if let Some(grade) = grade {
            self.note(query, document, grade);
        }
        Ok(before)
    }

    /// Notes a judgement of the file.
    fn note(&mut self, query: &str, document: &str, grade: i32) {
        if !self.by_query.contains_key(query) {
            self.order.push(query.to_owned());
            self.by_query.insert(query.to_owned(), vec![]);
        }
        self.by_query.get_mut(query).expect("it was inserted").push((document.to_owned(), grade));
    }
}

/// Returns the line of a judgement, without its end.
fn line(query: &str, document: &str, grade: i32) -> Result<String> {
    let mut text = String::new();
    write_qrels(&mut text, query, [(document, grade)])?;
    text.pop();
    Ok(text)
}

/// Returns true for a line that judges `document` for `query`.
fn is_of(line: &[u8], query: &str, document: &str) -> bool {
    let mut columns = line.split(u8::is_ascii_whitespace).filter(|column| !column.is_empty());
    columns.next() == Some(query.as_bytes()) && columns.nth(1) == Some(document.as_bytes())
}

/// Returns true for a line that needs nothing more: four columns, of which the last is a grade, or a comment.
fn is_whole(line: &[u8]) -> bool {
    let columns: Vec<&[u8]> =
        line.split(u8::is_ascii_whitespace).filter(|column| !column.is_empty()).collect();
    line.starts_with(b"#") || (columns.len() == 4 && read_grade(columns[3]).is_some())
}

/// Returns true when a line is neither blank nor a comment.
fn has_lines(bytes: &[u8]) -> bool {
    bytes.split(|&byte| byte == b'\n').any(|line| !matches!(line.trim_ascii().first(), None | Some(b'#')))
}

/// Returns true for the first bytes of gzip or zstandard.
fn is_packed(mut file: std::fs::File) -> bool {
    let mut start = [0; 4];
    std::io::Read::read(&mut file, &mut start)
        .is_ok_and(|count| !matches!(Packing::of(&start[..count]), Packing::Plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stay_and_a_torn_line_is_mended() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("qrels");
        std::fs::write(&path, "# by hand\nq1 0 d1 2\n\nq2\t0\td9\t-1\nq1 0 d2").expect("writable");
        let (mut file, notice) = JudgementFile::open(&path).expect("judgements");
        assert!(notice.expect("it was torn").contains("cut off: `q1 0 d2`"));
        assert_eq!(file.queries().collect::<Vec<_>>(), ["q1", "q2"]);
        assert_eq!(
            (file.grade("q1", "d1"), file.grade("q2", "d9"), file.grade("q1", "d2")),
            (Some(2), Some(-1), None)
        );
        assert_eq!(file.set("q2", "d9", Some(4)).expect("written"), Some(-1));
        assert_eq!(file.set("q1", "d1", Some(2)).expect("nothing to do"), Some(2));
        assert_eq!(file.set("q1", "d1", None).expect("written"), Some(2));
        let expected = "# by hand\n\nq2 0 d9 4\n";
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), expected);
        assert_eq!(file.queries().collect::<Vec<_>>(), ["q2"]);
        for (query, document) in [("", "d"), ("q 1", "d"), ("#q", "d"), ("q", ""), ("q", "a\nb")] {
            assert!(file.set(query, document, Some(1)).is_err(), "{query} {document}");
        }
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), expected);
    }

    #[test]
    fn files_that_nothing_can_be_appended_to_are_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("qrels");
        for (content, cause) in [
            (&b"q1 d1 2\n"[..], "judgements.convert"),
            (b"query-id\tcorpus-id\tscore\nq1\td1\t1\n", "judgements.convert"),
            (b"q1 0 d1 2\nq1 0 d1 3\n", "line 1 has it already"),
            (b"q1 0 d1 good\n", "an integer grade"),
            (b"\x1f\x8b\x08\x00", "is packed"),
            (b"q\xff 0 d1 2\n", "ids in UTF-8"),
        ] {
            std::fs::write(&path, content).expect("writable");
            let error = JudgementFile::open(&path).expect_err("refused").to_string();
            assert!(error.contains(cause), "{error}");
            assert_eq!(std::fs::read(&path).expect("readable"), content);
        }
    }
}
