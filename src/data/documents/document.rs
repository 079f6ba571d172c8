//! Documents: an id and named texts.

/// Name of the field of titles.
pub(super) const TITLE: &str = "title";

/// Name of the field of main texts.
pub(super) const BODY: &str = "body";

/// Longest document or line in bytes.
pub(super) const LONGEST: usize = 64 << 20;

/// Expectation that a document or line beyond [`LONGEST`] does not meet.
pub(super) const TOO_LONG: &str = "at most 64 MiB a document or line; split it";

/// Document of a collection.
///
/// ```
/// use irgan::data::documents::Document;
///
/// let fields = vec![("title".to_owned(), "Salt".to_owned())];
/// let document = Document { id: "d1".to_owned(), fields };
/// assert_eq!((document.field("title"), document.field("body")), (Some("Salt"), None));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Id: not empty, without white space and control characters.
    pub id: String,
    /// Names and texts of the fields, in the order of the file, each name once: `title`, `body`, and others of the
    /// collection such as `author`.
    pub fields: Vec<(String, String)>,
}

impl Document {
    /// Returns the text of a field; `None` when the document lacks the field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, text)| text.as_str())
    }
}
