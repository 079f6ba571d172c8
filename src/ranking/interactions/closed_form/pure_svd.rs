//! PureSVD: a truncated singular value decomposition of X, unobserved as 0 (Cremonesi et al., RecSys 2010).
//!
//! The leading right singular vectors come from a randomised subspace iteration (Halko et al., SIAM Review
//! 2011, algorithm 4.4), which needs products with X alone and no matrix of items by items.

use faer::{Mat, Side};
use ndarray::Array2;
use ndarray_rand::rand_distr::{Distribution, StandardNormal};

use super::single_threaded;
use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
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
    single_threaded();
    let failed = |_| Error::Config("PureSVD: the eigenvalues were not found; choose another rank".into());
    let width = (rank + OVERSAMPLING).min(users.min(items));
    let mut rng = stream.rng();
    let mut basis = Mat::<f64>::from_fn(items, width, |_, _| StandardNormal.sample(&mut rng));
    for _ in 0..ROUNDS {
        basis = times_transposed(data, &times(data, &basis)).qr().compute_thin_Q();
    }
    // Within the subspace the eigenvectors of (X Q)ᵀ (X Q) are exact.
    let image = times(data, &basis);
    let small = image.transpose() * &image;
    let eigen = small.self_adjoint_eigen(Side::Lower).map_err(failed)?;
    let vectors = basis * eigen.U(); // ascending: the leading ones are last
    let column = |r: usize| width - 1 - r;
    let v = Array2::from_shape_fn((items, rank), |(i, r)| vectors[(i, column(r))] as f32);
    let mut p = Array2::zeros((users, rank));
    for (mut p, list) in p.rows_mut().into_iter().zip(data.positives()) {
        list.iter().for_each(|&item| p += &v.row(item as usize));
    }
    Ok(Factors::from_parts(p, v.view(), &vec![0.0; items]))
}

/// `X b`: `[U, W]`.
fn times(data: &Interactions, b: &Mat<f64>) -> Mat<f64> {
    let mut product = Mat::zeros(data.users().len(), b.ncols());
    for column in 0..b.ncols() {
        let b = b.col(column);
        for (user, list) in data.positives().iter().enumerate() {
            product[(user, column)] = list.iter().map(|&item| b[item as usize]).sum();
        }
    }
    product
}

/// `Xᵀ b`: `[I, W]`.
fn times_transposed(data: &Interactions, b: &Mat<f64>) -> Mat<f64> {
    let mut product = Mat::zeros(data.items().len(), b.ncols());
    for column in 0..b.ncols() {
        for (user, list) in data.positives().iter().enumerate() {
            let value: f64 = b[(user, column)];
            list.iter().for_each(|&item| product[(item as usize, column)] += value);
        }
    }
    product
}
