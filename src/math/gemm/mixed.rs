//! Products of operands that are rounded to bfloat16 where they are multiplied, with sums of 32 bits: the three products of a layer
//! that learns in mixed precision (Micikevicius et al., ICLR 2018).
//!
//! Each has the shapes of the function of [`gemm`](super) of its name, and is divided by the data alone. The processor must multiply
//! such numbers ([`bfloat16_level`](super::bfloat16_level)).

use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};

use super::{Bfloat16Matrix, Bfloat16Rows};

/// Rounds `b: [K, N]`.
///
/// # Panics
/// On a processor without products of bfloat16.
pub fn rounded(b: ArrayView2<'_, f32>) -> Bfloat16Matrix {
    Bfloat16Matrix::new(b).expect("the processor multiplies bfloat16, which is checked before")
}

/// Computes `c ← c + a b` for few rows and a large `b`, with `a: [M, K]`, `b: [K, N]`, `c: [M, N]`, in parallel over columns.
///
/// # Panics
/// When the shapes do not fit, or on a processor without such products.
pub fn add_product_by_columns(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, mut c: ArrayViewMut2<'_, f32>) {
    const PANEL: usize = 192; // its rounded columns stay in the second cache
    let a = Bfloat16Rows::new(a);
    let panels = c.axis_chunks_iter_mut(Axis(1), PANEL).into_par_iter();
    panels.zip(b.axis_chunks_iter(Axis(1), PANEL)).for_each(|(c, b)| rounded(b).add_product_of(&a, c));
}

/// Computes `c ← c + a bᵀ` for few rows and a large `b`, with `a: [M, K]`, `b: [N, K]`, `c: [M, N]`, in parallel over rows of `b`.
///
/// # Panics
/// When the shapes do not fit, or on a processor without such products.
pub fn add_dots(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, mut c: ArrayViewMut2<'_, f32>) {
    const PANEL: usize = 64;
    let by_rows = rounded(a.reversed_axes());
    let panels = c.axis_chunks_iter_mut(Axis(1), PANEL).into_par_iter();
    panels.zip(b.axis_chunks_iter(Axis(0), PANEL)).for_each(|(mut c, b)| {
        let mut transposed = Array2::zeros((b.nrows(), c.nrows()));
        by_rows.add_product(b, transposed.view_mut());
        c += &transposed.t();
    });
}

/// Computes `c ← c + aᵀ b`, with `a: [N, I]`, `b: [N, O]`, `c: [I, O]`: the gradient of a large weight from few rows, in parallel
/// over the weight's rows.
///
/// # Panics
/// When the shapes do not fit, or on a processor without such products.
pub fn add_transposed_product_by_rows(
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    mut c: ArrayViewMut2<'_, f32>,
) {
    const PANEL: usize = 32;
    let a = a.reversed_axes();
    let (a, b) = (a.as_standard_layout(), rounded(b));
    let panels = c.axis_chunks_iter_mut(Axis(0), PANEL).into_par_iter();
    panels.zip(a.axis_chunks_iter(Axis(0), PANEL)).for_each(|(c, a)| b.add_product(a, c));
}

#[cfg(test)]
mod tests {
    use super::super::{self as gemm, bfloat16_level};
    use super::*;

    #[test]
    fn products_are_those_of_single_precision_where_nothing_is_rounded_away() {
        if bfloat16_level().is_none() {
            return; // the setting is refused there
        }
        let numbers = |rows: usize, columns: usize| {
            Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 7 + j * 5 + i * j) % 11) as f32 - 5.0)
        };
        for (m, k, n) in [(64, 100, 450), (7, 33, 193), (1, 1, 1), (70, 64, 65)] {
            let (a, b, c) = (numbers(m, k), numbers(k, n), numbers(m, n));
            let mut expected = c.clone();
            gemm::gemm(1.0, a.view(), b.view(), 1.0, expected.view_mut());
            let mut found = [c.clone(), c.clone(), c];
            add_product_by_columns(a.view(), b.view(), found[0].view_mut());
            add_dots(a.view(), b.t().as_standard_layout().view(), found[1].view_mut());
            add_transposed_product_by_rows(a.t().as_standard_layout().view(), b.view(), found[2].view_mut());
            for found in found {
                assert_eq!(found, expected, "{m} × {k} × {n}");
            }
        }
    }
}
