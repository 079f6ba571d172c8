//! Two distributions that are moved together: the Jensen–Shannon divergence and the Wasserstein distance.

use super::lesson::{Lesson, line};
use crate::report::plot::Chart;

/// Places of each distribution, all equally likely.
const WIDTH: usize = 4;
/// Largest distance.
const FARTHEST: usize = 16;

/// Returns the Jensen–Shannon divergence in nats and the Wasserstein distance of two uniform distributions over
/// [`WIDTH`] places, of which one begins `distance` places behind the other.
fn divergences(distance: usize) -> (f64, f64) {
    let places = FARTHEST + WIDTH;
    let at = |first: usize| -> Vec<f64> {
        let inside = |place| (first..first + WIDTH).contains(&place);
        (0..places).map(|place| if inside(place) { 1.0 / WIDTH as f64 } else { 0.0 }).collect()
    };
    let (p, q) = (at(0), at(distance));
    let part = |p: f64, q: f64| if p > 0.0 { p * (2.0 * p / (p + q)).ln() } else { 0.0 };
    let js = p.iter().zip(&q).map(|(&p, &q)| (part(p, q) + part(q, p)) / 2.0).sum();
    let mut carried = 0.0;
    let mut wasserstein = 0.0;
    for (p, q) in p.iter().zip(&q) {
        carried += p - q;
        wasserstein += f64::abs(carried);
    }
    (js, wasserstein)
}

/// Makes the section.
pub(super) fn lesson() -> Lesson {
    let found: Vec<(f64, (f64, f64))> =
        (0..=FARTHEST).map(|distance| (distance as f64, divergences(distance))).collect();
    let chart = |title: &str, y: &str, points: Vec<(f64, f64)>, number| Chart {
        title: title.into(),
        caption: format!(
            "Two uniform distributions over {WIDTH} places; they meet below a distance of {WIDTH}."
        ),
        x: "distance of the two",
        y: y.into(),
        series: vec![line(number, y, points)],
        dots: true,
        ..Chart::default()
    };
    let js = found.iter().map(|&(distance, (js, _))| (distance, js)).collect();
    let wasserstein = found.iter().map(|&(distance, (_, wasserstein))| (distance, wasserstein)).collect();
    Lesson {
        title: "A divergence without a slope",
        text: "A generator that writes what no reader has ever seen should be told in which direction to move. The \
               Jensen–Shannon divergence, which the judge of a GAN estimates, cannot tell: it is log 2 = 0.693 for any two \
               distributions that have nothing in common, however near they are. The Wasserstein distance falls in \
               proportion to the way that is left."
            .into(),
        formulas: &[
            "JS(P, Q) = ½ Σ p ln(2p / (p + q)) + ½ Σ q ln(2q / (p + q)), and ln 2 where no place has both p > 0 and q > 0.",
            "W(P, Q) = Σ_x |F_P(x) − F_Q(x)|, with F the distribution functions.",
        ],
        charts: vec![
            chart("The Jensen–Shannon divergence", "JS, nats", js, 0),
            chart("The Wasserstein distance", "W, places", wasserstein, 1),
        ],
        table: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_is_flat_where_the_other_falls() {
        for distance in WIDTH..=FARTHEST {
            let (js, wasserstein) = divergences(distance);
            assert!((js - 2f64.ln()).abs() < 1e-12);
            assert!((wasserstein - distance as f64).abs() < 1e-12);
        }
        // Of four places three are shared: a quarter of each mass is alone.
        let (js, wasserstein) = divergences(1);
        assert!((js - 2f64.ln() / 4.0).abs() < 1e-12 && (wasserstein - 1.0).abs() < 1e-12);
        assert_eq!(divergences(0), (0.0, 0.0));
    }
}
