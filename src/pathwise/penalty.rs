//! Bounds on the slopes of a critic, and the gradient penalty (Gulrajani et al., NIPS 2017, equation 3).

use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Bound on a critic's slopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Lipschitz {
    /// None.
    None,
    /// Penalty on slopes other than 1, at mixtures of real and drawn examples.
    #[default]
    Penalty,
    /// Bound of every weight (Arjovsky et al., ICML 2017).
    Clip,
    /// Largest singular value of every weight 1 (Miyato et al., ICLR 2018).
    Spectral,
}

/// Gradient penalty of a batch, and its gradient.
#[derive(Clone, Debug)]
pub struct Penalty {
    /// `λ E (‖g‖₂ − 1)²`.
    pub value: f64,
    /// Mean slope, `E ‖g‖₂`.
    pub slope: f64,
    /// Gradient of the value at g, the direction of the second pass: the shape of g.
    pub direction: Array2<f32>,
}

/// Returns the penalty `λ E (‖g‖₂ − 1)²` of `gradient: [B · T, V]`, the gradient g of a score at each of `batch` inputs `[T, V]`.
///
/// ```
/// use irgan::pathwise::gradient_penalty;
/// use ndarray::array;
///
/// // Of two inputs of one position: slopes 5 and 1, (5 − 1)² and (1 − 1)².
/// let penalty = gradient_penalty(array![[3.0, 4.0], [0.0, 1.0]], 2, 10.0);
/// assert_eq!((penalty.value, penalty.slope), (80.0, 3.0));
/// assert_eq!(penalty.direction, array![[24.0, 32.0], [0.0, 0.0]]); // 10 · 2 (5 − 1) g / 5 / 2
/// ```
///
/// # Panics
/// When the rows are not as many a batch.
pub fn gradient_penalty(mut gradient: Array2<f32>, batch: usize, weight: f32) -> Penalty {
    let rows = gradient.nrows() / batch.max(1);
    assert_eq!(rows * batch, gradient.nrows(), "as many rows an input");
    let (mut value, mut slope) = (0.0, 0.0);
    for mut part in gradient.axis_chunks_iter_mut(ndarray::Axis(0), rows.max(1)) {
        let norm = part.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt();
        value += f64::from(weight) * (norm - 1.0).powi(2);
        slope += norm;
        // A slope of 0 has no direction.
        let factor = if norm > 0.0 { 2.0 * f64::from(weight) * (norm - 1.0) / norm } else { 0.0 };
        let factor = (factor / batch as f64) as f32;
        part.mapv_inplace(|g| g * factor);
    }
    let count = batch.max(1) as f64;
    Penalty { value: value / count, slope: slope / count, direction: gradient }
}
