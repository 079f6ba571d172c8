//! PureSVD: a truncated singular value decomposition of X, unobserved as 0 (Cremonesi et al., RecSys 2010).
//!
//! The leading right singular vectors come from a randomised subspace iteration (Halko et al., SIAM Review
//! 2011, algorithm 4.4), which needs products with X alone and no matrix of items by items.

use ndarray::{Array2, s};
use ndarray_rand::rand_distr::{Distribution, StandardNormal};

use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
use crate::math::symmetric;
use crate::ranking::interactions::Factors;
use crate::seed::Stream;

/// Vectors beyond the rank, and rounds of the iteration: enough for singular values that fall slowly.
const OVERSAMPLING: usize = 16;
const ROUNDS: usize = 12;

/// `s(u, ·) = x_u V Vᵀ`, with V the `rank` leading right singular vectors of X: `p_u = x_u V`, `q_i = V_i`.
pub fn pure_svd(data: &Interactions, rank: usize, stream: Stream) -> Result<Factors> {
    let (users, items) = (data.users().len(), data.items().len());
    if rank == 0 || rank > users.min(items) {
        let most = users.min(items);
        return Err(Error::Config(format!(
            "a PureSVD of {users} users and {items} items has rank 1 to {most}"
        )));
    }
    let width = (rank + OVERSAMPLING).min(users.min(items));
    let mut rng = stream.rng();
    let mut basis = Array2::from_shape_simple_fn((width, items), || StandardNormal.sample(&mut rng));
    for _ in 0..ROUNDS {
        basis = times_transposed(data, &times(data, &basis));
        symmetric::orthonormalize(&mut basis);
    }
    // Within the subspace the eigenvectors of (X Q)ᵀ (X Q) are exact.
    let image = times(data, &basis);
    let eigenvectors = symmetric::eigenvectors(image.dot(&image.t()));
    let v = eigenvectors.slice(s![..rank, ..]).dot(&basis).t().mapv(|value| value as f32);
    let mut p = Array2::zeros((users, rank));
    for (mut p, list) in p.rows_mut().into_iter().zip(data.positives()) {
        list.iter().for_each(|&item| p += &v.row(item as usize));
    }
    Ok(Factors::from_parts(p, v.view(), &vec![0.0; items]))
}

/// `(X bᵀ)ᵀ` of vectors of items `b: [W, I]`: `[W, U]`.
fn times(data: &Interactions, b: &Array2<f64>) -> Array2<f64> {
    let mut product = Array2::zeros((b.nrows(), data.users().len()));
    for (b, mut product) in b.rows().into_iter().zip(product.rows_mut()) {
        for (sum, list) in product.iter_mut().zip(data.positives()) {
            *sum = list.iter().map(|&item| b[item as usize]).sum();
        }
    }
    product
}

/// `(Xᵀ bᵀ)ᵀ` of vectors of users `b: [W, U]`: `[W, I]`.
fn times_transposed(data: &Interactions, b: &Array2<f64>) -> Array2<f64> {
    let mut product = Array2::zeros((b.nrows(), data.items().len()));
    for (b, mut product) in b.rows().into_iter().zip(product.rows_mut()) {
        for (&value, list) in b.iter().zip(data.positives()) {
            list.iter().for_each(|&item| product[item as usize] += value);
        }
    }
    product
}
