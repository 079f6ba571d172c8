//! The gradient of `−Σ w · log π` over the ranks of a ranking, whose states are nested.

/// Gradient of `−Σ_k w_k · log π_k(y_k)` at the logits: [`reinforce_grad`](super::reinforce_grad) of K states, where π_k is the
/// softmax over the actions that are left when `y_1 … y_{k−1}` are gone (Plackett–Luce).
///
/// `probabilities: [A]` is π of the first state; `ranking, weights: [K]`; adds to `d_logits: [A]`. An action at rank r was in the first
/// r states, so one running sum over the ranks has the place of K softmaxes: `O(A + K)`, as in PL-Rank-3 (Oosterhuis, 2022).
pub fn reinforce_grad_of_ranking(
    probabilities: &[f64],
    ranking: &[u32],
    weights: impl Iterator<Item = f32>,
    d_logits: &mut [f64],
) {
    assert_eq!(probabilities.len(), d_logits.len(), "one gradient an action");
    let mass = mass_left(probabilities, ranking);
    // Σ_{j ≤ k} w_j Z_k / Z_j: what an action of the whole mass Z_k that is left would have got by now.
    let (mut sum, mut last) = (0.0, 1.0);
    let mut ranked = Vec::with_capacity(ranking.len());
    for ((&action, &left), weight) in ranking.iter().zip(&mass).zip(weights) {
        let action = action as usize;
        sum = sum * (left / last) + f64::from(weight);
        last = left;
        ranked.push((action, d_logits[action] + sum * (probabilities[action] / left) - f64::from(weight)));
    }
    let of_rest = sum / last;
    d_logits.iter_mut().zip(probabilities).for_each(|(d, p)| *d += of_rest * p);
    ranked.into_iter().for_each(|(action, d)| d_logits[action] = d);
}

/// Probability that is left in the first state for the actions of each state: `Z_k = Σ_a π(a)` over all but `y_1 … y_{k−1}`, `[K]`,
/// never 0. Summed from the end, so that a small rest behind a large first action keeps its digits.
pub fn mass_left(probabilities: &[f64], ranking: &[u32]) -> Vec<f64> {
    let mut unranked = probabilities.to_vec();
    ranking.iter().for_each(|&action| unranked[action as usize] = 0.0);
    let mut left: f64 = unranked.iter().sum();
    let mut mass = vec![0.0; ranking.len()];
    for (mass, &action) in mass.iter_mut().zip(ranking).rev() {
        left += probabilities[action as usize];
        *mass = left.max(f64::MIN_POSITIVE);
    }
    mass
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy_gradient::reinforce_grad;

    /// The definition: one softmax a rank, over the actions that are left.
    fn by_states(logits: &[f64], ranking: &[u32], weights: &[f32]) -> Vec<f64> {
        let mut sum = vec![0.0; logits.len()];
        for (k, (&action, &weight)) in ranking.iter().zip(weights).enumerate() {
            let left: Vec<usize> =
                (0..logits.len()).filter(|&a| !ranking[..k].contains(&(a as u32))).collect();
            let total: f64 = left.iter().map(|&a| logits[a].exp()).sum();
            let logs: Vec<f32> = left.iter().map(|&a| (logits[a] - total.ln()) as f32).collect();
            let place = left.iter().position(|&a| a == action as usize).unwrap() as u32;
            let mut d = vec![0.0; left.len()];
            reinforce_grad(&logs, &[place], std::iter::once(weight), 1.0, &mut d);
            left.iter().zip(d).for_each(|(&a, d)| sum[a] += f64::from(d));
        }
        sum
    }

    fn softmax(logits: &[f64]) -> Vec<f64> {
        let largest = logits.iter().copied().fold(f64::MIN, f64::max);
        let total: f64 = logits.iter().map(|l| (l - largest).exp()).sum();
        logits.iter().map(|l| (l - largest).exp() / total).collect()
    }

    #[test]
    fn the_running_sum_equals_one_softmax_a_rank() {
        let logits = [0.3, -1.0, 1.2, 0.0, 2.0, -0.4];
        for (ranking, weights) in [
            (&[4u32, 0, 2][..], &[0.7f32, -0.2, 0.4][..]),
            (&[1, 5, 3, 2, 0, 4], &[0.7, 0.5, -0.3, 0.2, 1.0, 9.0]), // the last has no choice, whatever its weight
            (&[2], &[1.0]),
            (&[], &[]),
        ] {
            let mut found = vec![0.0; 6];
            reinforce_grad_of_ranking(&softmax(&logits), ranking, weights.iter().copied(), &mut found);
            let expected = by_states(&logits, ranking, weights);
            let close = found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 2e-6);
            assert!(close, "{ranking:?}: {found:?}, expected {expected:?}");
        }
    }

    #[test]
    fn a_rest_of_tiny_mass_is_a_state_like_any_other() {
        // Behind the first action, which has all but e^−200 of the mass, two equal ones are left: each has ½.
        let probabilities = softmax(&[0.0, -200.0, -200.0]);
        let mut d = vec![0.0; 3];
        reinforce_grad_of_ranking(&probabilities, &[0, 1], [0.0, 1.0].into_iter(), &mut d);
        assert!((d[0]).abs() < 1e-12 && (d[1] + 0.5).abs() < 1e-12 && (d[2] - 0.5).abs() < 1e-12, "{d:?}");
        // Mass below f64 leaves numbers.
        reinforce_grad_of_ranking(&[1.0, 0.0, 0.0], &[0, 2, 1], [1.0; 3].into_iter(), &mut d);
        assert!(d.iter().all(|d| d.is_finite()), "{d:?}");
    }
}
