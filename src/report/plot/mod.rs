//! The one plotter: curves, bars and the panels of a sweep, on the same axes and with the same colours.
//!
//! A chart becomes a [`Picture`] for a page, or an SVG file that stands alone.

mod axes;
mod bars;
mod canvas;
mod curves;
mod panels;
mod picture;
mod theme;
mod ticks;

pub(super) use bars::Bars;
pub(super) use curves::{Chart, Level, Series};
pub use panels::{SweepPanel, SweepPoint, sweep_picture};
pub(super) use picture::{Key, Picture, Style};
pub(super) use theme::page_rules;

/// Numbers beyond this are left out: they would flatten everything else, and overflow the axes.
const LARGEST: f64 = 1e12;

/// Returns true for a number that has a place in a picture.
fn is_drawn(value: f64) -> bool {
    value.is_finite() && value.abs() <= LARGEST
}
