//! Types that stand as their text in settings.

/// Implements the conversions of `#[serde(try_from = "String", into = "String")]` for a type by its `FromStr` and
/// `Display`.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl TryFrom<String> for $type {
            type Error = crate::error::Error;

            fn try_from(text: String) -> crate::error::Result<Self> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    };
}
pub(crate) use serde_as_text;
