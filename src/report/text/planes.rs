//! Generators over temperatures in the plane of quality and diversity.

use crate::report::curves::{level_style, name, style};
use crate::report::plot::{Chart, Level, Series};
use crate::report::run::Run;
use crate::text::{Curve, Point};

/// Returns NLL_oracle over NLL_test.
pub(super) fn on_oracle(runs: &[Run]) -> Chart {
    Chart {
        title: "Quality (NLL_oracle) against coverage (NLL_test)".into(),
        caption:
            "Both in nats a token, smaller is better: down and to the left. Below the floor is collapse."
                .into(),
        x: "NLL_test",
        y: "NLL_oracle".into(),
        series: plane(runs, |point| point.nll_test, |point| point.nll_oracle),
        levels: floors(runs),
        dots: true,
        ring: "temperature 1",
    }
}

/// Returns BLEU-3 over self-BLEU-3.
pub(super) fn on_text(runs: &[Run]) -> Chart {
    Chart {
        title: "Quality (BLEU-3) against sameness (self-BLEU-3)".into(),
        caption: "Up is better sentences, to the left is more variety.".into(),
        x: "self-BLEU-3",
        y: "BLEU-3".into(),
        series: plane(runs, |point| point.self_bleu[1], |point| point.bleu[1]),
        dots: true,
        ring: "temperature 1",
        ..Chart::default()
    }
}

/// Returns the curves of all generators of all runs in the plane of two measures.
fn plane(runs: &[Run], x: fn(&Point) -> f64, y: fn(&Point) -> f64) -> Vec<Series> {
    let mut all = vec![];
    for (r, run) in runs.iter().enumerate() {
        let curves: &[Curve] = run.text().map_or(&[], |results| &results.curves);
        for (l, curve) in curves.iter().enumerate() {
            let at = |point: &Point| (x(point), y(point));
            let one = curve.points.iter().find(|point| point.temperature == 1.0);
            let mark = one.map(at).filter(|(x, y)| x.is_finite() && y.is_finite());
            let points = curve.points.iter().map(at).collect();
            all.push(Series { name: name(runs, r, &curve.name), style: style(runs, r, l), points, mark });
        }
    }
    all
}

/// Returns the values of the oracles' own sentences; one for runs that share an oracle.
pub(super) fn floors(runs: &[Run]) -> Vec<Level> {
    let mut levels: Vec<Level> = vec![];
    for (r, run) in runs.iter().enumerate() {
        let Some(floor) = run.text().and_then(|results| results.floor) else { continue };
        if levels.iter().all(|level| level.value != floor) {
            let name =
                if levels.is_empty() { "floor (the oracle itself)".into() } else { name(runs, r, "floor") };
            levels.push(Level { name, style: level_style(&runs[..1], 0, 0), value: floor });
        }
    }
    levels
}
