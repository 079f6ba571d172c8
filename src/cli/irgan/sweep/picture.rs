//! The picture of a sweep: for every setting, the measure of every point over the setting's values.

use plotters::prelude::*;

use super::results::{Results, Spread};
use super::shown;
use crate::error::Error;

/// Width and height of the panel of one setting, in pixels.
const PANEL: (u32, u32) = (400, 300);
/// Values further apart than this factor are shown on a logarithmic scale.
const WIDE: f64 = 20.0;

type Drawn = Result<(), Box<dyn std::error::Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// An SVG of one panel a setting: a dot and a bar for mean and deviation of each point over its seeds, a ring for the
/// mean over all points with the same value.
pub(super) fn draw(results: &Results<'_>) -> crate::Result<String> {
    let mut svg = String::new();
    paint(&mut svg, results).map_err(|cause| Error::data("sweep.svg", cause.to_string()))?;
    Ok(svg)
}

fn paint(svg: &mut String, results: &Results<'_>) -> Drawn {
    let panels = results.keys.len();
    let columns = panels.min(3);
    let rows = panels.div_ceil(columns);
    let size = (PANEL.0 * columns as u32, PANEL.1 * rows as u32);
    let root = SVGBackend::with_string(svg, size).into_drawing_area();
    root.fill(&WHITE)?;
    for (axis, area) in root.split_evenly((rows, columns)).iter().enumerate().take(panels) {
        panel(area, results, axis)?;
    }
    root.present()?;
    Ok(())
}

fn panel(area: &Area<'_>, results: &Results<'_>, axis: usize) -> Drawn {
    let along = results.along(axis);
    let scale = Scale::of(&along.iter().map(|(value, _)| *value).collect::<Vec<_>>(), results.log[axis]);
    let dots: Vec<(f64, Spread)> =
        along.iter().map(|(value, spread)| (scale.position(value), *spread)).collect();
    let deviation = |spread: &Spread| spread.deviation.unwrap_or(0.0);
    let y = padded(dots.iter().flat_map(|(_, s)| [s.mean - deviation(s), s.mean + deviation(s)]), 1e-3);
    let x = match &scale {
        Scale::Words(words) => -0.5..words.len() as f64 - 0.5,
        _ => padded(dots.iter().map(|(x, _)| *x), 0.1),
    };
    let mut chart = ChartBuilder::on(area)
        .caption(results.keys[axis], ("sans-serif", 19))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(64)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .label_style(("sans-serif", 15))
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(&|x| scale.label(*x))
        .y_label_formatter(&|y| format!("{y:.3}"))
        .y_desc(results.measure)
        .draw()?;
    for (x, spread) in &dots {
        let (x, low, high) = (*x, spread.mean - deviation(spread), spread.mean + deviation(spread));
        chart.draw_series([PathElement::new([(x, low), (x, high)], DOT.mix(0.5))])?;
        chart.draw_series([Circle::new((x, spread.mean), 3, DOT.filled())])?;
    }
    let means = marginal(dots);
    if !matches!(scale, Scale::Words(_)) {
        chart.draw_series([PathElement::new(means.clone(), RING.stroke_width(1))])?;
    }
    chart.draw_series(means.into_iter().map(|place| Circle::new(place, 6, RING.stroke_width(2))))?;
    Ok(())
}

const DOT: RGBColor = RGBColor(0x33, 0x33, 0x33);
const RING: RGBColor = RGBColor(0x1f, 0x77, 0xb4);

/// Where the values of a setting lie.
enum Scale {
    Linear,
    /// Positions are decimal logarithms.
    Logarithmic,
    /// Positions are places in this list.
    Words(Vec<String>),
}

impl Scale {
    fn of(values: &[&toml::Value], log: bool) -> Self {
        let Some(numbers) = values.iter().map(|value| number(value)).collect::<Option<Vec<f64>>>() else {
            let mut words: Vec<String> = vec![];
            for word in values.iter().map(|value| shown(value)) {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            return Self::Words(words);
        };
        let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low > 0.0 && (log || high / low >= WIDE) { Self::Logarithmic } else { Self::Linear }
    }

    fn position(&self, value: &toml::Value) -> f64 {
        match self {
            Self::Linear => number(value).expect("all values are numbers"),
            Self::Logarithmic => number(value).expect("all values are numbers").log10(),
            Self::Words(words) => {
                words.iter().position(|word| *word == shown(value)).expect("made of all values") as f64
            }
        }
    }

    /// What stands at a position of the axis; nothing between two words.
    fn label(&self, position: f64) -> String {
        match self {
            Self::Linear => shown(&toml::Value::Float(position)),
            Self::Logarithmic => shown(&toml::Value::Float(10f64.powf(position))),
            Self::Words(words) if (position - position.round()).abs() < 1e-6 && position > -0.5 => {
                words.get(position.round() as usize).cloned().unwrap_or_default()
            }
            Self::Words(_) => String::new(),
        }
    }
}

fn number(value: &toml::Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|number| number as f64))
}

/// From the least to the greatest value, and a twelfth of it, at least `least`, on both sides.
fn padded(values: impl Iterator<Item = f64> + Clone, least: f64) -> std::ops::Range<f64> {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(f64::NEG_INFINITY, f64::max);
    let pad = ((high - low) / 12.0).max(least);
    low - pad..high + pad
}

/// The mean of the points at every position.
fn marginal(mut dots: Vec<(f64, Spread)>) -> Vec<(f64, f64)> {
    dots.sort_by(|a, b| a.0.total_cmp(&b.0));
    let groups = dots.chunk_by(|a, b| a.0 == b.0);
    groups
        .map(|group| {
            (group[0].0, group.iter().map(|(_, spread)| spread.mean).sum::<f64>() / group.len() as f64)
        })
        .collect()
}
