//! Products of a vector with a long table of at most [`WIDEST`] columns, such as factors of a low rank, without packing.
//!
//! The width W is a constant of the compiled loop, and SIMD vectors span many rows. The loops over a row count to W
//! explicitly: loops over iterators were not unrolled and spanned the row instead, which was five times slower. Sums over rows and outer
//! products take as many rows as a vector has lanes as W whole vectors, and spread the factors of these rows over them by [`Shuffle`].

use pulp::{NullaryFnOnce, Simd};

use crate::math::simd::{Kernel, LANES, arch, mul_add, run_at};

/// Most columns of a narrow table. Beyond it the compiler has no strided vector loads, and the loops are five times
/// slower.
pub const WIDEST: usize = 8;

/// Evaluates an expression in which `W` is a constant equal to a width from 1 to [`WIDEST`].
macro_rules! at_width {
    ($width:expr, $W:ident => $body:expr) => {
        at_width!(@ $width, $W, $body, 1 2 3 4 5 6 7 8)
    };
    (@ $width:expr, $W:ident, $body:expr, $($n:literal)*) => {
        match $width {
            $($n => { const $W: usize = $n; $body })*
            width => panic!("{width} columns are not narrow"),
        }
    };
}
pub(crate) use at_width;

/// Computes `y_n ← table_n · x`, with `table: [N, W]`, `x: [W]`, `y: [N]`; W is 1 to [`WIDEST`].
pub(super) fn by_rows(table: &[f32], x: &[f32], y: &mut [f32]) {
    assert_eq!(table.len(), x.len() * y.len(), "one row a result");
    at_width!(x.len(), W => run_at(arch(), ByRows::<W>(rows(table), fixed(x), y)));
}

/// Computes `y ← Σ_n d_n · table_n`, with `table: [N, W]`, `d: [N]`, `y: [W]`; W is 1 to [`WIDEST`].
pub(super) fn by_columns(table: &[f32], d: &[f32], y: &mut [f32]) {
    assert_eq!(table.len(), d.len() * y.len(), "one row a factor");
    at_width!(y.len(), W => y.copy_from_slice(&run(ByColumns::<W>(rows(table), d))));
}

/// Computes `table_n ← table_n + d_n · x`, with `table: [N, W]`, `d: [N]`, `x: [W]`; W is 1 to [`WIDEST`].
///
/// # Panics
/// When the lengths do not fit or the table is too wide.
pub fn add_outer(d: &[f32], x: &[f32], table: &mut [f32]) {
    assert_eq!(table.len(), d.len() * x.len(), "one row a factor");
    at_width!(x.len(), W => run(AddOuter::<W>(d, fixed(x), table.as_chunks_mut().0)));
}

/// Computes the table `d_n · x: [N, W]`, with `d: [N]`, `x: [W]`: what [`add_outer`] makes of zeros, without their memory traffic.
///
/// # Panics
/// When the table is too wide.
pub fn outer(d: &[f32], x: &[f32]) -> Vec<f32> {
    at_width!(x.len(), W => run(Outer::<W>(d, fixed(x))))
}

fn rows<const W: usize>(table: &[f32]) -> &[[f32; W]] {
    table.as_chunks().0
}

fn fixed<const W: usize>(x: &[f32]) -> &[f32; W] {
    x.try_into().expect("matched by its length")
}

struct ByRows<'a, const W: usize>(&'a [[f32; W]], &'a [f32; W], &'a mut [f32]);

impl<const W: usize> Kernel for ByRows<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let x = *self.1;
        for (row, y) in self.0.iter().zip(self.2) {
            let mut sum = 0.0;
            for k in 0..W {
                sum = mul_add::<FMA>(row[k], x[k], sum);
            }
            *y = sum;
        }
    }
}

/// Sum over the rows with a factor each, in [`LANES`] partial sums: a row counts in that of its place in a block of so many.
struct ByColumns<'a, const W: usize>(&'a [[f32; W]], &'a [f32]);

impl<const W: usize> ByRow for ByColumns<'_, W> {
    type Output = [f32; W];

    #[inline(always)]
    fn shuffled<S: Shuffle>(self, simd: S) -> [f32; W] {
        let (whole, last) = self.1.split_at(self.1.len() / LANES * LANES);
        let (table, last_rows) = self.0.split_at(whole.len());
        let (table, whole) = (S::as_simd_f32s(table.as_flattened()).0, S::as_simd_f32s(whole).0);
        let places = places::<S, W>();
        let halves = LANES / S::F32_LANES;
        let mut vectors = [[simd.splat_f32s(0.0); W]; 2];
        for (rows, d) in table.chunks_exact(halves * W).zip(whole.chunks_exact(halves)) {
            for half in 0..halves {
                for v in 0..W {
                    let d = simd.pick(d[half], places[v]);
                    vectors[half][v] = simd.mul_add_f32s(d, rows[half * W + v], vectors[half][v]);
                }
            }
        }
        let mut sums = [[0.0; W]; LANES];
        let of_lanes = S::as_mut_simd_f32s(sums.as_flattened_mut()).0;
        of_lanes.copy_from_slice(&vectors.as_flattened()[..halves * W]);
        folded::<true, W>(sums, last_rows, last)
    }

    fn plain(self) -> [f32; W] {
        let (whole, last) = self.1.as_chunks::<LANES>();
        let (table, last_rows) = self.0.as_chunks::<LANES>();
        let mut sums = [[0.0; W]; LANES];
        for (rows, d) in table.iter().zip(whole) {
            add_rows::<false, W>(&mut sums, rows, d);
        }
        folded::<false, W>(sums, last_rows, last)
    }
}

/// Adds rows with a factor each to the sums of their places.
#[inline(always)]
fn add_rows<const FMA: bool, const W: usize>(sums: &mut [[f32; W]], rows: &[[f32; W]], d: &[f32]) {
    for ((sum, row), &d) in sums.iter_mut().zip(rows).zip(d) {
        add_scaled::<FMA, W>(d, row, sum);
    }
}

/// Computes `sum ← sum + d · row`.
#[inline(always)]
fn add_scaled<const FMA: bool, const W: usize>(d: f32, row: &[f32; W], sum: &mut [f32; W]) {
    for k in 0..W {
        sum[k] = mul_add::<FMA>(d, row[k], sum[k]);
    }
}

/// Returns the total of the partial sums and of the rows behind the last whole block.
#[inline(always)]
fn folded<const FMA: bool, const W: usize>(
    mut sums: [[f32; W]; LANES],
    last_rows: &[[f32; W]],
    last: &[f32],
) -> [f32; W] {
    add_rows::<FMA, W>(&mut sums, last_rows, last);
    crate::math::simd::fold(sums, |mut a, b| {
        for k in 0..W {
            a[k] += b[k];
        }
        a
    })
}

/// Outer product that is added to a table.
struct AddOuter<'a, const W: usize>(&'a [f32], &'a [f32; W], &'a mut [[f32; W]]);

impl<const W: usize> AddOuter<'_, W> {
    /// Adds row by row.
    #[inline(always)]
    fn by_rows<const FMA: bool>(self) {
        for (&d, row) in self.0.iter().zip(self.2) {
            add_scaled::<FMA, W>(d, self.1, row);
        }
    }
}

impl<const W: usize> ByRow for AddOuter<'_, W> {
    type Output = ();

    #[inline(always)]
    fn shuffled<S: Shuffle>(self, simd: S) {
        let (whole, last) = self.0.split_at(self.0.len() / S::F32_LANES * S::F32_LANES);
        let (table, last_rows) = self.2.split_at_mut(whole.len());
        let (table, whole) = (S::as_mut_simd_f32s(table.as_flattened_mut()).0, S::as_simd_f32s(whole).0);
        let (places, x) = (places::<S, W>(), repeated::<S, W>(self.1));
        for (rows, &d) in table.as_chunks_mut::<W>().0.iter_mut().zip(whole) {
            for v in 0..W {
                rows[v] = simd.mul_add_f32s(simd.pick(d, places[v]), x[v], rows[v]);
            }
        }
        AddOuter(last, self.1, last_rows).by_rows::<true>();
    }

    fn plain(self) {
        self.by_rows::<false>();
    }
}

/// Outer product as a new table.
struct Outer<'a, const W: usize>(&'a [f32], &'a [f32; W]);

impl<const W: usize> ByRow for Outer<'_, W> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn shuffled<S: Shuffle>(self, simd: S) -> Vec<f32> {
        let (whole, last) = S::as_simd_f32s(self.0);
        let (places, x) = (places::<S, W>(), repeated::<S, W>(self.1));
        let mut table = Vec::with_capacity(self.0.len() * W);
        for &d in whole {
            let mut rows = x;
            for v in 0..W {
                rows[v] = simd.mul_add_f32s(simd.pick(d, places[v]), x[v], simd.splat_f32s(0.0));
            }
            table.extend_from_slice(pulp::bytemuck::cast_slice(&rows));
        }
        last.iter().for_each(|d| table.extend(self.1.map(|x| d * x + 0.0)));
        table
    }

    fn plain(self) -> Vec<f32> {
        self.0.iter().flat_map(|d| self.1.map(|x| d * x + 0.0)).collect()
    }
}

/// Computation in which every row of a table meets a factor of its own.
trait ByRow {
    type Output;

    /// Computes it with vectors over several rows.
    fn shuffled<S: Shuffle>(self, simd: S) -> Self::Output;

    /// Computes it without; the same up to the rounding of products.
    fn plain(self) -> Self::Output;
}

/// Runs a computation at the level in use.
fn run<K: ByRow>(kernel: K) -> K::Output {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        match arch() {
            pulp::Arch::V4(simd) => return simd.vectorize(With(simd, kernel)),
            pulp::Arch::V3(simd) => return simd.vectorize(With(simd, kernel)),
            _ => {}
        }
    }
    kernel.plain()
}

struct With<S, K>(S, K);

impl<S: Shuffle, K: ByRow> NullaryFnOnce for With<S, K> {
    type Output = K::Output;

    #[inline(always)]
    fn call(self) -> K::Output {
        self.1.shuffled(self.0)
    }
}

/// Instructions that move the lanes of a vector to any places.
trait Shuffle: Simd {
    /// Returns the vector whose lane l is lane `places[l]` of `values`.
    fn pick(self, values: Self::f32s, places: Self::u32s) -> Self::f32s;
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
impl Shuffle for pulp::x86::V4 {
    #[inline(always)]
    fn pick(self, values: Self::f32s, places: Self::u32s) -> Self::f32s {
        pulp::cast(self.avx512f._mm512_permutexvar_ps(pulp::cast(places), pulp::cast(values)))
    }
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
impl Shuffle for pulp::x86::V3 {
    #[inline(always)]
    fn pick(self, values: Self::f32s, places: Self::u32s) -> Self::f32s {
        pulp::cast(self.avx2._mm256_permutevar8x32_ps(pulp::cast(values), pulp::cast(places)))
    }
}

/// Returns W vectors of one row `x` after the other.
#[inline(always)]
fn repeated<S: Simd, const W: usize>(x: &[f32; W]) -> [S::f32s; W] {
    let rows = [*x; LANES];
    let vectors = S::as_simd_f32s(rows.as_flattened()).0;
    std::array::from_fn(|v| vectors[v])
}

/// Returns the row that every value of W vectors belongs to.
#[inline(always)]
fn places<S: Simd, const W: usize>() -> [S::u32s; W] {
    let rows: [[u32; W]; LANES] = std::array::from_fn(|row| [row as u32; W]);
    let vectors = S::as_simd_u32s(rows.as_flattened()).0;
    std::array::from_fn(|v| vectors[v])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers: every sum is exact.
    fn numbers(count: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 7 + i / 5) % 11) as f32 - 5.0).collect()
    }

    #[test]
    fn narrow_products_are_right_at_every_width_and_many_lengths() {
        for width in 1..=WIDEST {
            for length in [0, 1, 15, 16, 17, 50] {
                let (table, x, d) = (numbers(length * width), numbers(width), numbers(length));
                let at = |n: usize, k: usize| table[n * width + k];
                let mut y = vec![f32::NAN; length];
                by_rows(&table, &x, &mut y);
                let expected = |n: usize| (0..width).map(|k| at(n, k) * x[k]).sum::<f32>();
                assert!((0..length).all(|n| y[n] == expected(n)), "{length} × {width}");

                let mut y = vec![f32::NAN; width];
                by_columns(&table, &d, &mut y);
                let expected = |k: usize| (0..length).map(|n| at(n, k) * d[n]).sum::<f32>();
                assert!((0..width).all(|k| y[k] == expected(k)), "{length} × {width}");

                let mut sum = table.clone();
                add_outer(&d, &x, &mut sum);
                let expected = |i: usize| table[i] + d[i / width] * x[i % width];
                assert!((0..sum.len()).all(|i| sum[i] == expected(i)), "{length} × {width}");

                let mut sum = vec![0.0; length * width];
                add_outer(&d, &x, &mut sum);
                let bits = |table: Vec<f32>| table.into_iter().map(f32::to_bits).collect::<Vec<_>>();
                assert_eq!(bits(outer(&d, &x)), bits(sum), "{length} × {width}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "9 columns are not narrow")]
    fn wide_tables_are_refused() {
        add_outer(&[1.0], &[0.0; 9], &mut [0.0; 9]);
    }
}
