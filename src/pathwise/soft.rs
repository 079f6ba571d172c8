//! Softmax as a soft one-hot vector, which a judge reads in the place of a token.

use ndarray::{Array2, ArrayView2};

use crate::math::simd;

/// Turns logits `[N, V]` into distributions, row by row.
pub fn softmax_rows(logits: &mut Array2<f32>) {
    for mut row in logits.rows_mut() {
        simd::softmax(row.as_slice_mut().expect("rows are contiguous"));
    }
}

/// Computes the gradient at the logits, `y ⊙ (d − ⟨d, y⟩)`, from `d_soft: [N, V]`, that at the distributions `y: [N, V]`.
///
/// # Panics
/// When the shapes differ.
///
/// ```
/// use irgan::pathwise::softmax_gradient;
/// use ndarray::array;
///
/// let y = array![[0.5f32, 0.25, 0.25]];
/// assert_eq!(softmax_gradient(y.view(), array![[1.0, 0.0, 2.0]]), array![[0.0, -0.25, 0.25]]);
/// ```
pub fn softmax_gradient(y: ArrayView2<'_, f32>, mut d_soft: Array2<f32>) -> Array2<f32> {
    assert_eq!(y.dim(), d_soft.dim(), "one gradient a part");
    for (mut d, y) in d_soft.rows_mut().into_iter().zip(y.rows()) {
        let mean: f32 = d.iter().zip(y).map(|(d, y)| d * y).sum();
        d.zip_mut_with(&y, |d, &y| *d = y * (*d - mean));
    }
    d_soft
}
