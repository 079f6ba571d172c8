//! Bytes that no line of text holds: NUL, UTF-16, and carriage returns that end lines alone.

use std::path::Path;

use crate::error::Error;

/// Cause for which a file is not read as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Utf16,
    Nul,
    CarriageReturn,
}

impl Fault {
    /// Returns the offset and the kind of the first fault in `bytes`, which are whole lines or the content of a file.
    /// Carriage returns before a line feed or at the end are none.
    pub(super) fn first(bytes: &[u8]) -> Option<(usize, Self)> {
        let mut from = 0;
        while let Some(at) = memchr::memchr2(0, b'\r', &bytes[from..]).map(|at| from + at) {
            if bytes[at] == 0 {
                // Characters of UTF-16: every second byte is a NUL.
                let is_nul =
                    |near: Option<usize>| near.and_then(|near| bytes.get(near)).map(|&byte| byte == 0);
                let wide = is_nul(Some(at + 1)) != Some(true)
                    && [at.checked_sub(2), Some(at + 2)].into_iter().any(|near| is_nul(near) == Some(true));
                return Some((at, if wide { Self::Utf16 } else { Self::Nul }));
            }
            let after = bytes[at..].iter().position(|&byte| byte != b'\r').map_or(bytes.len(), |n| at + n);
            if bytes.get(after).is_some_and(|&byte| byte != b'\n') {
                return Some((at, Self::CarriageReturn));
            }
            from = after;
        }
        None
    }

    /// Returns true when `start`, the first bytes of a file, are the byte-order mark of UTF-16.
    pub(super) fn has_wide_mark(start: &[u8]) -> bool {
        start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff])
    }

    /// Returns the error of the fault at offset `at` of the line `bytes`.
    pub(super) fn error(self, path: &Path, line: usize, bytes: &[u8], at: usize) -> Error {
        let expected = match self {
            Self::Utf16 => {
                return Error::Parse {
                    path: path.to_owned(),
                    line,
                    expected: "UTF-8 text (iconv -f UTF-16 -t UTF-8 converts it)".into(),
                    found: "UTF-16".into(),
                };
            }
            Self::Nul => "text without NUL bytes; the file is damaged or no text".to_owned(),
            Self::CarriageReturn => {
                "lines that end in \\n or \\r\\n, not in a carriage return alone (tr '\\r' '\\n' converts \
                                     them)"
                    .to_owned()
            }
        };
        Error::parse(path, line, expected, &bytes[at.saturating_sub(16)..bytes.len().min(at + 16)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_no_nul_no_utf16_and_no_lone_carriage_return() {
        for (bytes, expected) in [
            (&b"a b\r\nc d\r\r\ne\r"[..], None),
            (b"\xc3\xa9\n\n", None),
            (b"1 Q0 b\r1 Q0 c", Some((6, Fault::CarriageReturn))),
            (b"a\r\n\rb", Some((3, Fault::CarriageReturn))),
            (b"ab\0cd", Some((2, Fault::Nul))),
            (b"\0\0\0\0", Some((0, Fault::Nul))),
            (b"1\0 \0Q\0", Some((1, Fault::Utf16))),
            (b"\x001\x00 \x00Q", Some((0, Fault::Utf16))),
        ] {
            assert_eq!(Fault::first(bytes), expected, "{bytes:?}");
        }
    }
}
