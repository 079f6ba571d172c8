//! Columns of a line of a ratings file.

/// Separator of the columns of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// `user::item::rating::time`, as MovieLens writes it.
    Colons,
    Tab,
    Comma,
    /// Any number of blanks.
    Blanks,
}

impl Separator {
    /// Returns the first of `::`, tab and comma that occurs in `line`; blanks when none does.
    pub(super) fn of(line: &str) -> Self {
        if line.contains("::") {
            Self::Colons
        } else if line.contains('\t') {
            Self::Tab
        } else if line.contains(',') {
            Self::Comma
        } else {
            Self::Blanks
        }
    }

    /// Returns the columns of `line`, trimmed.
    pub(super) fn columns(self, line: &str) -> Vec<&str> {
        match self {
            Self::Colons => line.split("::").map(str::trim).collect(),
            Self::Tab => line.split('\t').map(str::trim).collect(),
            Self::Comma => line.split(',').map(str::trim).collect(),
            Self::Blanks => line.split_whitespace().collect(),
        }
    }

    /// Returns the name of the separator in errors.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Colons => "`::`",
            Self::Tab => "tabs",
            Self::Comma => "commas",
            Self::Blanks => "blanks",
        }
    }
}

/// Returns true for a header line: the third column is no number, and it or the first is named as in a header.
pub(super) fn is_header(columns: &[&str]) -> bool {
    let Some(rating) = columns.get(2) else { return false };
    let plain = |text: &str| text.trim_matches('"').to_ascii_lowercase();
    let names_user = plain(columns[0]).starts_with("user");
    let names_rating = ["rating", "score", "stars", "value", "count", "weight"]
        .iter()
        .any(|name| plain(rating).contains(name));
    number(rating).is_none() && (names_user || names_rating)
}

/// Parses a finite number.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_recognised() {
        for (line, expected) in [
            ("1::2::5::978300760", Separator::Colons),
            ("u 1\tThe Matrix, 1999\t5", Separator::Tab),
            ("u1,i 1,4.5", Separator::Comma),
            (" 1  2 5 ", Separator::Blanks),
        ] {
            assert_eq!(Separator::of(line), expected, "{line}");
        }
        assert_eq!(Separator::Blanks.columns(" 1  2 5 "), ["1", "2", "5"]);
        assert_eq!(Separator::Comma.columns("a, ,3"), ["a", "", "3"]);
    }

    #[test]
    fn headers_are_recognised_by_their_names() {
        assert!(is_header(&["userId", "movieId", "rating", "timestamp"]));
        assert!(is_header(&["a", "b", "\"Stars\""]));
        assert!(!is_header(&["u1", "i1", "five"]), "a rating in words is an error, not a header");
        assert!(!is_header(&["user1", "i1", "5"]), "a line with a number is data");
    }
}
