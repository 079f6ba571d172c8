//! The expectation over the next document of a ranking: every document that is left is placed at every rank (PL-Rank).

use ndarray::{Array2, ArrayView2};

use crate::policy_gradient::{mass_left, reinforce_grad};

/// Fills the episodes behind `row`, a ranking: each places one document at every rank, with an importance that makes the mean over all of
/// them, and the ranking, the ranking's credit plus the expectation over the document.
pub(super) fn place_every_document(
    probabilities: &[f64],
    ranking: &[u32],
    row: usize,
    (actions, importance): (&mut Array2<u32>, &mut Array2<f32>),
) {
    let episodes = (1 + probabilities.len()) as f64;
    importance.row_mut(row).fill(episodes as f32);
    let mut gone = vec![false; probabilities.len()];
    for (step, (left, &drawn)) in mass_left(probabilities, ranking).into_iter().zip(ranking).enumerate() {
        for (document, probability) in probabilities.iter().enumerate() {
            let at = [row + 1 + document, step];
            actions[at] = document as u32;
            importance[at] = if gone[document] { 0.0 } else { (episodes * probability / left) as f32 };
        }
        gone[drawn as usize] = true;
    }
}

/// Adds the gradient of `−Σ weight · log π_k(a)` over a ranking, the first row of `weights`, and every document placed at each of its
/// ranks, the others: `weights: [1 + D, K]`.
pub(super) fn gradient_of_expectation(
    (logs, probabilities): (&[f32], &[f64]),
    ranking: &[u32],
    weights: ArrayView2<'_, f32>,
    gradient: &mut [f64],
) {
    let mut left: Vec<usize> = (0..logs.len()).collect();
    for (step, (&drawn, mass)) in ranking.iter().zip(mass_left(probabilities, ranking)).enumerate() {
        let of_left: Vec<f32> = left.iter().map(|&a| (f64::from(logs[a]) - mass.ln()) as f32).collect();
        let place = left.iter().position(|&a| a == drawn as usize).expect("a document is drawn once");
        let actions: Vec<u32> = (0..left.len() as u32).chain([place as u32]).collect();
        let weights = left.iter().map(|&a| weights[[1 + a, step]]).chain([weights[[0, step]]]);
        let mut d = vec![0.0; left.len()];
        reinforce_grad(&of_left, &actions, weights, 1.0, &mut d);
        left.iter().zip(d).for_each(|(&a, d)| gradient[a] += f64::from(d));
        left.remove(place);
    }
}
