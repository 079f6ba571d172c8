//! Text of users made harmless for HTML and SVG.

/// Returns `text` as it may stand between tags and in quoted attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Neither HTML nor XML allows control characters.
            other if other.is_control() && !other.is_whitespace() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn tags_quotes_and_control_characters_are_escaped() {
        assert_eq!(escaped("<a b='\"'>&\u{1b}\t"), "&lt;a b=&#39;&quot;&#39;&gt;&amp;\u{fffd}\t");
    }
}
