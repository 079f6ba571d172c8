//! The axes of every picture.

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::svg::{Area, GRID, INK};

/// Width and height of a picture, in its own units; the page scales it.
pub(super) const SIZE: (u32, u32) = (1040, 600);

/// Size of text, as plotters counts it.
const FONT: u32 = 34;

/// What a picture is drawn on.
type Plane<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Two axes with their ranges, names and ticks.
pub(super) struct Axes<'t> {
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub names: (&'t str, &'t str),
    /// Whether the ticks of x have lines, as those of y do.
    pub upright_lines: bool,
    pub x_tick: &'t dyn Fn(f64) -> String,
}

impl Axes<'_> {
    pub fn draw<'a>(&self, area: &Area<'a>) -> Result<Plane<'a>, Box<dyn std::error::Error>> {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .margin_right(28)
            .x_label_area_size(84)
            .y_label_area_size(132)
            .build_cartesian_2d(self.x.0..self.x.1, self.y.0..self.y.1)?;
        let font = || ("sans-serif", FONT).into_font().color(&INK);
        let x_tick = |v: &f64| (self.x_tick)(*v);
        let y_tick = |v: &f64| tick(*v, self.y.1 - self.y.0);
        let mut mesh = chart.configure_mesh();
        if !self.upright_lines {
            mesh.disable_x_mesh();
        }
        mesh.x_labels(6)
            .y_labels(6)
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(font())
            .axis_desc_style(font())
            .x_desc(self.names.0)
            .y_desc(self.names.1)
            .x_label_formatter(&x_tick)
            .y_label_formatter(&y_tick)
            .draw()?;
        Ok(chart)
    }
}

/// From the smallest to the largest value, wider by a `share` on both sides; never empty.
pub(super) fn range(values: impl Iterator<Item = f64>, share: f64) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let least = 1e-6 * low.abs().max(high.abs()).max(1e-3);
    let margin = if high - low < least { least.max(0.05 * high.abs()) } else { share * (high - low) };
    (low - margin, high + margin)
}

/// A number on an axis of this span.
pub(super) fn tick(value: f64, span: f64) -> String {
    let decimals = (1.0 - (span / 5.0).log10().floor()).clamp(0.0, 7.0) as usize;
    let text = format!("{value:.decimals$}");
    let text = if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_have_the_digits_that_tell_them_apart() {
        assert_eq!(
            [tick(0.7, 0.1), tick(0.725, 0.1), tick(250.0, 900.0), tick(-0.0, 1.0)],
            ["0.7", "0.725", "250", "0"]
        );
    }
}
