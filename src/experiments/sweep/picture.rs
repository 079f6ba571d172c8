//! The picture of a sweep: for every setting, the measure of every point over the setting's values.

use super::{Spread, SweepResults, shown};
use crate::report::{SweepPanel, SweepPoint, sweep_picture};

/// Returns an SVG file with one panel a setting.
pub(super) fn draw(results: &SweepResults) -> String {
    let panel = |(axis, key): (usize, &String)| SweepPanel {
        setting: key.clone(),
        is_log: results.log[axis],
        points: results.along(axis).into_iter().map(|(value, spread)| point(value, spread)).collect(),
    };
    let panels: Vec<SweepPanel> = results.keys.iter().enumerate().map(panel).collect();
    sweep_picture(&results.measure, &panels)
}

fn point(value: &toml::Value, Spread { mean, deviation }: Spread) -> SweepPoint {
    let number = value.as_float().or_else(|| value.as_integer().map(|number| number as f64));
    SweepPoint { number, shown: shown(value), mean, deviation }
}
