//! Product `c ← c + a bᵀ` as dot products, without packing or transposing.
//!
//! It is for operands with a long inner dimension that is contiguous in both, such as the gradient at the input of a wide
//! layer.

use ndarray::{ArrayView2, ArrayViewMut2};
use pulp::{Simd, WithSimd};

use super::direct::{first_lanes, load, rows_are_contiguous};

/// Number of steps of the inner dimension between two visits to `c`, so that four rows of `b` stay in the first cache.
const DEPTH: usize = 1664;
/// Shortest inner dimension for which dot products are worth their sums across lanes.
pub(super) const SHORTEST: usize = 1024;

/// Product `c ← c + a bᵀ` with `a: [M, K]`, `b: [N, K]`, `c: [M, N]`; rows of `a` and `b` are contiguous.
pub(super) struct Dots<'a> {
    pub a: ArrayView2<'a, f32>,
    pub b: ArrayView2<'a, f32>,
    pub c: ArrayViewMut2<'a, f32>,
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        assert!(rows_are_contiguous(&self.a) && rows_are_contiguous(&self.b), "rows must be contiguous");
        assert!(self.a.ncols() == self.b.ncols() && self.c.dim() == (self.a.nrows(), self.b.nrows()));
        let depth = self.a.ncols();
        for first in (0..depth).step_by(DEPTH) {
            let steps = DEPTH.min(depth - first);
            let mut column = 0;
            while column < self.b.nrows() {
                match self.b.nrows() - column {
                    1 => self.rows::<S, 1>(simd, column, first, steps),
                    2 => self.rows::<S, 2>(simd, column, first, steps),
                    3 => self.rows::<S, 3>(simd, column, first, steps),
                    _ => self.rows::<S, 4>(simd, column, first, steps),
                }
                column += 4;
            }
        }
    }
}

impl Dots<'_> {
    /// Updates all rows of `N` columns of `c`.
    #[inline(always)]
    fn rows<S: Simd, const N: usize>(&mut self, simd: S, column: usize, first: usize, steps: usize) {
        let rows = self.a.nrows();
        let mut row = 0;
        while row + 6 <= rows {
            self.tile::<S, 6, N>(simd, row, column, first, steps);
            row += 6;
        }
        match rows - row {
            0 => {}
            1 => self.tile::<S, 1, N>(simd, row, column, first, steps),
            2 => self.tile::<S, 2, N>(simd, row, column, first, steps),
            3 => self.tile::<S, 3, N>(simd, row, column, first, steps),
            4 => self.tile::<S, 4, N>(simd, row, column, first, steps),
            _ => self.tile::<S, 5, N>(simd, row, column, first, steps),
        }
    }

    /// Updates a tile of `M` rows and `N` columns of `c`.
    #[expect(clippy::needless_range_loop, reason = "the indices are the tile's coordinates")]
    #[inline(always)]
    fn tile<S: Simd, const M: usize, const N: usize>(
        &mut self,
        simd: S,
        row: usize,
        column: usize,
        first: usize,
        steps: usize,
    ) {
        let lanes = S::F32_LANES;
        assert!(row + M <= self.a.nrows() && column + N <= self.b.nrows() && first + steps <= self.a.ncols());
        let mut sums = [[simd.splat_f32s(0.0); N]; M];
        // SAFETY: rows `row..row + M` of `a`, `column..column + N` of `b` and `steps` elements of each from
        // `first` on are inside the views (asserted), rows are contiguous (asserted by `with_simd`), and the
        // last, partial vector is masked.
        unsafe {
            let a = self.a.as_ptr().offset(row as isize * self.a.strides()[0]).add(first);
            let b = self.b.as_ptr().offset(column as isize * self.b.strides()[0]).add(first);
            let (a_row, b_row) = (self.a.strides()[0], self.b.strides()[0]);
            let mut at = 0;
            while at < steps {
                // The last vector may be partial.
                let left = (steps - at).min(lanes);
                let (mask, partial) = (first_lanes(simd, left), left < lanes);
                let mut of_b = [simd.splat_f32s(0.0); N];
                for n in 0..N {
                    of_b[n] = load(simd, mask, partial, b.offset(n as isize * b_row).add(at));
                }
                for m in 0..M {
                    let of_a = load(simd, mask, partial, a.offset(m as isize * a_row).add(at));
                    for n in 0..N {
                        sums[m][n] = simd.mul_add_f32s(of_a, of_b[n], sums[m][n]);
                    }
                }
                at += lanes;
            }
        }
        for m in 0..M {
            for n in 0..N {
                self.c[[row + m, column + n]] += simd.reduce_sum_f32s(sums[m][n]);
            }
        }
    }
}
