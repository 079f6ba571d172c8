//! Discriminators with a logit for each of the classes generated and real, whose difference is their output: their loss,
//! their judgements, and their training by batches.

use ndarray::{Array2, ArrayView2};

use crate::game::{Divergence, JudgeStatistics};
use crate::math::parallel::on_pool;
use crate::math::simd;
use crate::nn::{Learner, Parameters};
use crate::seed::Stream;

/// Returns the judgement of every example by its `logits: [N, 2]`: `[N]`.
pub(in crate::text) fn judgements(divergence: Divergence, logits: ArrayView2<'_, f32>) -> Vec<f32> {
    logits.rows().into_iter().map(|row| divergence.judgement(row[1] - row[0])).collect()
}

/// Returns the share of `judgements: [N]` that are right about examples that are all real, or all drawn.
pub(in crate::text) fn share_right(divergence: Divergence, judgements: &[f32], real: bool) -> f64 {
    let threshold = divergence.judgement(divergence.threshold());
    let right = judgements.iter().filter(|&&judgement| (judgement > threshold) == real).count();
    right as f64 / judgements.len().max(1) as f64
}

/// Returns the gradient of the mean loss at the `logits: [B, 2]`, which become log-probabilities, with the statistics of the
/// batch; `real: [B]` labels the examples. Only a logistic judge tells a probability, and is calibrated or not.
///
/// With a `smoothing` above 0 a real example is taken for real with 1 − ε only (one-sided label smoothing; Salimans et al., NIPS
/// 2016).
pub(in crate::text) fn loss_gradient(
    (divergence, smoothing): (Divergence, f32),
    logits: &mut Array2<f32>,
    real: &[bool],
) -> (Array2<f32>, JudgeStatistics) {
    let mut d_logits = Array2::zeros(logits.raw_dim());
    let share = 1.0 / real.len().max(1) as f32;
    let (mut loss, mut accuracy, mut calibration) = (0.0, 0.0, 0.0);
    for ((mut logits, mut d), &real) in logits.rows_mut().into_iter().zip(d_logits.rows_mut()).zip(real) {
        let slice = "rows are contiguous";
        let logits = logits.as_slice_mut().expect(slice);
        simd::log_softmax(logits);
        let d = d.as_slice_mut().expect(slice);
        let wrong = if real { smoothing } else { 0.0 };
        loss += divergence.of_classes(logits, real, (1.0 - wrong) * share, d);
        if wrong > 0.0 {
            let mut turned = [0.0; 2];
            loss += divergence.of_classes(logits, false, wrong * share, &mut turned);
            d.iter_mut().zip(turned).for_each(|(d, turned)| *d += turned);
        }
        accuracy +=
            f64::from(u8::from((logits[1] - logits[0] > divergence.threshold()) == real)) * f64::from(share);
        calibration += (f64::from(logits[1]).exp() - f64::from(u8::from(real))) * f64::from(share);
    }
    let calibration = (divergence == Divergence::LOGISTIC).then_some(calibration);
    (d_logits, JudgeStatistics { accuracy, loss: Some(loss), calibration })
}

/// Updates a network on every batch and returns the means of their statistics; `each` adds the gradient of a batch, whose
/// draws are from the stream that it is given.
pub(in crate::text) fn train_batches<N: Parameters, B>(
    learner: &mut Learner<N>,
    batches: impl Iterator<Item = B> + Send,
    stream: Stream,
    each: impl Fn(&N, B, Stream, &mut N) -> JudgeStatistics + Sync,
) -> JudgeStatistics {
    let mut gradient = learner.model().zeros_like();
    let (mut loss, mut accuracy, mut calibration, mut count) = (0.0, 0.0, None, 0.0);
    on_pool(|| {
        for (step, batch) in batches.enumerate() {
            let seen = each(learner.model(), batch, stream.at(step as u64), &mut gradient);
            learner.update(&mut gradient);
            loss += seen.loss.unwrap_or_default();
            accuracy += seen.accuracy;
            calibration = seen.calibration.map(|seen| calibration.unwrap_or_default() + seen);
            count += 1.0;
        }
    });
    JudgeStatistics {
        accuracy: accuracy / count,
        loss: Some(loss / count),
        calibration: calibration.map(|sum: f64| sum / count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smoothed_label_makes_a_real_example_partly_drawn() {
        // Two outputs of 0.5: −0.9 log σ(0.5) − 0.1 log(1 − σ(0.5)) of the real one, −log(1 − σ(0.5)) of the drawn one.
        let mut logits = ndarray::arr2(&[[0.0f32, 0.5], [0.0, 0.5]]);
        let (d, seen) = loss_gradient((Divergence::LOGISTIC, 0.1), &mut logits, &[true, false]);
        let sigma = 1.0 / (1.0 + (-0.5f64).exp());
        let expected = (-0.9 * sigma.ln() - 1.1 * (1.0 - sigma).ln()) / 2.0;
        assert!((seen.loss.unwrap() - expected).abs() < 1e-6, "{seen:?}");
        // (σ − 0.9) / 2 and σ / 2
        for (row, expected) in [(0, (sigma - 0.9) / 2.0), (1, sigma / 2.0)] {
            assert!(
                (f64::from(d[[row, 1]]) - expected).abs() < 1e-6 && (d[[row, 0]] + d[[row, 1]]).abs() < 1e-6
            );
        }
    }
}
