//! Products of matrices whose values are rounded to bfloat16, which has the exponents of `f32` and 8 bits of precision; sums are of
//! 32 bits.
//!
//! A processor with AMX multiplies them up to sixteen times as fast as values of 32 bits, one with AVX-512 BF16 up to twice. The two add in
//! different orders. Subnormal numbers count as zero.
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code, unused_variables))]

use std::sync::OnceLock;

use half::bf16;
use ndarray::{ArrayView2, ArrayViewMut2, Axis, s};
use rayon::prelude::*;

use super::direct::rows_are_contiguous;
use crate::math::simd::{Kernel, arch, run_at};

/// Number of columns of a block, and of rows that are multiplied with it at a time: two tiles of AMX.
const WIDE: usize = 32;
/// Number of values of a row that a tile of AMX holds.
const DEEP: usize = 32;
/// Rows that are rounded together and stay in the cache.
const ROWS: usize = 256;
/// Blocks of columns that are rounded together, so that long pieces of rows are read.
const PANEL: usize = 6;

/// Instructions that multiply numbers of bfloat16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    /// Tiles of 16 × 32 numbers.
    Amx,
    /// Vectors of 32 numbers.
    Avx512,
}

/// Two rows of a block of columns, in whole lines of the cache: a tile that crosses them takes twice the time.
#[derive(Clone, Debug, PartialEq)]
#[repr(C, align(64))]
struct Pairs([[bf16; 2]; WIDE]);

/// Part of a row, in a line of the cache.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
struct Part([bf16; DEEP]);

/// A matrix `b: [K, N]` rounded to bfloat16.
#[derive(Debug)]
pub struct Bfloat16Matrix {
    pairs: Vec<Pairs>, // [⌈N / 32⌉, ⌈K / 32⌉ · 16]
    shape: (usize, usize),
    instructions: Instructions,
}

/// Rows `a: [M, K]` rounded to bfloat16, to be multiplied with a matrix.
#[derive(Debug)]
pub struct Bfloat16Rows {
    parts: Vec<Part>, // [M up to a multiple of 32, ⌈K / 32⌉]
    shape: (usize, usize),
}

impl Bfloat16Rows {
    /// Rounds `a: [M, K]`.
    ///
    /// # Panics
    /// When its rows are not contiguous, or on a processor without products of bfloat16.
    pub fn new(a: ArrayView2<'_, f32>) -> Self {
        assert!(!available().is_empty(), "the processor multiplies bfloat16");
        assert!(rows_are_contiguous(&a), "rows are contiguous");
        let wanted = a.nrows().next_multiple_of(WIDE) * a.ncols().div_ceil(DEEP);
        let mut parts = Vec::with_capacity(wanted);
        for row in a.rows() {
            let (whole, rest) = row.to_slice().expect("rows are contiguous").as_chunks::<DEEP>();
            parts.extend(whole.iter().map(rounded));
            if !rest.is_empty() {
                let mut values = [0.0; DEEP];
                values[..rest.len()].copy_from_slice(rest);
                parts.push(rounded(&values));
            }
        }
        parts.resize(wanted, Part([bf16::ZERO; DEEP]));
        Self { parts, shape: a.dim() }
    }
}

/// Returns the instructions for products of bfloat16: `amx` or `avx512-bf16`; `None` on a processor without such.
///
/// The environment variable `IRGAN_SIMD` takes them away with those of AVX-512.
pub fn bfloat16_level() -> Option<&'static str> {
    available().first().map(|instructions| match instructions {
        Instructions::Amx => "amx",
        Instructions::Avx512 => "avx512-bf16",
    })
}

/// Returns the instructions of this machine, the fastest first.
fn available() -> &'static [Instructions] {
    static AVAILABLE: OnceLock<Vec<Instructions>> = OnceLock::new();
    AVAILABLE.get_or_init(|| {
        #[allow(unused_mut)]
        let mut found = vec![];
        #[cfg(target_arch = "x86_64")]
        if matches!(arch(), pulp::Arch::V4(_)) {
            // A processor with tiles has the vectors too, which round.
            if std::arch::is_x86_feature_detected!("avx512bf16") {
                found.extend(amx::is_allowed().then_some(Instructions::Amx));
                found.push(Instructions::Avx512);
            }
        }
        found
    })
}

impl Bfloat16Matrix {
    /// Rounds `b: [K, N]`; `None` on a processor without products of bfloat16.
    ///
    /// # Panics
    /// When `b` has no rows.
    pub fn new(b: ArrayView2<'_, f32>) -> Option<Self> {
        available().first().map(|&instructions| Self::for_instructions(b, instructions))
    }

    fn for_instructions(b: ArrayView2<'_, f32>, instructions: Instructions) -> Self {
        assert!(b.nrows() > 0, "there are rows");
        let depth = depth(b.nrows());
        let mut pairs = vec![Pairs([[bf16::ZERO; 2]; WIDE]); b.ncols().div_ceil(WIDE) * depth];
        let panels = pairs.par_chunks_mut(PANEL * depth).zip(b.axis_chunks_iter(Axis(1), PANEL * WIDE));
        panels.for_each(|(pairs, b)| match rows_are_contiguous(&b) {
            true => pair_rows(b, pairs),
            false => pair_columns(b, pairs),
        });
        Self { pairs, shape: b.dim(), instructions }
    }

    /// Computes `c ← c + a b`, with `a: [M, K]`, whose values are rounded, and `c: [M, N]`, by one thread.
    ///
    /// # Panics
    /// When the shapes do not fit or rows are not contiguous.
    pub fn add_product(&self, a: ArrayView2<'_, f32>, mut c: ArrayViewMut2<'_, f32>) {
        assert_eq!(a.nrows(), c.nrows(), "shapes fit");
        for (a, c) in a.axis_chunks_iter(Axis(0), ROWS).zip(c.axis_chunks_iter_mut(Axis(0), ROWS)) {
            self.add_product_of(&Bfloat16Rows::new(a), c);
        }
    }

    /// Computes `c ← c + a b`, with rounded rows `a: [M, K]` and `c: [M, N]`, by one thread. They should stay in the cache.
    ///
    /// # Panics
    /// When the shapes do not fit or the rows of `c` are not contiguous.
    pub fn add_product_of(&self, a: &Bfloat16Rows, mut c: ArrayViewMut2<'_, f32>) {
        let ((inner, columns), rows) = (self.shape, c.nrows());
        assert!(a.shape == (rows, inner) && c.ncols() == columns, "shapes fit");
        assert!(rows_are_contiguous(&c.view()), "rows are contiguous");
        let parts = inner.div_ceil(DEEP);
        let mut sums = [[0.0; WIDE]; WIDE];
        for (block, pairs) in self.pairs.chunks_exact(depth(inner)).enumerate() {
            for first in (0..rows).step_by(WIDE) {
                self.multiply(&a.parts[first * parts..(first + WIDE) * parts], pairs, &mut sums);
                let last = (first + WIDE).min(rows);
                let place = s![first..last, block * WIDE..columns.min((block + 1) * WIDE)];
                run_at(arch(), Add(&sums, c.slice_mut(place)));
            }
        }
    }

    /// Computes the products of as many rows, `[32, depth / 16]`, with a block of as many columns.
    fn multiply(&self, rows: &[Part], pairs: &[Pairs], sums: &mut [[f32; WIDE]; WIDE]) {
        assert!(pairs.len().is_multiple_of(DEEP / 2) && rows.len() == 2 * pairs.len(), "whole tiles");
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a matrix is only made for instructions that are available; the shapes are asserted.
        unsafe {
            match self.instructions {
                Instructions::Amx => amx::multiply(rows, pairs, sums),
                Instructions::Avx512 => avx512::multiply(rows, pairs, sums),
            }
        }
    }
}

/// Returns the number of pairs of a column of so many values, in whole tiles.
fn depth(inner: usize) -> usize {
    inner.div_ceil(DEEP) * (DEEP / 2)
}

/// Rounds every value to the nearest number of bfloat16, to the even one of two.
///
/// # Panics
/// When the lengths differ.
pub fn round_to_bfloat16(values: &[f32], rounded: &mut [bf16]) {
    assert_eq!(values.len(), rounded.len(), "a number a value");
    run_at(arch(), Round(values, rounded));
}

/// Rounding of values.
struct Round<'a>(&'a [f32], &'a mut [bf16]);

impl Kernel for Round<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (value, rounded) in self.0.iter().zip(self.1) {
            *rounded = bf16::from_f32(*value);
        }
    }
}

/// Rounds the columns of `b: [K, ≤ 192]` to pairs of their rows, which are contiguous, one block of columns after another.
fn pair_rows(b: ArrayView2<'_, f32>, pairs: &mut [Pairs]) {
    let (depth, zeros) = (depth(b.nrows()), [0.0; PANEL * WIDE]);
    let row = |row: usize| match row < b.nrows() {
        true => b.row(row).to_slice().expect("rows are contiguous"),
        false => &zeros[..b.ncols()],
    };
    for number in 0..b.nrows().div_ceil(2) {
        let (upper, upper_rest) = row(2 * number).as_chunks::<WIDE>();
        let (lower, lower_rest) = row(2 * number + 1).as_chunks::<WIDE>();
        for (block, (upper, lower)) in upper.iter().zip(lower).enumerate() {
            pairs[block * depth + number] = paired(upper, lower);
        }
        if !upper_rest.is_empty() {
            let mut two = [[0.0; WIDE]; 2];
            two[0][..upper_rest.len()].copy_from_slice(upper_rest);
            two[1][..lower_rest.len()].copy_from_slice(lower_rest);
            pairs[upper.len() * depth + number] = paired(&two[0], &two[1]);
        }
    }
}

/// Rounds the columns of `b`, of any strides, as [`pair_rows`]; it is fast where they are contiguous.
fn pair_columns(b: ArrayView2<'_, f32>, pairs: &mut [Pairs]) {
    let blocks = pairs.chunks_exact_mut(depth(b.nrows())).zip(b.axis_chunks_iter(Axis(1), WIDE));
    for (pairs, b) in blocks {
        for (pairs, rows) in pairs.chunks_exact_mut(DEEP / 2).zip(b.axis_chunks_iter(Axis(0), DEEP)) {
            for (number, column) in rows.columns().into_iter().enumerate() {
                let mut values = [0.0; DEEP];
                match column.to_slice() {
                    Some(column) if column.len() == DEEP => values.copy_from_slice(column),
                    _ => values.iter_mut().zip(column).for_each(|(value, &given)| *value = given),
                }
                for (pairs, two) in pairs.iter_mut().zip(rounded(&values).0.as_chunks::<2>().0) {
                    pairs.0[number] = *two;
                }
            }
        }
    }
}

/// Rounds values to numbers that lie in the same order.
#[inline(always)]
fn rounded(values: &[f32; DEEP]) -> Part {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: rows and matrices are only made where the instructions are available.
    return unsafe { avx512::rounded(values) };
    #[cfg(not(target_arch = "x86_64"))]
    unreachable!("no other processor multiplies these numbers")
}

/// Rounds the values of two rows to pairs.
#[inline(always)]
fn paired(upper: &[f32; WIDE], lower: &[f32; WIDE]) -> Pairs {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: matrices are only made where the instructions are available.
    return unsafe { avx512::paired(upper, lower) };
    #[cfg(not(target_arch = "x86_64"))]
    unreachable!("no other processor multiplies these numbers")
}

/// Addition of a block of sums to the place of a result.
struct Add<'a>(&'a [[f32; WIDE]; WIDE], ArrayViewMut2<'a, f32>);

impl Kernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        for (mut c, sums) in self.1.rows_mut().into_iter().zip(self.0) {
            let c = c.as_slice_mut().expect("rows are contiguous");
            for (c, sum) in c.iter_mut().zip(sums) {
                *c += sum;
            }
        }
    }
}

/// The kernel for processors with tiles.
#[cfg(target_arch = "x86_64")]
mod amx {
    use std::arch::asm;

    use super::{DEEP, Pairs, Part, WIDE};

    /// Returns true when the processor has tiles of bfloat16 and the system lets this process use them.
    pub fn is_allowed() -> bool {
        #[cfg(target_os = "linux")]
        {
            const REQUEST: libc::c_long = 0x1023; // ARCH_REQ_XCOMP_PERM
            const TILES: libc::c_long = 18; // XFEATURE_XTILEDATA
            let (bfloat16, tiles) = (1 << 22, 1 << 24);
            let leaf = std::arch::x86_64::__cpuid_count(7, 0);
            // SAFETY: the call changes nothing but this process's right to use tiles; a system that does not know it returns an error.
            leaf.edx & (bfloat16 | tiles) == bfloat16 | tiles
                && unsafe { libc::syscall(libc::SYS_arch_prctl, REQUEST, TILES) } == 0
        }
        #[cfg(not(target_os = "linux"))]
        {
            false
        }
    }

    /// Configuration of eight tiles of 16 rows of 64 bytes.
    #[repr(C, align(64))]
    struct Tiles([u8; 64]);

    static TILES: Tiles = {
        let mut bytes = [0; 64];
        bytes[0] = 1; // palette
        let mut tile = 0;
        while tile < 8 {
            bytes[16 + 2 * tile] = 64;
            bytes[48 + tile] = 16;
            tile += 1;
        }
        Tiles(bytes)
    };

    /// Computes [`super::Bfloat16Matrix::multiply`].
    ///
    /// # Safety
    /// Tiles must be allowed, and the shapes those of [`super::Bfloat16Matrix::multiply`], not empty.
    pub unsafe fn multiply(rows: &[Part], pairs: &[Pairs], sums: &mut [[f32; WIDE]; WIDE]) {
        let row_bytes = 4 * pairs.len();
        // SAFETY: the tiles lie within the slices, by their lengths, and the assembly leaves the tiles as it found them: unused.
        unsafe {
            let upper = rows.as_ptr();
            asm!(
                "ldtilecfg [{tiles}]",
                "tilezero tmm0",
                "tilezero tmm1",
                "tilezero tmm2",
                "tilezero tmm3",
                "2:",
                "tileloadd tmm4, [{upper} + {row} * 1]",
                "tileloadd tmm6, [{pairs} + {block} * 1]",
                "tileloadd tmm7, [{pairs} + {block} * 1 + 64]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tileloadd tmm5, [{lower} + {row} * 1]",
                "tdpbf16ps tmm1, tmm4, tmm7",
                "tdpbf16ps tmm2, tmm5, tmm6",
                "tdpbf16ps tmm3, tmm5, tmm7",
                "add {upper}, 64",
                "add {lower}, 64",
                "add {pairs}, 2048",
                "dec {count}",
                "jnz 2b",
                "tilestored [{sums} + {block} * 1], tmm0",
                "tilestored [{sums} + {block} * 1 + 64], tmm1",
                "tilestored [{sums} + {block} * 1 + 2048], tmm2",
                "tilestored [{sums} + {block} * 1 + 2112], tmm3",
                "tilerelease",
                tiles = in(reg) TILES.0.as_ptr(),
                upper = inout(reg) upper => _,
                lower = inout(reg) upper.byte_add(16 * row_bytes) => _,
                row = in(reg) row_bytes,
                pairs = inout(reg) pairs.as_ptr() => _,
                block = in(reg) 4 * WIDE,
                count = inout(reg) pairs.len() / (DEEP / 2) => _,
                sums = in(reg) sums.as_mut_ptr(),
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
    }
}

/// The kernel for processors with vectors.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::*;

    use super::{DEEP, Pairs, Part, WIDE};

    /// Rows of two vectors of columns, whose sums take 16 of 32 registers.
    const TOGETHER: usize = 8;

    /// Places that lay the numbers of two vectors in turn.
    static IN_TURN: [u16; 32] = {
        let mut places = [0; 32];
        let mut place = 0;
        while place < 32 {
            places[place] = (place / 2 + 16 * (place % 2)) as u16;
            place += 1;
        }
        places
    };

    /// Computes [`super::rounded`].
    ///
    /// # Safety
    /// The instructions must be available.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bf16")]
    pub unsafe fn rounded(values: &[f32; DEEP]) -> Part {
        // SAFETY: the values are two vectors; a part is a vector of numbers.
        unsafe {
            let (first, second) =
                (_mm512_loadu_ps(values.as_ptr()), _mm512_loadu_ps(values.as_ptr().add(16)));
            std::mem::transmute(_mm512_cvtne2ps_pbh(second, first))
        }
    }

    /// Computes [`super::paired`].
    ///
    /// # Safety
    /// The instructions must be available.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    pub unsafe fn paired(upper: &[f32; WIDE], lower: &[f32; WIDE]) -> Pairs {
        // SAFETY: either row is two vectors; the pairs are two vectors of numbers.
        unsafe {
            let in_turn = _mm512_loadu_si512(IN_TURN.as_ptr().cast());
            let mut vectors = [in_turn; 2];
            for (at, vector) in vectors.iter_mut().enumerate() {
                let upper = _mm512_loadu_ps(upper.as_ptr().add(16 * at));
                let lower = _mm512_loadu_ps(lower.as_ptr().add(16 * at));
                let numbers = std::mem::transmute::<__m512bh, __m512i>(_mm512_cvtne2ps_pbh(lower, upper));
                *vector = _mm512_permutexvar_epi16(in_turn, numbers);
            }
            std::mem::transmute(vectors)
        }
    }

    /// Computes [`super::Bfloat16Matrix::multiply`].
    ///
    /// # Safety
    /// The instructions must be available, and the shapes those of [`super::Bfloat16Matrix::multiply`].
    #[target_feature(enable = "avx512f,avx512bf16")]
    pub unsafe fn multiply(rows: &[Part], pairs: &[Pairs], sums: &mut [[f32; WIDE]; WIDE]) {
        let parts = 2 * pairs.len() / DEEP;
        for (rows, sums) in rows.chunks_exact(TOGETHER * parts).zip(sums.chunks_exact_mut(TOGETHER)) {
            let mut of_rows = [[_mm512_setzero_ps(); 2]; TOGETHER];
            for (number, pair) in pairs.iter().enumerate() {
                // SAFETY: a row of pairs is two vectors; every vector of bits is one of numbers.
                let columns: [__m512bh; 2] = unsafe {
                    [0, 1]
                        .map(|v| _mm512_loadu_si512(pair.0.as_ptr().add(16 * v).cast()))
                        .map(|bits| std::mem::transmute(bits))
                };
                for (row, of_row) in of_rows.iter_mut().enumerate() {
                    // SAFETY: pair `number` lies within the row; every vector of bits is one of numbers.
                    let two: __m512bh = unsafe {
                        let two = rows[row * parts..].as_ptr().cast::<i32>().add(number);
                        std::mem::transmute(_mm512_set1_epi32(two.read()))
                    };
                    for v in 0..2 {
                        of_row[v] = _mm512_dpbf16_ps(of_row[v], two, columns[v]);
                    }
                }
            }
            for (sums, of_row) in sums.iter_mut().zip(of_rows) {
                for (sums, of_row) in sums.chunks_exact_mut(16).zip(of_row) {
                    // SAFETY: sixteen numbers are a vector.
                    unsafe { _mm512_storeu_ps(sums.as_mut_ptr(), of_row) };
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
    fn products_are_those_of_the_rounded_values_by_any_instructions() {
        for (rows, inner, columns) in
            [(1, 1, 1), (31, 3, 33), (32, 32, 32), (45, 70, 100), (300, 172, 40), (0, 4, 9)]
        {
            let a = Array2::from_shape_fn((rows, inner), |(i, j)| ((i * 5 + j) as f32).sin() * 2.0);
            let b = Array2::from_shape_fn((inner, columns), |(i, j)| ((i + 3 * j) as f32 * 0.7).cos());
            let before = Array2::from_shape_fn((rows, columns), |(i, j)| (i + j) as f32);
            let exact = |x: f32| f64::from(bf16::from_f32(x).to_f32());
            for &instructions in available() {
                let mut c = before.clone();
                let matrix = Bfloat16Matrix::for_instructions(b.view(), instructions);
                matrix.add_product(a.view(), c.view_mut());
                let transposed = b.t().as_standard_layout().into_owned();
                let same = Bfloat16Matrix::for_instructions(transposed.t(), instructions);
                assert!(same.pairs == matrix.pairs, "by columns");
                for ((i, j), &found) in c.indexed_iter() {
                    let product: f64 = (0..inner).map(|k| exact(a[[i, k]]) * exact(b[[k, j]])).sum();
                    let wanted = f64::from(before[[i, j]]) + product;
                    assert!((f64::from(found) - wanted).abs() < 1e-4, "{instructions:?} {i} {j}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        if let Some(matrix) = Bfloat16Matrix::new(Array2::from_elem((2, 1), f32::NAN).view()) {
            let mut c = Array2::zeros((1, 1));
            matrix.add_product(Array2::ones((1, 2)).view(), c.view_mut());
            assert!(c[[0, 0]].is_nan());
        }
    }
}
