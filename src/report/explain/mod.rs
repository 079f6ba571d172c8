//! `explain`: why a GAN cannot be trained on tokens as it is on images, and what helps, as a page of measured pictures.
//!
//! Every picture comes from a small experiment with a fixed seed that is run when the page is made.

mod baseline;
mod estimators;
mod peaks;
mod relaxed;
mod steps;
mod supports;

use super::page::{Page, table};
use super::plot::{Chart, Series, Style};
use crate::evaluation::Table;
use crate::seed::Stream;

/// Section of the page: an argument, its formulas, and the pictures that show it.
struct Lesson {
    title: &'static str,
    /// What is shown, and what to see in it.
    text: String,
    formulas: &'static [&'static str],
    charts: Vec<Chart>,
    table: Option<(String, Table)>,
    /// Command that shows the same in a real training.
    command: &'static str,
}

/// Returns the page, made with this seed. It takes some seconds.
pub fn explain(seed: u64) -> String {
    let stream = Stream::new(seed).named("explain");
    let mut page = Page::new(
        "Why words are hard for a GAN",
        &format!(
            "Measured pictures, each from a small experiment of its own, made by seqgan explain --seed {seed}."
        ),
    );
    let lessons = [
        supports::lesson(),
        peaks::lesson(stream.named("peaks")),
        steps::lesson(stream.named("steps")),
        relaxed::lesson(stream.named("relaxed")),
        estimators::lesson(stream.named("estimators")),
        baseline::lesson(stream.named("baseline")),
    ];
    for (letter, lesson) in ('a'..).zip(lessons) {
        lesson.add(letter, &mut page);
    }
    page.finish()
}

impl Lesson {
    fn add(self, letter: char, page: &mut Page) {
        let pictures: Vec<_> = self.charts.iter().map(Chart::picture).collect();
        page.figures(&format!("({letter}) {}", self.title), &self.text, pictures);
        for formula in self.formulas {
            page.paragraph(formula);
        }
        if let Some((caption, rows)) = &self.table {
            page.tables(&[table(caption, rows, |_| false)]);
        }
        page.paragraph(&format!("In a training of your own: {}", self.command));
    }
}

/// Returns a line of a chart in the style of this number.
fn line(number: usize, name: &str, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.to_owned(), style: Style { colour: number, dash: number }, points, mark: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_picture_of_every_argument_and_the_same_bytes_for_the_same_seed() {
        let page = explain(1);
        for letter in 'a'..='f' {
            assert!(page.contains(&format!("<h2>({letter}) ")), "{letter}");
        }
        assert!(page.matches("<svg").count() >= 8 && !page.contains("NaN"));
        assert_eq!(page, explain(1));
        assert_ne!(page, explain(2));
    }
}
