//! Sparse matrices: products with dense ones, and leading singular vectors. Results do not depend on the number of
//! threads.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayView2, Axis, s};
use ndarray_rand::rand_distr::{Distribution, StandardNormal};

use super::symmetric;
use crate::seed::Stream;

/// Rows of a product that one task computes.
const TASK: usize = 64;

/// Matrix `[R, C]` of which each row lists its non-zero values in ascending order of columns.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseMatrix {
    width: usize,
    ends: Vec<usize>, // [R]: where each row ends
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl SparseMatrix {
    /// Makes a matrix of `width` columns from rows of `(column, value)` pairs in ascending order of columns.
    ///
    /// # Panics
    /// When a column is `width` or more.
    pub fn from_rows<R>(width: usize, rows: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator<Item = (u32, f32)>,
    {
        let mut matrix = Self { width, ends: vec![], columns: vec![], values: vec![] };
        for row in rows {
            for (column, value) in row {
                assert!((column as usize) < width, "column {column} of {width}");
                matrix.columns.push(column);
                matrix.values.push(value);
            }
            matrix.ends.push(matrix.columns.len());
        }
        matrix
    }

    /// Returns the numbers of rows and of columns.
    pub fn dim(&self) -> (usize, usize) {
        (self.ends.len(), self.width)
    }

    /// Iterates over the `(column, value)` pairs of a row.
    fn row(&self, row: usize) -> impl Iterator<Item = (usize, f32)> {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        let range = start..self.ends[row];
        let columns = self.columns[range.clone()].iter().map(|&column| column as usize);
        columns.zip(self.values[range].iter().copied())
    }

    /// Returns the transposed matrix.
    pub fn transposed(&self) -> Self {
        let mut ends = vec![0; self.width];
        self.columns.iter().for_each(|&column| ends[column as usize] += 1);
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum - *end; // the start, which moves to the end as the row is filled
        }
        let (mut columns, mut values) = (vec![0; sum], vec![0.0; sum]);
        for row in 0..self.ends.len() {
            for (column, value) in self.row(row) {
                let place = ends[column];
                (columns[place], values[place]) = (row as u32, value);
                ends[column] += 1;
            }
        }
        Self { width: self.ends.len(), ends, columns, values }
    }

    /// Returns the product with `dense: [C, W]`: `[R, W]`. Rows are computed in parallel, each in the order of its columns.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn times(&self, dense: ArrayView2<'_, f64>) -> Array2<f64> {
        assert_eq!(dense.nrows(), self.width, "one row of `dense` a column");
        let dense = dense.as_standard_layout();
        let mut product = Array2::zeros((self.ends.len(), dense.ncols()));
        product.axis_chunks_iter_mut(Axis(0), TASK).into_par_iter().enumerate().for_each(
            |(task, mut rows)| {
                for (row, mut sums) in rows.rows_mut().into_iter().enumerate() {
                    let sums = sums.as_slice_mut().expect("standard layout");
                    for (column, value) in self.row(task * TASK + row) {
                        let values = dense.row(column);
                        let values = values.to_slice().expect("standard layout");
                        sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += f64::from(value) * x);
                    }
                }
            },
        );
        product
    }
}

/// Randomised subspace iteration (Halko et al., SIAM Review 2011, algorithm 4.4).
#[derive(Clone, Copy, Debug)]
pub struct SubspaceIteration {
    /// Vectors beyond those that are asked for.
    pub oversampling: usize,
    /// Rounds: products with the matrix and its transpose.
    pub rounds: usize,
    /// Rows of a block of the [orthonormalisation](symmetric::orthonormalize).
    pub block: usize,
}

/// Leading right singular vectors of a matrix `[R, C]`.
#[derive(Clone, Debug)]
pub struct SingularVectors {
    /// Singular values, the largest first: `[K]`.
    pub values: Vec<f64>,
    /// Orthonormal vectors, one a row: `[K, C]`.
    pub vectors: Array2<f64>,
}

impl SubspaceIteration {
    /// Returns the `count` leading right singular vectors of `matrix`, or as many as its smaller side has.
    pub fn singular_vectors(&self, matrix: &SparseMatrix, count: usize, stream: Stream) -> SingularVectors {
        let (rows, columns) = matrix.dim();
        let most = rows.min(columns);
        let (count, width) = (count.min(most), (count + self.oversampling).min(most));
        let mut rng = stream.rng();
        let mut basis = Array2::from_shape_simple_fn((width, columns), || StandardNormal.sample(&mut rng));
        let transposed = matrix.transposed();
        for _ in 0..self.rounds {
            let image = matrix.times(basis.t());
            basis = transposed.times(image.view()).t().as_standard_layout().into_owned();
            symmetric::orthonormalize(&mut basis, self.block);
        }
        // Within the subspace the eigenvectors of (X Q)ᵀ (X Q) are exact.
        let image = matrix.times(basis.t()).t().as_standard_layout().into_owned();
        let gram = image.dot(&image.t());
        let eigenvectors = symmetric::eigenvectors(gram.clone());
        let eigenvectors = eigenvectors.slice(s![..count, ..]);
        let values = (eigenvectors.dot(&gram) * eigenvectors).sum_axis(Axis(1));
        SingularVectors {
            values: values.iter().map(|value| value.max(0.0).sqrt()).collect(),
            vectors: eigenvectors.dot(&basis),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const ITERATION: SubspaceIteration = SubspaceIteration { oversampling: 4, rounds: 8, block: 3 };

    #[test]
    fn products_are_those_of_the_dense_matrix_and_its_transpose() {
        let sparse =
            SparseMatrix::from_rows(4, [vec![(1, 2.0), (3, -1.0)], vec![], vec![(0, 0.5), (1, 3.0)]]);
        let dense: Array2<f64> = array![[0.0, 2.0, 0.0, -1.0], [0.0; 4], [0.5, 3.0, 0.0, 0.0]];
        let other = Array2::from_shape_fn((4, 5), |(i, j)| (i * 5 + j) as f64 - 7.5);
        assert_eq!(sparse.times(other.view()), dense.dot(&other));
        assert_eq!(
            sparse.transposed().times(other.slice(s![..3, ..])),
            dense.t().dot(&other.slice(s![..3, ..]))
        );
        assert_eq!(sparse.transposed().transposed(), sparse);
    }

    /// `X = Σ_k σ_k u_k v_kᵀ` with vectors that are known.
    #[test]
    fn planted_singular_vectors_are_found_and_a_matrix_of_lower_rank_has_zeros() {
        let mut rng = Stream::new(3).rng();
        let mut random = |rows, columns| {
            let mut a = Array2::from_shape_simple_fn((rows, columns), || StandardNormal.sample(&mut rng));
            symmetric::orthonormalize(&mut a, usize::MAX);
            a
        };
        let (u, v) = (random(6, 30), random(6, 20));
        let planted = [9.0, 5.0, 3.0, 2.0, 1.0, 0.5];
        let x = u.t().dot(&Array2::from_diag(&ndarray::Array1::from(planted.to_vec()))).dot(&v);
        let rows = x.rows().into_iter().map(|row| (0..20).zip(row.to_vec()).map(|(c, x)| (c, x as f32)));
        let sparse = SparseMatrix::from_rows(20, rows.collect::<Vec<_>>());
        let found = ITERATION.singular_vectors(&sparse, 8, Stream::new(1));
        for (k, expected) in planted.into_iter().chain([0.0, 0.0]).enumerate() {
            assert!((found.values[k] - expected).abs() < 1e-5, "{k}: {:?}", found.values);
            let known = v.rows().into_iter().nth(k);
            let cosine = known.map_or(1.0, |v| v.dot(&found.vectors.row(k)).abs());
            assert!((cosine - 1.0).abs() < 1e-9, "{k}: {cosine}");
        }
        assert_eq!(ITERATION.singular_vectors(&sparse, 99, Stream::new(1)).values.len(), 20);
    }
}
