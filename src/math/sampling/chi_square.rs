//! Pearson's χ² test of drawn items against weights.

/// Asserts that `draws` follows `weights` at p = 1e-4 and has no item of weight zero.
///
/// The critical value is Wilson and Hilferty's (1931), `d (1 − 2/(9d) + z √(2/(9d)))³` with
/// z = 3.719 the normal quantile of 1 − 1e-4.
pub fn assert_fits(weights: &[f32], draws: impl Iterator<Item = usize>) {
    let mut counts = vec![0_u32; weights.len()];
    draws.for_each(|item| counts[item] += 1);
    let draws: u32 = counts.iter().sum();
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();

    let (mut statistic, mut cells) = (0.0, 0.0);
    for (item, (&weight, &count)) in weights.iter().zip(&counts).enumerate() {
        if weight == 0.0 {
            assert_eq!(count, 0, "item {item} has weight zero");
            continue;
        }
        let expected = f64::from(draws) * f64::from(weight) / total;
        assert!(expected >= 5.0, "too few draws for item {item}");
        statistic += (f64::from(count) - expected).powi(2) / expected;
        cells += 1.0;
    }
    let critical = critical_value(cells - 1.0);
    assert!(statistic < critical, "χ² = {statistic:.1}, critical value {critical:.1}");
}

fn critical_value(freedom: f64) -> f64 {
    let v = 2.0 / (9.0 * freedom);
    freedom * (1.0 - v + 3.719 * v.sqrt()).powi(3)
}

#[test]
fn the_critical_value_is_exceeded_once_in_ten_thousand() {
    for freedom in [4, 10, 100, 300] {
        // For an even number of degrees, P(χ² > x) = e^(−x/2) Σ_{k < d/2} (x/2)^k / k!.
        let half = critical_value(f64::from(freedom)) / 2.0;
        let mut term = (-half).exp();
        let mut tail = term;
        for k in 1..freedom / 2 {
            term *= half / f64::from(k);
            tail += term;
        }
        assert!((0.7e-4..1.1e-4).contains(&tail), "{freedom} degrees of freedom: {tail}");
    }
}

#[test]
#[should_panic(expected = "χ²")]
fn a_shifted_distribution_is_detected() {
    assert_fits(&[1.0, 1.0], (0..10_000).map(|i| usize::from(i % 100 < 53)));
}
