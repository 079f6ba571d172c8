//! Products of vectors, and products of a matrix with a vector.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut1};
use pulp::{Simd, WithSimd};

use super::direct::{first_lanes, load};
use super::narrow::{self, WIDEST};
use crate::math::simd::{Kernel, LANES, arch, fold, mul_add, run_at};

/// Returns the dot product `Σ_i a_i b_i`.
///
/// # Panics
/// When the lengths differ.
///
/// ```
/// assert_eq!(irgan::math::dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
/// ```
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "dot product of different lengths");
    arch().dispatch(Dot(a, b))
}

/// Computes `y ← y + alpha · x`.
///
/// # Panics
/// When the lengths differ.
pub fn axpy(alpha: f32, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len(), "axpy of different lengths");
    run_at(arch(), Axpy(alpha, x, y));
}

/// Computes `y ← y + Σ_i a_i x[s_i..s_i + N]` of pairs `(a_i, s_i)`, with `y: [N]`, like as many calls of [`axpy`].
///
/// # Panics
/// When N values from a start are not within `x`.
pub fn add_scaled_parts(parts: &[(f32, usize)], x: &[f32], y: &mut [f32]) {
    run_at(arch(), ScaledParts { parts, x, y });
}

/// Computes `y ← a x`, with `a: [M, K]`, `x: [K]`, `y: [M]`.
///
/// # Panics
/// When the shapes do not fit.
pub fn gemv(a: ArrayView2<f32>, x: ArrayView1<f32>, mut y: ArrayViewMut1<f32>) {
    assert!(a.dim() == (y.len(), x.len()), "product of {:?} and [{}] into [{}]", a.dim(), x.len(), y.len());
    let x = x.as_standard_layout();
    let x = x.as_slice().expect("standard layout is contiguous");
    if let Some(y) = y.as_slice_mut() {
        // A narrow table, or the transpose of one.
        match (a.as_slice(), a.reversed_axes().to_slice()) {
            (Some(table), _) if (1..=WIDEST).contains(&a.ncols()) => return narrow::by_rows(table, x, y),
            (_, Some(table)) if (1..=WIDEST).contains(&a.nrows()) => return narrow::by_columns(table, x, y),
            _ => {}
        }
    }
    if a.ncols() <= 1 || a.strides()[1] == 1 {
        arch().dispatch(Rows(a, x, y));
    } else {
        // Elements of a column are closer in memory than those of a row: add column by column.
        let mut sum = vec![0.0; y.len()];
        for (column, &x) in a.columns().into_iter().zip(x) {
            let column = column.as_standard_layout();
            axpy(x, column.as_slice().expect("standard layout is contiguous"), &mut sum);
        }
        y.iter_mut().zip(sum).for_each(|(y, s)| *y = s);
    }
}

/// Number of partial sums of a dot product, enough to hide the latency of an addition.
const SUMS: usize = 4 * LANES;

/// Dot product of two slices of equal length.
struct Dot<'a>(&'a [f32], &'a [f32]);

impl WithSimd for Dot<'_> {
    type Output = f32;

    /// Adds element `i` to partial sum `i mod 64` at every level, so that AVX2 and AVX-512 give equal bits.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        match S::F32_LANES {
            16 => self.sum::<S, { SUMS / 16 }>(simd),
            8 => self.sum::<S, { SUMS / 8 }>(simd),
            4 => self.sum::<S, { SUMS / 4 }>(simd),
            _ => self.portable_sum(),
        }
    }
}

impl Dot<'_> {
    #[expect(clippy::needless_range_loop, reason = "the index is a place in both operands too")]
    #[inline(always)]
    fn sum<S: Simd, const VECTORS: usize>(self, simd: S) -> f32 {
        let mut sums = [simd.splat_f32s(0.0); VECTORS];
        let (a, a_tail) = self.0.as_chunks::<SUMS>();
        let (b, b_tail) = self.1.as_chunks::<SUMS>();
        for (a, b) in a.iter().zip(b) {
            let (a, b) = (S::as_simd_f32s(a).0, S::as_simd_f32s(b).0);
            for v in 0..VECTORS {
                sums[v] = simd.mul_add_f32s(a[v], b[v], sums[v]);
            }
        }
        // Constant indices keep the sums in registers.
        let (lanes, length) = (S::F32_LANES, a_tail.len());
        assert_eq!(length, b_tail.len(), "slices of equal length");
        for v in 0..VECTORS {
            let left = length.saturating_sub(v * lanes).min(lanes);
            if left > 0 {
                let (mask, partial) = (first_lanes(simd, left), left < lanes);
                // SAFETY: both tails have `left` values from `v · lanes` on, and the mask ends with them.
                unsafe {
                    let a = load(simd, mask, partial, a_tail.as_ptr().add(v * lanes));
                    let b = load(simd, mask, partial, b_tail.as_ptr().add(v * lanes));
                    sums[v] = simd.mul_add_f32s(a, b, sums[v]);
                }
            }
        }
        // Halves are added until one vector is left, whose lanes are added last.
        let mut width = VECTORS / 2;
        while width > 0 {
            for v in 0..width {
                sums[v] = simd.add_f32s(sums[v], sums[v + width]);
            }
            width /= 2;
        }
        simd.reduce_sum_f32s(sums[0])
    }

    fn portable_sum(self) -> f32 {
        let mut sums = [0.0; SUMS];
        for (a, b) in self.0.chunks(SUMS).zip(self.1.chunks(SUMS)) {
            for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
                *sum += a * b;
            }
        }
        fold(sums, |a, b| a + b)
    }
}

/// `y ← y + alpha · x` of (alpha, x, y).
struct Axpy<'a>(f32, &'a [f32], &'a mut [f32]);

impl Kernel for Axpy<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (y, &x) in self.2.iter_mut().zip(self.1) {
            *y = mul_add::<FMA>(self.0, x, *y);
        }
    }
}

struct ScaledParts<'a> {
    parts: &'a [(f32, usize)],
    x: &'a [f32],
    y: &'a mut [f32],
}

impl ScaledParts<'_> {
    /// Sums the values `first..first + N` in registers.
    #[inline(always)]
    fn strip<const N: usize, const FMA: bool>(&mut self, first: usize) {
        let y: &mut [f32; N] = self.y[first..].first_chunk_mut().expect("N values");
        let mut sums = *y;
        for &(alpha, start) in self.parts {
            let x: &[f32; N] = self.x[start + first..].first_chunk().expect("N values");
            for i in 0..N {
                sums[i] = mul_add::<FMA>(alpha, x[i], sums[i]);
            }
        }
        *y = sums;
    }
}

impl Kernel for ScaledParts<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let mut first = 0;
        while first + 8 * LANES <= self.y.len() {
            self.strip::<{ 8 * LANES }, FMA>(first);
            first += 8 * LANES;
        }
        while first + LANES <= self.y.len() {
            self.strip::<LANES, FMA>(first);
            first += LANES;
        }
        for first in first..self.y.len() {
            self.strip::<1, FMA>(first);
        }
    }
}

/// One dot product for every row of (a, x, y); rows of `a` are contiguous.
struct Rows<'a>(ArrayView2<'a, f32>, &'a [f32], ArrayViewMut1<'a, f32>);

impl WithSimd for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for (row, y) in self.0.rows().into_iter().zip(self.2.iter_mut()) {
            *y = Dot(row.to_slice().expect("unit stride along the row"), self.1).with_simd(simd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::simd::available;
    use ndarray::{Array1, Array2};

    fn numbers(n: usize, step: f32) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * step).sin()).collect()
    }

    #[test]
    fn dot_and_axpy_are_right_at_every_length() {
        for n in 0..300 {
            let (a, b) = (numbers(n, 0.37), numbers(n, 0.91));
            let exact: f64 = a.iter().zip(&b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            let found: Vec<f32> = available().into_iter().map(|arch| arch.dispatch(Dot(&a, &b))).collect();
            assert!(found.iter().all(|&x| (f64::from(x) - exact).abs() < 1e-5), "length {n}: {found:?}");
            assert!(found[1..].windows(2).all(|pair| pair[0] == pair[1]), "length {n}: {found:?}");
            let mut y = b.clone();
            axpy(-2.0, &a, &mut y);
            assert!(y.iter().zip(&a).zip(&b).all(|((y, a), b)| (y - (b - 2.0 * a)).abs() < 1e-6));
            let (x, parts) = (numbers(n + 7, 0.53), [(0.5, 7), (-3.0, 0), (1.5, 3)]);
            let mut expected = b.clone();
            parts.iter().for_each(|&(alpha, start)| axpy(alpha, &x[start..start + n], &mut expected));
            let mut y = b.clone();
            add_scaled_parts(&parts, &x, &mut y);
            assert_eq!(y, expected, "length {n}");
        }
    }

    #[test]
    fn gemv_takes_any_strides() {
        let a = Array2::from_shape_vec((14, 30), numbers(420, 0.11)).expect("14 × 30");
        let x = Array1::from(numbers(30, 0.7));
        let exact = |a: ArrayView2<f32>, x: ArrayView1<f32>| -> Vec<f32> {
            a.rows().into_iter().map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum()).collect()
        };
        let columns = a.t().as_standard_layout().into_owned();
        for (a, x) in [
            (a.view(), x.view()),
            (columns.t(), x.view()),
            (a.slice(ndarray::s![.., ..;2]), x.slice(ndarray::s![..15])),
            (a.slice(ndarray::s![.., ..15]), x.slice(ndarray::s![..;2])),
            (a.slice(ndarray::s![..;-1, ..]), x.slice(ndarray::s![..;-1])),
        ] {
            let mut y = Array1::from_elem(14, f32::NAN);
            gemv(a, x, y.view_mut());
            for (y, e) in y.iter().zip(exact(a, x)) {
                assert!((y - e).abs() < 1e-5);
            }
        }
    }
}
