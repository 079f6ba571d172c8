//! A drawn chart with its words, for a page or for a file of its own.

use super::axes::Layout;
use super::canvas::{Area, Drawn, elements, svg};
use super::theme::{STYLES, picture_rules};
use crate::report::escape::escaped;

/// Width and height of a picture in a page, in its own units; the page scales it.
const SIZE: (u32, u32) = (1040, 600);
/// Height of the same picture in a file of its own, where it is seen larger.
const ALONE: (u32, u32) = (1040, 480);

const LAYOUT: Layout = Layout { font: 34, below: 84, left: 132 };
const LAYOUT_ALONE: Layout = Layout { font: 25, below: 62, left: 100 };

/// Colour and dash of a line; both tell lines apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct Style {
    pub colour: usize,
    pub dash: usize,
}

impl Style {
    /// Returns the classes of a line of this style.
    pub fn classes(self) -> String {
        format!("s{} d{}", self.colour % STYLES, self.dash % STYLES)
    }
}

/// Entry of a legend: a line of this style, or without one the ring of a marked point.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) struct Key {
    pub name: String,
    pub style: Option<Style>,
}

/// Chart as an `svg` element for a page, with what is written around it.
#[derive(Clone, Debug)]
pub(in crate::report) struct Picture {
    pub svg: String,
    pub title: String,
    pub caption: String,
    pub legend: Vec<Key>,
}

/// Words of a chart.
pub(super) struct Words<'t> {
    pub title: &'t str,
    pub caption: &'t str,
    /// The chart in sentences, for those who do not see it.
    pub description: String,
    pub legend: Vec<Key>,
}

impl Words<'_> {
    /// Draws a picture for a page.
    pub fn in_page(self, draw: impl FnOnce(&Area<'_>, Layout) -> Drawn) -> Picture {
        let body = elements(SIZE, |area| draw(area, LAYOUT));
        Picture {
            svg: svg(SIZE, "", (self.title, &self.description), &body),
            title: self.title.to_owned(),
            caption: self.caption.to_owned(),
            legend: self.legend,
        }
    }

    /// Draws a picture that stands alone: title, legend, colours for light and dark mode, and its own paper.
    pub fn alone(&self, draw: impl FnOnce(&Area<'_>, Layout) -> Drawn) -> String {
        let body = elements(ALONE, |area| draw(area, LAYOUT_ALONE));
        let (legend, height) = legend(&self.legend, ALONE.0);
        let body = format!(
            "<text x=\"24\" y=\"44\" font-size=\"26\" font-weight=\"600\" class=\"f-ink\">{}</text>\
             <g transform=\"translate(0 58)\">{body}</g><g transform=\"translate(24 {})\">{legend}</g>",
            escaped(self.title),
            58 + ALONE.1 + 24
        );
        file((ALONE.0, 58 + ALONE.1 + 24 + height), (self.title, &self.description), &body)
    }
}

/// Returns an SVG file around `body`.
pub(super) fn file(size: (u32, u32), words: (&str, &str), body: &str) -> String {
    const FONT: &str = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif";
    let attributes = format!(
        " xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"{FONT}\"",
        size.0, size.1
    );
    let paper = format!("<rect class=\"paper\" width=\"{}\" height=\"{}\" rx=\"10\"/>", size.0, size.1);
    svg(size, &attributes, words, &format!("<style>{}</style>{paper}{body}", picture_rules(body))) + "\n"
}

/// Returns the elements of a legend in rows below each other, and their height; widths of text are estimates.
fn legend(keys: &[Key], width: u32) -> (String, u32) {
    const ROW: u32 = 34;
    let (mut x, mut y, mut out) = (0, 0, String::new());
    for Key { name, style } in keys {
        let needed = 62 + 12 * name.chars().count() as u32 + 36;
        if x > 0 && x + needed > width - 48 {
            (x, y) = (0, y + ROW);
        }
        let sign = match style {
            Some(style) => format!(
                "<path class=\"{}\" fill=\"none\" stroke-width=\"4\" d=\"M{x} {y}h48\"/>",
                style.classes()
            ),
            None => {
                format!(
                    "<circle class=\"mark\" fill=\"none\" stroke-width=\"3\" cx=\"{}\" cy=\"{y}\" r=\"8\"/>",
                    x + 24
                )
            }
        };
        out += &format!(
            "{sign}<text x=\"{}\" y=\"{}\" font-size=\"20\" class=\"f-ink\">{}</text>",
            x + 60,
            y + 7,
            escaped(name)
        );
        x += needed;
    }
    (out, y + ROW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legend_breaks_its_rows() {
        let key = |name: &str| Key { name: name.into(), style: Some(Style { colour: 1, dash: 1 }) };
        let (one, low) = legend(&[key("a<")], 1040);
        assert!(one.contains("a&lt;") && one.contains("s1 d1"), "{one}");
        let (_, high) = legend(&vec![key("generator under a shuffled reward"); 5], 1040);
        assert!(high > low);
    }
}
