//! EASE: the linear auto-encoder without a diagonal (Steck, WWW 2019, equation 8), with the dropout of EDLAE (Steck, NeurIPS 2020),
//! whole or among the neighbours of each item.

use ndarray::{Array1, Array2};

use super::item_knn::{ItemKnn, neighbours};
use super::{MOST_ITEMS, co_occurrences};
use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
use crate::math::parallel::{chunks_by_rows, ordered_map};
use crate::math::symmetric;
use crate::ranking::interactions::{ItemWeights, NeighbourWeights, Recommender};

/// Settings of EASE.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ease {
    /// Ridge λ.
    pub ridge: f64,
    /// Share p of a user's items that are dropped from the input, in expectation: adds `p / (1 − p) · diag(Xᵀ X)` to the ridge.
    pub dropout: f64,
}

/// Weights between all items, or of each item with its nearest neighbours where all would not fit.
///
/// # Errors
/// When the matrix cannot be inverted.
pub fn ease(data: &Interactions, settings: Ease, knn: ItemKnn) -> Result<Recommender> {
    match data.items().len() <= MOST_ITEMS {
        true => Ok(Recommender::ItemWeights(ease_of_all(data, settings)?)),
        false => Ok(Recommender::NeighbourWeights(ease_among_neighbours(data, settings, knn)?)),
    }
}

/// The B of least `‖X − X B‖² + ‖Λ^½ B‖²` with a diagonal of 0, where `Λ = ridge I + p / (1 − p) diag(Xᵀ X)`: with
/// `P = (Xᵀ X + Λ)⁻¹`, `B_ij = −P_ij / P_jj`.
///
/// # Errors
/// When there are too many items, or the matrix cannot be inverted.
pub fn ease_of_all(data: &Interactions, settings: Ease) -> Result<ItemWeights> {
    let mut gram = co_occurrences(data)?.mapv(f64::from);
    gram.diag_mut().mapv_inplace(|count| settings.diagonal(count));
    let inverse = symmetric::inverse(gram).ok_or_else(|| settings.singular())?;
    let weight = |(i, j): (usize, usize)| {
        if i == j { 0.0 } else { -(inverse[(i, j)] / inverse[(j, j)]) as f32 }
    };
    Ok(ItemWeights::new(Array2::from_shape_fn(inverse.dim(), weight)))
}

/// The B of [`ease_of_all`] under the condition that only the item's neighbours by `knn` have a weight: for each column i
/// and its neighbours S, `B_Si = (Xᵀ X + Λ)_SS⁻¹ (Xᵀ X)_Si`, as SLIM with selected features (Ning and Karypis, ICDM 2011,
/// section 4.3). With all others for neighbours it is EASE.
///
/// # Errors
/// When a matrix cannot be inverted.
pub fn ease_among_neighbours(data: &Interactions, settings: Ease, knn: ItemKnn) -> Result<NeighbourWeights> {
    let likers = data.likers();
    let near = neighbours(data, knn);
    let chunks = chunks_by_rows(near.iter().map(Vec::len), CHUNK);
    let of_chunk = |chunk: usize| {
        let mut places = vec![NOWHERE; likers.len()];
        let of_item = |i: usize| column(data, &likers, settings, i as u32, &near[i], &mut places);
        chunks[chunk].clone().map(of_item).collect::<Option<Vec<_>>>()
    };
    let columns: Option<Vec<_>> = ordered_map(chunks.len(), of_chunk).into_iter().collect();
    Ok(NeighbourWeights::from_columns(&columns.ok_or_else(|| settings.singular())?.concat()))
}

/// Neighbours in one unit of parallel work.
const CHUNK: usize = 8192;
/// Place of an item that is no neighbour.
const NOWHERE: u32 = u32::MAX;

/// The weights of the neighbours of one item; `places`, `[I]`, is lent to it and given back as it was.
fn column(
    data: &Interactions,
    likers: &[Vec<u32>],
    settings: Ease,
    item: u32,
    near: &[(u32, f32)],
    places: &mut [u32],
) -> Option<Vec<(u32, f32)>> {
    near.iter().zip(0..).for_each(|(&(j, _), place)| places[j as usize] = place);
    let mut gram = Array2::<f64>::zeros((near.len(), near.len()));
    let mut right = Array1::<f64>::zeros(near.len());
    for (row, &(j, _)) in near.iter().enumerate() {
        for &user in &likers[j as usize] {
            for &other in &data.positives()[user as usize] {
                match places[other as usize] {
                    NOWHERE if other == item => right[row] += 1.0,
                    NOWHERE => {}
                    place => gram[[row, place as usize]] += 1.0,
                }
            }
        }
    }
    near.iter().for_each(|&(j, _)| places[j as usize] = NOWHERE);
    gram.diag_mut().mapv_inplace(|count| settings.diagonal(count));
    let solved = symmetric::solve(&mut gram, &mut right);
    solved.then(|| near.iter().zip(&right).map(|(&(j, _), &value)| (j, value as f32)).collect())
}

impl Ease {
    /// The diagonal of `Xᵀ X + Λ` for a count on that of `Xᵀ X`.
    fn diagonal(&self, count: f64) -> f64 {
        count + self.ridge + self.dropout / (1.0 - self.dropout) * count
    }

    fn singular(&self) -> Error {
        Error::Config(format!(
            "EASE with a ridge of {}: the matrix cannot be inverted; raise `interactions.ridge`",
            self.ridge
        ))
    }
}
