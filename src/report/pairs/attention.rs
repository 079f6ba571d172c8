//! Pictures of attention: which tokens of the source the decoder looked at, token by token of its answer.

use std::fmt::Write as _;

use crate::report::escape::escaped;
use crate::report::page::Page;
use crate::report::results::Attended;
use crate::report::run::{Run, on_pairs};

/// Side of a cell, and room for the tokens on the left and above, in the picture's own units.
const CELL: usize = 26;
const MARGIN: usize = 120;

/// Adds the pictures of every run.
pub(super) fn add(page: &mut Page, runs: &[Run]) {
    let pictures: Vec<String> =
        on_pairs(runs).flat_map(|(_, results)| results.attention.iter().map(picture)).collect();
    if pictures.is_empty() {
        return;
    }
    page.section("Attention");
    page.paragraph(
        "One row a token of the answer, one column a token of the source; the darker a cell, the more the decoder looked \
         there. Answers of maximum likelihood by beam.",
    );
    page.beside(&pictures);
}

/// Returns the weights as a grid of an SVG element.
fn picture(Attended { source, answer, weights }: &Attended) -> String {
    let (width, height) = (MARGIN + CELL * source.len(), MARGIN + CELL * answer.len());
    let label = escaped(&format!("attention of \u{201c}{}\u{201d}", answer.join(" ")));
    let mut svg = format!(
        "<div><svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\" aria-label=\"{label}\" \
         fill=\"currentColor\" font-size=\"14\">\n"
    );
    let middle = CELL / 2 + 5;
    for (column, token) in source.iter().enumerate() {
        let (x, y) = (MARGIN + CELL * column + middle, MARGIN - 6);
        let _ = writeln!(svg, "<text transform=\"translate({x} {y}) rotate(-60)\">{}</text>", escaped(token));
    }
    for (row, (token, weights)) in answer.iter().zip(weights).enumerate() {
        let y = MARGIN + CELL * row;
        let (x, base) = (MARGIN - 8, y + middle);
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{base}\" text-anchor=\"end\">{}</text>", escaped(token));
        for (column, weight) in weights.iter().enumerate() {
            let (x, side) = (MARGIN + CELL * column, CELL - 2);
            let opacity = weight.clamp(0.02, 1.0);
            let _ = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" fill-opacity=\"{opacity:.2}\"/>"
            );
        }
    }
    svg + "</svg></div>\n"
}
