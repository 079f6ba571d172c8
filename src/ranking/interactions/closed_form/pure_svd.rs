//! PureSVD: a truncated singular value decomposition of X, unobserved as 0 (Cremonesi et al., RecSys 2010).
//!
//! The leading right singular vectors come from a randomised subspace iteration, which needs products with X alone and no
//! matrix of items by items.

use ndarray::Array2;

use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
use crate::math::sparse::{SparseMatrix, SubspaceIteration};
use crate::ranking::interactions::Factors;
use crate::seed::Stream;

/// Enough for singular values that fall slowly.
const ITERATION: SubspaceIteration = SubspaceIteration { oversampling: 16, rounds: 12, block: usize::MAX };

/// `s(u, ·) = x_u V Vᵀ`, with V the `rank` leading right singular vectors of X: `p_u = x_u V`, `q_i = V_i`.
pub fn pure_svd(data: &Interactions, rank: usize, stream: Stream) -> Result<Factors> {
    let (users, items) = (data.users().len(), data.items().len());
    if rank == 0 || rank > users.min(items) {
        let most = users.min(items);
        return Err(Error::Config(format!(
            "a PureSVD of {users} users and {items} items has rank 1 to {most}"
        )));
    }
    let rows = data.positives().iter().map(|list| list.iter().map(|&item| (item, 1.0)));
    let x = SparseMatrix::from_rows(items, rows);
    let v = ITERATION.singular_vectors(&x, rank, stream).vectors.t().mapv(|value| value as f32);
    let mut p = Array2::zeros((users, rank));
    for (mut p, list) in p.rows_mut().into_iter().zip(data.positives()) {
        list.iter().for_each(|&item| p += &v.row(item as usize));
    }
    Ok(Factors::from_parts(p, v.view(), &vec![0.0; items]))
}
