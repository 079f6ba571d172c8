//! Lines of columns: their separator, quotes and names, as CSV, TSV and MovieLens write them.

use std::borrow::Cow;
use std::io::Read as _;

use crate::files::printable;

/// Separator of the columns of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separator {
    /// `user::item::rating::time`, as MovieLens writes it.
    Colons,
    Tab,
    Semicolon,
    Comma,
    /// Any number of blanks.
    Blanks,
}

impl Separator {
    /// Returns the first of `::`, tab, semicolon and comma that cuts `line` into three columns or more, else into two;
    /// blanks when none does.
    pub(crate) fn of(line: &str) -> Self {
        let all = [Self::Colons, Self::Tab, Self::Semicolon, Self::Comma];
        let cuts = |least: usize| all.into_iter().find(|separator| separator.columns(line).len() >= least);
        cuts(3).or_else(|| cuts(2)).unwrap_or(Self::Blanks)
    }

    /// Returns the columns of `line`, trimmed. Double quotes around a column are syntax, as in CSV; with `::` they are not.
    pub(crate) fn columns(self, line: &str) -> Vec<Cow<'_, str>> {
        let trimmed = |column| Cow::Borrowed(str::trim(column));
        match self {
            Self::Colons => line.split("::").map(trimmed).collect(),
            _ if line.contains('"') => self.quoted(line).into_iter().map(Cow::Owned).collect(),
            Self::Blanks => line.split_whitespace().map(Cow::Borrowed).collect(),
            _ => line.split(char::from(self.byte())).map(trimmed).collect(),
        }
    }

    /// Returns the columns of a line with quotes; the whole line as one where a quote is not closed.
    fn quoted(self, line: &str) -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.byte())
            .from_reader(line.as_bytes().chain(&b"\n"[..]));
        let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
        if record.iter().any(|column| column.ends_with('\n')) {
            return vec![line.to_owned()]; // the line's end stands within quotes
        }
        let columns = record.iter().map(|column| {
            let column = column.trim();
            // A quote behind a blank is text for the parser.
            column.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(column).to_owned()
        });
        columns.filter(|column| self != Self::Blanks || !column.is_empty()).collect()
    }

    fn byte(self) -> u8 {
        match self {
            Self::Colons => b':',
            Self::Tab => b'\t',
            Self::Semicolon => b';',
            Self::Comma => b',',
            Self::Blanks => b' ',
        }
    }

    /// Parses a finite number; between semicolons it may have a decimal comma.
    pub(crate) fn number(self, text: &str) -> Option<f64> {
        let text = match self {
            Self::Semicolon => Cow::Owned(text.replacen(',', ".", 1)),
            _ => Cow::Borrowed(text),
        };
        text.parse::<f64>().ok().filter(|value| value.is_finite())
    }

    /// Returns the name of the separator in errors.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Colons => "`::`",
            Self::Tab => "tabs",
            Self::Semicolon => "semicolons",
            Self::Comma => "commas",
            Self::Blanks => "blanks",
        }
    }
}

/// Returns the letters and digits of a column's name in lower case, without a type behind a colon: `User-ID:token` is
/// `userid`.
pub(crate) fn plain_name(name: &str) -> String {
    let name = name.split(':').next().unwrap_or(name);
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns the place of the column that has one of the `known` names, of which an earlier one goes before a later one.
pub(crate) fn place_of(known: &[&str], names: &[String]) -> Option<usize> {
    known.iter().find_map(|known| names.iter().position(|name| name == known))
}

/// Lists columns for an error or a note, shortened.
pub(crate) fn listed<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 8;
    let short = |column: &str| {
        let text: String = column.chars().take(24).collect();
        format!("`{}`", printable(&text))
    };
    let all: Vec<_> = columns.into_iter().map(short).collect();
    let more = all.len().saturating_sub(MOST);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", all[..all.len() - more].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_recognised() {
        for (line, expected) in [
            ("1::2::5::978300760", Separator::Colons),
            ("u 1\tThe Matrix, 1999\t5", Separator::Tab),
            ("u 1\tA::B\t5", Separator::Tab),
            ("u1,i 1,4.5", Separator::Comma),
            ("u1,Action;Comedy,4.5", Separator::Comma),
            ("u1;i1;4,5", Separator::Semicolon),
            ("\"u;1\",\"i;1\",4", Separator::Comma),
            ("u1,i1", Separator::Comma),
            (" 1  2 5 ", Separator::Blanks),
        ] {
            assert_eq!(Separator::of(line), expected, "{line}");
        }
        assert_eq!(Separator::Blanks.columns(" 1  2 5 "), ["1", "2", "5"]);
        assert_eq!(Separator::Comma.columns("a, ,3"), ["a", "", "3"]);
        assert_eq!(Separator::Semicolon.number("4,5"), Some(4.5));
        assert_eq!(Separator::Comma.number("4,5"), None);
    }

    #[test]
    fn quotes_are_no_part_of_a_column() {
        let comma = |line| Separator::Comma.columns(line);
        assert_eq!(comma("\"u0\",\"Seven, 1995\",2"), ["u0", "Seven, 1995", "2"]);
        assert_eq!(comma("\"u\"\"0\"\"\", \"i1\" ,2"), ["u\"0\"", "i1", "2"]);
        assert_eq!(comma("12\" vinyl,a,2"), ["12\" vinyl", "a", "2"]);
        assert_eq!(comma("\"never closed,a,2"), ["\"never closed,a,2"]);
        assert_eq!(Separator::Blanks.columns("\"u 0\"  \"i1\" 2"), ["u 0", "i1", "2"]);
        assert_eq!(Separator::Tab.columns("\"u0\"\t\"i1\"\t2"), ["u0", "i1", "2"]);
    }
}
