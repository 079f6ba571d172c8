//! Pictures as plotters draws them, made into parts of a page: colours and dashes become classes of the page's
//! style sheet, so that they follow dark mode and print.

use plotters::prelude::*;
use plotters::style::RGBColor;

use super::page::escaped;

/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(1, 0, 0);
/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(2, 0, 0);
/// Bars of gains and of losses.
pub(super) const GAIN: RGBColor = RGBColor(3, 0, 0);
/// See [`GAIN`].
pub(super) const LOSS: RGBColor = RGBColor(4, 0, 0);

/// How many colours and how many dashes the style sheet has.
pub(super) const STYLES: usize = 8;

/// The stand-in for a line's colour and dash.
pub(super) fn line_colour(colour: usize, dash: usize) -> RGBColor {
    RGBColor(5, (colour % STYLES) as u8, (dash % STYLES) as u8)
}

/// The classes behind a stand-in colour such as `#050201`; none for any other.
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
        5 => format!("s{colour} d{dash}"),
        _ => return None,
    })
}

/// Draws a picture of `size` by `draw` and returns it as an element of the page with its name and its description.
pub(super) fn picture(
    size: (u32, u32),
    title: &str,
    description: &str,
    draw: impl FnOnce(&Area<'_>) -> Drawn,
) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        draw(&area).and_then(|()| Ok(area.present()?)).expect("a string takes whatever is drawn");
    }
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    format!(
        "<svg viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title><desc>{}</desc>{}",
        size.0,
        size.1,
        escaped(title),
        escaped(description),
        styled(body)
    )
}

/// Where a picture is drawn.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// What drawing returns.
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// `body` with classes in the place of stand-in colours.
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
        let svg = picture((10, 10), "a < b", "c & d", |area| Ok(area.draw_pixel((1, 1), &INK)?));
        assert!(svg.starts_with(
            "<svg viewBox=\"0 0 10 10\" role=\"img\"><title>a &lt; b</title><desc>c &amp; d</desc>"
        ));
        assert!(svg.ends_with("</svg>") && !svg.contains("http"), "{svg}");
    }
}
