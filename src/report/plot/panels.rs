//! Panels of a sweep: one for each setting, with a measure over the setting's values.

use plotters::prelude::*;

use super::axes::{Axis, Layout, plane, range};
use super::canvas::{Area, Drawn, INK, elements, line_colour};
use super::is_drawn;
use super::picture::file;
use crate::report::escape::escaped;

/// Width and height of one panel, in pixels.
const SIZE: (u32, u32) = (400, 280);
/// Height of a panel's title.
const TITLE: u32 = 36;
const LAYOUT: Layout = Layout { font: 17, below: 34, left: 76 };
/// Values further apart than this factor are shown on a logarithmic scale.
const WIDE: f64 = 20.0;
/// Values of a setting stand at the axis themselves when they are at most so many.
const MOST_VALUES: usize = 6;
/// Ticks closer than this share of the axis would overlap.
const LEAST_GAP: f64 = 0.12;

/// Every tried value of one setting of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPanel {
    /// Name of the setting.
    pub setting: String,
    /// True when the values were drawn on a logarithmic scale.
    pub is_log: bool,
    /// Points of the sweep that finished.
    pub points: Vec<SweepPoint>,
}

/// One tried value of a setting with the measure that came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPoint {
    /// The value, where it is a number.
    pub number: Option<f64>,
    /// The value as it is written.
    pub shown: String,
    /// Mean of the measure over the seeds.
    pub mean: f64,
    /// Standard deviation over the seeds; `None` for one seed.
    pub deviation: Option<f64>,
}

/// Returns an SVG file with one panel a setting: a dot and a bar for mean and deviation of each point over its seeds,
/// and a ring for the mean over all points with the same value.
///
/// ```
/// use irgan::report::{SweepPanel, SweepPoint, sweep_picture};
///
/// let point = |rate: f64, mean: f64| SweepPoint {
///     number: Some(rate),
///     shown: rate.to_string(),
///     mean,
///     deviation: Some(0.01),
/// };
/// let panel = SweepPanel {
///     setting: "generator.optimizer.learning-rate".into(),
///     is_log: true,
///     points: vec![point(0.001, 0.41), point(0.01, 0.44), point(0.1, 0.32)],
/// };
/// let svg = sweep_picture("nDCG@10", &[panel]);
/// assert!(svg.starts_with("<svg") && svg.contains("generator.optimizer.learning-rate"));
/// ```
pub fn sweep_picture(measure: &str, panels: &[SweepPanel]) -> String {
    let columns = panels.len().clamp(1, 3) as u32;
    let rows = (panels.len() as u32).div_ceil(columns);
    let mut body = String::new();
    for (panel, index) in panels.iter().zip(0..) {
        let (left, top) = (index % columns * SIZE.0, index / columns * (TITLE + SIZE.1));
        body += &format!(
            "<g transform=\"translate({left} {top})\"><text x=\"{}\" y=\"26\" text-anchor=\"middle\" font-size=\"16\" \
             font-weight=\"600\" class=\"f-ink\">{}</text><g transform=\"translate(0 {TITLE})\">{}</g></g>",
            SIZE.0 / 2,
            escaped(&panel.setting),
            elements(SIZE, |area| panel.draw(area, measure))
        );
    }
    let names: Vec<&str> = panels.iter().map(|panel| panel.setting.as_str()).collect();
    let description = format!("Validation {measure} over the values of {}.", names.join(", "));
    file((columns * SIZE.0, rows * (TITLE + SIZE.1)), ("Sweep of settings", &description), &body)
}

impl SweepPanel {
    fn draw(&self, area: &Area<'_>, measure: &str) -> Drawn {
        let scale = Scale::of(&self.points, self.is_log);
        let mut dots: Vec<(f64, &SweepPoint)> =
            self.points.iter().map(|point| (scale.position(point), point)).collect();
        dots.retain(|(at, dot)| [*at, dot.low(), dot.mean, dot.high()].into_iter().all(is_drawn));
        if dots.is_empty() {
            return Ok(());
        }
        dots.sort_by(|a, b| a.0.total_cmp(&b.0));
        let ends = dots.iter().flat_map(|(_, dot)| [dot.low(), dot.high()]);
        let y = Axis::linear(measure, range(ends, 0.08));
        let mut plane = plane(area, &scale.axis(&dots), &y, LAYOUT)?;
        let (dot_colour, ring_colour) = (line_colour(5, 0), line_colour(0, 0));
        for (x, dot) in &dots {
            let bar = [(*x, dot.low()), (*x, dot.high())];
            plane.draw_series([PathElement::new(bar, INK.stroke_width(1))])?;
            plane.draw_series([Circle::new((*x, dot.mean), 3, dot_colour.filled())])?;
        }
        let means = means(&dots);
        if !matches!(scale, Scale::Words(_)) {
            plane.draw_series([PathElement::new(means.clone(), ring_colour.stroke_width(1))])?;
        }
        plane
            .draw_series(means.into_iter().map(|place| Circle::new(place, 6, ring_colour.stroke_width(2))))?;
        Ok(())
    }
}

impl SweepPoint {
    fn low(&self) -> f64 {
        self.mean - self.deviation.unwrap_or(0.0)
    }

    fn high(&self) -> f64 {
        self.mean + self.deviation.unwrap_or(0.0)
    }
}

/// Places of a setting's values on the x axis.
enum Scale {
    Linear,
    /// Positions are decimal logarithms.
    Logarithmic,
    /// Positions are places in this list.
    Words(Vec<String>),
}

impl Scale {
    fn of(dots: &[SweepPoint], is_log: bool) -> Self {
        let Some(numbers) = dots.iter().map(|dot| dot.number).collect::<Option<Vec<f64>>>() else {
            let mut words: Vec<String> = vec![];
            for dot in dots {
                if !words.contains(&dot.shown) {
                    words.push(dot.shown.clone());
                }
            }
            return Self::Words(words);
        };
        let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low > 0.0 && (is_log || high / low >= WIDE) { Self::Logarithmic } else { Self::Linear }
    }

    fn position(&self, dot: &SweepPoint) -> f64 {
        match self {
            Self::Linear => dot.number.unwrap_or(f64::NAN),
            Self::Logarithmic => dot.number.unwrap_or(f64::NAN).log10(),
            Self::Words(words) => {
                words.iter().position(|word| *word == dot.shown).map_or(f64::NAN, |at| at as f64)
            }
        }
    }

    /// Axis over `dots` in the order of their positions: ticks at the values themselves where there is room, since
    /// those were chosen by the user.
    fn axis(&self, dots: &[(f64, &SweepPoint)]) -> Axis {
        let span = range(dots.iter().map(|(at, _)| *at), 0.1);
        let mut values: Vec<(f64, String)> = dots.iter().map(|(at, dot)| (*at, dot.shown.clone())).collect();
        values.dedup_by(|a, b| a.0 == b.0);
        let axis = match self {
            Self::Linear => Axis::linear("", span),
            Self::Logarithmic => Axis::logarithmic("", span),
            Self::Words(words) => {
                let range = (-0.5, words.len() as f64 - 0.5);
                let ticks = (0..words.len()).map(|at| (at as f64, words[at].clone())).collect();
                return Axis { ticks, ..Axis::linear("", range) }.without_lines();
            }
        };
        let gap = LEAST_GAP * (span.1 - span.0);
        let fits = values.len() <= MOST_VALUES && values.windows(2).all(|pair| pair[1].0 - pair[0].0 >= gap);
        if fits { Axis { ticks: values, ..axis } } else { axis }.without_lines()
    }
}

/// Returns the mean of the points at every position, in the order of positions.
fn means(dots: &[(f64, &SweepPoint)]) -> Vec<(f64, f64)> {
    let groups = dots.chunk_by(|a, b| a.0 == b.0);
    let mean = |group: &[(f64, &SweepPoint)]| {
        group.iter().map(|(_, dot)| dot.mean).sum::<f64>() / group.len() as f64
    };
    groups.map(|group| (group[0].0, mean(group))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(number: f64, mean: f64) -> SweepPoint {
        SweepPoint { number: Some(number), shown: number.to_string(), mean, deviation: Some(0.01) }
    }

    fn ticks(panel: &SweepPanel) -> Vec<String> {
        let scale = Scale::of(&panel.points, panel.is_log);
        let mut dots: Vec<(f64, &SweepPoint)> =
            panel.points.iter().map(|dot| (scale.position(dot), dot)).collect();
        dots.sort_by(|a, b| a.0.total_cmp(&b.0));
        scale.axis(&dots).ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn values_of_a_grid_stand_at_the_axis() {
        let of = |numbers: &[f64], is_log| SweepPanel {
            setting: "generator.entropy".into(),
            is_log,
            points: numbers.iter().map(|&number| dot(number, 0.5)).collect(),
        };
        assert_eq!(ticks(&of(&[0.1, 0.3, 1.0, 0.3], false)), ["0.1", "0.3", "1"]);
        assert_eq!(ticks(&of(&[0.0001, 0.01], false)), ["0.0001", "0.01"]);
        let many: Vec<f64> = (50..=100).map(|i| f64::from(i) / 50.0).collect();
        assert_eq!(ticks(&of(&many, false)), ["1.0", "1.2", "1.4", "1.6", "1.8", "2.0"]);
    }

    #[test]
    fn words_and_odd_numbers_are_drawn() {
        let word = |word: &str| SweepPoint { number: None, shown: word.into(), mean: 0.5, deviation: None };
        let words =
            SweepPanel { setting: "<rule>".into(), is_log: false, points: vec![word("adam"), word("sgd")] };
        let odd = SweepPanel {
            setting: "odd".into(),
            is_log: true,
            points: vec![dot(f64::NAN, 1e300), dot(-1.0, 0.5)],
        };
        let svg = sweep_picture(
            "nDCG@10",
            &[words, odd, SweepPanel { setting: "none".into(), is_log: false, points: vec![] }],
        );
        for part in ["&lt;rule&gt;", "adam", "sgd", "<circle", "nDCG@10", "prefers-color-scheme"] {
            assert!(svg.contains(part), "{part}");
        }
        assert!(!svg.contains("NaN"));
    }
}
