//! Pictures as plotters draws them, made into SVG whose colours and dashes are classes: a style sheet decides how they
//! look on a light or dark screen and on paper.

use plotters::prelude::*;
use plotters::style::RGBColor;

use super::theme::STYLES;
use crate::report::escape::escaped;

/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(1, 0, 0);
/// Lines of the mesh.
pub(super) const GRID: RGBColor = RGBColor(2, 0, 0);
/// Bars above zero.
pub(super) const GAIN: RGBColor = RGBColor(3, 0, 0);
/// Bars below zero.
pub(super) const LOSS: RGBColor = RGBColor(4, 0, 0);

/// Returns the stand-in for a line's colour and dash.
pub(super) fn line_colour(colour: usize, dash: usize) -> RGBColor {
    RGBColor(5, (colour % STYLES) as u8, (dash % STYLES) as u8)
}

/// Returns the classes behind a stand-in colour such as `#050201`; none for any other.
fn classes(hex: &str, is_fill: bool) -> Option<String> {
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let (kind, colour, dash) = (byte(1)?, byte(3)?, byte(5)?);
    let paint = if is_fill { "f" } else { "s" };
    Some(match kind {
        1 => format!("{paint}-ink"),
        2 => format!("{paint}-grid"),
        3 => format!("{paint}-gain"),
        4 => format!("{paint}-loss"),
        5 if is_fill => format!("f{colour}"),
        5 if dash == 0 => format!("s{colour}"),
        5 => format!("s{colour} d{dash}"),
        _ => return None,
    })
}

/// Surface that is drawn on.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Outcome of drawing.
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Returns the elements that `draw` leaves on a surface of `size` units.
pub(super) fn elements(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Drawn) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        draw(&area).and_then(|()| Ok(area.present()?)).expect("a string takes whatever is drawn");
    }
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    styled(body.trim_end().strip_suffix("</svg>").unwrap_or(body))
}

/// Returns an `svg` element of `size` units around `body`, with its name and its description for those who do not
/// see it; `attributes` go into its tag.
pub(super) fn svg(
    size: (u32, u32),
    attributes: &str,
    (title, description): (&str, &str),
    body: &str,
) -> String {
    format!(
        "<svg{attributes} viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title><desc>{}</desc>{body}</svg>",
        size.0,
        size.1,
        escaped(title),
        escaped(description)
    )
}

/// Replaces stand-in colours by classes.
fn styled(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for part in body.split_inclusive('"') {
        // `…fill="` opens a value, `#050201"` is one.
        match part.strip_suffix('"').filter(|value| value.starts_with('#') && value.len() == 7) {
            Some(value) => {
                let is_fill = out.ends_with("fill=\"");
                match classes(value, is_fill) {
                    Some(classes) => {
                        out.truncate(out.rfind(' ').map_or(0, |at| at + 1));
                        out += &format!("class=\"{classes}\"");
                    }
                    None => out += part,
                }
            }
            None => out += part,
        }
    }
    for plain in [" opacity=\"1\"", " font-family=\"sans-serif\"", " stroke=\"none\"", "\n"] {
        out = out.replace(plain, "");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_in_colours_become_classes() {
        let drawn = "<polyline fill=\"none\" opacity=\"1\" stroke=\"#050201\" points=\"0,0 \"/>\n";
        assert_eq!(styled(drawn), "<polyline fill=\"none\" class=\"s2 d1\" points=\"0,0 \"/>");
        assert_eq!(styled("<text x=\"1\" fill=\"#010000\">a"), "<text x=\"1\" class=\"f-ink\">a");
        assert_eq!(styled("<rect fill=\"#FFFFFF\"/>"), "<rect fill=\"#FFFFFF\"/>");
    }

    #[test]
    fn a_picture_has_a_name_and_no_address() {
        let body = elements((10, 10), |area| Ok(area.draw_pixel((1, 1), &INK)?));
        let svg = svg((10, 10), "", ("a < b", "c & d"), &body);
        assert!(svg.starts_with(
            "<svg viewBox=\"0 0 10 10\" role=\"img\"><title>a &lt; b</title><desc>c &amp; d</desc>"
        ));
        assert!(
            svg.ends_with("</svg>") && svg.matches("</svg>").count() == 1 && !svg.contains("http"),
            "{svg}"
        );
    }
}
