//! Axes of every picture, and the mesh between them.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::canvas::{Area, GRID, INK};
use super::ticks;

/// Ticks of one axis at most.
const MOST_TICKS: usize = 6;

/// Two axes with a mesh, ready to be drawn on.
pub(super) type Plane<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Axis, Axis>>;

/// Range, name and ticks of one axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub name: String,
    pub range: (f64, f64),
    pub ticks: Vec<(f64, String)>,
    /// True when the ticks have lines across the picture.
    pub has_lines: bool,
}

impl Axis {
    /// Axis over a range of numbers.
    pub fn linear(name: &str, range: (f64, f64)) -> Self {
        let ticks = ticks::linear(range.0, range.1, MOST_TICKS, false);
        Self { name: name.to_owned(), range, ticks, has_lines: true }
    }

    /// Axis over a range of whole numbers.
    pub fn whole(name: &str, range: (f64, f64)) -> Self {
        let ticks = ticks::linear(range.0, range.1, MOST_TICKS, true);
        Self { ticks, ..Self::linear(name, range) }
    }

    /// Axis whose positions are decimal logarithms.
    pub fn logarithmic(name: &str, range: (f64, f64)) -> Self {
        let ticks = ticks::logarithmic(range.0, range.1, MOST_TICKS);
        Self { ticks, ..Self::linear(name, range) }
    }

    /// Returns this axis without lines across the picture.
    pub fn without_lines(self) -> Self {
        Self { has_lines: false, ..self }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        RangedCoordf64::from(self.range()).map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight().allow_light_points() {
            true => vec![],
            false => self.ticks.iter().map(|(tick, _)| *tick).collect(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.0..self.range.1
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let label = self.ticks.iter().find(|(tick, _)| tick == value).map(|(_, label)| label.clone());
        label.unwrap_or_default()
    }
}

/// Sizes of a picture's text and margins, in units of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Size of text, as plotters counts it: 1.24 units.
    pub font: u32,
    /// Height below the x axis.
    pub below: u32,
    /// Width left of the y axis.
    pub left: u32,
}

/// Draws the mesh of two axes with their ticks and names.
pub(super) fn plane<'a>(
    area: &Area<'a>,
    x: &Axis,
    y: &Axis,
    layout: Layout,
) -> Result<Plane<'a>, Box<dyn std::error::Error>> {
    let mut plane = ChartBuilder::on(area)
        .margin(12)
        .margin_right(28)
        .x_label_area_size(layout.below)
        .y_label_area_size(layout.left)
        .build_cartesian_2d(x.clone(), y.clone())?;
    let font = || ("sans-serif", layout.font).into_font().color(&INK);
    let mut mesh = plane.configure_mesh();
    if !x.has_lines {
        mesh.disable_x_mesh();
    }
    if !y.has_lines {
        mesh.disable_y_mesh();
    }
    mesh.light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style(font())
        .axis_desc_style(font())
        .x_desc(&x.name)
        .y_desc(&y.name)
        .draw()?;
    Ok(plane)
}

/// Returns the range from the smallest to the largest value, wider by a `share` on both sides; never empty.
pub(super) fn range(values: impl Iterator<Item = f64>, share: f64) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let least = 1e-6 * low.abs().max(high.abs()).max(1e-3);
    let margin = match high - low < least {
        true if high.abs() < least => 1.0, // nothing but 0
        true => 0.05 * high.abs(),
        false => share * (high - low),
    };
    (low - margin, high + margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_never_empty() {
        assert_eq!(range([2.0, 4.0].into_iter(), 0.5), (1.0, 5.0));
        assert_eq!(range([0.0, 1e-12].into_iter(), 0.06), (-1.0, 1.0 + 1e-12));
        let (low, high) = range([5.0].into_iter(), 0.0);
        assert!((low - 4.75).abs() < 1e-9 && (high - 5.25).abs() < 1e-9);
    }
}
