//! Exponentials `e^(a b + bias − shift)` and their sums by blocks of columns, for a softmax over a large vocabulary.
//!
//! A tile of the product is computed in registers, exponentiated in the first cache and summed. It is stored only if the
//! caller asks for it; the product itself never is.

use ndarray::{ArrayView2, ArrayViewMut2, s};
use pulp::{Simd, WithSimd};

use super::direct::{first_lanes, load, rows_are_contiguous};
use super::packed;
use crate::math::simd::{LANES, add_block_sums, arch, exp_block};

/// Number of columns whose exponentials are summed into one number.
pub const BLOCK: usize = 64;

/// Shift that is subtracted from the products before they are exponentiated.
#[derive(Clone, Copy, Debug)]
pub enum Shift<'a> {
    /// No shift, for products that never exceed 87. The exponential of a product below −87 is 0.
    Moderate,
    /// One shift for each row, such that no exponential overflows: `[M]`.
    Rows(&'a [f32]),
}

impl Shift<'_> {
    fn fits(self, rows: usize) -> bool {
        match self {
            Self::Moderate => true,
            Self::Rows(shifts) => shifts.len() == rows,
        }
    }

    /// Returns the shift of one row.
    #[inline(always)]
    pub fn of(self, row: usize) -> f32 {
        match self {
            Self::Moderate => 0.0,
            Self::Rows(shifts) => shifts[row],
        }
    }
}

/// Computes `e ← e^(a b + bias − shift)` and its sums by blocks of columns, with `a: [M, K]`, `b: [K, N]`, `bias: [N]`.
///
/// `sums: [M, ⌈N / 64⌉]` receives the sum of every [`BLOCK`] columns of a row. `e: [M, N]` is written if given. The result
/// of a row does not depend on the other rows.
///
/// # Panics
/// When the shapes do not fit or rows of `b` or `e` are not contiguous.
pub fn exp_product(
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    bias: &[f32],
    shift: Shift<'_>,
    e: Option<ArrayViewMut2<f32>>,
    sums: ArrayViewMut2<f32>,
) {
    let (rows, columns) = (a.nrows(), b.ncols());
    assert!(a.ncols() == b.nrows() && bias.len() == columns && shift.fits(rows), "shapes must fit");
    assert_eq!(sums.dim(), (rows, columns.div_ceil(BLOCK)), "one sum a block");
    assert!(e.as_ref().is_none_or(|e| e.dim() == (rows, columns)), "one exponential a product");
    if rows == 0 {
        return;
    }
    assert!(b.is_empty() || rows_are_contiguous(&b), "rows must be contiguous");
    assert!(sums.is_standard_layout(), "rows must be contiguous");
    assert!(e.as_ref().is_none_or(|e| rows_are_contiguous(&e.view())), "rows must be contiguous");
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let pulp::Arch::V4(simd) = arch() {
        return Simd::vectorize(simd, ExpProduct { a, b, bias, shift, e, sums, panel: vec![] });
    }
    portable(a, b, bias, shift, e, sums);
}

/// Computes [`exp_product`] by a product and a second pass, on machines without AVX-512.
fn portable(
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    bias: &[f32],
    shift: Shift<'_>,
    mut e: Option<ArrayViewMut2<f32>>,
    mut sums: ArrayViewMut2<f32>,
) {
    const ROWS: usize = 32;
    let mut buffer = ndarray::Array2::zeros((ROWS.min(a.nrows()), b.ncols()));
    for first in (0..a.nrows()).step_by(ROWS) {
        let rows = first..a.nrows().min(first + ROWS);
        let mut z = match &mut e {
            Some(e) => e.slice_mut(s![rows.clone(), ..]),
            None => buffer.slice_mut(s![..rows.len(), ..]),
        };
        packed(1.0, a.slice(s![rows.clone(), ..]), b, 0.0, z.view_mut());
        for (mut z, row) in z.rows_mut().into_iter().zip(rows) {
            let shift = shift.of(row);
            let z = z.as_slice_mut().expect("rows are contiguous");
            z.iter_mut().zip(bias).for_each(|(z, b)| *z += b - shift);
            add_block_sums(z, BLOCK, sums.row_mut(row).as_slice_mut().expect("rows are contiguous"));
        }
    }
}

struct ExpProduct<'a> {
    a: ArrayView2<'a, f32>,
    b: ArrayView2<'a, f32>,
    bias: &'a [f32],
    shift: Shift<'a>,
    e: Option<ArrayViewMut2<'a, f32>>,
    sums: ArrayViewMut2<'a, f32>,
    /// Copy of a block of columns, `[K, 64]`, when many rows read it; else empty.
    panel: Vec<f32>,
}

/// Number of rows of a tile of 64 columns, whose product takes 24 of 32 registers.
const ROWS: usize = 6;
/// Fewest rows, and fewest steps of the inner dimension, for which a copy of a block pays: the rows of a block of a large
/// vocabulary lie in as many pages of memory.
const PANEL_ROWS: usize = 18;
const PANEL_DEPTH: usize = 64;

impl WithSimd for ExpProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        assert_eq!(S::F32_LANES, LANES, "vectors of sixteen");
        for block in 0..self.sums.ncols() {
            let whole = (block + 1) * BLOCK <= self.b.ncols();
            match (whole, self.shift) {
                (true, Shift::Moderate) => self.column::<S, true, true>(simd, block),
                (true, Shift::Rows(_)) => self.column::<S, true, false>(simd, block),
                (false, _) => self.column::<S, false, false>(simd, block),
            }
        }
    }
}

impl ExpProduct<'_> {
    /// Computes all rows of a block of columns; `WHOLE` for a block of 64, `MODERATE` for [`Shift::Moderate`].
    #[inline(always)]
    fn column<S: Simd, const WHOLE: bool, const MODERATE: bool>(&mut self, simd: S, block: usize) {
        let rows = self.a.nrows();
        self.panel.clear();
        if WHOLE && rows >= PANEL_ROWS && self.b.nrows() >= PANEL_DEPTH {
            let (b, columns) = (self.b, block * BLOCK..(block + 1) * BLOCK);
            for row in b.rows() {
                let row = row.to_slice().expect("rows are contiguous");
                self.panel.extend_from_slice(&row[columns.clone()]);
            }
        }
        let mut row = 0;
        while row + ROWS <= rows {
            self.tile::<S, ROWS, WHOLE, MODERATE>(simd, row, block);
            row += ROWS;
        }
        match rows - row {
            0 => {}
            1 => self.tile::<S, 1, WHOLE, MODERATE>(simd, row, block),
            2 => self.tile::<S, 2, WHOLE, MODERATE>(simd, row, block),
            3 => self.tile::<S, 3, WHOLE, MODERATE>(simd, row, block),
            4 => self.tile::<S, 4, WHOLE, MODERATE>(simd, row, block),
            _ => self.tile::<S, 5, WHOLE, MODERATE>(simd, row, block),
        }
    }

    /// Computes `R` rows of a block from `row` on.
    #[expect(clippy::needless_range_loop, reason = "the indices are the tile's coordinates")]
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const WHOLE: bool, const MODERATE: bool>(
        &mut self,
        simd: S,
        row: usize,
        block: usize,
    ) {
        let first = block * BLOCK;
        let width = if WHOLE { BLOCK } else { self.b.ncols() - first };
        assert!(row + R <= self.a.nrows() && first + width <= self.b.ncols() && width <= BLOCK);
        let mask = |v: usize| first_lanes(simd, width.saturating_sub(v * LANES).min(LANES));
        let masks = [mask(0), mask(1), mask(2), mask(3)];
        let depth = self.a.ncols();
        let (a_row, a_step) = (self.a.strides()[0], self.a.strides()[1]);
        let (b, b_step) = match self.panel.is_empty() {
            true => (self.b.as_ptr().wrapping_add(first), self.b.strides()[0]),
            false => (self.panel.as_ptr(), BLOCK as isize),
        };
        let mut tile = [[0.0; BLOCK]; R];
        // SAFETY: `a` holds rows `row..row + R` and `depth` columns, `b` holds `depth` rows, both
        // asserted, and a panel is a copy of all rows of this block, which is whole then. Rows of `b` are
        // contiguous (asserted by `exp_product`), and the masks keep every access within the `width`
        // elements of the block, whole vectors being used only where there are 64 of them. A row of the
        // tile has room for four vectors.
        unsafe {
            let mut sums = [[simd.splat_f32s(0.0); 4]; R];
            let bias = self.bias.as_ptr().add(first);
            for v in 0..4 {
                let start = load(simd, masks[v], !WHOLE, bias.wrapping_add(v * LANES));
                for r in 0..R {
                    sums[r][v] = simd.sub_f32s(start, simd.splat_f32s(self.shift.of(row + r)));
                }
            }
            let mut a = self.a.as_ptr().offset(row as isize * a_row);
            let mut b = b;
            for _ in 0..depth {
                let mut b_row = [simd.splat_f32s(0.0); 4];
                for v in 0..4 {
                    b_row[v] = load(simd, masks[v], !WHOLE, b.wrapping_add(v * LANES));
                }
                for r in 0..R {
                    let factor = simd.splat_f32s(*a.offset(r as isize * a_row));
                    for v in 0..4 {
                        sums[r][v] = simd.mul_add_f32s(factor, b_row[v], sums[r][v]);
                    }
                }
                a = a.wrapping_offset(a_step);
                b = b.wrapping_offset(b_step);
            }
            for r in 0..R {
                for v in 0..4 {
                    tile[r].as_mut_ptr().add(v * LANES).cast::<S::f32s>().write_unaligned(sums[r][v]);
                }
            }
        }
        let sum_row = self.sums.strides()[0];
        for r in 0..R {
            // Columns beyond the last count as e^−∞ = 0.
            tile[r][width..].fill(f32::NEG_INFINITY);
            let sum = exp_block::<BLOCK, MODERATE>(&mut tile[r]);
            // SAFETY: `sums` has a row for every row of `a` and a column for every block, `e` has the shape
            // of the product and contiguous rows, all asserted by `exp_product`; both are borrowed mutably.
            unsafe {
                *self.sums.as_mut_ptr().offset((row + r) as isize * sum_row).add(block) = sum;
                if let Some(e) = &mut self.e {
                    let to = e.as_mut_ptr().offset((row + r) as isize * e.strides()[0]).add(first);
                    std::ptr::copy_nonoverlapping(tile[r].as_ptr(), to, width);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn every_shape_equals_the_product_and_then_the_exponential() {
        for (rows, depth, columns) in
            [(1, 1, 1), (5, 3, 63), (6, 8, 64), (13, 32, 200), (7, 0, 65), (0, 4, 9), (40, 70, 200)]
        {
            let a = Array2::from_shape_fn((rows, depth), |(i, j)| ((i * 5 + j) as f32).sin());
            let b = Array2::from_shape_fn((depth, columns), |(i, j)| ((i + 3 * j) as f32 * 0.7).cos());
            let bias: Vec<f32> = (0..columns).map(|j| (j as f32 * 0.1).sin()).collect();
            let shift: Vec<f32> = (0..rows).map(|i| i as f32 * 0.05).collect();
            let blocks = columns.div_ceil(BLOCK);
            for run in 0..2 {
                let mut e = Array2::zeros((rows, columns));
                let (mut sums, mut only_sums) =
                    (Array2::zeros((rows, blocks)), Array2::zeros((rows, blocks)));
                if run == 0 {
                    exp_product(
                        a.view(),
                        b.view(),
                        &bias,
                        Shift::Rows(&shift),
                        Some(e.view_mut()),
                        sums.view_mut(),
                    );
                    exp_product(a.view(), b.view(), &bias, Shift::Rows(&shift), None, only_sums.view_mut());
                    let (mut moderate, none) = (e.clone(), vec![0.0; rows]);
                    let (mut plain, mut unused) = (e.clone(), sums.clone());
                    exp_product(
                        a.view(),
                        b.view(),
                        &bias,
                        Shift::Moderate,
                        Some(moderate.view_mut()),
                        unused.view_mut(),
                    );
                    exp_product(
                        a.view(),
                        b.view(),
                        &bias,
                        Shift::Rows(&none),
                        Some(plain.view_mut()),
                        unused.view_mut(),
                    );
                    let close = |(x, y): (&f32, &f32)| (x - y).abs() <= 2e-6 * y.abs();
                    assert!(moderate.iter().zip(&plain).all(close), "moderate products need no shift");
                } else {
                    portable(
                        a.view(),
                        b.view(),
                        &bias,
                        Shift::Rows(&shift),
                        Some(e.view_mut()),
                        sums.view_mut(),
                    );
                    portable(a.view(), b.view(), &bias, Shift::Rows(&shift), None, only_sums.view_mut());
                }
                assert_eq!(sums, only_sums);
                for i in 0..rows {
                    let mut expected = vec![0.0; blocks];
                    for j in 0..columns {
                        let z: f64 = (0..depth).map(|k| f64::from(a[[i, k]]) * f64::from(b[[k, j]])).sum();
                        let exact = (z + f64::from(bias[j]) - f64::from(shift[i])).exp();
                        assert!(
                            (f64::from(e[[i, j]]) - exact).abs() < 1e-5 * exact,
                            "{rows} {depth} {columns}"
                        );
                        expected[j / BLOCK] += exact;
                    }
                    for (sum, exact) in sums.row(i).iter().zip(expected) {
                        assert!((f64::from(*sum) - exact).abs() < 1e-5 * exact);
                    }
                }
            }
        }
    }
}
