//! Ticks of an axis: few, at multiples of 1, 2 or 5 times a power of ten.

/// Returns the ticks of a linear axis from `low` to `high`, at most `most` of them, with their labels; only whole
/// numbers where `whole`.
pub(super) fn linear(low: f64, high: f64, most: usize, whole: bool) -> Vec<(f64, String)> {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) {
        return vec![];
    }
    let least = if whole { 0 } else { i32::MIN };
    let power = ((span / most as f64).log10().floor() as i32).max(least);
    let steps = (0..).flat_map(|up| [1, 2, 5].map(|factor| (factor, power + up)));
    let (factor, power) = steps
        .into_iter()
        .find(|&(factor, power)| count(low, high, f64::from(factor) * 10f64.powi(power)) <= most)
        .expect("a step beyond the span has at most one tick");
    let step = f64::from(factor) * 10f64.powi(power);
    let first = (low / step).ceil();
    (0..count(low, high, step))
        .map(|index| {
            let multiple = first + index as f64;
            // 3 · 0.1 is not 0.3 in binary; 3 / 10 is.
            let value = match power < 0 {
                true => multiple * f64::from(factor) / 10f64.powi(-power),
                false => multiple * step,
            };
            (value, label(value, power))
        })
        .collect()
}

/// Number of multiples of `step` from `low` to `high`.
fn count(low: f64, high: f64, step: f64) -> usize {
    ((high / step).floor() - (low / step).ceil() + 1.0).max(0.0) as usize
}

/// Returns the ticks of an axis whose positions are decimal logarithms, with the numbers behind them as labels:
/// powers of ten, and their multiples by 2 and 5 where the axis is short.
pub(super) fn logarithmic(low: f64, high: f64, most: usize) -> Vec<(f64, String)> {
    let powers = (low.floor() as i32)..=(high.ceil() as i32);
    let among = |factors: &[i32]| -> Vec<(f64, String)> {
        let all = powers.clone().flat_map(|power| factors.iter().map(move |&factor| (factor, power)));
        let placed = all.map(|(factor, power)| (f64::from(factor).log10() + f64::from(power), factor, power));
        let inside = placed.filter(|&(at, ..)| low <= at && at <= high);
        inside.map(|(at, factor, power)| (at, label(f64::from(factor) * 10f64.powi(power), power))).collect()
    };
    let finer = [among(&[1]), among(&[1, 3]), among(&[1, 2, 5])];
    match finer.iter().find(|ticks| ticks.len() >= 3 || ticks.len() > most) {
        Some(ticks) => ticks.iter().step_by(ticks.len().div_ceil(most)).cloned().collect(),
        None => among(&[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    }
}

/// Returns a number that is a multiple of 10 to the `power`, as it stands on an axis.
fn label(value: f64, power: i32) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if value.abs() >= 1e6 || power < -5 {
        let digits = (value.abs().log10().floor() as i32 - power).clamp(0, 9) as usize;
        let text = format!("{value:.digits$e}");
        let (mantissa, exponent) = text.split_once('e').expect("an exponent");
        match mantissa.contains('.') {
            true => format!("{}e{exponent}", mantissa.trim_end_matches('0').trim_end_matches('.')),
            false => text,
        }
    } else {
        format!("{value:.*}", (-power).max(0) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: Vec<(f64, String)>) -> Vec<String> {
        ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_few_and_round() {
        assert_eq!(labels(linear(0.703, 0.748, 6, false)), ["0.71", "0.72", "0.73", "0.74"]);
        assert_eq!(labels(linear(-0.26, 0.31, 6, false)), ["-0.2", "-0.1", "0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(linear(0.0, 60.0, 6, true)), ["0", "20", "40", "60"]);
        assert_eq!(labels(linear(0.0, 3.0, 6, true)), ["0", "1", "2", "3"]);
        assert_eq!(labels(linear(0.0, 2e-6, 5, false)), ["0", "5e-7", "1e-6", "1.5e-6", "2e-6"]);
        assert_eq!(labels(linear(0.0, 2.4e6, 6, false)), ["0", "500000", "1e6", "1.5e6", "2e6"]);
    }

    #[test]
    fn every_span_has_between_one_and_the_most_ticks() {
        for power in -300..300 {
            for (low, high) in [(0.0, 1.0), (-3.7, 9.9), (1.0, 1.001), (0.0, 9.99)] {
                let (low, high) = (low * 10f64.powi(power), high * 10f64.powi(power));
                let found = linear(low, high, 6, false).len();
                assert!((1..=6).contains(&found), "{low}..{high}: {found}");
            }
        }
        for bad in [(1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (2.0, 1.0)] {
            assert_eq!(linear(bad.0, bad.1, 6, false), []);
        }
    }

    #[test]
    fn logarithmic_ticks_are_decades_or_their_parts() {
        assert_eq!(labels(logarithmic(-4.1, -1.9, 6)), ["0.0001", "0.001", "0.01"]);
        assert_eq!(labels(logarithmic(-1.1, 0.1, 6)), ["0.1", "0.3", "1"]);
        assert_eq!(labels(logarithmic(0.1, 0.4, 6)), ["2"]);
        assert!(logarithmic(-300.0, 300.0, 6).len() <= 6);
    }
}
