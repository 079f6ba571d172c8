//! Products of a vector with a long table of at most [`WIDEST`] columns, such as factors of a low rank, without packing.
//!
//! The width W is a constant of the compiled loop, and SIMD vectors span many rows. The loops over a row count to W
//! explicitly: loops over iterators were not unrolled and spanned the row instead, which was five times slower. Sums over rows and outer
//! products take [`LANES`] rows as one flat array beside factors that are spread over it, twice as fast as row by row.

use crate::math::simd::{Kernel, LANES, arch, mul_add, run_at};

/// Most columns of a narrow table. Beyond it the compiler has no strided vector loads, and the loops are five times
/// slower.
pub const WIDEST: usize = 8;

/// Evaluates an expression in which `W` is a constant equal to a width.
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

/// Computes `y_n ← table_n · x`, with `table: [N, W]`, `x: [W]`, `y: [N]`; W is 1 to [`WIDEST`].
pub(super) fn by_rows(table: &[f32], x: &[f32], y: &mut [f32]) {
    assert_eq!(table.len(), x.len() * y.len(), "one row a result");
    at_width!(x.len(), W => run_at(arch(), ByRows::<W>(rows(table), fixed(x), y)));
}

/// Computes `y ← Σ_n d_n · table_n`, with `table: [N, W]`, `d: [N]`, `y: [W]`; W is 1 to [`WIDEST`].
pub(super) fn by_columns(table: &[f32], d: &[f32], y: &mut [f32]) {
    assert_eq!(table.len(), d.len() * y.len(), "one row a factor");
    at_width!(y.len(), W => y.copy_from_slice(&run_at(arch(), ByColumns::<W>(rows(table), d))));
}

/// Computes `table_n ← table_n + d_n · x`, with `table: [N, W]`, `d: [N]`, `x: [W]`; W is 1 to [`WIDEST`].
///
/// # Panics
/// When the lengths do not fit or the table is too wide.
pub fn add_outer(d: &[f32], x: &[f32], table: &mut [f32]) {
    assert_eq!(table.len(), d.len() * x.len(), "one row a factor");
    at_width!(x.len(), W => run_at(arch(), AddOuter::<W>(d, fixed(x), table.as_chunks_mut().0)));
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

struct ByColumns<'a, const W: usize>(&'a [[f32; W]], &'a [f32]);

impl<const W: usize> Kernel for ByColumns<'_, W> {
    type Output = [f32; W];

    #[inline(always)]
    fn run<const FMA: bool>(self) -> [f32; W] {
        let mut sums = [[0.0; W]; LANES];
        let ((rows, last_rows), (d, last_d)) = (self.0.as_chunks::<LANES>(), self.1.as_chunks::<LANES>());
        for (rows, d) in rows.iter().zip(d) {
            let spread = d.map(|d| [d; W]);
            let (rows, d, sums) = (rows.as_flattened(), spread.as_flattened(), sums.as_flattened_mut());
            for i in 0..W * LANES {
                sums[i] = mul_add::<FMA>(d[i], rows[i], sums[i]);
            }
        }
        for ((sums, row), &d) in sums.iter_mut().zip(last_rows).zip(last_d) {
            for k in 0..W {
                sums[k] = mul_add::<FMA>(d, row[k], sums[k]);
            }
        }
        crate::math::simd::fold(sums, |mut a, b| {
            for k in 0..W {
                a[k] += b[k];
            }
            a
        })
    }
}

struct AddOuter<'a, const W: usize>(&'a [f32], &'a [f32; W], &'a mut [[f32; W]]);

impl<const W: usize> Kernel for AddOuter<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let x = [*self.1; LANES];
        let ((d, last_d), (rows, last_rows)) = (self.0.as_chunks::<LANES>(), self.2.as_chunks_mut::<LANES>());
        for (d, rows) in d.iter().zip(rows) {
            let spread = d.map(|d| [d; W]);
            let (d, x, rows) = (spread.as_flattened(), x.as_flattened(), rows.as_flattened_mut());
            for i in 0..W * LANES {
                rows[i] = mul_add::<FMA>(d[i], x[i], rows[i]);
            }
        }
        for (&d, row) in last_d.iter().zip(last_rows) {
            for k in 0..W {
                row[k] = mul_add::<FMA>(d, x[0][k], row[k]);
            }
        }
    }
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
            }
        }
    }

    #[test]
    #[should_panic(expected = "9 columns are not narrow")]
    fn wide_tables_are_refused() {
        add_outer(&[1.0], &[0.0; 9], &mut [0.0; 9]);
    }
}
