//! Parameters of requests: those behind the `?` of an address, and those of a form.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::answer::{Failure, too_large};

/// Named parameters of a request, each of which is known to the route and given once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Parses `text`, `name=value&…`, of which a route knows the names `known`.
    ///
    /// # Errors
    /// When a name is not known or given twice, or a value is not UTF-8.
    pub(super) fn parse(text: &[u8], known: &[&str]) -> Result<Self, Failure> {
        let mut values = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text) {
            if !known.contains(&&*name) {
                let (known, name) = (known.join(", "), short(&name));
                return Err(Failure::bad_request(match known.is_empty() {
                    true => format!("expected no parameter, found {name:?}"),
                    false => format!("unknown parameter {name:?}: expected {known}"),
                }));
            }
            if value.contains('\u{fffd}') || value.contains('\0') {
                return Err(Failure::bad_request(format!("{name}: expected a text in UTF-8 without NUL")));
            }
            if values.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(Failure::bad_request(format!("{name}: given twice")));
            }
        }
        Ok(Self(values))
    }

    /// Parses those behind the `?` of an address.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub(super) fn of_query(query: Option<&str>, known: &[&str]) -> Result<Self, Failure> {
        Self::parse(query.unwrap_or("").as_bytes(), known)
    }

    /// Parses those of a form.
    ///
    /// # Errors
    /// As [`Self::parse`]; also when the body is too large or something else.
    pub(super) fn of_form(
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
        known: &[&str],
    ) -> Result<Self, Failure> {
        expect_type(headers, "application/x-www-form-urlencoded")?;
        Self::parse(&whole(body)?, known)
    }

    /// Returns a value that is given and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns a value of at most `most` characters.
    ///
    /// # Errors
    /// When it is missing, empty, or longer.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<&str, Failure> {
        let value = self.get(name).filter(|value| !value.trim().is_empty());
        let value =
            value.ok_or_else(|| Failure::bad_request(format!("{name}: expected a text, found nothing")))?;
        check_length(name, value, most)?;
        Ok(value)
    }

    /// Returns a number within `range`, or `usual` where it is not given.
    ///
    /// # Errors
    /// When it is no number, or out of range.
    pub(super) fn number(
        &self,
        name: &str,
        range: RangeInclusive<usize>,
        usual: usize,
    ) -> Result<usize, Failure> {
        let Some(text) = self.get(name) else { return Ok(usual.min(*range.end())) };
        let number = text.parse::<usize>().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            Failure::bad_request(format!(
                "{name}: expected a number from {from} to {to}, found {:?}",
                short(text)
            ))
        })
    }
}

/// Refuses a text of more than `most` characters.
pub(super) fn check_length(name: &str, text: &str, most: usize) -> Result<(), Failure> {
    let length = text.chars().count();
    match length > most {
        true => {
            Err(Failure::bad_request(format!("{name}: expected at most {most} characters, found {length}")))
        }
        false => Ok(()),
    }
}

/// Reads a body in JSON.
///
/// # Errors
/// When it is too large, said to be something else, or does not fit.
pub(super) fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<T, Failure> {
    expect_type(headers, "application/json")?;
    serde_json::from_slice(&whole(body)?).map_err(|cause| Failure::bad_request(format!("the body: {cause}")))
}

/// Refuses a body of another type. Other sites' pages cannot send JSON without being asked for leave.
fn expect_type(headers: &HeaderMap, expected: &str) -> Result<(), Failure> {
    let found = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    match found.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(expected) {
        true => Ok(()),
        false => {
            let message = format!("expected a body of the type {expected}, found {:?}", short(found));
            Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
        }
    }
}

/// Returns a body that arrived whole.
fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Failure> {
    body.map_err(|cause| match cause.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        status => Failure::new(status, cause.body_text()),
    })
}

/// Returns the beginning of a text, for a message.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_known_given_once_and_within_their_range() {
        let parse = |text: &str| Parameters::parse(text.as_bytes(), &["q", "k"]);
        let parameters = parse("q=salt+%26%20wind&k=7").expect("known");
        assert_eq!(parameters.text("q", 11).expect("11 characters"), "salt & wind");
        assert_eq!(parameters.number("k", 1..=9, 3), Ok(7));
        assert_eq!(parse("q=").expect("known").number("k", 1..=9, 30), Ok(9));
        let error = |result: Result<Parameters, Failure>| result.expect_err("refused").message;
        assert_eq!(error(parse("qq=1")), "unknown parameter \"qq\": expected q, k");
        assert_eq!(error(parse("q=1&q=2")), "q: given twice");
        assert_eq!(error(parse("q=%ff")), "q: expected a text in UTF-8 without NUL");
        assert_eq!(error(parse("q=%00")), "q: expected a text in UTF-8 without NUL");
        for (text, expected) in [
            ("k=0", "k: expected a number from 1 to 9, found \"0\""),
            ("k=-1", "k: expected a number from 1 to 9, found \"-1\""),
            ("k=99999999999999999999999", "found \"99999999999999999999999\""),
        ] {
            let error = parse(text).expect("known").number("k", 1..=9, 3).expect_err("out of range").message;
            assert!(error.contains(expected), "{error}");
        }
        for (text, expected) in [("q=+%09", "found nothing"), ("", "found nothing"), ("q=äöü!", "found 4")]
        {
            let error = parse(text).expect("known").text("q", 3).expect_err("refused").message;
            assert!(error.contains(expected), "{error}");
        }
    }
}
