//! Matrix products on ndarray views.
//!
//! A product is single-threaded unless its name says by what it is divided. Callers parallelise over batches
//! ([`crate::math::parallel`]), so that every product has the same bits on any number of threads.

mod bfloat16;
mod direct;
mod dots;
mod exp;
pub mod mixed;
mod narrow;
mod rounded;
mod vector;

use direct::Direct;

use crate::math::simd::arch;
use ndarray::parallel::prelude::*;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis};

pub use bfloat16::{Bfloat16Matrix, Bfloat16Rows, bfloat16_level, round_to_bfloat16};
pub use exp::{BLOCK, Shift, exp_product};
pub(crate) use narrow::at_width;
pub use narrow::{WIDEST, add_outer, outer};
pub use rounded::{RoundedColumns, RoundedRows};
pub use vector::{add_scaled_parts, axpy, dot, gemv};

/// Number of columns or rows of a result that one task computes where no large operand is packed for it.
const LARGE_PANEL: usize = 432;
/// Fewest rows for which packing a large operand pays.
const FEW: usize = 48;

/// Computes `c ← alpha · a b + beta · c`, with `a: [M, K]`, `b: [K, N]`, `c: [M, N]` of any strides.
///
/// With `beta = 0` the old `c` is not read and may hold any value.
///
/// # Panics
/// When the shapes do not fit.
///
/// ```
/// use irgan::math::gemm::gemm;
/// use ndarray::{Array2, array};
///
/// let (a, b) = (array![[1.0, 2.0], [3.0, 4.0]], array![[1.0, 0.0], [1.0, 1.0]]);
/// let mut c = Array2::from_elem((2, 2), 10.0);
/// gemm(1.0, a.view(), b.t(), 0.5, c.view_mut());
/// assert_eq!(c, array![[6.0, 8.0], [8.0, 12.0]]);
/// ```
pub fn gemm(alpha: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, beta: f32, c: ArrayViewMut2<f32>) {
    assert_shapes(&a, &b, &c);
    let weight = b.dim();
    product(alpha, a, b, beta, c, weight);
}

/// Computes `c ← c + a b` for few rows and a large `b`, with `a: [M, K]`, `b: [K, N]`, `c: [M, N]`.
///
/// The product runs in parallel over panels of columns of a fixed width, so that every sum keeps its order.
///
/// # Panics
/// When the shapes do not fit.
pub fn add_product_by_columns(a: ArrayView2<f32>, b: ArrayView2<f32>, mut c: ArrayViewMut2<f32>) {
    const PANEL: usize = 192;
    assert_shapes(&a, &b, &c);
    let by_rows = direct::rows_are_contiguous(&b);
    let panel = if by_rows { PANEL } else { LARGE_PANEL };
    let panels = c.axis_chunks_iter_mut(Axis(1), panel).into_par_iter();
    panels.zip(b.axis_chunks_iter(Axis(1), panel)).for_each(|(c, b)| {
        if !by_rows {
            add_dots(a, b.reversed_axes(), c);
        } else if a.nrows() < FEW && direct::rows_are_contiguous(&c.view()) && direct::is_faster(1, 1) {
            Direct { alpha: 1.0, a, b, beta: 1.0, c }.run();
        } else {
            packed(1.0, a, b, 1.0, c);
        }
    });
}

/// Computes `c ← c + a bᵀ`, with `a: [M, K]`, `b: [N, K]`, `c: [M, N]`: the gradient at the input of a layer of weight `b`.
///
/// It is fastest for a long K that is contiguous in both operands.
///
/// # Panics
/// When the shapes do not fit.
pub fn add_dots(a: ArrayView2<f32>, b: ArrayView2<f32>, c: ArrayViewMut2<f32>) {
    assert_shapes(&a, &b.t(), &c);
    let contiguous = direct::rows_are_contiguous(&a) && direct::rows_are_contiguous(&b);
    let few_long = contiguous && a.ncols() >= dots::SHORTEST && a.nrows() <= 2 * FEW;
    if few_long && b.nrows() >= 4 * FEW && a.nrows() > 8 {
        // Reads `b` where it is, and only once.
        return multiply(1.0, a, b.reversed_axes(), 1.0, c);
    }
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let pulp::Arch::V4(simd) = arch()
        && few_long
        && a.nrows() < FEW
    {
        return pulp::Simd::vectorize(simd, dots::Dots { a, b, c });
    }
    packed(1.0, a, b.reversed_axes(), 1.0, c);
}

/// Computes `c ← c + aᵀ b`, with `a: [N, I]`, `b: [N, O]`, `c: [I, O]`: the gradient of a large weight from few rows.
///
/// The product runs in parallel over panels of the weight's rows.
///
/// # Panics
/// When the shapes do not fit.
pub fn add_transposed_product_by_rows(a: ArrayView2<f32>, b: ArrayView2<f32>, mut c: ArrayViewMut2<f32>) {
    let a = a.reversed_axes();
    assert_shapes(&a, &b, &c);
    let panels = c.axis_chunks_iter_mut(Axis(0), LARGE_PANEL).into_par_iter();
    panels.zip(a.axis_chunks_iter(Axis(0), LARGE_PANEL)).for_each(|(c, a)| packed(1.0, a, b, 1.0, c));
}

/// Returns the product `a b: [M, N]` of `a: [M, K]` and `b: [K, N]`.
///
/// # Panics
/// When the shapes do not fit.
///
/// ```
/// use irgan::math::matmul;
/// use ndarray::array;
///
/// assert_eq!(matmul(array![[1.0, 2.0]].view(), array![[3.0], [4.0]].view()), array![[11.0]]);
/// ```
pub fn matmul(a: ArrayView2<f32>, b: ArrayView2<f32>) -> Array2<f32> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    gemm(1.0, a, b, 0.0, c.view_mut());
    c
}

/// Returns `a b + bias: [M, N]`, with `a: [M, K]`, `b: [K, N]` and `bias: [N]` added to every row.
///
/// # Panics
/// When the shapes do not fit.
pub fn affine(a: ArrayView2<f32>, b: ArrayView2<f32>, bias: &[f32]) -> Array2<f32> {
    let c = Array2::from_shape_vec((a.nrows(), bias.len()), bias.repeat(a.nrows()));
    let mut c = c.expect("one bias a column");
    gemm(1.0, a, b, 1.0, c.view_mut());
    c
}

/// Computes `c ← c + aᵀ b`, with `a: [N, I]`, `b: [N, O]`, `c: [I, O]`: the gradient of a weight.
///
/// # Panics
/// When the shapes do not fit.
pub fn add_transposed_product(a: ArrayView2<f32>, b: ArrayView2<f32>, c: ArrayViewMut2<f32>) {
    let a = a.reversed_axes();
    assert_shapes(&a, &b, &c);
    let (inputs, outputs) = c.dim();
    // A wide output needs no packing either, since its panels are visited once.
    product(1.0, a, b, 1.0, c, (inputs, outputs.min(512)));
}

/// Computes a product in the fastest way that the layout allows, for a layer with a weight of shape `weight`.
fn product(
    alpha: f32,
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    beta: f32,
    c: ArrayViewMut2<f32>,
    weight: (usize, usize),
) {
    if c.ncols() == 1 && direct::rows_are_contiguous(&a) {
        return column(alpha, a, b, beta, c);
    }
    if c.ncols() == 1 {
        // A column is the transposed product of a row, whose vectors are full.
        return wide(alpha, b.reversed_axes(), a.reversed_axes(), beta, c.reversed_axes(), weight);
    }
    wide(alpha, a, b, beta, c, weight);
}

/// Computes a product with one column, `b: [K, 1]`, by a dot product for every row of `a`.
fn column(alpha: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, beta: f32, mut c: ArrayViewMut2<f32>) {
    let mut product = Array1::zeros(a.nrows());
    gemv(a, b.column(0), product.view_mut());
    for (c, product) in c.iter_mut().zip(product) {
        *c = alpha * product + if beta == 0.0 { 0.0 } else { beta * *c };
    }
}

/// Computes a product of several columns without packing where that is faster, else with the `gemm-f32` crate.
fn wide(
    alpha: f32,
    a: ArrayView2<f32>,
    b: ArrayView2<f32>,
    beta: f32,
    c: ArrayViewMut2<f32>,
    (inputs, outputs): (usize, usize),
) {
    let contiguous = direct::rows_are_contiguous(&b) && direct::rows_are_contiguous(&c.view());
    if contiguous && direct::is_faster(inputs, outputs) {
        Direct { alpha, a, b, beta, c }.run();
    } else {
        packed(alpha, a, b, beta, c);
    }
}

fn assert_shapes(a: &ArrayView2<f32>, b: &ArrayView2<f32>, c: &ArrayViewMut2<f32>) {
    let fits = a.ncols() == b.nrows() && c.dim() == (a.nrows(), b.ncols());
    assert!(fits, "product of {:?} and {:?} into {:?}", a.dim(), b.dim(), c.dim());
}

/// Computes a product with the `gemm-f32` crate, which packs blocks of both operands and suits large products.
fn packed(alpha: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, beta: f32, c: ArrayViewMut2<f32>) {
    // The kernels write columns.
    if c.strides()[1].abs() < c.strides()[0].abs() {
        multiply(alpha, b.reversed_axes(), a.reversed_axes(), beta, c.reversed_axes());
    } else {
        multiply(alpha, a, b, beta, c);
    }
}

/// Computes a product with the `gemm-f32` crate; `b` is not packed for few rows.
fn multiply(
    alpha: f32,
    mut a: ArrayView2<f32>,
    mut b: ArrayView2<f32>,
    beta: f32,
    mut c: ArrayViewMut2<f32>,
) {
    // The kernels want no stride of the result or of the inner dimension below zero.
    if c.strides()[0] < 0 {
        c.invert_axis(Axis(0));
        a.invert_axis(Axis(0));
    }
    if c.strides()[1] < 0 {
        c.invert_axis(Axis(1));
        b.invert_axis(Axis(1));
    }
    if a.strides()[1] < 0 {
        a.invert_axis(Axis(1));
        b.invert_axis(Axis(0));
    }
    let (rows, columns) = c.dim();
    let [c_rows, c_columns] = [c.strides()[0], c.strides()[1]];
    let [a_rows, a_columns] = [a.strides()[0], a.strides()[1]];
    let [b_rows, b_columns] = [b.strides()[0], b.strides()[1]];
    // SAFETY: the shapes fit (asserted by every caller), the strides are those of the views, and
    // `c` is borrowed mutably, hence overlaps neither operand.
    unsafe {
        gemm_f32::gemm::f32::get_gemm_fn()(
            rows,
            columns,
            a.ncols(),
            c.as_mut_ptr(),
            c_columns,
            c_rows,
            beta != 0.0,
            a.as_ptr(),
            a_columns,
            a_rows,
            b.as_ptr(),
            b_columns,
            b_rows,
            beta,
            alpha,
            false,
            false,
            false,
            gemm_common::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::s;

    /// Small whole numbers: every product and sum is exact, so results are compared with `==`.
    fn numbers(rows: usize, columns: usize) -> Array2<f32> {
        Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 7 + j * 5 + i * j) % 11) as f32 - 5.0)
    }

    fn by_hand(
        alpha: f32,
        a: ArrayView2<f32>,
        b: ArrayView2<f32>,
        beta: f32,
        c: ArrayView2<f32>,
    ) -> Array2<f32> {
        Array2::from_shape_fn(c.dim(), |(i, j)| {
            let product: f32 = a.row(i).iter().zip(b.column(j)).map(|(a, b)| a * b).sum();
            alpha * product + if beta == 0.0 { 0.0 } else { beta * c[(i, j)] }
        })
    }

    #[test]
    fn products_are_right_at_every_small_shape_and_layout() {
        for rows in [0, 1, 2, 5, 6, 13, 25] {
            for inner in [0, 1, 3, 46, 129, 300] {
                for columns in [0, 1, 2, 15, 16, 17, 33, 46, 64, 65, 130] {
                    check(rows, inner, columns);
                }
            }
        }
    }

    fn check(rows: usize, inner: usize, columns: usize) {
        let (a, b) = (numbers(rows, inner), numbers(inner, columns));
        let (a_columns, b_columns) =
            (a.t().as_standard_layout().into_owned(), b.t().as_standard_layout().into_owned());
        for (alpha, beta) in [(1.0, 0.0), (2.0, 1.0), (-1.0, 0.5)] {
            for (a, b) in [(a.view(), b.view()), (a_columns.t(), b.view()), (a.view(), b_columns.t())] {
                let mut c = numbers(rows, columns);
                if beta == 0.0 {
                    c.fill(f32::NAN);
                }
                let expected = by_hand(alpha, a, b, beta, c.view());
                gemm(alpha, a, b, beta, c.view_mut());
                assert_eq!(c, expected, "{rows} × {inner} × {columns}, alpha {alpha}, beta {beta}");
            }
        }
    }

    #[test]
    fn views_with_gaps_stay_within_their_elements() {
        let (a, b, mut c) = (numbers(40, 60), numbers(60, 70), numbers(40, 90));
        let (before, a, b) = (c.clone(), a.slice(s![3..;2, 5..50;3]), b.slice(s![..15, 7..53]));
        let mut part = c.slice_mut(s![1..20, 9..55]);
        let expected = by_hand(1.0, a, b, 1.0, part.view());
        gemm(1.0, a, b, 1.0, part.view_mut());
        assert_eq!(part, expected);
        part.assign(&before.slice(s![1..20, 9..55]));
        assert_eq!(c, before, "elements outside the view changed");

        let (a, b) = (numbers(9, 20), numbers(20, 9));
        let mut c = Array2::zeros((18, 9));
        gemm(1.0, a.slice(s![..;-1, ..;-1]), b.view(), 0.0, c.slice_mut(s![..;-2, ..;-1]));
        let reversed = a.slice(s![..;-1, ..;-1]);
        assert_eq!(c.slice(s![..;-2, ..;-1]), by_hand(1.0, reversed, b.view(), 0.0, c.slice(s![..;2, ..])));
    }

    #[test]
    fn weight_gradients_are_added() {
        for (rows, inputs, outputs) in [(1000, 46, 46), (3, 5, 1), (300, 130, 20), (0, 4, 6)] {
            let (x, d_y, mut d_w) = (numbers(rows, inputs), numbers(rows, outputs), numbers(inputs, outputs));
            let expected = by_hand(1.0, x.t(), d_y.view(), 1.0, d_w.view());
            add_transposed_product(x.view(), d_y.view(), d_w.view_mut());
            assert_eq!(d_w, expected, "{rows} × {inputs} × {outputs}");
        }
    }

    #[test]
    fn large_products_do_not_depend_on_their_division() {
        for (rows, inner, columns) in [(7, 1100, 9), (13, 3500, 450), (1, 1024, 4), (6, 40, 200), (3, 0, 5)] {
            let (a, b, c) = (numbers(rows, inner), numbers(inner, columns), numbers(rows, columns));
            let expected = by_hand(1.0, a.view(), b.view(), 1.0, c.view());
            let transposed = b.t().as_standard_layout().into_owned();
            let mut found = [c.clone(), c.clone(), c.clone(), c];
            add_product_by_columns(a.view(), b.view(), found[0].view_mut());
            add_product_by_columns(a.view(), transposed.t(), found[1].view_mut());
            add_dots(a.view(), transposed.view(), found[2].view_mut());
            let a_columns = a.t().as_standard_layout().into_owned();
            add_transposed_product_by_rows(a_columns.view(), b.view(), found[3].view_mut());
            for found in found {
                assert_eq!(found, expected, "{rows} × {inner} × {columns}");
            }
        }
    }

    #[test]
    fn a_row_does_not_depend_on_its_batch() {
        let x = Array2::from_shape_fn((101, 46), |(i, j)| ((i * 46 + j) as f32).sin());
        let w = Array2::from_shape_fn((46, 46), |(i, j)| ((i * 46 + j) as f32 * 0.3).cos());
        let whole = matmul(x.view(), w.view());
        for rows in [1, 3, 8, 50] {
            for (part, whole) in x.axis_chunks_iter(Axis(0), rows).zip(whole.axis_chunks_iter(Axis(0), rows))
            {
                assert_eq!(matmul(part, w.view()), whole, "batches of {rows}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "product of (2, 3) and (2, 3)")]
    fn shapes_must_fit() {
        matmul(numbers(2, 3).view(), numbers(2, 3).view());
    }
}
