//! Tests of every element-wise function at every level against f64, in units of the last place.

use super::exp::{Exp, Sigmoid};
use super::level::{Map, MapSlice, available, name, run_at};
use super::log::{Ln, Softplus};
use super::tanh::Tanh;

const INF: f32 = f32::INFINITY;

/// Returns inputs: every `step`-th bit pattern of the finite numbers of both signs, and special values.
fn grid(step: usize) -> Vec<f32> {
    let positive = (0..0x7f80_0000_u32).step_by(step).map(f32::from_bits);
    let special = [0.0, 1e-45, f32::MIN_POSITIVE, 1e-5, 0.5, 1.0, 20.0, 88.0, 88.72, 104.0, 1e30, f32::MAX];
    // An even grid where the functions are neither 0 nor constant.
    let dense = (0..300_000).map(|i| i as f32 * 4e-4);
    positive.chain(special).chain(dense).flat_map(|x| [x, -x]).collect()
}

/// Asserts that the largest error of `kernel` over `inputs` at each level is at most `bound` ulp of the exact result.
fn assert_within<M: Map>(kernel: M, bound: f64, inputs: &[f32], exact: impl Fn(f64) -> f64) {
    for arch in available() {
        let mut results = inputs.to_vec();
        run_at(arch, MapSlice(&mut results, kernel));
        let mut worst = (0.0, 0.0);
        for (&x, &y) in inputs.iter().zip(&results) {
            let error = ulps(y, exact(f64::from(x)));
            assert!(error.is_finite(), "{}: f({x:e}) = {y:e}", name(arch));
            if error > worst.0 {
                worst = (error, x);
            }
        }
        println!("{}: {:.3} ulp at {:e}", name(arch), worst.0, worst.1);
        assert!(worst.0 <= bound, "{}: {} ulp at {:e}", name(arch), worst.0, worst.1);
    }
}

/// Returns `|found − exact|` in ulp of `exact` as an f32; infinite when only one of them overflows.
fn ulps(found: f32, exact: f64) -> f64 {
    if found == exact as f32 {
        return 0.0;
    }
    let magnitude = (exact.abs() as f32).max(f32::MIN_POSITIVE);
    let ulp = f64::from(f32::from_bits((magnitude.to_bits() & 0x7f80_0000) + 1))
        - f64::from(f32::from_bits(magnitude.to_bits() & 0x7f80_0000));
    (f64::from(found) - exact).abs() / ulp
}

#[test]
fn exp_is_accurate() {
    // Above 88.72284 the result is ∞; the last number below it may differ, so skip one ulp.
    let inputs: Vec<f32> = grid(4099).into_iter().filter(|x| !(88.7228..88.7229).contains(x)).collect();
    assert_within(Exp, 1.5, &inputs, f64::exp);
}

#[test]
fn tanh_is_accurate() {
    assert_within(Tanh, 3.0, &grid(4099), f64::tanh);
}

#[test]
fn sigmoid_is_accurate() {
    assert_within(Sigmoid, 3.0, &grid(4099), |x| 1.0 / (1.0 + (-x).exp()));
}

#[test]
fn softplus_is_accurate() {
    assert_within(Softplus, 3.0, &grid(4099), |x| x.max(0.0) + (-x.abs()).exp().ln_1p());
}

#[test]
fn ln_is_accurate() {
    let inputs: Vec<f32> = grid(4099).into_iter().filter(|x| *x >= 0.0).collect();
    assert_within(Ln, 2.0, &inputs, f64::ln);
    // Around 1, where the result is small.
    let near: Vec<f32> = (0..200_000).map(|i| 0.5 + i as f32 * 1e-5).collect();
    assert_within(Ln, 2.0, &near, f64::ln);
}

/// Asserts that the results at `inputs` have the same bits however the slice is divided.
fn assert_same_bits<M: Map>(kernel: M, inputs: &[f32]) {
    for arch in available() {
        let mut whole = inputs.to_vec();
        run_at(arch, MapSlice(&mut whole, kernel));
        for cut in [1, 3, 15, 17, 100] {
            let mut cut_up = inputs.to_vec();
            cut_up.chunks_mut(cut).for_each(|chunk| run_at(arch, MapSlice(chunk, kernel)));
            let equal = whole.iter().zip(&cut_up).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(equal, "{}: chunks of {cut}", name(arch));
        }
    }
}

#[test]
fn dividing_a_slice_changes_no_bit() {
    let inputs: Vec<f32> = (0..1003).map(|i| (i as f32 * 0.618).sin() * 30.0).collect();
    assert_same_bits(Exp, &inputs);
    assert_same_bits(Tanh, &inputs);
    assert_same_bits(Sigmoid, &inputs);
    assert_same_bits(Softplus, &inputs);
    assert_same_bits(Ln, &inputs.iter().map(|x| x.abs()).collect::<Vec<_>>());
}

#[test]
fn levels_with_fma_agree() {
    let inputs = grid(65_537);
    let results: Vec<Vec<u32>> = available()[1..]
        .iter()
        .map(|&arch| {
            let mut values = inputs.clone();
            run_at(arch, MapSlice(&mut values, Exp));
            let mut tanh = inputs.clone();
            run_at(arch, MapSlice(&mut tanh, Tanh));
            values.iter().chain(&tanh).map(|x| x.to_bits()).collect()
        })
        .collect();
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn special_values_have_their_limits() {
    fn check<M: Map>(kernel: M, cases: &[(f32, f32)]) {
        for arch in available() {
            for &(x, expected) in cases {
                let mut values = [x; 17];
                run_at(arch, MapSlice(&mut values, kernel));
                let same = |y: &f32| y.to_bits() == expected.to_bits();
                assert!(values.iter().all(same), "{}: f({x}) = {}, not {expected}", name(arch), values[0]);
            }
            let mut nan = [f32::NAN; 17];
            run_at(arch, MapSlice(&mut nan, kernel));
            assert!(nan.iter().all(|y| y.is_nan()), "{}: NaN must stay", name(arch));
        }
    }
    check(
        Exp,
        &[
            (0.0, 1.0),
            (-0.0, 1.0),
            (INF, INF),
            (-INF, 0.0),
            (88.8, INF),
            (1e30, INF),
            (-104.0, 0.0),
            (1e-45, 1.0),
        ],
    );
    check(Tanh, &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (1e-45, 1e-45), (-1e-30, -1e-30)]);
    check(Sigmoid, &[(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (104.0, 1.0), (-1e30, 0.0)]);
    check(Softplus, &[(INF, INF), (-INF, 0.0), (1e30, 1e30), (-200.0, 0.0)]);
    check(Ln, &[(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF)]);
    let mut negative = [-1.0, -INF, -1e-45];
    super::ln(&mut negative);
    assert!(negative.iter().all(|y| y.is_nan()));
}

#[test]
fn exp_is_monotone_near_its_edges() {
    for arch in available() {
        for (from, to) in [(-104.5_f32, -86.0_f32), (88.0, 89.5)] {
            let (from, to) = (from.to_bits(), to.to_bits());
            let mut inputs: Vec<f32> = (from.min(to)..from.max(to)).step_by(97).map(f32::from_bits).collect();
            inputs.sort_by(f32::total_cmp);
            run_at(arch, MapSlice(&mut inputs, Exp));
            assert!(inputs.is_sorted(), "{}", name(arch));
        }
    }
}

#[test]
fn functions_of_one_number_are_the_portable_ones() {
    assert!(ulps(super::exp1(3.3), f64::from(3.3_f32).exp()) < 1.5);
    assert!(ulps(super::tanh1(1e-5), f64::from(1e-5_f32).tanh()) < 3.0);
    assert!(ulps(super::softplus1(-3.0), (-3.0_f64).exp().ln_1p()) < 3.0);
    assert!(ulps(super::log_sigmoid(50.0), -(-50.0_f64).exp().ln_1p()) < 3.0);
    assert_eq!(super::log_sigmoid(-1e30), -1e30);
    assert_eq!(super::sigmoid1(-0.0), 0.5);
}
