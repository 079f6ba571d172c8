//! Section of the page.

use crate::evaluation::Table;
use crate::report::page::{Page, table};
use crate::report::plot::{Chart, Series, Style};

/// Section of the page: an argument, its formulas, and the pictures that show it.
pub(super) struct Lesson {
    pub title: &'static str,
    /// Argument, and what to see in the pictures.
    pub text: String,
    pub formulas: &'static [&'static str],
    pub charts: Vec<Chart>,
    pub table: Option<(String, Table)>,
}

impl Lesson {
    /// Adds the section to a page, with the command that shows the same in a training.
    pub fn add(self, letter: char, command: &str, page: &mut Page) {
        let pictures: Vec<_> = self.charts.iter().map(Chart::picture).collect();
        page.figures(&format!("({letter}) {}", self.title), &self.text, pictures);
        for formula in self.formulas {
            page.paragraph(formula);
        }
        if let Some((caption, rows)) = &self.table {
            page.tables(&[table(caption, rows, |_| false)]);
        }
        page.paragraph(&format!("In a training of your own: {command}"));
    }
}

/// Returns a line of a chart in the style of this number.
pub(super) fn line(number: usize, name: &str, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.to_owned(), style: Style { colour: number, dash: number }, points, mark: None }
}
