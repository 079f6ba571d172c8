//! Lines and scatters of numbers.

use plotters::prelude::*;
use plotters::style::RGBColor;

use super::axes::{Axes, SIZE, range, tick};
use super::page::escaped;
use super::svg::{Area, Drawn, INK, line_colour, picture};

/// Points drawn of one line: more could not be told apart.
const MOST_POINTS: usize = 400;

/// Numbers beyond this are left out: they would flatten everything else, and overflow the axes.
const LARGEST: f64 = 1e12;

/// One line.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub name: String,
    /// Which colour and which dash; both tell lines apart.
    pub style: (usize, usize),
    pub points: Vec<(f64, f64)>,
    /// A point that was chosen.
    pub mark: Option<(f64, f64)>,
}

/// A horizontal line.
#[derive(Clone, Debug)]
pub(super) struct Level {
    pub name: String,
    pub style: (usize, usize),
    pub value: f64,
}

/// A picture of lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Chart {
    pub title: String,
    /// One sentence on how to read it.
    pub caption: String,
    pub x: &'static str,
    pub y: String,
    pub series: Vec<Series>,
    pub levels: Vec<Level>,
    /// Whether each point is drawn.
    pub dots: bool,
    /// What a ring marks, for the legend.
    pub ring: &'static str,
}

impl Chart {
    /// The picture with its legend and caption; nothing when there is no number to draw.
    pub fn figure(&self) -> String {
        let mut chart = self.clone();
        chart.series.iter_mut().for_each(|series| series.points.retain(|&(x, y)| is_drawn(x) && is_drawn(y)));
        chart.series.retain(|series| !series.points.is_empty());
        chart.levels.retain(|level| is_drawn(level.value));
        if chart.series.is_empty() {
            return String::new();
        }
        let svg = picture(SIZE, &chart.title, &chart.description(), |area| chart.draw(area));
        format!(
            "<figure>{svg}\n{}<figcaption><b>{}.</b> {}</figcaption></figure>\n",
            chart.legend(),
            escaped(&chart.title),
            escaped(&chart.caption)
        )
    }

    /// The lines in words, for those who do not see them.
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

    fn legend(&self) -> String {
        let lines = self.series.iter().map(|series| (&series.name, series.style));
        let all = lines.chain(self.levels.iter().map(|level| (&level.name, level.style)));
        let item = |(name, (colour, dash)): (&String, (usize, usize))| {
            let (colour, dash) = (colour % super::svg::STYLES, dash % super::svg::STYLES);
            format!(
                "<li><svg viewBox=\"0 0 30 8\" aria-hidden=\"true\"><path class=\"s{colour} d{dash}\" d=\"M0 4H30\"/></svg>{}</li>",
                escaped(name)
            )
        };
        let marked = self.series.iter().any(|series| series.mark.is_some());
        let mark = "<li><svg viewBox=\"0 0 30 8\" aria-hidden=\"true\"><circle class=\"mark\" cx=\"15\" cy=\"4\" r=\"3\"/></svg>";
        format!(
            "<ul class=\"legend\">{}{}</ul>\n",
            all.map(item).collect::<String>(),
            if marked { format!("{mark}{}</li>", escaped(self.ring)) } else { String::new() }
        )
    }

    fn draw(&self, area: &Area<'_>) -> Drawn {
        let points = || self.series.iter().flat_map(|series| series.points.iter().chain(&series.mark));
        let x = range(points().map(|point| point.0), if self.dots { 0.03 } else { 0.0 });
        let values = points().map(|point| point.1).chain(self.levels.iter().map(|level| level.value));
        let y = range(values, 0.06);
        let (whole, end) = (x.1 - x.0 >= 4.0 && !self.dots, x.1);
        let start = x.0;
        let x_tick = |v: f64| if whole { format!("{v:.0}") } else { tick(v, end - start) };
        let axes = Axes { x, y, names: (self.x, &self.y), upright_lines: true, x_tick: &x_tick };
        let mut chart = axes.draw(area)?;
        for Level { style, value, .. } in &self.levels {
            chart.draw_series([PathElement::new(vec![(x.0, *value), (x.1, *value)], stroke(*style))])?;
        }
        for series in &self.series {
            chart.draw_series(LineSeries::new(thinned(&series.points), stroke(series.style)))?;
            if self.dots || series.points.len() == 1 {
                let dot = |&point: &(f64, f64)| Circle::new(point, 7, colour(series.style).filled());
                chart.draw_series(series.points.iter().map(dot))?;
            }
        }
        for mark in self.series.iter().filter_map(|series| series.mark) {
            chart.draw_series([Circle::new(mark, 12, INK.stroke_width(4))])?;
        }
        Ok(())
    }
}

fn is_drawn(value: f64) -> bool {
    value.is_finite() && value.abs() <= LARGEST
}

fn colour(style: (usize, usize)) -> RGBColor {
    line_colour(style.0, style.1)
}

fn stroke(style: (usize, usize)) -> ShapeStyle {
    colour(style).stroke_width(4)
}

/// At most [`MOST_POINTS`] of `points`: the smallest and the largest of each stretch, and both ends.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(MOST_POINTS / 2);
    let ends = |part: &[(f64, f64)]| {
        let places = 0..part.len();
        let low = places.clone().min_by(|&a, &b| part[a].1.total_cmp(&part[b].1)).unwrap_or(0);
        let high = places.max_by(|&a, &b| part[a].1.total_cmp(&part[b].1)).unwrap_or(0);
        [part[low.min(high)], part[low.max(high)]]
    };
    let middle = points.chunks(stretch).flat_map(ends);
    std::iter::once(points[0]).chain(middle).chain(points.last().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: Vec<(f64, f64)>) -> Chart {
        let series = Series { name: "<g>".into(), style: (0, 0), points, mark: None };
        Chart { title: "t".into(), x: "round", y: "loss".into(), series: vec![series], ..Chart::default() }
    }

    #[test]
    fn numbers_that_cannot_be_drawn_are_left_out() {
        assert_eq!(line(vec![(1.0, f64::NAN), (2.0, f64::INFINITY), (3.0, 1e300)]).figure(), "");
        let figure = line(vec![(1.0, f64::NAN), (2.0, 0.5)]).figure();
        assert!(
            figure.contains("<circle") && figure.contains("&lt;g&gt;") && !figure.contains("NaN"),
            "{figure}"
        );
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
            assert!(line(points.clone()).figure().contains("<polyline"), "{points:?}");
        }
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
