//! Rectifier, and backward passes of activations by their outputs.

use super::level::{Kernel, arch, run_at};

/// Computes `x ← max(x, 0)`; NaN stays NaN.
pub fn relu(values: &mut [f32]) {
    run_at(arch(), Relu(values));
}

/// Computes `d_y ← d_y · [y > 0]` for `y = relu(x)`.
///
/// # Panics
/// When the lengths differ.
pub fn relu_backward(y: &[f32], d_y: &mut [f32]) {
    run_at(arch(), Backward(y, d_y, |y, d| if y > 0.0 { d } else { 0.0 }));
}

/// Computes `d_y ← d_y · (1 − y²)` for `y = tanh(x)`.
///
/// # Panics
/// When the lengths differ.
pub fn tanh_backward(y: &[f32], d_y: &mut [f32]) {
    run_at(arch(), Backward(y, d_y, |y, d| d * (1.0 - y * y)));
}

/// Computes `d_y ← d_y · y (1 − y)` for `y = σ(x)`.
///
/// # Panics
/// When the lengths differ.
pub fn sigmoid_backward(y: &[f32], d_y: &mut [f32]) {
    run_at(arch(), Backward(y, d_y, |y, d| d * (y * (1.0 - y))));
}

struct Relu<'a>(&'a mut [f32]);

impl Kernel for Relu<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for x in self.0 {
            *x = if *x < 0.0 { 0.0 } else { *x };
        }
    }
}

struct Backward<'a, F>(&'a [f32], &'a mut [f32], F);

impl<F: Fn(f32, f32) -> f32> Kernel for Backward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Backward(y, d_y, f) = self;
        assert_eq!(y.len(), d_y.len(), "output and gradient differ in length");
        for (d, &y) in d_y.iter_mut().zip(y) {
            *d = f(y, *d);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relu_keeps_nan_and_positives() {
        let mut x = vec![-1.0, 0.0, 2.0, f32::NEG_INFINITY, f32::INFINITY, f32::NAN];
        relu(&mut x);
        assert_eq!(x[..5], [0.0, 0.0, 2.0, 0.0, f32::INFINITY]);
        assert!(x[5].is_nan());
    }

    #[test]
    fn backward_passes_are_the_derivatives() {
        for x in [-2.0_f64, -0.3, 0.0, 0.7, 1.5] {
            let h = 1e-6;
            let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
            let expected_tanh = 3.0 * ((x + h).tanh() - (x - h).tanh()) / (2.0 * h);
            let expected_sigmoid = 3.0 * (sigmoid(x + h) - sigmoid(x - h)) / (2.0 * h);
            // Seventeen elements: a whole block and a tail.
            let (mut d_tanh, mut d_sigmoid, mut d_relu) = (vec![3.0; 17], vec![3.0; 17], vec![3.0; 17]);
            tanh_backward(&[x.tanh() as f32; 17], &mut d_tanh);
            sigmoid_backward(&[sigmoid(x) as f32; 17], &mut d_sigmoid);
            relu_backward(&[x.max(0.0) as f32; 17], &mut d_relu);
            for i in 0..17 {
                assert!((f64::from(d_tanh[i]) - expected_tanh).abs() < 1e-6);
                assert!((f64::from(d_sigmoid[i]) - expected_sigmoid).abs() < 1e-6);
                assert_eq!(d_relu[i], if x > 0.0 { 3.0 } else { 0.0 });
            }
        }
    }

    #[test]
    #[should_panic(expected = "differ in length")]
    fn lengths_must_agree() {
        tanh_backward(&[0.0; 3], &mut [0.0; 4]);
    }
}
