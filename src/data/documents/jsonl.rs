//! Reader and writer of JSONL: one document, a JSON object, a line.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::document::{BODY, Document};
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;

/// Keys of an id.
const IDS: [&str; 3] = ["id", "_id", "docid"];
/// Keys of an id in objects without one of [`IDS`].
const OTHER_IDS: [&str; 4] = ["docno", "doc_id", "qid", "query_id"];
/// Keys of a main text.
const TEXTS: [&str; 3] = ["text", "contents", "body"];

/// Parses the document of one object. Values other than strings are left out, except an id that is a whole number and
/// `null`; their keys are added to `left_out`.
pub(super) fn parse(
    path: &Path,
    line: usize,
    text: &str,
    left_out: &mut BTreeSet<String>,
) -> Result<Document> {
    let mut parser = serde_json::Deserializer::from_str(text);
    let parsed = parser.deserialize_map(DocumentVisitor { left_out });
    let parsed = parsed.and_then(|document| parser.end().map(|()| document));
    parsed.map_err(|cause| {
        // The cause ends with a place within the object.
        let reason = cause.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        let (expected, at) = match cause.is_data() {
            true if reason.starts_with("invalid type") => ("a JSON object".to_owned(), 0),
            true => (reason.to_owned(), 0),
            false => (format!("a JSON object; {reason} at column {}", cause.column()), cause.column()),
        };
        Error::parse(path, line, expected, shortly_before(text, at).as_bytes())
    })
}

/// Returns `text` from a few characters before a byte column on, to show the place of an error.
fn shortly_before(text: &str, column: usize) -> &str {
    let end = (0..=column.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = text[..end].char_indices().rev().take(20).last().map_or(end, |(start, _)| start);
    &text[start..]
}

struct DocumentVisitor<'a> {
    left_out: &'a mut BTreeSet<String>,
}

impl<'de> Visitor<'de> for DocumentVisitor<'_> {
    type Value = Document;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Document, A::Error> {
        let error = |message: String| Err(serde::de::Error::custom(message));
        let (mut id, mut other_id, mut fields) = (None, None, Vec::<(String, String)>::new());
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let value = map.next_value::<Value>()?;
            if IDS.contains(&&*key) {
                let value = match value {
                    Value::Text(text) => text,
                    Value::Whole(number) => number,
                    Value::Null | Value::Other => {
                        return error(format!("an id (`{key}`) that is a string or a whole number"));
                    }
                };
                if id.replace(value).is_some() {
                    return error("one id (one of `id`, `_id`, `docid`, once)".into());
                }
            } else if let Value::Whole(number) = value {
                match OTHER_IDS.contains(&&*key) {
                    true => other_id = Some(number),
                    false => self.leave_out(&key),
                }
            } else if let Value::Other = value {
                self.leave_out(&key);
            } else if let Value::Text(text) = value {
                let name = if TEXTS.contains(&&*key) { BODY } else { &*key };
                if fields.iter().any(|(field, _)| field == name) {
                    return error(match name {
                        BODY => "one main text (one of `text`, `contents`, `body`, once)".into(),
                        _ => format!("every key once; {key:?} is there twice"),
                    });
                }
                fields.push((name.to_owned(), text));
            }
        }
        let is_id = |(name, _): &(String, String)| OTHER_IDS.contains(&name.as_str());
        let field = if id.is_none() && other_id.is_none() { fields.iter().position(is_id) } else { None };
        let id = id.or(other_id).or_else(|| field.map(|place| fields.remove(place).1));
        match id {
            Some(id) => Ok(Document { id, fields }),
            None => error("an object with a key `id`, `_id` or `docid`".into()),
        }
    }
}

impl DocumentVisitor<'_> {
    fn leave_out(&mut self, key: &str) {
        if !self.left_out.contains(key) {
            self.left_out.insert(key.to_owned());
        }
    }
}

/// Value of a key, as far as documents use it.
enum Value {
    Text(String),
    Whole(String),
    Null,
    Other,
}

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Whole(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Whole(number.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        while items.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }
}

/// Writes documents as JSONL: the keys `id`, then the fields in order, with `body` as `text`.
///
/// A [`Collection`](super::Collection) reads back equal documents. The file is written atomically.
///
/// # Errors
/// When the file cannot be written.
pub fn write_jsonl<'a>(path: &Path, documents: impl IntoIterator<Item = &'a Document>) -> Result<()> {
    write_atomically(path, |writer| {
        for document in documents {
            serde_json::to_writer(&mut *writer, &Object(document))?;
            writeln!(writer)?;
        }
        Ok(())
    })
}

struct Object<'a>(&'a Document);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.0.fields.len()))?;
        map.serialize_entry(IDS[0], &self.0.id)?;
        for (name, text) in &self.0.fields {
            map.serialize_entry(if name == BODY { TEXTS[0] } else { name }, text)?;
        }
        map.end()
    }
}
