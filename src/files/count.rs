//! Counts in words.

/// Returns a count and its noun, in the plural but for 1: `1 query`, `2 queries`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let shown = [(0, "query"), (1, "query"), (2, "query"), (1, "user"), (2, "user")]
            .map(|(count, noun)| counted(count, noun));
        assert_eq!(shown, ["0 queries", "1 query", "2 queries", "1 user", "2 users"]);
    }
}
