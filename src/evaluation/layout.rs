//! Layouts of files of judgements: TREC's four columns, three columns, a header line, and SMART's pairs.

use std::ops::Range;

use crate::files::bytes::Columns;

/// Largest size of a grade; a larger number is taken for a column out of order.
pub(crate) const LARGEST_GRADE: i32 = 1000;

/// Places of the columns of a file of judgements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Number of columns of every line.
    pub(super) columns: usize,
    query: usize,
    document: usize,
    grade: Option<usize>,
    /// True when the first line holds the names of the columns.
    pub(super) header: bool,
}

/// Layout of TREC: `query 0 document grade`.
const TREC: Layout = Layout { columns: 4, query: 0, document: 2, grade: Some(3), header: false };

/// Layout of Cranfield and, below a header, of BEIR: `query document grade`.
const THREE: Layout = Layout { columns: 3, query: 0, document: 1, grade: Some(2), header: false };

/// Layout of SMART's collections: `query document 0 0.000000`, one line for every relevant document.
const SMART: Layout = Layout { columns: 4, query: 0, document: 1, grade: None, header: false };

const QUERY_NAMES: &[&str] = &["query", "queryid", "qid", "topic", "topicid", "user", "userid"];
const DOCUMENT_NAMES: &[&str] = &[
    "corpusid",
    "document",
    "documentid",
    "doc",
    "docid",
    "docno",
    "did",
    "pid",
    "passageid",
    "item",
    "itemid",
];
const GRADE_NAMES: &[&str] =
    &["score", "rel", "relevance", "relevancy", "grade", "label", "rating", "judgment", "judgement"];

/// Columns of one line; those beyond the last are empty.
pub(super) type Record = [Range<usize>; 5];

/// Returns the columns of the line at which `columns` stands.
#[inline]
pub(super) fn record(columns: &mut Columns) -> Record {
    std::array::from_fn(|_| columns.column())
}

/// Returns the number of columns; 5 stands for more than 4.
#[inline]
pub(super) fn count(record: &Record) -> usize {
    record.iter().position(Range::is_empty).unwrap_or(record.len())
}

impl Layout {
    /// Returns the layout that the first line shows, or for SMART's all lines; none for a line of another number of
    /// columns.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut columns = Columns::new(bytes);
        columns.next_record()?;
        let first = record(&mut columns);
        match count(&first) {
            count @ 3..=4 => Some(Self::named(bytes, &first[..count]).unwrap_or(match count {
                3 => THREE,
                _ if is_smart(bytes) => SMART,
                _ => TREC,
            })),
            _ => None,
        }
    }

    /// Returns the layout by the names of a header line; none for a line of judgements.
    fn named(bytes: &[u8], header: &[Range<usize>]) -> Option<Self> {
        let place = |names: &[&str]| header.iter().position(|column| is_named(&bytes[column.clone()], names));
        Some(Self {
            columns: header.len(),
            query: place(QUERY_NAMES)?,
            document: place(DOCUMENT_NAMES)?,
            grade: Some(place(GRADE_NAMES)?),
            header: true,
        })
    }

    /// Returns true for TREC's four columns without a header.
    pub(super) fn is_trec(self) -> bool {
        self == TREC
    }

    /// Returns true for pairs without a grade, each of which is relevant.
    pub(super) fn is_pairs(self) -> bool {
        self.grade.is_none()
    }

    /// Returns the ranges of query and document, and that of the grade where there is one.
    #[inline]
    pub(super) fn fields(
        self,
        bytes: &[u8],
        record: &Record,
    ) -> (Range<usize>, Range<usize>, Option<Range<usize>>) {
        let (query, document) = (record[self.query].clone(), record[self.document].clone());
        match self.grade {
            Some(grade) => (query, document, Some(record[grade].clone())),
            None => (number(bytes, query), number(bytes, document), None),
        }
    }

    /// Returns what a line that does not fit is told to be.
    pub(super) fn expected(this: Option<Self>) -> &'static str {
        match this {
            Some(SMART) => "4 columns (query document 0 0)",
            Some(Self { columns: 4, .. }) => "4 columns (query 0 document grade), as on the first line",
            Some(_) => "3 columns (query document grade), as on the first line",
            None => "4 columns (query 0 document grade) or 3 (query document grade)",
        }
    }
}

/// Reads a whole number, also one written as `2.0`; none when it is larger than a grade can be.
pub(crate) fn read_grade(text: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(text).ok()?;
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    };
    whole.parse().ok().filter(|grade| (-LARGEST_GRADE..=LARGEST_GRADE).contains(grade))
}

/// Compares the name of a column without its case and its `-` and `_`.
fn is_named(column: &[u8], names: &[&str]) -> bool {
    let plain: Vec<u8> =
        column.iter().filter(|byte| !b"-_\"".contains(byte)).map(u8::to_ascii_lowercase).collect();
    names.iter().any(|name| name.as_bytes() == plain)
}

/// Returns true when every line is `query document 0 0.000000`: read as TREC's, all would judge document 0, by 0.
fn is_smart(bytes: &[u8]) -> bool {
    let mut columns = Columns::new(bytes);
    let mut iterations = true; // true while the second column could be TREC's 0
    while columns.next_record().is_some() {
        let found = record(&mut columns);
        if count(&found) != 4
            || bytes[found[2].clone()] != *b"0"
            || read_grade(&bytes[found[3].clone()]) != Some(0)
        {
            return false;
        }
        iterations &= bytes[found[1].clone()] == *b"0";
        columns.skip_line();
    }
    !iterations
}

/// Leaves out the zeros before a number, which SMART's judgements have and its collections do not.
fn number(bytes: &[u8], id: Range<usize>) -> Range<usize> {
    let text = &bytes[id.clone()];
    match text.iter().all(u8::is_ascii_digit) {
        true => id.start + text.iter().position(|&digit| digit != b'0').unwrap_or(text.len() - 1)..id.end,
        false => id,
    }
}
