//! Comparison of text generators as a table with notes.

use super::{Samples, TextResults};
use crate::evaluation::table::{Cell, Format, Table};
use crate::report::results::GRAMMAR_NOTE;
use crate::text::Point;

impl TextResults {
    /// Returns one row for each generator and temperature.
    pub fn table(&self) -> Table {
        let mut table = Table::new(self.header());
        for curve in &self.curves {
            for point in &curve.points {
                table.row(self.cells(&curve.name, point));
            }
        }
        table
    }

    fn header(&self) -> Vec<String> {
        let mut header = vec!["generator".to_owned(), "τ".to_owned()];
        if self.floor.is_some() {
            header.extend(["NLL_oracle", "above floor"].map(String::from));
        }
        header.push("NLL_test".into());
        if self.floor.is_none() {
            header.extend((2..=5).map(|n| format!("BLEU-{n}")));
            header.extend((2..=5).map(|n| format!("self-BLEU-{n}")));
        }
        header.extend(["distinct-1", "distinct-2", "tokens"].map(String::from));
        if self.floor.is_none() {
            header.push("unknown".into());
        }
        if self.has_grammar() {
            header.extend(["grammatical", "entropy"].map(String::from));
        }
        header
    }

    fn cells(&self, name: &str, point: &Point) -> Vec<Cell> {
        let mut cells = vec![Cell::from(name), Cell::Number(f64::from(point.temperature), 2)];
        if let Some(floor) = self.floor {
            cells.extend([Cell::score(point.nll_oracle), Cell::score(point.nll_oracle - floor)]);
        }
        cells.push(Cell::score(point.nll_test));
        if self.floor.is_none() {
            cells.extend(point.bleu.iter().chain(&point.self_bleu).map(|&value| Cell::score(value)));
        }
        cells.extend(point.distinct.map(Cell::score));
        cells.push(Cell::count(point.tokens));
        if self.floor.is_none() {
            cells.push(Cell::score(point.unknown));
        }
        if self.has_grammar() {
            cells.extend([point.grammatical, point.language_entropy].map(Cell::score));
        }
        cells
    }

    fn has_grammar(&self) -> bool {
        self.curves.iter().flat_map(|curve| &curve.points).any(|point| !point.grammatical.is_nan())
    }

    /// Returns the table and the notes for a terminal.
    pub fn text(&self) -> String {
        self.render(Format::Text, "")
    }

    /// Returns the table and the notes as Markdown.
    pub fn markdown(&self) -> String {
        format!("# Report\n\n{}", self.render(Format::Markdown, "- "))
    }

    fn render(&self, format: Format, bullet: &str) -> String {
        let mut out = self.table().render(format);
        out.push('\n');
        if let Some(floor) = self.floor {
            out += &format!(
                "{bullet}floor: the oracle's own sentences have NLL_oracle {floor:.4}; below it is collapse\n"
            );
        } else {
            out += &format!(
                "{bullet}BLEU: smoothing method 1, all held-out sentences as references; self-BLEU excludes the sentence itself\n\
                 {bullet}unknown: share of words that the model has no name for; they match nothing, not even each other\n"
            );
        }
        if self.has_grammar() {
            out += &format!("{bullet}{GRAMMAR_NOTE}\n");
        }
        for note in &self.notes {
            out += &format!("{bullet}{note}\n");
        }
        for Samples { name, sentences } in &self.samples {
            out += &format!("\nsentences of {name}:\n\n");
            sentences.iter().for_each(|sentence| out += &format!("    {sentence}\n"));
        }
        out
    }
}
