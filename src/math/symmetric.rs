//! Symmetric matrices of f64 and orthonormal vectors, for what is fitted in closed form. Results do not depend on the
//! number of threads.

use ndarray::linalg::general_mat_mul;
use ndarray::parallel::prelude::*;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis, s};

/// Rows of one block of the inversion: a block of pivots stays in the cache, and products dominate.
const BLOCK: usize = 128;
/// Largest share of the norm that may stand beside the diagonal when the eigenvalues are taken as found.
const TOLERANCE: f64 = 1e-14;
/// Sweeps of Jacobi's method; it converges quadratically, in about ten.
const SWEEPS: usize = 60;

/// Inverts a symmetric positive definite matrix `[N, N]` in its own memory; reads only its lower half.
///
/// Sweeps blocks of pivots k (Gauss–Jordan elimination without an exchange of rows): with `D = A_kk⁻¹` and `C = A_·k`,
/// `A ← A − C D Cᵀ`, `A_·k ← C D`, `A_kk ← −D`. After the last block `A` holds `−A⁻¹`.
///
/// Returns `None` when the matrix is not positive definite.
pub fn inverse(mut a: Array2<f64>) -> Option<Array2<f64>> {
    let n = a.nrows();
    let least = f64::EPSILON * a.diag().fold(0.0, |most: f64, &value| most.max(value));
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        let column = block_column(&a, start, end);
        let pivot = inverse_of_block(column.slice(s![start..end, ..]), least)?;
        let scaled = column.dot(&pivot);
        a.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter().enumerate().for_each(|(block, mut rows)| {
            let from = block * BLOCK;
            let to = from + rows.nrows();
            if from == start {
                rows.slice_mut(s![.., ..start]).assign(&scaled.slice(s![..start, ..]).t());
                rows.slice_mut(s![.., start..end]).assign(&pivot.mapv(|value| -value));
                return;
            }
            let own = scaled.slice(s![from..to, ..]);
            let others = column.slice(s![..to, ..]);
            general_mat_mul(-1.0, &own, &others.t(), 1.0, &mut rows.slice_mut(s![.., ..to]));
            if from > start {
                rows.slice_mut(s![.., start..end]).assign(&own);
            }
        });
    }
    mirror_negated(&mut a);
    Some(a)
}

/// Columns `start..end` of the symmetric matrix whose lower half is in `a`: `[N, end − start]`.
fn block_column(a: &Array2<f64>, start: usize, end: usize) -> Array2<f64> {
    let mut column = Array2::zeros((a.nrows(), end - start));
    column.slice_mut(s![..start, ..]).assign(&a.slice(s![start..end, ..start]).t());
    column.slice_mut(s![start.., ..]).assign(&a.slice(s![start.., start..end]));
    for i in start..end {
        for j in i + 1..end {
            column[[i, j - start]] = column[[j, i - start]];
        }
    }
    column
}

/// Inverts one block by sweeps of single pivots; `None` when a pivot is not above `least`.
fn inverse_of_block(block: ArrayView2<f64>, least: f64) -> Option<Array2<f64>> {
    let mut a = block.to_owned();
    for k in 0..a.nrows() {
        let pivot = a[[k, k]];
        if !(pivot > least && pivot.is_finite()) {
            return None;
        }
        let scaled: Array1<f64> = &a.row(k) / pivot;
        for (i, mut row) in a.rows_mut().into_iter().enumerate().filter(|&(i, _)| i != k) {
            let factor = row[k];
            row.scaled_add(-factor, &scaled);
            row[k] = scaled[i];
        }
        a.row_mut(k).assign(&scaled);
        a[[k, k]] = -1.0 / pivot;
    }
    Some(-a)
}

/// Negates the lower half and copies it to the upper one.
fn mirror_negated(a: &mut Array2<f64>) {
    for i in 0..a.nrows() {
        for j in 0..=i {
            let value = -a[[i, j]];
            a[[i, j]] = value;
            a[[j, i]] = value;
        }
    }
}

/// Solves `A x = b` for a symmetric positive definite `A: [N, N]`, of which only the lower half is read, by Cholesky's
/// factorisation `A = L Lᵀ`. The lower half of `a` becomes `L`, and `b` becomes `x`.
///
/// Returns `false`, with `a` and `b` in no useful state, when a pivot is not above 0.
///
/// # Panics
/// When the shapes do not fit.
pub fn solve(a: &mut Array2<f64>, b: &mut Array1<f64>) -> bool {
    let n = a.nrows();
    assert!(a.ncols() == n && b.len() == n, "a square matrix and a value for each row");
    for i in 0..n {
        let (above, mut rest) = a.view_mut().split_at(Axis(0), i);
        let mut row = rest.row_mut(0);
        for (j, other) in above.rows().into_iter().enumerate() {
            row[j] = (row[j] - row.slice(s![..j]).dot(&other.slice(s![..j]))) / other[j];
        }
        let done = row.slice(s![..i]);
        let pivot = row[i] - done.dot(&done);
        if !(pivot > 0.0 && pivot.is_finite()) {
            return false;
        }
        row[i] = pivot.sqrt();
        b[i] = (b[i] - row.slice(s![..i]).dot(&b.slice(s![..i]))) / row[i]; // L y = b
    }
    for i in (0..n).rev() {
        b[i] /= a[[i, i]]; // Lᵀ x = y
        let value = b[i];
        b.slice_mut(s![..i]).scaled_add(-value, &a.slice(s![i, ..i]));
    }
    true
}

/// Returns the eigenvectors of a symmetric matrix `[N, N]` as rows `[N, N]`, that of the largest eigenvalue first.
///
/// Uses Jacobi's method: rotations in the plane of two rows and columns, each of which makes one element zero.
pub fn eigenvectors(mut a: Array2<f64>) -> Array2<f64> {
    let n = a.nrows();
    let mut vectors = Array2::eye(n);
    let enough = TOLERANCE * a.iter().map(|value| value * value).sum::<f64>().sqrt();
    for _ in 0..SWEEPS {
        let mut largest: f64 = 0.0;
        for p in 0..n {
            for q in p + 1..n {
                largest = largest.max(a[[p, q]].abs());
                if a[[p, q]].abs() > enough / n as f64 {
                    rotate(&mut a, &mut vectors, p, q);
                }
            }
        }
        if largest <= enough / n as f64 {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[[j, j]].total_cmp(&a[[i, i]]));
    vectors.select(Axis(0), &order)
}

/// Makes `a_pq` zero by a rotation of rows and columns p and q, and rotates the rows of `vectors` likewise.
fn rotate(a: &mut Array2<f64>, vectors: &mut Array2<f64>, p: usize, q: usize) {
    let ratio = (a[[q, q]] - a[[p, p]]) / (2.0 * a[[p, q]]);
    let tangent = ratio.signum() / (ratio.abs() + ratio.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let turn = |x: &mut f64, y: &mut f64| (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
    let (x, y) = a.multi_slice_mut((s![p, ..], s![q, ..]));
    x.into_iter().zip(y).for_each(|(x, y)| turn(x, y));
    let (x, y) = a.multi_slice_mut((s![.., p], s![.., q]));
    x.into_iter().zip(y).for_each(|(x, y)| turn(x, y));
    let (x, y) = vectors.multi_slice_mut((s![p, ..], s![q, ..]));
    x.into_iter().zip(y).for_each(|(x, y)| turn(x, y));
}

/// Replaces the rows of `vectors` by orthonormal ones that span the same space; a row within the span of those
/// before it becomes zero.
///
/// Uses the Gram–Schmidt process, twice a row, within blocks of `block` rows, and products between blocks, twice a
/// block: many rows are done faster in several blocks than in one.
pub fn orthonormalize(vectors: &mut Array2<f64>, block: usize) {
    let rows = vectors.nrows();
    for start in (0..rows).step_by(block) {
        let (done, rest) = vectors.view_mut().split_at(Axis(0), start);
        let (mut own, _) = rest.split_at(Axis(0), block.min(rows - start));
        let before: Vec<f64> = own.rows().into_iter().map(|row| row.dot(&row).sqrt()).collect();
        for _ in 0..if start == 0 { 0 } else { 2 } {
            let shared = own.dot(&done.t());
            general_mat_mul(-1.0, &shared, &done, 1.0, &mut own);
        }
        orthonormalize_block(own, &before);
    }
}

/// Makes the rows of a block orthonormal; `before` has their norms before anything was subtracted from them.
fn orthonormalize_block(mut vectors: ArrayViewMut2<'_, f64>, before: &[f64]) {
    for (r, before) in before.iter().enumerate() {
        let (done, mut rest) = vectors.view_mut().split_at(Axis(0), r);
        let mut row = rest.row_mut(0);
        for _ in 0..2 {
            for other in done.rows() {
                let shared = other.dot(&row);
                row.scaled_add(-shared, &other);
            }
        }
        let norm = row.dot(&row).sqrt();
        let scale = if norm > 1e-12 * before { 1.0 / norm } else { 0.0 };
        row.mapv_inplace(|value| value * scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Stream;
    use ndarray_rand::rand::Rng;

    fn random(rows: usize, columns: usize) -> Array2<f64> {
        let mut rng = Stream::new(5).rng();
        Array2::from_shape_simple_fn((rows, columns), || rng.random_range(-1.0..1.0))
    }

    fn distance(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
        (a - b).iter().fold(0.0, |most: f64, value| most.max(value.abs()))
    }

    #[test]
    fn a_matrix_times_its_inverse_is_the_identity() {
        for n in [1, 2, 7, BLOCK, BLOCK + 1, 3 * BLOCK + 5] {
            let x = random(n + 3, n);
            let a = x.t().dot(&x) + Array2::<f64>::eye(n);
            let mut lower = a.clone();
            (0..n).for_each(|i| lower.slice_mut(s![i, i + 1..]).fill(f64::NAN));
            let inverse = inverse(lower).unwrap();
            assert!(distance(&a.dot(&inverse), &Array2::eye(n)) < 1e-10, "{n}");
            assert_eq!(inverse, inverse.t());
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_inverse() {
        assert!(inverse(Array2::zeros((3, 3))).is_none());
        assert!(inverse(ndarray::array![[1.0, 2.0], [2.0, 1.0]]).is_none());
        let x = random(2, 200);
        assert!(inverse(x.t().dot(&x)).is_none());
    }

    #[test]
    fn a_solution_is_that_of_the_inverse() {
        for n in [1, 2, 7, 40] {
            let x = random(n + 3, n);
            let a = x.t().dot(&x) + Array2::<f64>::eye(n);
            let b = random(1, n).row(0).to_owned();
            let expected = inverse(a.clone()).unwrap().dot(&b);
            let (mut lower, mut found) = (a, b);
            (0..n).for_each(|i| lower.slice_mut(s![i, i + 1..]).fill(f64::NAN));
            assert!(solve(&mut lower, &mut found));
            assert!((found - expected).iter().all(|difference| difference.abs() < 1e-10), "{n}");
        }
        let mut b = Array1::ones(2);
        assert!(!solve(&mut ndarray::array![[1.0, 2.0], [2.0, 1.0]], &mut b));
    }

    #[test]
    fn eigenvectors_are_orthonormal_and_diagonalise_with_falling_values() {
        let x = random(40, 30);
        let a = x.t().dot(&x);
        let vectors = eigenvectors(a.clone());
        assert!(distance(&vectors.dot(&vectors.t()), &Array2::eye(30)) < 1e-12);
        let diagonal = vectors.dot(&a).dot(&vectors.t());
        let values = diagonal.diag().to_owned();
        assert!(distance(&diagonal, &Array2::from_diag(&values)) < 1e-11);
        assert!(values.windows(2).into_iter().all(|pair| pair[0] >= pair[1]));
    }

    #[test]
    fn rows_become_orthonormal_and_a_dependent_one_zero() {
        for block in [1, 2, 3, usize::MAX] {
            let mut rows = random(5, 9);
            let sum = &rows.row(0) + &rows.row(1);
            rows.row_mut(2).assign(&sum);
            orthonormalize(&mut rows, block);
            let mut expected = Array2::eye(5);
            expected[[2, 2]] = 0.0;
            assert!(distance(&rows.dot(&rows.t()), &expected) < 1e-12, "blocks of {block}");
        }
    }
}
