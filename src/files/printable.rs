//! Text from data for a terminal: what would move the cursor or reorder the line is shown as an escape.

use std::borrow::Cow;

/// Returns `text` with every character that could change how the rest of a line looks as an escape: `\u{1b}`.
///
/// These are control characters (line ends and tabs too), marks of direction, line and paragraph separators, and
/// characters that are invisible by themselves. Joiners, which some scripts need, stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    match text.chars().any(is_hostile) {
        false => Cow::Borrowed(text),
        true => {
            Cow::Owned(text.chars().fold(String::with_capacity(text.len() + 16), |mut shown, character| {
                match is_hostile(character) {
                    true => shown.extend(character.escape_unicode()),
                    false => shown.push(character),
                }
                shown
            }))
        }
    }
}

/// Returns true for a character that does not stay at its own place on a line.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' // marks of direction, widths of 0
            | '\u{2028}'..='\u{202e}' // separators, embeddings and overrides
            | '\u{2060}'..='\u{206f}' // isolates, invisible operators
            | '\u{fff9}'..='\u{fffb}' // annotations
            | '\u{e0000}'..='\u{e007f}') // tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_directions_are_escaped_and_letters_are_not() {
        assert_eq!(printable("a\u{1b}[31mb\u{7}\u{9b}c\n"), "a\\u{1b}[31mb\\u{7}\\u{9b}c\\u{a}");
        assert_eq!(printable("x\u{202e}gnp.exe\u{2066}"), "x\\u{202e}gnp.exe\\u{2066}");
        for plain in ["Zürich \\u{1b}", "می\u{200c}خواهم", "क्\u{200d}ष", "🧑\u{200d}🔬", "عربي", ""]
        {
            assert!(matches!(printable(plain), Cow::Borrowed(same) if same == plain), "{plain}");
        }
    }
}
