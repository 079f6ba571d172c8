//! stub
/// stub
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Not empty, without white space and control characters.
    pub id: String,
    /// Names and texts
    pub fields: Vec<(String, String)>,
}
