//! Documents from memory.

use std::path::Path;

use super::Document;
use super::ids::{Seen, check};
use crate::error::Result;

/// Passes documents on after a check that each id is valid and new; errors call them `documents`, and count from 1.
///
/// ```
/// use irgan::data::documents::{Document, checked_documents};
///
/// let document = |id: &str| Document { id: id.into(), fields: vec![] };
/// let mut checked = checked_documents(["d1", "d1"].map(document));
/// assert!(checked.next().is_some_and(|document| document.is_ok()));
/// let error = checked.next().and_then(Result::err).expect("twice");
/// assert_eq!(error.to_string(), "documents:2: expected a new document id (line 1 has it already), found `d1`");
/// ```
pub fn checked_documents(
    documents: impl IntoIterator<Item = Document>,
) -> impl Iterator<Item = Result<Document>> {
    let path = Path::new("documents");
    let mut seen = Seen::default();
    seen.enter_file(path);
    (1..).zip(documents).map(move |(number, document)| {
        check(path, number, "document", &document.id)?;
        seen.insert(number, "document", &document.id)?;
        Ok(document)
    })
}
