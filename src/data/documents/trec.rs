//! Parser of TREC's markup: documents `<DOC>` with a `<DOCNO>`, and topics `<top>` or XML's `<topic>`.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use super::document::{BODY, Document, LONGEST, TITLE, TOO_LONG};
use super::markup::{Part, Parts, attribute, resolved};
use crate::error::{Error, Result};

/// Parser of records, line by line.
pub(super) struct TrecParser {
    tags: [&'static str; 2], // either begins a record
    record: Option<Open>,
    finished: VecDeque<(usize, Document)>,
    /// Elements whose texts were left out.
    pub(super) left_out: BTreeSet<String>,
}

/// Record that has begun.
struct Open {
    tag: &'static str,
    line: usize,
    markup: String,
}

impl TrecParser {
    /// Parses records of `what`: "document" or "topic".
    pub(super) fn new(what: &str) -> Self {
        let tags = if what == "topic" { ["topic", "top"] } else { ["doc", "document"] };
        Self { tags, record: None, finished: VecDeque::new(), left_out: BTreeSet::new() }
    }

    /// Returns the next record that is complete, with the number of its first line.
    pub(super) fn take(&mut self) -> Option<(usize, Document)> {
        self.finished.pop_front()
    }

    /// Takes a line.
    pub(super) fn line(&mut self, path: &Path, number: usize, line: &str) -> Result<()> {
        let wrong = |expected: String| Error::parse(path, number, expected, line.as_bytes());
        let mut rest = line;
        loop {
            match &mut self.record {
                None => {
                    let Some((at, tag)) = self.begin(rest) else { break };
                    check_outside(&rest[..at]).ok_or_else(|| wrong(format!("a tag <{}>", self.tags[0])))?;
                    self.record = Some(Open { tag, line: number, markup: String::new() });
                    rest = &rest[at..];
                }
                Some(open) => {
                    let end = format!("</{}>", open.tag);
                    let cut = find(rest, &end).map(|at| at + end.len());
                    if cut.is_none() && open.line < number && begins(rest.trim_start(), open.tag) {
                        return Err(wrong(format!("{end} before the next <{}>", open.tag)));
                    }
                    open.markup += &rest[..cut.unwrap_or(rest.len())];
                    open.markup.push('\n');
                    if open.markup.len() > LONGEST {
                        return Err(wrong(TOO_LONG.into()));
                    }
                    let Some(cut) = cut else { return Ok(()) };
                    let open = self.record.take().expect("a record has begun");
                    let document = match self.tags[0] {
                        "topic" => topic(&open.markup),
                        _ => document(&open.markup, &mut self.left_out),
                    };
                    self.finished.push_back((open.line, document));
                    rest = &rest[cut..];
                }
            }
        }
        check_outside(rest).ok_or_else(|| wrong(format!("a tag <{}>", self.tags[0])))
    }

    /// Checks that the last record is complete, after all lines were taken.
    pub(super) fn finish(&self, path: &Path) -> Result<()> {
        self.record.as_ref().map_or(Ok(()), |open| {
            let end = format!("</{}> at the end of what begins here; the file is cut short", open.tag);
            Err(Error::parse(path, open.line, end, b""))
        })
    }

    /// Returns the place of the first tag that begins a record.
    fn begin(&self, text: &str) -> Option<(usize, &'static str)> {
        let places = memchr::memchr_iter(b'<', text.as_bytes());
        let mut found = places.filter_map(|at| {
            let tag = self.tags.iter().find(|tag| begins(&text[at..], tag))?;
            Some((at, *tag))
        });
        found.next()
    }
}

/// Returns true when `text` begins with an opening tag of this name.
fn begins(text: &str, tag: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first() == Some(&b'<')
        && bytes.get(1..=tag.len()).is_some_and(|name| name.eq_ignore_ascii_case(tag.as_bytes()))
        && bytes.get(1 + tag.len()).is_none_or(|&next| next == b'>' || next.is_ascii_whitespace())
}

/// Returns the place of a tag, in either case.
fn find(text: &str, tag: &str) -> Option<usize> {
    let same = |at: &usize| {
        text.as_bytes()
            .get(*at..at + tag.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(tag.as_bytes()))
    };
    memchr::memchr_iter(b'<', text.as_bytes()).find(same)
}

/// Returns nothing when there is a text outside the records.
fn check_outside(text: &str) -> Option<()> {
    let is_text =
        |part: Part<'_>| matches!(part, Part::Text(text) | Part::Plain(text) if !text.trim().is_empty());
    (!Parts::new(text).any(is_text)).then_some(())
}

/// Part of a document that an element belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Id,
    Title,
    Author,
    Body,
    Nothing,
}

/// Returns the part of an element; `None` for one without a part of its own. In HTML, HEAD is no headline.
fn section(name: &str, is_html: bool) -> Option<Section> {
    Some(match name.to_ascii_lowercase().as_str() {
        "docno" => Section::Id,
        "head" if is_html => return None,
        "title" | "headline" | "head" | "hl" | "ttl" | "ti" => Section::Title,
        "author" | "byline" => Section::Author,
        "text" | "lp" | "leadpara" => Section::Body,
        "docid" | "docoldno" | "dochdr" | "fileid" | "script" | "style" => Section::Nothing,
        _ => return None,
    })
}

/// Reads a document: title, author and body. The body is the text of TEXT, LP and LEADPARA or, without one of them, all
/// that is in no other part.
fn document(markup: &str, left_out: &mut BTreeSet<String>) -> Document {
    let is_html = find(markup, "<html").is_some();
    let [mut id, mut title, mut author, mut body, mut rest] = [const { String::new() }; 5];
    let (mut inside, mut outer, mut others): (Option<(Section, &str)>, _, BTreeSet<&str>) =
        (None, "", BTreeSet::new());
    let mut has_body = false;
    for part in Parts::new(markup) {
        let into = match inside.map(|(section, _)| section) {
            Some(Section::Id) => Some(&mut id),
            Some(Section::Title) => Some(&mut title),
            Some(Section::Author) => Some(&mut author),
            Some(Section::Body) => Some(&mut body),
            Some(Section::Nothing) => None,
            None => Some(&mut rest),
        };
        match part {
            Part::Open(name, attributes) => {
                into.into_iter().for_each(|text| text.push(' '));
                if name.eq_ignore_ascii_case("doc") && id.is_empty() {
                    id = attribute(attributes, "id").unwrap_or_default().to_owned();
                }
                if inside.is_none() {
                    if outer.is_empty()
                        && !["doc", "document"].iter().any(|tag| name.eq_ignore_ascii_case(tag))
                    {
                        outer = name;
                    }
                    inside = section(name, is_html).map(|section| (section, name));
                    match inside {
                        Some((Section::Id, _)) => id.clear(),
                        Some((Section::Body, _)) => has_body = true,
                        _ => {}
                    }
                }
            }
            Part::Close(name) => {
                into.into_iter().for_each(|text| text.push(' '));
                if inside.is_some_and(|(_, open)| open.eq_ignore_ascii_case(name)) {
                    inside = None;
                }
                if outer.eq_ignore_ascii_case(name) {
                    outer = "";
                }
            }
            Part::Text(text) | Part::Plain(text) => {
                if inside.is_none() && !text.trim().is_empty() {
                    others.insert(outer);
                }
                let text = if matches!(part, Part::Plain(_)) { text.into() } else { resolved(text) };
                into.into_iter().for_each(|into| into.push_str(&text));
            }
        }
    }
    match has_body {
        true => left_out
            .extend(others.iter().filter(|name| !name.is_empty()).map(|name| name.to_ascii_uppercase())),
        false => body = rest,
    }
    let fields = [(TITLE, title), ("author", author), (BODY, body)];
    let fields = fields.into_iter().map(|(name, text)| (name.to_owned(), text.trim().to_owned()));
    Document { id: id.trim().to_owned(), fields: fields.filter(|(_, text)| !text.is_empty()).collect() }
}

/// Elements of a topic's text, the preferred first, each with the labels that TREC writes before it.
const TOPIC_TEXTS: [(&[&str], &str); 5] = [
    (&["title", "en-title"], "Topic:"),
    (&["query"], ""),
    (&["question"], ""),
    (&["desc", "description", "en-desc"], "Description:"),
    (&["summary"], "Summary:"),
];

/// Elements of a topic's id.
const TOPIC_IDS: [&str; 4] = ["num", "number", "topno", "identifier"];

/// Reads a topic: its id, an element or an attribute, and the first of its texts, title before query before description.
/// Elements need no end.
fn topic(markup: &str) -> Document {
    let [mut id, mut rest] = [const { String::new() }; 2];
    let mut texts = [const { String::new() }; TOPIC_TEXTS.len()];
    let mut into: Option<usize> = None; // of `texts`; one more for the id
    let mut known = false;
    for part in Parts::new(markup) {
        let text = match part {
            Part::Open(name, attributes) => {
                let name = name.to_ascii_lowercase();
                if let "top" | "topic" = name.as_str() {
                    let number = ["number", "id", "num"].iter().find_map(|key| attribute(attributes, key));
                    id = number.unwrap_or_default().to_owned();
                    continue;
                }
                let is_id = TOPIC_IDS.contains(&name.as_str());
                let place = TOPIC_TEXTS.iter().position(|(names, _)| names.contains(&name.as_str()));
                into = if is_id { Some(TOPIC_TEXTS.len()) } else { place };
                if is_id {
                    id.clear();
                }
                known = true;
                continue;
            }
            Part::Close(_) => {
                into = None;
                continue;
            }
            Part::Text(text) => resolved(text),
            Part::Plain(text) => text.into(),
        };
        match into {
            Some(place) if place == TOPIC_TEXTS.len() => id += &text,
            Some(place) => texts[place] += &text,
            None if !known => rest += &text,
            None => {}
        }
    }
    let labelled = texts.iter().zip(TOPIC_TEXTS).map(|(text, (_, label))| without_label(text, label));
    let text = labelled.chain([rest.trim()]).find(|text| !text.is_empty());
    let text = text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let fields = text.map(|text| (TITLE.to_owned(), text)).into_iter().collect();
    Document { id: without_label(&id, "Number:").to_owned(), fields }
}

/// Returns a trimmed text without its label.
fn without_label<'a>(text: &'a str, label: &str) -> &'a str {
    let text = text.trim();
    match text.get(..label.len()) {
        Some(start) if start.eq_ignore_ascii_case(label) => text[label.len()..].trim(),
        _ => text,
    }
}
