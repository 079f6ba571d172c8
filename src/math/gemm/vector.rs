//! Products of vectors, and of a matrix with a vector.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut1};

use crate::math::simd::{Kernel, LANES, arch, fold, mul_add, run_at};

/// `Σ_i a_i b_i`, of slices of one length.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "dot product of different lengths");
    run_at(arch(), Dot(a, b))
}

/// `y ← y + alpha · x`, of slices of one length.
pub fn axpy(alpha: f32, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len(), "axpy of different lengths");
    run_at(arch(), Axpy(alpha, x, y));
}

/// `y ← a x`, with `a: [M, K]`, `x: [K]`, `y: [M]`.
pub fn gemv(a: ArrayView2<f32>, x: ArrayView1<f32>, mut y: ArrayViewMut1<f32>) {
    assert!(a.dim() == (y.len(), x.len()), "product of {:?} and [{}] into [{}]", a.dim(), x.len(), y.len());
    let x = x.as_standard_layout();
    let x = x.as_slice().expect("standard layout is contiguous");
    if a.ncols() <= 1 || a.strides()[1] == 1 {
        run_at(arch(), Rows(a, x, y));
    } else {
        // Columns are closer together: sum them, one axpy each.
        let mut sum = vec![0.0; y.len()];
        for (column, &x) in a.columns().into_iter().zip(x) {
            let column = column.as_standard_layout();
            axpy(x, column.as_slice().expect("standard layout is contiguous"), &mut sum);
        }
        y.iter_mut().zip(sum).for_each(|(y, s)| *y = s);
    }
}

struct Dot<'a>(&'a [f32], &'a [f32]);

impl Kernel for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f32 {
        // Four registers of partial sums hide the latency of the addition.
        const UNROLL: usize = 4;
        let mut lanes = [[0.0; LANES]; UNROLL];
        let (a, a_tail) = self.0.as_chunks::<LANES>();
        let (b, b_tail) = self.1.as_chunks::<LANES>();
        let (a, a_rest) = a.as_chunks::<UNROLL>();
        let (b, b_rest) = b.as_chunks::<UNROLL>();
        for (a, b) in a.iter().zip(b) {
            for j in 0..UNROLL {
                add_product::<FMA>(&mut lanes[j], &a[j], &b[j]);
            }
        }
        for (a, b) in a_rest.iter().zip(b_rest) {
            add_product::<FMA>(&mut lanes[0], a, b);
        }
        for ((lane, &a), &b) in lanes[1].iter_mut().zip(a_tail).zip(b_tail) {
            *lane = mul_add::<FMA>(a, b, *lane);
        }
        let [l0, l1, l2, l3] = lanes;
        fold(std::array::from_fn(|i| (l0[i] + l1[i]) + (l2[i] + l3[i])), |a, b| a + b)
    }
}

#[inline(always)]
fn add_product<const FMA: bool>(lanes: &mut [f32; LANES], a: &[f32; LANES], b: &[f32; LANES]) {
    for i in 0..LANES {
        lanes[i] = mul_add::<FMA>(a[i], b[i], lanes[i]);
    }
}

struct Axpy<'a>(f32, &'a [f32], &'a mut [f32]);

impl Kernel for Axpy<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (y, &x) in self.2.iter_mut().zip(self.1) {
            *y = mul_add::<FMA>(self.0, x, *y);
        }
    }
}

/// One dot product a row; rows are contiguous.
struct Rows<'a>(ArrayView2<'a, f32>, &'a [f32], ArrayViewMut1<'a, f32>);

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        for (row, y) in self.0.rows().into_iter().zip(self.2.iter_mut()) {
            *y = Dot(row.as_slice().expect("unit stride along the row"), self.1).run::<FMA>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2};

    fn numbers(n: usize, step: f32) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * step).sin()).collect()
    }

    #[test]
    fn dot_and_axpy_at_every_length() {
        for n in 0..200 {
            let (a, b) = (numbers(n, 0.37), numbers(n, 0.91));
            let exact: f64 = a.iter().zip(&b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            assert!((f64::from(dot(&a, &b)) - exact).abs() < 1e-5, "length {n}");
            let mut y = b.clone();
            axpy(-2.0, &a, &mut y);
            assert!(y.iter().zip(&a).zip(&b).all(|((y, a), b)| (y - (b - 2.0 * a)).abs() < 1e-6));
        }
    }

    #[test]
    fn gemv_takes_any_strides() {
        let a = Array2::from_shape_vec((14, 30), numbers(420, 0.11)).expect("14 × 30");
        let x = Array1::from(numbers(30, 0.7));
        let exact = |a: ArrayView2<f32>, x: ArrayView1<f32>| -> Vec<f32> {
            a.rows().into_iter().map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum()).collect()
        };
        let columns = a.t().as_standard_layout().into_owned();
        for (a, x) in [
            (a.view(), x.view()),
            (columns.t(), x.view()),
            (a.slice(ndarray::s![.., ..;2]), x.slice(ndarray::s![..15])),
            (a.slice(ndarray::s![.., ..15]), x.slice(ndarray::s![..;2])),
            (a.slice(ndarray::s![..;-1, ..]), x.slice(ndarray::s![..;-1])),
        ] {
            let mut y = Array1::from_elem(14, f32::NAN);
            gemv(a, x, y.view_mut());
            for (y, e) in y.iter().zip(exact(a, x)) {
                assert!((y - e).abs() < 1e-5);
            }
        }
    }
}
