//! Upper bounds of the products `a b + bias` from both matrices in whole numbers of 8 bits, for draws from a softmax over a
//! large vocabulary.
//!
//! A row `a` is `s q + r` with whole numbers q from −127 to 127, a step size s and a rest r, and a column `b` likewise `t p + u`.
//! Their product differs from `s t q·p` by `r · t p + a · u`, which is at most `ε = ‖r‖ ‖t p‖ + ‖a‖ ‖u‖` (Cauchy–Schwarz). So
//! `s t q·p + bias + ε` is never below the product, but for the rounding of single numbers, and at most 2 ε above it. The
//! processor multiplies whole numbers four times as fast as numbers of 32 bits.

use ndarray::ArrayView2;

use super::BLOCK;
use super::direct::rows_are_contiguous;
use crate::math::simd::{Kernel, arch, run_at};

/// Largest whole number.
const MOST: f32 = 127.0;
/// 1.5 · 2²³, whose addition rounds a number to a whole one.
const ROUND: f32 = 12_582_912.0;

/// A matrix `b: [K, N]` of wide rows, rounded column by column, and the bias of every column.
#[derive(Debug)]
pub struct RoundedColumns {
    /// Four numbers of a column in the bytes of each, by blocks of columns: `[⌈N / 64⌉ · ⌈K / 4⌉]`.
    quads: Vec<[i32; BLOCK]>,
    blocks: Vec<Block>,
    depth: usize, // ⌈K / 4⌉
}

/// Numbers of the columns of one block; columns beyond the last have a bias of −∞.
#[derive(Clone, Debug)]
struct Block {
    step: [f32; BLOCK],
    bias: [f32; BLOCK],
    norm: [f32; BLOCK],  // of the rounded column, ‖t p‖
    rest: [f32; BLOCK],  // ‖u‖
    start: [i32; BLOCK], // −128 Σ p, since the numbers of rows are raised by 128
}

/// A matrix `a: [M, K]`, rounded row by row.
#[derive(Debug)]
pub struct RoundedRows {
    bytes: Vec<u8>, // [M, 4 ⌈K / 4⌉], raised by 128
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    step: f32,
    norm: f32, // ‖a‖
    rest: f32, // ‖r‖
}

impl RoundedColumns {
    /// Rounds `b: [K, N]`; `None` on a processor without products of whole numbers, or when a value is not finite.
    ///
    /// # Panics
    /// When the shapes do not fit or rows are not contiguous.
    pub fn new(b: ArrayView2<'_, f32>, bias: &[f32]) -> Option<Self> {
        assert!(b.ncols() == bias.len() && rows_are_contiguous(&b), "one bias a column of contiguous rows");
        if !is_available() || b.nrows() > 1 << 16 {
            return None;
        }
        let depth = b.nrows().div_ceil(4);
        let count = bias.len().div_ceil(BLOCK);
        let mut all =
            Self { quads: vec![[0; BLOCK]; count * depth], blocks: Vec::with_capacity(count), depth };
        for (number, quads) in all.quads.chunks_exact_mut(depth.max(1)).enumerate() {
            all.blocks.push(run_at(arch(), RoundBlock { b, bias, first: number * BLOCK, quads }));
        }
        let finite = |block: &Block| block.norm.iter().chain(&block.rest).all(|norm| norm.is_finite());
        all.blocks.iter().all(finite).then_some(all)
    }

    /// Returns the number of blocks of columns.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Computes the upper bounds x of the products of all rows, exponentiates them and sums them by blocks of columns.
    ///
    /// `tops: [M, ⌈N / 64⌉]` receives the largest bound of every [`BLOCK`] columns of a row and `sums`, of the same shape,
    /// `Σ e^(x − top)`. The result of a row does not depend on the other rows.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn exp_sums(&self, rows: &RoundedRows, sums: &mut [f32], tops: &mut [f32]) {
        let size = rows.rows.len() * self.blocks();
        assert!(rows.bytes.len() == 4 * self.depth * rows.rows.len(), "one row a row");
        assert!(sums.len() == size && tops.len() == size, "one sum a row and block");
        #[cfg(target_arch = "x86_64")]
        // SAFETY: columns are only rounded where the instructions are available.
        unsafe {
            vnni::exp_sums(self, rows, sums, tops);
        }
    }

    /// Returns the upper bounds of the products of `row` with the columns of `block`; −∞ beyond the last column.
    ///
    /// # Panics
    /// When there is no such row or block.
    pub fn bounds(&self, rows: &RoundedRows, row: usize, block: usize) -> [f32; BLOCK] {
        assert!(
            row < rows.rows.len() && rows.bytes.len() == 4 * self.depth * rows.rows.len(),
            "one row a row"
        );
        assert!(block < self.blocks(), "a block of columns");
        let mut bounds = [[f32::NEG_INFINITY; BLOCK]];
        #[cfg(target_arch = "x86_64")]
        // SAFETY: columns are only rounded where the instructions are available.
        unsafe {
            vnni::tile(self, rows, row, block, &mut bounds);
        }
        bounds[0]
    }

    /// Returns ε, half the greatest distance of the upper bound from the product of `row` with `column`.
    pub fn slack(&self, rows: &RoundedRows, row: usize, column: usize) -> f32 {
        let (row, block, column) = (rows.rows[row], &self.blocks[column / BLOCK], column % BLOCK);
        row.rest * block.norm[column] + row.norm * block.rest[column]
    }
}

impl RoundedRows {
    /// Rounds `a: [M, K]`.
    pub fn new(a: ArrayView2<'_, f32>) -> Self {
        let wide = 4 * a.ncols().div_ceil(4);
        let mut all = Self { bytes: vec![128; wide * a.nrows()], rows: Vec::with_capacity(a.nrows()) };
        let a = a.as_standard_layout();
        for (values, bytes) in a.rows().into_iter().zip(all.bytes.chunks_exact_mut(wide.max(1))) {
            let values = values.to_slice().expect("standard layout is contiguous");
            all.rows.push(run_at(arch(), RoundRow(values, bytes)));
        }
        all
    }

    /// Returns true when all values of the row are finite; the bounds of another row mean nothing.
    pub fn is_finite(&self, row: usize) -> bool {
        self.rows[row].norm.is_finite() && self.rows[row].rest.is_finite()
    }
}

fn is_available() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        matches!(arch(), pulp::Arch::V4(_)) && std::arch::is_x86_feature_detected!("avx512vnni")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// Returns the step size whose multiples reach `most`, and its reciprocal.
#[inline(always)]
fn step_of(most: f32) -> (f32, f32) {
    (most / MOST, if most >= 1e-30 { MOST / most } else { 0.0 })
}

/// Rounding of the columns from `first` on.
struct RoundBlock<'a> {
    b: ArrayView2<'a, f32>,
    bias: &'a [f32],
    first: usize,
    quads: &'a mut [[i32; BLOCK]],
}

impl RoundBlock<'_> {
    /// Returns a row of the block, with zeros beyond the last column; rows below the last are zero.
    #[inline(always)]
    fn row(&self, row: usize) -> [f32; BLOCK] {
        let mut values = [0.0; BLOCK];
        if row < self.b.nrows() {
            let from = self.b.row(row).to_slice().expect("rows are contiguous");
            let from = &from[self.first..from.len().min(self.first + BLOCK)];
            values[..from.len()].copy_from_slice(from);
        }
        values
    }
}

impl Kernel for RoundBlock<'_> {
    type Output = Block;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Block {
        let mut most = [0.0f32; BLOCK];
        for row in 0..self.b.nrows() {
            let values = self.row(row);
            for j in 0..BLOCK {
                most[j] = if values[j].abs() > most[j] { values[j].abs() } else { most[j] };
            }
        }
        let (mut step, mut scale) = ([0.0; BLOCK], [0.0; BLOCK]);
        for j in 0..BLOCK {
            (step[j], scale[j]) = step_of(most[j]);
        }
        let (mut norm, mut rest, mut start) = ([0.0; BLOCK], [0.0; BLOCK], [0i32; BLOCK]);
        for quad in 0..self.quads.len() {
            let mut packed = [0i32; BLOCK];
            for byte in 0..4 {
                let values = self.row(4 * quad + byte);
                for j in 0..BLOCK {
                    let whole = (values[j] * scale[j] + ROUND) - ROUND;
                    let number =
                        (values[j] * scale[j] + ROUND).to_bits().wrapping_sub(ROUND.to_bits()) as i32;
                    let beyond = values[j] - whole * step[j];
                    norm[j] += whole * whole;
                    rest[j] += beyond * beyond;
                    // A value that is not finite gives any number here, and no rounded columns.
                    start[j] = start[j].wrapping_sub(number.wrapping_mul(128));
                    packed[j] |= (number & 255) << (8 * byte);
                }
            }
            self.quads[quad] = packed;
        }
        let mut bias = [f32::NEG_INFINITY; BLOCK];
        let of_columns = &self.bias[self.first..self.bias.len().min(self.first + BLOCK)];
        bias[..of_columns.len()].copy_from_slice(of_columns);
        for j in 0..BLOCK {
            (norm[j], rest[j]) = (norm[j].sqrt() * step[j], rest[j].sqrt());
        }
        Block { step, bias, norm, rest, start }
    }
}

/// Rounding of one row into bytes.
struct RoundRow<'a>(&'a [f32], &'a mut [u8]);

impl Kernel for RoundRow<'_> {
    type Output = Row;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Row {
        const LANES: usize = 16;
        let (chunks, tail) = self.0.as_chunks::<LANES>();
        let last = crate::math::simd::padded(tail, 0.0);
        let chunks = || chunks.iter().chain(std::iter::once(&last));
        let mut most = [0.0f32; LANES];
        for values in chunks() {
            for j in 0..LANES {
                most[j] = if values[j].abs() > most[j] { values[j].abs() } else { most[j] };
            }
        }
        let (step, scale) = step_of(most.into_iter().fold(0.0, f32::max));
        let (mut norm, mut rest) = ([0.0f32; LANES], [0.0f32; LANES]);
        for (values, bytes) in chunks().zip(self.1.chunks_mut(LANES)) {
            let mut rounded = [0u8; LANES];
            for j in 0..LANES {
                let shifted = values[j] * scale + ROUND;
                let beyond = values[j] - (shifted - ROUND) * step;
                norm[j] += values[j] * values[j];
                rest[j] += beyond * beyond;
                rounded[j] = (shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(128)) as u8;
            }
            bytes.copy_from_slice(&rounded[..bytes.len()]);
        }
        let root = |squares: [f32; LANES]| squares.into_iter().sum::<f32>().sqrt();
        Row { step, norm: root(norm), rest: root(rest) }
    }
}

/// The kernel for processors that multiply and add four pairs of bytes in each lane.
#[cfg(target_arch = "x86_64")]
mod vnni {
    use std::arch::x86_64::*;

    use super::{BLOCK, RoundedColumns, RoundedRows};
    use crate::math::simd::exp_block;

    /// Rows of a tile of 64 columns, whose sums take 24 of 32 registers.
    const ROWS: usize = 6;

    /// Computes [`RoundedColumns::exp_sums`].
    ///
    /// # Safety
    /// The instructions must be available, and the shapes must fit.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    pub unsafe fn exp_sums(columns: &RoundedColumns, rows: &RoundedRows, sums: &mut [f32], tops: &mut [f32]) {
        let count = rows.rows.len();
        for block in 0..columns.blocks() {
            let mut row = 0;
            // SAFETY: as the caller's.
            unsafe {
                while row + ROWS <= count {
                    rows_of_block::<ROWS>(columns, rows, row, block, sums, tops);
                    row += ROWS;
                }
                match count - row {
                    0 => {}
                    1 => rows_of_block::<1>(columns, rows, row, block, sums, tops),
                    2 => rows_of_block::<2>(columns, rows, row, block, sums, tops),
                    3 => rows_of_block::<3>(columns, rows, row, block, sums, tops),
                    4 => rows_of_block::<4>(columns, rows, row, block, sums, tops),
                    _ => rows_of_block::<5>(columns, rows, row, block, sums, tops),
                }
            }
        }
    }

    /// Computes sums and tops of `R` rows of a block from `row` on.
    ///
    /// # Safety
    /// As [`exp_sums`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn rows_of_block<const R: usize>(
        columns: &RoundedColumns,
        rows: &RoundedRows,
        row: usize,
        block: usize,
        sums: &mut [f32],
        tops: &mut [f32],
    ) {
        let mut bounds = [[0.0; BLOCK]; R];
        // SAFETY: as the caller's.
        unsafe { tile(columns, rows, row, block, &mut bounds) };
        for (r, bounds) in bounds.iter_mut().enumerate() {
            let mut lanes = [f32::NEG_INFINITY; 16];
            for part in bounds.as_chunks::<16>().0 {
                for j in 0..16 {
                    lanes[j] = if part[j] > lanes[j] { part[j] } else { lanes[j] };
                }
            }
            // SAFETY: an array of sixteen numbers is a vector.
            let top = unsafe { _mm512_reduce_max_ps(_mm512_loadu_ps(lanes.as_ptr())) };
            bounds.iter_mut().for_each(|bound| *bound -= top);
            let place = (row + r) * columns.blocks() + block;
            (sums[place], tops[place]) = (exp_block::<BLOCK, true>(bounds), top);
        }
    }

    /// Computes the upper bounds of `R` rows of a block from `row` on.
    ///
    /// # Safety
    /// The instructions must be available; rows, block and shapes must fit.
    #[expect(clippy::needless_range_loop, reason = "the indices are the tile's coordinates")]
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    pub unsafe fn tile<const R: usize>(
        columns: &RoundedColumns,
        rows: &RoundedRows,
        row: usize,
        block: usize,
        bounds: &mut [[f32; BLOCK]; R],
    ) {
        let depth = columns.depth;
        let of = &columns.blocks[block];
        let quads = &columns.quads[block * depth..(block + 1) * depth];
        let bytes = &rows.bytes[4 * row * depth..4 * (row + R) * depth];
        let mut sums = [[_mm512_setzero_si512(); 4]; R];
        // SAFETY: a block holds four vectors of each of its arrays and of every four rows, and a row `4 depth` bytes, of
        // which four are read at a time.
        unsafe {
            for v in 0..4 {
                let start = _mm512_loadu_si512(of.start.as_ptr().add(16 * v).cast());
                for r in 0..R {
                    sums[r][v] = start;
                }
            }
            for (k, quad) in quads.iter().enumerate() {
                let mut of_columns = [_mm512_setzero_si512(); 4];
                for v in 0..4 {
                    of_columns[v] = _mm512_loadu_si512(quad.as_ptr().add(16 * v).cast());
                }
                for r in 0..R {
                    let four = bytes.as_ptr().add(4 * (r * depth + k)).cast::<i32>().read_unaligned();
                    let four = _mm512_set1_epi32(four);
                    for v in 0..4 {
                        sums[r][v] = _mm512_dpbusd_epi32(sums[r][v], four, of_columns[v]);
                    }
                }
            }
            for v in 0..4 {
                let load = |values: &[f32; BLOCK]| _mm512_loadu_ps(values.as_ptr().add(16 * v));
                let (step, bias, norm, rest) =
                    (load(&of.step), load(&of.bias), load(&of.norm), load(&of.rest));
                for r in 0..R {
                    let row = rows.rows[row + r];
                    let bound = _mm512_fmadd_ps(_mm512_set1_ps(row.norm), rest, bias);
                    let bound = _mm512_fmadd_ps(_mm512_set1_ps(row.rest), norm, bound);
                    let steps = _mm512_mul_ps(_mm512_set1_ps(row.step), step);
                    let bound = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[r][v]), steps, bound);
                    _mm512_storeu_ps(bounds[r].as_mut_ptr().add(16 * v), bound);
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
    fn bounds_hold_and_their_exponentials_are_summed_by_blocks() {
        for (rows, depth, columns) in
            [(1, 1, 1), (5, 3, 63), (6, 8, 64), (13, 33, 200), (8, 258, 130), (0, 4, 9)]
        {
            let a = Array2::from_shape_fn((rows, depth), |(i, j)| ((i * 5 + j) as f32).sin() * 2.0);
            let b = Array2::from_shape_fn((depth, columns), |(i, j)| ((i + 3 * j) as f32 * 0.7).cos());
            let bias: Vec<f32> = (0..columns).map(|j| (j as f32 * 0.1).sin()).collect();
            let Some(rounded) = RoundedColumns::new(b.view(), &bias) else {
                assert!(!is_available(), "finite columns are rounded where the processor can");
                return;
            };
            let of_rows = RoundedRows::new(a.view());
            let blocks = columns.div_ceil(BLOCK);
            let (mut sums, mut tops) = (vec![0.0; rows * blocks], vec![0.0; rows * blocks]);
            rounded.exp_sums(&of_rows, &mut sums, &mut tops);
            for (row, block) in (0..rows).flat_map(|row| (0..blocks).map(move |block| (row, block))) {
                let bounds = rounded.bounds(&of_rows, row, block);
                let (mut sum, top) = (0.0, bounds.iter().copied().fold(f32::NEG_INFINITY, f32::max));
                for (column, &bound) in
                    (block * BLOCK..).zip(&bounds).take_while(|(column, _)| *column < columns)
                {
                    let z: f64 = (0..depth).map(|k| f64::from(a[[row, k]]) * f64::from(b[[k, column]])).sum();
                    let (z, slack) =
                        (z + f64::from(bias[column]), f64::from(rounded.slack(&of_rows, row, column)));
                    let above = f64::from(bound) - z;
                    assert!(
                        (-1e-5..2.0 * slack + 1e-5).contains(&above),
                        "{row} {column}: {above} of {slack}"
                    );
                    assert!(
                        slack < 0.01 * depth as f64 + 0.02,
                        "the bound of {depth} products is narrow: {slack}"
                    );
                    sum += f64::from(bound - top).exp();
                }
                assert!(bounds.iter().skip(columns - block * BLOCK).all(|bound| *bound == f32::NEG_INFINITY));
                let place = row * blocks + block;
                assert_eq!(tops[place], top);
                assert!((f64::from(sums[place]) - sum).abs() < 1e-5 * sum, "{} {sum}", sums[place]);
            }
        }
    }

    #[test]
    fn numbers_that_are_not_finite_are_not_rounded() {
        let mut b = Array2::ones((5, 70));
        b[[3, 66]] = f32::NAN;
        assert!(RoundedColumns::new(b.view(), &[0.0; 70]).is_none());
        let mut a = Array2::ones((2, 5));
        a[[1, 4]] = f32::INFINITY;
        let rows = RoundedRows::new(a.view());
        assert!(rows.is_finite(0) && !rows.is_finite(1));
    }
}
