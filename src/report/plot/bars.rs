//! Gains and losses as sorted bars.

use plotters::prelude::*;

use super::axes::{Axis, Layout, plane, range};
use super::canvas::{Area, Drawn, GAIN, INK, LOSS};
use super::is_drawn;
use super::picture::{Picture, Words};

/// Differences by query, drawn from the largest gain to the largest loss.
pub(in crate::report) struct Bars {
    pub title: String,
    /// One sentence on how to read them.
    pub caption: String,
    /// Name of the difference.
    pub y: String,
    pub differences: Vec<f64>,
}

impl Bars {
    /// Returns the picture; none when there is no number to draw.
    pub fn picture(&self) -> Option<Picture> {
        let mut sorted = self.differences.clone();
        sorted.retain(|&difference| is_drawn(difference));
        sorted.sort_by(|a, b| b.total_cmp(a));
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        let count = |holds: fn(f64) -> bool| sorted.iter().filter(|&&d| holds(d)).count();
        let description = format!(
            "{} of {} queries, sorted: {} above zero, {} below; largest {first:+.4}, smallest {last:+.4}.",
            self.y,
            sorted.len(),
            count(|d| d > 0.0),
            count(|d| d < 0.0),
        );
        let words = Words { title: &self.title, caption: &self.caption, description, legend: vec![] };
        Some(words.in_page(|area, layout| self.draw(area, layout, &sorted)))
    }

    fn draw(&self, area: &Area<'_>, layout: Layout, sorted: &[f64]) -> Drawn {
        let count = sorted.len() as f64;
        let x = Axis::whole("queries, sorted", (0.0, count)).without_lines();
        let y = Axis::linear(&self.y, range(sorted.iter().copied().chain([0.0]), 0.06));
        let mut plane = plane(area, &x, &y, layout)?;
        let wins = sorted.partition_point(|&difference| difference > 0.0);
        let losses = sorted.partition_point(|&difference| difference >= 0.0);
        for (bars, start, colour) in [(&sorted[..wins], 0, GAIN), (&sorted[losses..], losses, LOSS)] {
            plane.draw_series([Polygon::new(outline(bars, start), colour.filled())])?;
        }
        plane.draw_series([PathElement::new(vec![(0.0, 0.0), (count, 0.0)], INK.stroke_width(2))])?;
        Ok(())
    }
}

/// Returns the outline of bars without gaps that stand on zero.
fn outline(bars: &[f64], start: usize) -> Vec<(f64, f64)> {
    let (left, right) = (start as f64, (start + bars.len()) as f64);
    let steps = bars.iter().enumerate().flat_map(|(i, &bar)| {
        let x = (start + i) as f64;
        [(x, bar), (x + 1.0, bar)]
    });
    std::iter::once((left, 0.0)).chain(steps).chain([(right, 0.0)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_on_zero() {
        let expected = [(3.0, 0.0), (3.0, -0.5), (4.0, -0.5), (4.0, -0.75), (5.0, -0.75), (5.0, 0.0)];
        assert_eq!(outline(&[-0.5, -0.75], 3), expected);
    }

    #[test]
    fn a_picture_counts_gains_and_losses() {
        let bars = |differences: Vec<f64>| Bars {
            title: "t".into(),
            caption: "c".into(),
            y: "difference".into(),
            differences,
        };
        let picture = bars(vec![0.0, 0.25, -0.5, f64::NAN, 1e300, 0.125]).picture().expect("four numbers");
        let counts = "of 4 queries, sorted: 2 above zero, 1 below; largest +0.2500, smallest -0.5000";
        assert!(picture.svg.contains(counts), "{}", picture.svg);
        assert!(bars(vec![]).picture().is_none());
    }
}
