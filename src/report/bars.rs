//! Gains and losses as sorted bars.

use plotters::prelude::*;

use super::axes::{Axes, SIZE, range};
use super::page::escaped;
use super::svg::{Area, Drawn, GAIN, INK, LOSS, picture};

/// A picture of per-query differences, from the largest gain to the largest loss.
pub(super) fn gains_and_losses(title: &str, caption: &str, y: &str, mut differences: Vec<f64>) -> String {
    differences.retain(|difference| difference.is_finite());
    if differences.is_empty() {
        return String::new();
    }
    differences.sort_by(|a, b| b.total_cmp(a));
    let count = |holds: fn(f64) -> bool| differences.iter().filter(|&&d| holds(d)).count();
    let (wins, losses) = (count(|d| d > 0.0), count(|d| d < 0.0));
    let description = format!(
        "{y} of {} queries, sorted: {wins} above zero, {losses} below; largest {:+.4}, smallest {:+.4}.",
        differences.len(),
        differences[0],
        differences[differences.len() - 1]
    );
    let svg = picture(SIZE, title, &description, |area| draw(area, y, &differences));
    format!(
        "<figure>{svg}\n<figcaption><b>{}.</b> {}</figcaption></figure>\n",
        escaped(title),
        escaped(caption)
    )
}

fn draw(area: &Area<'_>, y: &str, sorted: &[f64]) -> Drawn {
    let (low, high) = range(sorted.iter().copied().chain([0.0]), 0.06);
    let count = sorted.len() as f64;
    let axes = Axes {
        x: (0.0, count),
        y: (low, high),
        names: ("queries, sorted", y),
        upright_lines: false,
        x_tick: &|v| format!("{v:.0}"),
    };
    let mut chart = axes.draw(area)?;
    let wins = sorted.partition_point(|&difference| difference > 0.0);
    let losses = sorted.partition_point(|&difference| difference >= 0.0);
    for (bars, start, colour) in [(&sorted[..wins], 0, GAIN), (&sorted[losses..], losses, LOSS)] {
        chart.draw_series([Polygon::new(outline(bars, start), colour.filled())])?;
    }
    chart.draw_series([PathElement::new(vec![(0.0, 0.0), (count, 0.0)], INK.stroke_width(2))])?;
    Ok(())
}

/// Bars without gaps as one shape that stands on zero.
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
    fn a_picture_says_how_many_won_and_lost() {
        let picture = gains_and_losses("t", "c", "difference", vec![0.0, 0.25, -0.5, f64::NAN, 0.125]);
        assert!(
            picture
                .contains("of 4 queries, sorted: 2 above zero, 1 below; largest +0.2500, smallest -0.5000")
        );
        assert_eq!(gains_and_losses("t", "c", "d", vec![]), "");
    }
}
