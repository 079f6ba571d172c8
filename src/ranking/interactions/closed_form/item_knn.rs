//! Item-based nearest neighbours (Sarwar et al., WWW 2001; Deshpande and Karypis, TOIS 2004).

use ndarray::Array2;

use super::co_occurrences;
use crate::data::interactions::Interactions;
use crate::error::Result;
use crate::ranking::interactions::ItemWeights;

/// `B_ji = |U_i ∩ U_j| / (√(|U_i| |U_j|) + shrinkage)` for the `neighbours` items j most similar to i, else 0:
/// cosines, shrunk where few users like both. Ties go to the item that appeared first.
pub fn item_knn(data: &Interactions, neighbours: usize, shrinkage: f32) -> Result<ItemWeights> {
    let both = co_occurrences(data)?;
    let mut weights = Array2::zeros(both.raw_dim());
    for i in 0..both.ncols() {
        let similarity = |j: usize| both[[i, j]] / ((both[[i, i]] * both[[j, j]]).sqrt() + shrinkage);
        let others = (0..both.nrows()).filter(|&j| j != i && both[[i, j]] > 0.0);
        let mut similar: Vec<(f32, usize)> = others.map(|j| (similarity(j), j)).collect();
        similar.sort_by(|a, b| b.0.total_cmp(&a.0));
        for &(value, j) in similar.iter().take(neighbours) {
            weights[[j, i]] = value;
        }
    }
    Ok(ItemWeights::new(weights))
}
