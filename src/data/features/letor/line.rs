//! Parser of one line of a LETOR file.

use super::number;
use crate::data::features::UNLABELLED;
use crate::data::features::ranking_set::LARGEST_GRADE;

/// Text that the format asks for at a place, and the text that stands there.
pub(super) type Mismatch<'a> = (&'static str, &'a [u8]);

/// Parts of a line; features follow as tokens.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) grade: i8,
    pub(super) query: Option<&'a [u8]>,
    /// `f:v` tokens, separated by blanks.
    pub(super) features: &'a [u8],
    pub(super) document: DocumentName<'a>,
}

/// Name of a document in the comment of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DocumentName<'a> {
    /// No comment.
    None,
    /// A comment without a name.
    Unnamed,
    /// `docid = X` or the comment's only word.
    Told(&'a [u8]),
    /// The first word of several, as RankLib and Elasticsearch's plugin write it.
    FirstWord(&'a [u8]),
}

impl<'a> Line<'a> {
    /// Cuts a line into its parts; it holds more than blanks and a comment. A line that starts with its query has no grade.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, Mismatch<'a>> {
        let (body, comment) = split_comment(line);
        let (label, rest) = match token(body) {
            (first, _) if first.starts_with(b"qid:") => (&b"-1"[..], body),
            split => split,
        };
        let grade = grade(label).ok_or(("a whole grade from -1 (unlabelled) to 31", label))?;
        let (first, after) = token(rest);
        let (query, features) = match first.strip_prefix(b"qid:") {
            Some(b"") => return Err(("qid:QUERY", first)),
            Some(query) => (Some(query), after),
            None => (None, rest),
        };
        Ok(Self { grade, query, features, document: comment.map_or(DocumentName::None, document) })
    }
}

/// Splits a line at its first `#`: the text before, and the comment behind.
pub(super) fn split_comment(line: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'#', line) {
        Some(at) => (&line[..at], Some(&line[at + 1..])),
        None => (line, None),
    }
}

/// Splits the next token off; it is empty at the end.
#[inline]
fn token(text: &[u8]) -> (&[u8], &[u8]) {
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(text.len());
    let text = &text[start..];
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    text.split_at(end)
}

pub(super) fn grade(label: &[u8]) -> Option<i8> {
    let value = number::parse(label)?;
    let known = value == f32::from(UNLABELLED) || (0.0..=f32::from(LARGEST_GRADE)).contains(&value);
    (known && value.fract() == 0.0).then_some(value as i8)
}

/// Calls `each` with the 1-based number and the value of every feature; NULL is NaN.
#[inline]
pub(super) fn for_each_feature<'a>(
    mut text: &'a [u8],
    mut each: impl FnMut(usize, f32) -> Result<(), &'static str>,
) -> Result<(), Mismatch<'a>> {
    loop {
        while let [blank, rest @ ..] = text
            && blank.is_ascii_whitespace()
        {
            text = rest;
        }
        if text.is_empty() {
            return Ok(());
        }
        let (mut index, mut colon) = (0usize, 0);
        while let Some(digit) =
            text.get(colon).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit < 10)
        {
            index = index.saturating_mul(10).saturating_add(usize::from(digit));
            colon += 1;
        }
        if colon == 0 || text.get(colon) != Some(&b':') {
            return Err(("FEATURE:VALUE with a feature number from 1", token(text).0));
        }
        let after = &text[colon + 1..];
        let end = after.iter().position(u8::is_ascii_whitespace).unwrap_or(after.len());
        let value = match number::parse(&after[..end]) {
            Some(value) => value,
            None if &after[..end] == b"NULL" => f32::NAN,
            None => return Err(("FEATURE:VALUE with a finite number or NULL", &text[..colon + 1 + end])),
        };
        each(index, value).map_err(|expected| (expected, &text[..colon + 1 + end]))?;
        text = &after[end..];
    }
}

/// Finds the document's id in a comment: behind `docid =`, `docid:` or `docid`, or the first word.
fn document(comment: &[u8]) -> DocumentName<'_> {
    const KEYS: [&[u8]; 4] = [b"docid", b"doc_id", b"doc", b"id"];
    let comment = comment.trim_ascii();
    let told =
        |id| if token(id).0.is_empty() { DocumentName::Unnamed } else { DocumentName::Told(token(id).0) };
    let is_sign = |byte: u8| byte == b'=' || byte == b':';
    for key in KEYS {
        let rest = comment.strip_prefix(key).unwrap_or(b"x");
        match rest.trim_ascii_start() {
            [sign, id @ ..] if is_sign(*sign) => return told(id),
            id if key == b"docid" && (rest.is_empty() || rest[0].is_ascii_whitespace()) => return told(id),
            _ => {}
        }
    }
    let (first, rest) = token(comment);
    let is_setting =
        first.contains(&b'=') || rest.trim_ascii_start().first().is_some_and(|&byte| byte == b'=');
    match () {
        () if rest.is_empty() => told(first),
        () if is_setting => DocumentName::Unnamed, // `inc = 1 prob = 0.5`
        () => DocumentName::FirstWord(first),
    }
}

/// Number, from `first`, and name of a comment line `feature N NAME`.
pub(super) fn feature_name(comment: &[u8], first: usize) -> Option<(usize, &[u8])> {
    let (word, rest) = token(comment);
    let (number, rest) = token(rest);
    let (name, rest) = token(rest);
    let number = std::str::from_utf8(number).ok()?.parse().ok().filter(|&number| number >= first)?;
    (word == b"feature" && !name.is_empty() && token(rest).0.is_empty()).then_some((number, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_ids_in_comments() {
        let name = |comment: &'static str| document(comment.as_bytes());
        for comment in [
            "docid = GX1 inc = 1 prob = 0.5",
            " docid=GX1 inc=1",
            "docid =GX1",
            "docid= GX1 x",
            "docid:GX1",
            "docid GX1 inc = 1",
            "doc_id: GX1",
            " GX1 ",
        ] {
            assert_eq!(name(comment), DocumentName::Told(b"GX1"), "{comment}");
        }
        assert_eq!(name(" 7555\tFirst Blood"), DocumentName::FirstWord(b"7555"));
        assert_eq!(name("docids"), DocumentName::Told(b"docids"));
        for comment in ["", " ", "docid", "docid =", "inc = 1 prob = 0.5", "rank=3 score=2"] {
            assert_eq!(name(comment), DocumentName::Unnamed, "{comment}");
        }
    }

    #[test]
    fn a_line_without_a_grade_is_unlabelled() {
        let line = Line::parse(b"qid:7 1:0.5 # D1").expect("a line");
        assert_eq!((line.grade, line.query), (UNLABELLED, Some(&b"7"[..])));
        assert!(Line::parse(b"1:0.5 2:0.25").is_err());
    }

    #[test]
    fn grades_are_whole_and_bounded() {
        for (text, expected) in [("0", 0), ("2.0", 2), ("31", 31), ("-1", -1), ("4e0", 4)] {
            assert_eq!(grade(text.as_bytes()), Some(expected), "{text}");
        }
        for text in ["32", "-2", "1.5", "", "x", "nan", "1e999"] {
            assert_eq!(grade(text.as_bytes()), None, "{text}");
        }
    }
}
