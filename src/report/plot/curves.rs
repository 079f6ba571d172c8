//! Curves and scatters of numbers.

use plotters::prelude::*;
use plotters::style::RGBColor;

use super::axes::{Axis, Layout, plane, range};
use super::canvas::{Area, Drawn, INK, line_colour};
use super::is_drawn;
use super::picture::{Key, Picture, Style, Words};

/// Points drawn of one line at most: more cannot be distinguished.
const MOST_POINTS: usize = 400;

/// One line of a chart.
#[derive(Clone, Debug)]
pub(in crate::report) struct Series {
    pub name: String,
    pub style: Style,
    /// Points (x, y).
    pub points: Vec<(f64, f64)>,
    /// Point that was chosen.
    pub mark: Option<(f64, f64)>,
}

/// Horizontal line of a chart.
#[derive(Clone, Debug)]
pub(in crate::report) struct Level {
    pub name: String,
    pub style: Style,
    pub value: f64,
}

/// Chart of lines, or of points joined by lines.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct Chart {
    pub title: String,
    /// One sentence on how to read it.
    pub caption: String,
    /// Name of the x axis.
    pub x: &'static str,
    /// Name of the y axis.
    pub y: String,
    pub series: Vec<Series>,
    pub levels: Vec<Level>,
    /// True when each point is drawn.
    pub dots: bool,
    /// Meaning of a ring, for the legend.
    pub ring: &'static str,
}

impl Chart {
    /// Returns the picture for a page; none when there is no number to draw.
    pub fn picture(&self) -> Option<Picture> {
        let chart = self.drawable()?;
        Some(chart.words().in_page(|area, layout| chart.draw(area, layout)))
    }

    /// Returns the picture as an SVG file; none when there is no number to draw.
    pub fn file(&self) -> Option<String> {
        let chart = self.drawable()?;
        Some(chart.words().alone(|area, layout| chart.draw(area, layout)))
    }

    /// Returns this chart without numbers that have no place in a picture.
    fn drawable(&self) -> Option<Self> {
        let mut chart = self.clone();
        let inside = |&(x, y): &(f64, f64)| is_drawn(x) && is_drawn(y);
        for series in &mut chart.series {
            series.points.retain(inside);
            series.mark = series.mark.filter(inside);
        }
        chart.series.retain(|series| !series.points.is_empty());
        chart.levels.retain(|level| is_drawn(level.value));
        (!chart.series.is_empty()).then_some(chart)
    }

    fn words(&self) -> Words<'_> {
        Words {
            title: &self.title,
            caption: &self.caption,
            description: self.description(),
            legend: self.legend(),
        }
    }

    fn description(&self) -> String {
        let line = |series: &Series| {
            let (first, last) = (series.points[0], series.points[series.points.len() - 1]);
            let marked =
                series.mark.map_or(String::new(), |(x, y)| format!(", {} at {x}: {y:.4}", self.ring));
            format!(
                "{}: from {:.4} at {} to {:.4} at {}{marked}.",
                series.name, first.1, first.0, last.1, last.0
            )
        };
        let level = |level: &Level| format!("{}: {:.4}.", level.name, level.value);
        let words = self.series.iter().map(line).chain(self.levels.iter().map(level));
        format!("{} by {}. {}", self.y, self.x, words.collect::<Vec<_>>().join(" "))
    }

    fn legend(&self) -> Vec<Key> {
        let key = |name: &String, style: Style| Key { name: name.clone(), style: Some(style) };
        let lines = self.series.iter().map(|series| key(&series.name, series.style));
        let levels = self.levels.iter().map(|level| key(&level.name, level.style));
        let is_marked = self.series.iter().any(|series| series.mark.is_some());
        let ring = is_marked.then(|| Key { name: self.ring.to_owned(), style: None });
        lines.chain(levels).chain(ring).collect()
    }

    fn axes(&self) -> (Axis, Axis) {
        let points = || self.series.iter().flat_map(|series| series.points.iter().chain(&series.mark));
        let x = range(points().map(|point| point.0), if self.dots { 0.03 } else { 0.0 });
        let values = points().map(|point| point.1).chain(self.levels.iter().map(|level| level.value));
        let x = match self.dots {
            true => Axis::linear(self.x, x),
            false => Axis::whole(self.x, x),
        };
        (x, Axis::linear(&self.y, range(values, 0.06)))
    }

    fn draw(&self, area: &Area<'_>, layout: Layout) -> Drawn {
        let (x, y) = self.axes();
        let mut plane = plane(area, &x, &y, layout)?;
        for Level { style, value, .. } in &self.levels {
            plane.draw_series([PathElement::new(
                vec![(x.range.0, *value), (x.range.1, *value)],
                stroke(*style),
            )])?;
        }
        for series in &self.series {
            plane.draw_series(LineSeries::new(thinned(&series.points), stroke(series.style)))?;
            if self.dots || series.points.len() == 1 {
                let dot = |&point: &(f64, f64)| Circle::new(point, 7, colour(series.style).filled());
                plane.draw_series(series.points.iter().map(dot))?;
            }
        }
        for mark in self.series.iter().filter_map(|series| series.mark) {
            plane.draw_series([Circle::new(mark, 12, INK.stroke_width(4))])?;
        }
        Ok(())
    }
}

fn colour(style: Style) -> RGBColor {
    line_colour(style.colour, style.dash)
}

fn stroke(style: Style) -> ShapeStyle {
    colour(style).stroke_width(4)
}

/// Returns at most about [`MOST_POINTS`] of `points`: the smallest and the largest of each stretch, and both ends.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(MOST_POINTS / 2);
    let extremes = |part: &[(f64, f64)]| {
        let places = 0..part.len();
        let low = places.clone().min_by(|&a, &b| part[a].1.total_cmp(&part[b].1)).unwrap_or(0);
        let high = places.max_by(|&a, &b| part[a].1.total_cmp(&part[b].1)).unwrap_or(0);
        [part[low.min(high)], part[low.max(high)]]
    };
    let middle = points.chunks(stretch).flat_map(extremes);
    std::iter::once(points[0]).chain(middle).chain(points.last().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: Vec<(f64, f64)>) -> Chart {
        let style = Style { colour: 0, dash: 0 };
        let series = Series { name: "<g>".into(), style, points, mark: None };
        Chart { title: "t".into(), x: "round", y: "loss".into(), series: vec![series], ..Chart::default() }
    }

    #[test]
    fn numbers_that_cannot_be_drawn_are_left_out() {
        let none = line(vec![(1.0, f64::NAN), (2.0, f64::INFINITY), (3.0, 1e300), (1e300, 0.0)]);
        assert!(none.picture().is_none() && none.file().is_none());
        let mut one = line(vec![(1.0, f64::NAN), (2.0, 0.5)]);
        one.series[0].mark = Some((1e300, f64::NAN));
        let picture = one.picture().expect("one point");
        assert!(picture.svg.contains("<circle") && !picture.svg.contains("NaN"), "{}", picture.svg);
    }

    #[test]
    fn odd_ranges_are_drawn() {
        for points in [
            vec![(0.0, 0.0), (0.0, 0.0)],
            vec![(1.0, 1e12), (2.0, 1e12)],
            vec![(1.0, 1e-300), (2.0, -1e-300)],
            vec![(1.0, 1e12), (2.0, 1e12 + 0.001)],
            vec![(1.0, -1e12), (1e12, 1e12)],
        ] {
            let picture = line(points.clone()).picture().expect("two points");
            assert!(picture.svg.contains("<polyline"), "{points:?}");
        }
    }

    #[test]
    fn a_file_stands_alone() {
        let file =
            line((0..500).map(|x| (f64::from(x), f64::from(x).sin())).collect()).file().expect("points");
        assert!(file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && file.ends_with("</svg>\n"));
        for part in ["prefers-color-scheme:dark", "class=\"paper\"", "&lt;g&gt;", "<title>t</title>"] {
            assert!(file.contains(part), "{part}");
        }
        for outside in ["url(", "@import", "<script", "href", "<g>&"] {
            assert!(!file.contains(outside), "{outside}");
        }
        assert!(file.len() < 40_000, "{}", file.len());
    }

    #[test]
    fn thinning_keeps_peaks_and_ends() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|i| (f64::from(i), 0.0)).collect();
        points[5_003].1 = 9.0;
        let kept = thinned(&points);
        assert!(kept.len() <= MOST_POINTS + 2 && kept.contains(&(5_003.0, 9.0)));
        assert_eq!((kept[0], kept[kept.len() - 1]), (points[0], points[9_999]));
    }
}
