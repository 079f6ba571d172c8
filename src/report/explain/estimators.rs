//! Bias and variance of estimators of the gradient of an expected reward.

use super::lesson::{Lesson, line};
use crate::evaluation::Table;
use crate::evaluation::table::Cell;
use crate::pathwise::{Estimator, EstimatorError, compare_estimators};
use crate::report::plot::{Chart, Level, Style};
use crate::seed::Stream;

const LOGITS: [f32; 5] = [0.4, -0.3, 0.0, 0.2, -0.6];
/// Mixture that is rewarded most.
const TARGET: [f32; 5] = [0.1, 0.6, 0.05, 0.2, 0.05];
const TEMPERATURES: [f32; 6] = [0.1, 0.25, 0.5, 1.0, 2.0, 5.0];
const DRAWS: usize = 50_000;

/// Returns the reward of a mixture, minus its squared distance from the target, and writes its gradient.
fn reward(mixture: &[f32], slope: &mut [f32]) -> f32 {
    for ((slope, x), t) in slope.iter_mut().zip(mixture).zip(TARGET) {
        *slope = -2.0 * (x - t);
    }
    -mixture.iter().zip(TARGET).map(|(x, t)| (x - t) * (x - t)).sum::<f32>()
}

/// Returns the reward baseline of least use of hindsight: the expected reward.
fn mean_reward() -> f32 {
    let total: f32 = LOGITS.iter().map(|logit| logit.exp()).sum();
    let of_token = |token: usize| {
        let mut one_hot = [0.0; 5];
        one_hot[token] = 1.0;
        LOGITS[token].exp() / total * reward(&one_hot, &mut [0.0; 5])
    };
    (0..LOGITS.len()).map(of_token).sum()
}

fn all() -> Vec<(String, Estimator)> {
    let mut all = vec![
        ("score function".to_owned(), Estimator::ScoreFunction(0.0)),
        ("score function, baseline E[R]".to_owned(), Estimator::ScoreFunction(mean_reward())),
    ];
    all.extend(TEMPERATURES.map(|tau| (format!("soft, τ {tau}"), Estimator::Soft(tau))));
    all.extend(
        TEMPERATURES.map(|tau| (format!("straight-through, τ {tau}"), Estimator::StraightThrough(tau))),
    );
    all
}

/// Makes the section.
pub(super) fn lesson(stream: Stream) -> Lesson {
    let (names, estimators): (Vec<_>, Vec<_>) = all().into_iter().unzip();
    let found = compare_estimators(&LOGITS, reward, &estimators, DRAWS, stream);
    let mut table = Table::new(["estimator", "bias", "variance"]);
    for (name, EstimatorError { bias, variance }) in names.iter().zip(&found) {
        table.row([Cell::from(name.as_str()), Cell::score(*bias), Cell::score(*variance)]);
    }
    let points = |first: usize, value: fn(&EstimatorError) -> f64| -> Vec<(f64, f64)> {
        let here = &found[first..first + TEMPERATURES.len()];
        TEMPERATURES.iter().zip(here).map(|(&tau, error)| (f64::from(tau).log10(), value(error))).collect()
    };
    let chart = |title: &str, y: &str, value: fn(&EstimatorError) -> f64| {
        let level = |number: usize| Level {
            name: names[number].clone(),
            style: Style { colour: number + 2, dash: number + 2 },
            value: value(&found[number]),
        };
        Chart {
            title: title.into(),
            caption: format!("Of one draw, over {DRAWS} draws, in units of the exact gradient."),
            x: "log₁₀ of the temperature τ",
            y: y.into(),
            series: vec![
                line(0, "soft", points(2, value)),
                line(1, "straight-through", points(2 + TEMPERATURES.len(), value)),
            ],
            levels: vec![level(0), level(1)],
            dots: true,
            ..Chart::default()
        }
    };
    Lesson {
        title: "Two ways to a gradient",
        text: "The exact gradient of an expected reward is a sum over all tokens, which a sentence has too many of. The score function \
               estimates it without bias from one draw, and noisily. The path through a relaxed draw has less noise, and a bias that \
               grows with the temperature: it is the gradient of another function, the mean reward of mixtures."
            .into(),
        formulas: &[
            "Exact: ∂E[R]/∂h_a = π_a (R_a − Σ_b π_b R_b). Score function: (R_a − b)(onehot(a) − π). Path: Jᵀ ∇R(y), J = ∂y/∂h = (diag(y) − y yᵀ) / τ.",
            "Bias: ‖mean − exact‖ / ‖exact‖. Variance: Σ_a Var / ‖exact‖².",
        ],
        charts: vec![
            chart("Bias", "bias", |error| error.bias),
            chart("Standard deviation", "standard deviation", |error| error.variance.sqrt()),
        ],
        table: Some(("Bias and variance of every estimator".into(), table)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_and_the_path_lower_the_variance_and_the_path_is_biased() {
        let estimators: Vec<_> = all().into_iter().map(|(_, estimator)| estimator).collect();
        let found = compare_estimators(&LOGITS, reward, &estimators, 20_000, Stream::new(7));
        assert!(found[1].variance < found[0].variance && found[0].bias < 0.2 && found[1].bias < 0.1);
        let hot = found[1 + TEMPERATURES.len()];
        assert!(hot.variance < found[1].variance && hot.bias > found[1].bias);
    }
}
