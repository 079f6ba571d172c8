//! Tables of feature vectors with a header: CSV, TSV, or semicolons.

use std::path::Path;

use super::builder::Builder;
use super::line::{DocumentName, grade};
use super::number;
use crate::data::features::UNLABELLED;
use crate::error::{Error, Result};
use crate::files::columns::{Separator, listed, place_of, plain_name};
use crate::files::lines::utf8;

/// Names of each column, of which an earlier one goes before a later one.
const QUERY: &[&str] =
    &["qid", "queryid", "query", "topic", "topicid", "group", "groupid", "srchid", "searchid", "q"];
const LABEL: &[&str] = &[
    "label",
    "relevance",
    "rel",
    "grade",
    "relevancegrade",
    "relevancelabel",
    "rating",
    "target",
    "gain",
    "y",
];
const DOCUMENT: &[&str] =
    &["docid", "documentid", "docno", "did", "document", "doc", "itemid", "productid", "item", "product"];

/// Columns of a table.
pub(super) struct Table {
    separator: Separator,
    names: Vec<String>,
    query: usize,
    label: Option<usize>,
    document: Option<usize>,
    features: Vec<usize>, // columns of the features; settled by the first row
    unused: Vec<usize>,
    rows: usize,
}

impl Table {
    /// Returns the table whose header is `line`; none when the line is no header, as it starts like a line of LETOR.
    ///
    /// # Errors
    /// When the line is a header that names no query, or has more than `most` columns besides.
    pub(super) fn of_header(path: &Path, number: usize, line: &[u8], most: usize) -> Result<Option<Self>> {
        let start = line.split(|byte| byte.is_ascii_whitespace() || *byte == b':').next().unwrap_or_default();
        let Ok(text) = std::str::from_utf8(line) else { return Ok(None) };
        let separator = Separator::of(text);
        let names: Vec<String> = separator.columns(text).into_iter().map(|name| name.into_owned()).collect();
        let letor = number::parse(start).is_some() || start == b"qid";
        if separator == Separator::Blanks || (letor && line.contains(&b':')) || names.len() < 3 {
            return Ok(None);
        }
        let plain: Vec<String> = names.iter().map(|name| plain_name(name)).collect();
        let Some(query) = place_of(QUERY, &plain) else {
            return Err(Error::Parse {
                path: path.to_owned(),
                line: number,
                expected:
                    "`grade qid:QUERY 1:VALUE …`, or a header that names a column qid (and label, docid)"
                        .into(),
                found: format!("the columns {}", listed(names.iter().map(String::as_str))),
            });
        };
        let (label, document) = (place_of(LABEL, &plain), place_of(DOCUMENT, &plain));
        let taken = [Some(query), label, document];
        let others = (0..names.len()).filter(|&at| !taken.contains(&Some(at)) && !plain[at].is_empty());
        let features: Vec<_> = others.collect();
        if features.len() > most {
            let limit = format!("at most {most} features (the matrix is dense)");
            return Err(Error::parse(path, number, limit, features.len().to_string().as_bytes()));
        }
        let unused =
            (0..names.len()).filter(|&at| !taken.contains(&Some(at)) && plain[at].is_empty()).collect();
        Ok(Some(Self { separator, names, query, label, document, features, unused, rows: 0 }))
    }

    /// Adds the row of a line to `builder`.
    pub(super) fn line(
        &mut self,
        path: &Path,
        number: usize,
        bytes: &[u8],
        builder: &mut Builder<'_>,
    ) -> Result<()> {
        let text = utf8(path, number, bytes)?;
        if text.trim().is_empty() {
            return Ok(());
        }
        let columns = self.separator.columns(text);
        if columns.len() != self.names.len() {
            let (count, separator) = (self.names.len(), self.separator.name());
            let expected = format!("{count} columns by {separator} as in the header");
            let found = columns.len().to_string();
            return Err(Error::Parse { path: path.to_owned(), line: number, expected, found });
        }
        if self.rows == 0 {
            let is_number = |&at: &usize| value(&columns[at]).is_some();
            let (features, others) = self.features.iter().copied().partition(is_number);
            self.features = features;
            self.unused.extend::<Vec<usize>>(others);
            for (place, &at) in (1..).zip(&self.features) {
                let name = self.names[at].replace(char::is_whitespace, "_");
                builder.name_feature(place, name);
            }
        }
        self.rows += 1;
        let refuse =
            |expected: String, found: &str| Err(Error::parse(path, number, expected, found.as_bytes()));
        let query = &columns[self.query];
        for at in [Some(self.query), self.document].into_iter().flatten() {
            let missing = columns[at].is_empty() && at == self.query;
            if missing || columns[at].contains(char::is_whitespace) {
                return refuse(
                    format!("an id without blanks in the column `{}`", self.names[at]),
                    &columns[at],
                );
            }
        }
        let grade = match self.label.map(|at| &*columns[at]) {
            None | Some("") => UNLABELLED,
            Some(label) => match grade(label.as_bytes()) {
                Some(grade) => grade,
                None => return refuse("a whole grade from -1 (unlabelled) to 31".into(), label),
            },
        };
        builder.enter(number, query.as_bytes())?;
        builder.begin_row()?;
        for (place, &at) in (1..).zip(&self.features) {
            match value(&columns[at]) {
                Some(value) => builder.set(place, value),
                None => return refuse(format!("a number in the column `{}`", self.names[at]), &columns[at]),
            }
        }
        let document = match self.document.map(|at| columns[at].as_bytes()) {
            None => DocumentName::None,
            Some(b"") => DocumentName::Unnamed,
            Some(id) => DocumentName::Told(id),
        };
        builder.end_row(number, self.features.len(), grade, document)
    }

    /// Describes the columns that are no features, and what they were taken for.
    pub(super) fn warning(&self) -> Option<String> {
        let unused = listed(self.unused.iter().map(|&at| self.names[at].as_str()));
        let mut parts = vec![];
        if !self.unused.is_empty() {
            parts.push(format!("columns that are no numbers are not used: {unused}"));
        }
        if self.label.is_none() {
            parts.push("no column is called label, so that every document is unlabelled".into());
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// Reads a feature: a number, `true` or `false`, or NaN where it is missing.
fn value(text: &str) -> Option<f32> {
    number::parse(text.as_bytes()).or_else(|| match text.to_ascii_lowercase().as_str() {
        "" | "na" | "nan" | "null" | "none" => Some(f32::NAN),
        "true" => Some(1.0),
        "false" => Some(0.0),
        _ => None,
    })
}
