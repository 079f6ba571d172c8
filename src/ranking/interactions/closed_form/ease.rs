//! EASE: the linear auto-encoder without a diagonal (Steck, WWW 2019, equation 8).

use faer::linalg::solvers::DenseSolveCore as _;
use faer::{Mat, Side};
use ndarray::Array2;

use super::{co_occurrences, single_threaded};
use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
use crate::ranking::interactions::ItemWeights;

/// The B of least `‖X − X B‖² + ridge ‖B‖²` with a diagonal of 0: with `P = (Xᵀ X + ridge I)⁻¹`,
/// `B_ij = −P_ij / P_jj`.
pub fn ease(data: &Interactions, ridge: f64) -> Result<ItemWeights> {
    let both = co_occurrences(data)?;
    single_threaded();
    let items = both.nrows();
    let diagonal = |i, j| if i == j { ridge } else { 0.0 };
    let gram = Mat::<f64>::from_fn(items, items, |i, j| f64::from(both[[i, j]]) + diagonal(i, j));
    let cholesky = gram.llt(Side::Lower).map_err(|_| {
        Error::Config(format!(
            "EASE with a ridge of {ridge}: the matrix cannot be inverted; raise `interactions.ridge`"
        ))
    })?;
    let inverse = cholesky.inverse();
    let weight =
        |(i, j): (usize, usize)| if i == j { 0.0 } else { -(inverse[(i, j)] / inverse[(j, j)]) as f32 };
    Ok(ItemWeights::new(Array2::from_shape_fn((items, items), weight)))
}
