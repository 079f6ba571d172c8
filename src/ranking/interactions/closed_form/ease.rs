//! EASE: the linear auto-encoder without a diagonal (Steck, WWW 2019, equation 8).

use ndarray::Array2;

use super::co_occurrences;
use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
use crate::math::symmetric;
use crate::ranking::interactions::ItemWeights;

/// The B of least `‖X − X B‖² + ridge ‖B‖²` with a diagonal of 0: with `P = (Xᵀ X + ridge I)⁻¹`,
/// `B_ij = −P_ij / P_jj`.
pub fn ease(data: &Interactions, ridge: f64) -> Result<ItemWeights> {
    let mut gram = co_occurrences(data)?.mapv(f64::from);
    gram.diag_mut().mapv_inplace(|count| count + ridge);
    let inverse = symmetric::inverse(gram).ok_or_else(|| {
        Error::Config(format!(
            "EASE with a ridge of {ridge}: the matrix cannot be inverted; raise `interactions.ridge`"
        ))
    })?;
    let weight = |(i, j): (usize, usize)| {
        if i == j { 0.0 } else { -(inverse[(i, j)] / inverse[(j, j)]) as f32 }
    };
    Ok(ItemWeights::new(Array2::from_shape_fn(inverse.dim(), weight)))
}
