//! Matrix product without packing, for matrices that stay in cache.
//!
//! A tile of `c` (some rows × some vectors) is kept in registers while the loop runs over the inner dimension:
//! `c[r, ·] += a[r, k] · b[k, ·]`, with one broadcast for every row of `b`. Only rows of `b` and `c` must be contiguous, so
//! that `a` may be a transposed view, and one loop serves the forward pass of a small layer and the gradient of its weight.
//!
//! Every element of `c` is summed in the order of `k`, in blocks of [`DEPTH`], so that its bits do not depend on the number
//! of other rows.

use ndarray::{ArrayView2, ArrayViewMut2};
use pulp::{MemMask, Simd, WithSimd};

use crate::math::simd::arch;

/// Number of steps of the inner dimension between two visits to `c`, so that a block of `b` stays in the first cache.
const DEPTH: usize = 128;

/// Product `c ← alpha · a b + beta · c`; see [`super::gemm`]. Rows of `b` and of `c` are contiguous.
pub(super) struct Direct<'a> {
    pub alpha: f32,
    /// Left operand: `[M, K]`, any strides.
    pub a: ArrayView2<'a, f32>,
    /// Right operand: `[K, N]`, contiguous rows.
    pub b: ArrayView2<'a, f32>,
    pub beta: f32,
    /// Result: `[M, N]`, contiguous rows.
    pub c: ArrayViewMut2<'a, f32>,
}

/// Returns true when the elements of each row are adjacent in memory.
pub(super) fn rows_are_contiguous(matrix: &ArrayView2<f32>) -> bool {
    matrix.ncols() <= 1 || matrix.strides()[1] == 1
}

/// Returns true when [`Direct`] is faster than the `gemm` crate for a weight of `[inputs, outputs]`.
///
/// It is up to 1.8 times as fast for few rows and 1.1 times for many, forward and in the gradient (group
/// `gemm` of the bench `math`), but only with AVX-512, whose masks make a partial vector as cheap as a full one. The number of
/// rows does not enter, so that the result of a row does not depend on its batch.
pub(super) fn is_faster(inputs: usize, outputs: usize) -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    let masks_are_cheap = matches!(arch(), pulp::Arch::V4(_));
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    let masks_are_cheap = false;
    masks_are_cheap && inputs <= 128 && outputs <= 512
}

impl Direct<'_> {
    pub fn run(self) {
        assert!(rows_are_contiguous(&self.b) && rows_are_contiguous(&self.c.view()));
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        if let pulp::Arch::V4(simd) = arch() {
            return Simd::vectorize(simd, self);
        }
        pulp::Scalar.vectorize(self);
    }
}

impl WithSimd for Direct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let columns = self.c.ncols();
        let depth = self.a.ncols();
        if depth == 0 {
            let beta = self.beta;
            self.c.mapv_inplace(|c| if beta == 0.0 { 0.0 } else { beta * c });
            return;
        }
        // A panel has the number of vectors that wastes least: 46 columns take 3 vectors of 16.
        let vectors = columns.div_ceil(S::F32_LANES);
        let panel = S::F32_LANES * if vectors <= 4 { vectors.max(1) } else { 3 };
        for first in (0..columns).step_by(panel) {
            let width = panel.min(columns - first);
            for step in (0..depth).step_by(DEPTH) {
                let steps = DEPTH.min(depth - step);
                let beta = if step == 0 { self.beta } else { 1.0 };
                let tiles = Tiles {
                    a: self.a.slice(ndarray::s![.., step..step + steps]),
                    b: self.b.slice(ndarray::s![step..step + steps, first..first + width]),
                    c: self.c.slice_mut(ndarray::s![.., first..first + width]),
                    alpha: self.alpha,
                    beta,
                };
                let whole = width.is_multiple_of(S::F32_LANES);
                match (width.div_ceil(S::F32_LANES), whole) {
                    (1, true) => tiles.run::<S, 1, 8, true>(simd),
                    (1, false) => tiles.run::<S, 1, 8, false>(simd),
                    (2, true) => tiles.run::<S, 2, 12, true>(simd),
                    (2, false) => tiles.run::<S, 2, 12, false>(simd),
                    (3, true) => tiles.run::<S, 3, 8, true>(simd),
                    (3, false) => tiles.run::<S, 3, 8, false>(simd),
                    (_, true) => tiles.run::<S, 4, 6, true>(simd),
                    (_, false) => tiles.run::<S, 4, 6, false>(simd),
                }
            }
        }
    }
}

/// Panel of `b` and `c`, at most [`DEPTH`] steps deep, with the rows of `a`.
struct Tiles<'a> {
    a: ArrayView2<'a, f32>,
    b: ArrayView2<'a, f32>,
    c: ArrayViewMut2<'a, f32>,
    alpha: f32,
    beta: f32,
}

impl Tiles<'_> {
    /// Computes all rows of the panel, `ROWS` at a time; `WHOLE` says that its last vector is full.
    ///
    /// The remaining rows are one tile, which hides more latency than several smaller ones.
    #[inline(always)]
    fn run<S: Simd, const VECTORS: usize, const ROWS: usize, const WHOLE: bool>(mut self, simd: S) {
        let rows = self.a.nrows();
        let mut row = 0;
        while row + ROWS <= rows {
            self.tile::<S, VECTORS, ROWS, WHOLE>(simd, row);
            row += ROWS;
        }
        if ROWS > 8 && row + 8 <= rows {
            self.tile::<S, VECTORS, 8, WHOLE>(simd, row);
            row += 8;
        }
        match rows - row {
            0 => {}
            1 => self.tile::<S, VECTORS, 1, WHOLE>(simd, row),
            2 => self.tile::<S, VECTORS, 2, WHOLE>(simd, row),
            3 => self.tile::<S, VECTORS, 3, WHOLE>(simd, row),
            4 => self.tile::<S, VECTORS, 4, WHOLE>(simd, row),
            5 => self.tile::<S, VECTORS, 5, WHOLE>(simd, row),
            6 => self.tile::<S, VECTORS, 6, WHOLE>(simd, row),
            _ => self.tile::<S, VECTORS, 7, WHOLE>(simd, row),
        }
    }

    /// Computes `ROWS` rows from `row` on; the last of the `VECTORS` vectors may be partial.
    #[expect(clippy::needless_range_loop, reason = "the indices are the tile's coordinates")]
    #[inline(always)]
    fn tile<S: Simd, const VECTORS: usize, const ROWS: usize, const WHOLE: bool>(
        &mut self,
        simd: S,
        row: usize,
    ) {
        let lanes = S::F32_LANES;
        let (steps, width) = self.b.dim();
        assert!(width > (VECTORS - 1) * lanes && width <= VECTORS * lanes && row + ROWS <= self.a.nrows());
        let last = first_lanes(simd, width - (VECTORS - 1) * lanes);
        let all = first_lanes(simd, lanes);
        let mask = |v: usize| if v + 1 == VECTORS { last } else { all };

        let (a_row, a_step) = (self.a.strides()[0], self.a.strides()[1]);
        let b_step = self.b.strides()[0];
        let c_row = self.c.strides()[0];
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        // SAFETY: `a` holds rows `row..row + ROWS` and `steps` columns, `b` holds `steps` rows and
        // `c` the same rows as `a`, all asserted here or by the shapes of the views. Rows of `b`
        // and `c` are contiguous (asserted by `Direct::run`), and the masks keep every access
        // within the `width` elements of a row. `c` is borrowed mutably.
        unsafe {
            let mut a = self.a.as_ptr().offset(row as isize * a_row);
            let mut b = self.b.as_ptr();
            for _ in 0..steps {
                let mut b_row = [simd.splat_f32s(0.0); VECTORS];
                for v in 0..VECTORS {
                    b_row[v] = load(simd, mask(v), !WHOLE && v + 1 == VECTORS, b.add(v * lanes));
                }
                for r in 0..ROWS {
                    let factor = simd.splat_f32s(*a.offset(r as isize * a_row));
                    for v in 0..VECTORS {
                        sums[r][v] = simd.mul_add_f32s(factor, b_row[v], sums[r][v]);
                    }
                }
                a = a.wrapping_offset(a_step);
                b = b.wrapping_offset(b_step);
            }
            let (alpha, beta) = (simd.splat_f32s(self.alpha), simd.splat_f32s(self.beta));
            for r in 0..ROWS {
                let c = self.c.as_mut_ptr().offset((row + r) as isize * c_row);
                for v in 0..VECTORS {
                    let mut sum = simd.mul_f32s(alpha, sums[r][v]);
                    if self.beta != 0.0 {
                        let old = load(simd, mask(v), !WHOLE && v + 1 == VECTORS, c.add(v * lanes));
                        sum = simd.mul_add_f32s(beta, old, sum);
                    }
                    if !WHOLE && v + 1 == VECTORS {
                        simd.mask_store_ptr_f32s(mask(v), c.add(v * lanes), sum);
                    } else {
                        c.add(v * lanes).cast::<S::f32s>().write_unaligned(sum);
                    }
                }
            }
        }
    }
}

/// Returns the mask of the first `count` lanes, with which the processor itself loads and stores; for each access by the mask that pulp
/// returns, a function is called.
#[inline(always)]
pub(super) fn first_lanes<S: Simd>(simd: S, count: usize) -> MemMask<S::m32s> {
    MemMask::new(simd.mask_between_m32s(0, count as u32).mask())
}

/// Loads the vector at `from`, masked where it may reach beyond the row.
///
/// # Safety
/// As [`Simd::mask_load_ptr_f32s`]; without `masked`, all lanes must be readable.
#[inline(always)]
pub(super) unsafe fn load<S: Simd>(
    simd: S,
    mask: MemMask<S::m32s>,
    masked: bool,
    from: *const f32,
) -> S::f32s {
    // SAFETY: as the caller's; a vector of `f32` has no invalid bits.
    unsafe {
        if masked { simd.mask_load_ptr_f32s(mask, from) } else { from.cast::<S::f32s>().read_unaligned() }
    }
}
