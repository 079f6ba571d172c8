//! Residual convolutions, their normalisations, and the gradient of a function of their input's gradient.

use crate::support::{Differences, projection, random, randomised};
use irgan::nn::{
    BatchNorm, Initializer, LayerNorm, MinibatchDiscrimination, MinibatchSize, Normalization, Parameters,
    RectifiedConvolution, ResidualStack, SpectralNorm,
};
use irgan::seed::Stream;
use ndarray::{Array2, Array3};

const SHAPE: (usize, usize, usize) = (2, 6, 3);

fn cube(bound: f32, seed: u64) -> Array3<f32> {
    let (batch, steps, channels) = SHAPE;
    random(batch * steps, channels, bound, seed).into_shape_with_order(SHAPE).expect("the same values")
}

fn of_values(values: &[f32]) -> Array3<f32> {
    Array3::from_shape_vec(SHAPE, values.to_vec()).expect("as many values")
}

/// Stack of which no gate turns under small steps at [`away_from_zero`]: within a block, biases of ±1.2 decide.
fn stack(blocks: usize, seed: u64) -> ResidualStack {
    let rng = &mut Stream::new(seed).rng();
    let mut stack = randomised(ResidualStack::new(blocks, SHAPE.2, Initializer::He, rng), 0.1, seed);
    for mut tensor in stack.tensors_mut().into_iter().filter(|t| t.name.ends_with("first.bias")) {
        tensor.values.assign(&ndarray::arr1(&[1.2, -1.2, 1.2]).into_dyn());
    }
    stack
}

/// Inputs of which no gate turns under small steps.
fn away_from_zero(seed: u64) -> Array3<f32> {
    cube(1.0, seed).mapv(|x| x + 0.5f32.copysign(x))
}

/// Small steps stay within one linear piece at almost every value; outputs are of size 1, so that the error of a difference of
/// 32-bit outputs is about 1e-7 / 2⁻¹⁰ = 1e-4.
fn within_a_piece() -> Differences {
    Differences { step: 1.0 / 1024.0, tolerance: 3e-3 }
}

#[test]
fn a_rectified_convolution_is_its_definition() {
    let rng = &mut Stream::new(3).rng();
    let layer = randomised(RectifiedConvolution::new(3, 2, Initializer::He, rng), 1.0, 3);
    let (x, y) = (cube(1.0, 4), layer.forward(cube(1.0, 4).view()));
    let (weight, bias) = (&layer.tensors()[0].values, &layer.tensors()[1].values);
    for ((b, t, o), y) in y.indexed_iter() {
        let mut expected = f64::from(bias[[o]]);
        for k in 0..5 {
            let Some(at) = (t + k).checked_sub(2).filter(|&at| at < SHAPE.1) else { continue };
            for i in 0..3 {
                expected += f64::from(x[[b, at, i]].max(0.0)) * f64::from(weight[[k, i, o]]);
            }
        }
        assert!((f64::from(*y) - expected).abs() < 1e-5, "{b} {t} {o}: {y}, expected {expected}");
    }
}

#[test]
fn a_residual_stack_at_its_parameters_and_its_input() {
    for blocks in [1, 2] {
        let (stack, x, d_y) = (stack(blocks, 5), away_from_zero(6), cube(1.0, 7));
        let loss = |stack: &ResidualStack, x: Array3<f32>| projection(&stack.prepare().forward(x).0, &d_y);
        let mut gradient = stack.zeros_like();
        let prepared = stack.prepare();
        let (_, cache) = prepared.forward(x.clone());
        let d_x = prepared.backward(&cache, d_y.clone(), &mut gradient);
        Differences::default().parameters(&stack, &gradient, |stack| loss(stack, x.clone()));
        let slices = (x.as_slice().expect("contiguous"), d_x.as_slice().expect("contiguous"));
        Differences::default().values(slices.0, slices.1, |x| loss(&stack, of_values(x)));
        assert_eq!(prepared.predict(x.clone()), prepared.forward(x.clone()).0);
        assert_eq!(prepared.slopes(&cache, d_y.clone()).0, d_x);
    }
}

/// A function of the gradient of `⟨u, stack(x)⟩` at x, `P = Σ_i c_i g_i²`, differs by the stack's filters through `g` alone.
#[test]
fn the_gradient_of_a_function_of_the_input_gradient() {
    let (stack, x, u, c) = (stack(2, 8), away_from_zero(9), cube(1.0, 10), cube(0.5, 11));
    let input_gradient = |stack: &ResidualStack| {
        let prepared = stack.prepare();
        let (_, cache) = prepared.forward(x.clone());
        prepared.slopes(&cache, u.clone()).0
    };
    let penalty = |stack: &ResidualStack| projection(&input_gradient(stack).mapv(|g| g * g), &c);
    let prepared = stack.prepare();
    let (_, cache) = prepared.forward(x.clone());
    let (g, slopes) = prepared.slopes(&cache, u.clone());
    let direction = &g * &c * 2.0;
    let mut gradient = stack.zeros_like();
    let moved = prepared.derivative(&cache, &slopes, direction.clone(), &mut gradient);
    Differences::default().parameters(&stack, &gradient, penalty);
    // ⟨u, M v⟩ = ⟨Mᵀ u, v⟩
    let (there, back) = (projection(&moved, &u), projection(&g, &direction));
    assert!((there - back).abs() < 1e-4 * back.abs().max(1.0), "{there}, {back}");
}

#[test]
fn normalisations_at_their_parameters_and_inputs() {
    let check = Differences { tolerance: 3e-3, ..Differences::default() };
    let (x, d_y) = (random(5, 3, 1.5, 12), random(5, 3, 1.0, 13));
    let shaped = |x: &[f32]| Array2::from_shape_vec((5, 3), x.to_vec()).expect("5 × 3");
    let layer = randomised(LayerNorm::new(3), 1.0, 14);
    let mut gradient = layer.zeros_like();
    let (_, cache) = layer.forward(x.view());
    let d_x = layer.backward(&cache, d_y.view(), &mut gradient);
    check.parameters(&layer, &gradient, |layer| projection(&layer.forward(x.view()).0, &d_y));
    let at = x.as_slice().expect("contiguous");
    check.values(at, d_x.as_slice().expect("contiguous"), |x| {
        projection(&layer.forward(shaped(x).view()).0, &d_y)
    });
    let layer = randomised(BatchNorm::new(3), 1.0, 15);
    let mut gradient = layer.zeros_like();
    let (_, cache) = layer.forward(x.view());
    let d_x = layer.backward(&cache, d_y.view(), &mut gradient);
    check.parameters(&layer, &gradient, |layer| projection(&layer.forward(x.view()).0, &d_y));
    check.values(at, d_x.as_slice().expect("contiguous"), |x| {
        projection(&layer.forward(shaped(x).view()).0, &d_y)
    });
}

#[test]
fn a_batch_that_is_remembered_normalises_as_in_training() {
    let (mut layer, x) = (BatchNorm::new(3), random(40, 3, 2.0, 16));
    let (y, cache) = layer.forward(x.view());
    for _ in 0..200 {
        layer.remember(&cache);
    }
    for (a, b) in layer.predict(x.view()).iter().zip(&y) {
        assert!((a - b).abs() < 1e-4, "{a}, {b}");
    }
}

#[test]
fn a_settled_batch_normalises_by_its_own_moments() {
    let (mut layer, x) = (randomised(BatchNorm::new(3), 1.0, 16), random(40, 3, 2.0, 16));
    let y = layer.forward(x.view()).0;
    layer.settle(x.view());
    for (a, b) in layer.predict(x.view()).iter().zip(&y) {
        assert!((a - b).abs() < 1e-5, "{a}, {b}");
    }
    let d_y = random(40, 3, 1.0, 17);
    let d_x = layer.backward_predicted(d_y.view());
    let at = x.as_slice().expect("contiguous");
    Differences::default().values(at, d_x.as_slice().expect("contiguous"), |x| {
        let x = Array2::from_shape_vec((40, 3), x.to_vec()).expect("40 × 3");
        projection(&layer.predict(x.view()), &d_y)
    });
}

#[test]
fn minibatch_discrimination_at_its_weight_and_inputs() {
    let size = MinibatchSize { features: 3, values: 2 };
    let layer = MinibatchDiscrimination::new(size, 4, &mut Stream::new(18).rng());
    // Groups of four and of two, and one alone would have nothing to compare.
    let groups = [true, false, true, true, false, true];
    let (x, d_near) = (random(6, 4, 1.0, 19), random(6, 3, 1.0, 20));
    let mut gradient = layer.zeros_like();
    let (near, cache) = layer.forward(x.view(), &groups);
    let d_x = layer.backward(x.view(), &cache, d_near.view(), &mut gradient);
    let check = Differences { step: 1.0 / 1024.0, ..Differences::default() };
    let loss = |layer: &MinibatchDiscrimination, x: &Array2<f32>| {
        projection(&layer.forward(x.view(), &groups).0, &d_near)
    };
    check.parameters(&layer, &gradient, |layer| loss(layer, &x));
    check.values(x.as_slice().expect("contiguous"), d_x.as_slice().expect("contiguous"), |values| {
        loss(&layer, &Array2::from_shape_vec((6, 4), values.to_vec()).expect("6 × 4"))
    });
    // By the formula, in f64: the mean over the others of the group.
    let weight =
        layer.tensors()[0].values.to_owned().into_dimensionality::<ndarray::Ix2>().expect("a matrix");
    let m = x.mapv(f64::from).dot(&weight.mapv(f64::from));
    let closeness = |i: usize, j: usize, b: usize| {
        (-(0..2).map(|c| (m[[i, 2 * b + c]] - m[[j, 2 * b + c]]).abs()).sum::<f64>()).exp()
    };
    for i in 0..6 {
        let others: Vec<usize> = (0..6).filter(|&j| j != i && groups[j] == groups[i]).collect();
        for b in 0..3 {
            let expected = others.iter().map(|&j| closeness(i, j, b)).sum::<f64>() / others.len() as f64;
            assert!((f64::from(near[[i, b]]) - expected).abs() < 1e-5, "{i}, {b}: {near}, {expected}");
        }
    }
    // Beside others it is the mean over them.
    let beside = layer.beside(x.slice(ndarray::s![..1, ..]), x.slice(ndarray::s![3.., ..]));
    for b in 0..3 {
        let expected = (3..6).map(|j| closeness(0, j, b)).sum::<f64>() / 3.0;
        assert!((f64::from(beside[[0, b]]) - expected).abs() < 1e-5, "{beside}, {expected}");
    }
    for text in ["", "3", "0,2", "3,", "3,2000", "a,b", "1,2,3"] {
        text.parse::<MinibatchSize>().expect_err(text);
    }
    assert_eq!("3,2".parse::<MinibatchSize>().expect("two numbers"), size);
}

#[test]
fn a_normalised_stack_at_its_parameters() {
    for layer in [Normalization::Layer(LayerNorm::new(3)), Normalization::Batch(BatchNorm::new(3))] {
        let rng = &mut Stream::new(17).rng();
        let stack = ResidualStack::new(1, 3, Initializer::He, rng).normalized(&layer);
        let stack = randomised(stack, 0.6, 17);
        let (x, d_y) = (cube(1.0, 18), cube(1.0, 19));
        let mut gradient = stack.zeros_like();
        let prepared = stack.prepare();
        let (_, cache) = prepared.forward(x.clone());
        prepared.backward(&cache, d_y.clone(), &mut gradient);
        let loss = |stack: &ResidualStack| projection(&stack.prepare().forward(x.clone()).0, &d_y);
        within_a_piece().parameters(&stack, &gradient, loss);
    }
}

#[test]
fn spectral_normalisation_divides_by_the_largest_singular_value_and_its_gradient_is_exact() {
    let rng = &mut Stream::new(20).rng();
    let layer = randomised(RectifiedConvolution::new(2, 3, Initializer::He, rng), 1.0, 20);
    let mut memory = SpectralNorm::new(&layer, rng);
    for _ in 0..200 {
        memory.normalize(&layer);
    }
    let (normal, singular) = memory.clone().normalize(&layer);
    // By the trace of (WᵀW)^n: its nth root is the square of the largest singular value as n grows.
    let weight = normal.tensors()[0].values.to_owned().into_shape_with_order((10, 3)).expect("10 × 3");
    let mut gram = weight.t().dot(&weight).mapv(f64::from);
    for _ in 0..6 {
        gram = gram.dot(&gram);
    }
    let largest = gram.diag().sum().powf(1.0 / 128.0);
    assert!((largest - 1.0).abs() < 0.01, "{largest}");

    let chosen = random(10, 3, 1.0, 23);
    let weights = |layer: &RectifiedConvolution| projection(&layer.tensors()[0].values, &chosen);
    let mut gradient = layer.zeros_like();
    gradient.tensors_mut()[0].values.iter_mut().zip(&chosen).for_each(|(d, c)| *d = *c);
    SpectralNorm::pull_back(&normal, &singular, &mut gradient);
    let check = Differences { tolerance: 3e-3, ..Differences::default() };
    check.parameters(&layer, &gradient, |layer| {
        let mut memory = memory.clone();
        for _ in 0..50 {
            memory.normalize(layer);
        }
        weights(&memory.normalize(layer).0)
    });
}
