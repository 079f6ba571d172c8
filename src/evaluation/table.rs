//! Tables of text and numbers, printed as plain text, Markdown, LaTeX, CSV, TSV or JSON.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, presets};
use serde_json::{Map, Number, Value};

use crate::files::printable;

/// Format in which a table is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Format {
    /// Aligned columns for a terminal
    #[default]
    Text,
    /// GitHub Markdown
    Markdown,
    /// LaTeX `tabular` with booktabs rules
    Latex,
    /// Comma-separated values (RFC 4180) with a header; numbers keep all digits
    Csv,
    /// Tab-separated values with a header; numbers keep all digits
    Tsv,
    /// JSON array with one object a row; numbers keep all digits
    Json,
}

impl Format {
    /// Returns true for a form that programs read: nothing but the table belongs into it.
    pub fn is_for_programs(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Json)
    }
}

/// Cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text, aligned left.
    Text(String),
    /// Number and its decimals to show: aligned right, with all digits in JSON. NaN is shown as `–` and is `null` in
    /// JSON.
    Number(f64, usize),
}

impl Cell {
    /// Makes a cell of a number with 4 decimals, as trec_eval prints.
    pub fn score(value: f64) -> Self {
        Self::Number(value, 4)
    }

    /// Makes a cell of a whole number.
    pub fn count(value: usize) -> Self {
        Self::Number(value as f64, 0)
    }

    /// Returns the text of the cell.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(value, _) if value.is_nan() => "–".into(),
            // A number that rounds to 0 is shown without a sign.
            Self::Number(value, decimals) => match format!("{value:.decimals$}") {
                text if text.starts_with('-') && text.bytes().all(|b| b"-0.".contains(&b)) => {
                    text[1..].into()
                }
                text => text,
            },
        }
    }

    /// Returns the text of the cell with all digits of a number; empty for NaN.
    fn digits(&self) -> String {
        match self.json() {
            Value::Null => String::new(),
            Value::String(text) => text,
            number => number.to_string(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Number(value, 0) if value.abs() < 1e15 && value.fract() == 0.0 => {
                Value::from(*value as i64)
            }
            Self::Number(value, _) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// Table with a header.
///
/// ```
/// use irgan::evaluation::table::{Cell, Format, Table};
///
/// let mut table = Table::new(["run", "AP"]);
/// table.row(["bm25".into(), Cell::score(0.25)]);
/// assert_eq!(table.render(Format::Markdown), "| run | AP |\n|---|---:|\n| bm25 | 0.2500 |\n");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Makes a table of the given columns without rows.
    pub fn new(header: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When the row has not one cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> &mut Self {
        let cells: Vec<Cell> = cells.into_iter().collect();
        assert_eq!(cells.len(), self.header.len(), "a row has one cell for each column");
        self.rows.push(cells);
        self
    }

    /// Returns the names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Returns the rows, each with one cell for each column.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns true for a table without rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Prints the table in `format`; the text ends with a line feed.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Markdown => self.markdown(),
            Format::Latex => self.latex(),
            Format::Csv => self.separated(",", quoted),
            Format::Tsv => self.separated("\t", plain),
            Format::Json => self.json(),
        }
    }

    /// Returns true for a column that holds only numbers in at least one row.
    pub fn is_numeric(&self, column: usize) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| matches!(row[column], Cell::Number(..)))
    }

    fn text(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_header(self.header.iter().map(|name| safe(name)));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| safe(&cell.shown())));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if self.is_numeric(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
    }

    fn markdown(&self) -> String {
        let escaped = |text: &str| safe(text).replace('\\', "\\\\").replace('|', "\\|");
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = line(self.header.iter().map(|name| escaped(name)).collect());
        for column in 0..self.header.len() {
            text += if self.is_numeric(column) { "|---:" } else { "|---" };
        }
        text += "|\n";
        for row in &self.rows {
            text += &line(row.iter().map(|cell| escaped(&cell.shown())).collect());
        }
        text
    }

    fn latex(&self) -> String {
        let columns: String =
            (0..self.header.len()).map(|c| if self.is_numeric(c) { 'r' } else { 'l' }).collect();
        let line = |cells: Vec<String>| cells.join(" & ") + " \\\\\n";
        let mut text = format!("\\begin{{tabular}}{{{columns}}}\n\\toprule\n");
        text += &line(self.header.iter().map(|name| escape_latex(name)).collect());
        text += "\\midrule\n";
        for row in &self.rows {
            text += &line(row.iter().map(latex_cell).collect());
        }
        text + "\\bottomrule\n\\end{tabular}\n"
    }

    fn separated(&self, separator: &str, field: fn(&str) -> String) -> String {
        let line = |fields: Vec<String>| fields.join(separator) + "\n";
        let mut text = line(self.header.iter().map(|name| field(name)).collect());
        for row in &self.rows {
            text += &line(row.iter().map(|cell| field(&cell.digits())).collect());
        }
        text
    }

    fn json(&self) -> String {
        let object = |row: &Vec<Cell>| -> Value {
            Value::Object(self.header.iter().cloned().zip(row.iter().map(Cell::json)).collect::<Map<_, _>>())
        };
        let rows: Vec<Value> = self.rows.iter().map(object).collect();
        format!("{:#}\n", Value::Array(rows))
    }
}

/// Replaces control characters, which would break a table or control a terminal, by spaces.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Returns text for people: [`plain`], with marks of direction, which would reorder a line, escaped.
fn safe(text: &str) -> String {
    printable(&plain(text)).into_owned()
}

/// Quotes a field of CSV that holds a comma, a quote or a line end.
fn quoted(field: &str) -> String {
    match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}

fn latex_cell(cell: &Cell) -> String {
    match cell {
        Cell::Number(value, _) if *value < 0.0 => cell.shown().replacen('-', "$-$", 1),
        cell => escape_latex(&cell.shown()),
    }
}

fn escape_latex(text: &str) -> String {
    let mut escaped = String::new();
    for c in plain(text).chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => write!(escaped, "\\{c}").expect("a String grows"),
            '\\' => escaped += "\\textbackslash{}",
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '<' | '>' => write!(escaped, "${c}$").expect("a String grows"),
            '–' => escaped += "--",
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(["run", "P@5", "n"]);
        table.row(["a_b & c|d".into(), Cell::score(-0.25), Cell::count(3)]);
        table.row(["\u{1b}[31mx\ny".into(), Cell::score(f64::NAN), Cell::count(12)]);
        table
    }

    #[test]
    fn text_aligns_and_has_no_control_characters() {
        let text = sample().render(Format::Text);
        assert_eq!(text, "run            P@5   n\na_b & c|d  -0.2500   3\n [31mx y         –  12\n");
    }

    #[test]
    fn latex_is_escaped() {
        let text = sample().render(Format::Latex);
        assert!(text.contains("{lrr}") && text.contains(r"a\_b \& c|d & $-$0.2500 & 3 \\"), "{text}");
    }

    #[test]
    fn markdown_escapes_bars() {
        assert!(sample().render(Format::Markdown).contains(r"| a_b & c\|d | -0.2500 | 3 |"));
    }

    #[test]
    fn separated_values_keep_digits_and_quote_what_needs_it() {
        let mut table = Table::new(["run", "P(rel=2,x)", "n"]);
        table.row(["a\"b,\tc".into(), Cell::score(1.0 / 3.0), Cell::count(2)]);
        table.row(["d".into(), Cell::score(f64::NAN), Cell::count(0)]);
        let third = 1.0 / 3.0;
        let csv = format!("run,\"P(rel=2,x)\",n\n\"a\"\"b,\tc\",{third},2\nd,,0\n");
        assert_eq!(table.render(Format::Csv), csv);
        let tsv = format!("run\tP(rel=2,x)\tn\na\"b, c\t{third}\t2\nd\t\t0\n");
        assert_eq!(table.render(Format::Tsv), tsv);
    }

    #[test]
    fn json_keeps_digits_and_has_null_for_nan() {
        let mut table = Table::new(["x", "y", "n"]);
        table.row([Cell::score(1.0 / 3.0), Cell::score(f64::NAN), Cell::count(2)]);
        let value: Value = serde_json::from_str(&table.render(Format::Json)).unwrap();
        assert_eq!(value, serde_json::json!([{"x": 1.0 / 3.0, "y": null, "n": 2}]));
    }

    #[test]
    fn a_rounded_zero_has_no_sign() {
        assert_eq!(Cell::score(-0.00001).shown(), "0.0000");
        assert_eq!(Cell::score(-0.5).shown(), "-0.5000");
    }
}
