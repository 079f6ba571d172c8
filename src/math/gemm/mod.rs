//! Matrix products on ndarray views, single-threaded.
//!
//! Callers parallelise over batches ([`crate::math::parallel`]), so that every product has the
//! same bits for any number of threads.

mod vector;

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

pub use vector::{axpy, dot, gemv};

/// `c ← alpha · a b + beta · c`, with `a: [M, K]`, `b: [K, N]`, `c: [M, N]` of any strides.
///
/// With `beta = 0` the old `c` is not read, and may hold anything.
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
    packed(alpha, a, b, beta, c);
}

/// `a b`, with `a: [M, K]` and `b: [K, N]`; returns `[M, N]`.
pub fn matmul(a: ArrayView2<f32>, b: ArrayView2<f32>) -> Array2<f32> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    gemm(1.0, a, b, 0.0, c.view_mut());
    c
}

/// `c ← c + aᵀ b`, with `a: [N, I]`, `b: [N, O]`, `c: [I, O]`: the gradient of a weight.
///
/// # Panics
/// When the shapes do not fit.
pub fn add_transposed_product(a: ArrayView2<f32>, b: ArrayView2<f32>, c: ArrayViewMut2<f32>) {
    gemm(1.0, a.reversed_axes(), b, 1.0, c);
}

fn assert_shapes(a: &ArrayView2<f32>, b: &ArrayView2<f32>, c: &ArrayViewMut2<f32>) {
    let fits = a.ncols() == b.nrows() && c.dim() == (a.nrows(), b.ncols());
    assert!(fits, "product of {:?} and {:?} into {:?}", a.dim(), b.dim(), c.dim());
}

/// The `gemm` crate: packs blocks of both operands, and pays for large products.
fn packed(alpha: f32, a: ArrayView2<f32>, b: ArrayView2<f32>, beta: f32, mut c: ArrayViewMut2<f32>) {
    let (rows, columns) = c.dim();
    let (c_strides, a_strides, b_strides) =
        (c.strides().to_vec(), a.strides().to_vec(), b.strides().to_vec());
    // SAFETY: the shapes fit (asserted by every caller), the strides are those of the views, and
    // `c` is borrowed mutably, hence overlaps neither operand.
    unsafe {
        ::gemm::gemm(
            rows,
            columns,
            a.ncols(),
            c.as_mut_ptr(),
            c_strides[1],
            c_strides[0],
            beta != 0.0,
            a.as_ptr(),
            a_strides[1],
            a_strides[0],
            b.as_ptr(),
            b_strides[1],
            b_strides[0],
            beta,
            alpha,
            false,
            false,
            false,
            ::gemm::Parallelism::None,
        );
    }
}
