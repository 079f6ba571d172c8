//! Generator and critic of lines: gradients against finite differences, the penalty on slopes among them.

use crate::support::{Differences, projection, randomised};
use irgan::nn::Parameters;
use irgan::pathwise::softmax_rows;
use irgan::seed::Stream;
use irgan::text::wgan::{
    Critic, CriticBatch, CriticConfig, LineGenerator, LineGeneratorConfig, NormalizationKind, Objective,
};
use ndarray::{Array2, Array3, array};

const STEPS: usize = 5;
const CLASSES: usize = 4;

/// Sets biases before rectifiers to ±1.2, so that no gate turns under small steps.
fn settled<P: Parameters>(mut model: P, channels: usize) -> P {
    for mut tensor in model.tensors_mut() {
        if tensor.name.ends_with("first.bias") || tensor.name == "input.bias" {
            let signs = (0..).map(|i: usize| if (i % channels).is_multiple_of(2) { 1.2 } else { -1.2 });
            tensor.values.iter_mut().zip(signs).for_each(|(bias, value)| *bias = value);
        }
    }
    model
}

fn critic(seed: u64) -> Critic {
    let config = CriticConfig { channels: 4, blocks: 2, ..CriticConfig::default() };
    let critic = Critic::new(&config, STEPS, CLASSES, &mut Stream::new(seed).rng());
    settled(randomised(critic, 0.12, seed), 4)
}

fn generator(normalization: NormalizationKind, seed: u64) -> LineGenerator {
    let config = LineGeneratorConfig {
        channels: 4,
        blocks: 2,
        noise: 3,
        normalization,
        ..LineGeneratorConfig::default()
    };
    let generator = LineGenerator::new(&config, STEPS, CLASSES, &mut Stream::new(seed).rng());
    settled(randomised(generator, 0.12, seed), 4)
}

fn soft_lines(count: usize, seed: u64) -> Array3<f32> {
    let mut rows = crate::support::random(count * STEPS, CLASSES, 1.0, seed);
    softmax_rows(&mut rows);
    rows.into_shape_with_order((count, STEPS, CLASSES)).expect("whole lines")
}

fn one_hot(lines: &Array2<u32>) -> Array3<f32> {
    let mut soft = Array3::zeros((lines.nrows(), STEPS, CLASSES));
    lines.indexed_iter().for_each(|((b, t), &class)| soft[[b, t, class as usize]] = 1.0);
    soft
}

fn real() -> Array2<u32> {
    array![[1, 2, 3, 0, 0], [3, 3, 1, 2, 0]]
}

#[test]
fn the_critics_loss_with_its_penalty_at_the_parameters() {
    let (critic, real, drawn) = (critic(1), real(), soft_lines(2, 2));
    for (objective, mixture) in
        [(Objective::Wgan, &[0.3, 0.8][..]), (Objective::Gan, &[0.5, 0.1]), (Objective::Gan, &[])]
    {
        let batch = CriticBatch { real: real.view(), drawn: drawn.view(), mixture };
        let (gradient, found) = critic.gradient(batch, objective, 10.0);
        assert_eq!(found.penalty > 0.0, !mixture.is_empty());
        // The penalty is large beside the estimate: the tolerance is relative to the slope.
        let check = Differences { step: 1.0 / 512.0, tolerance: 4e-3 };
        check.parameters(&critic, &gradient, |critic| {
            let found = critic.gradient(batch, objective, 10.0).1;
            let loss = match objective {
                Objective::Wgan => -found.estimate,
                Objective::Gan => 2.0 * (2f64.ln() - found.estimate),
            };
            loss + found.penalty
        });
    }
}

#[test]
fn the_slope_is_the_length_of_the_scores_gradient() {
    let (critic, real, drawn) = (critic(3), array![[1, 2, 3, 0, 0]], soft_lines(1, 4));
    let batch = CriticBatch { real: real.view(), drawn: drawn.view(), mixture: &[0.3] };
    let found = critic.gradient(batch, Objective::Wgan, 10.0).1;
    let mixed = one_hot(&real) * 0.3 + &drawn * 0.7;
    let mut squares = 0.0;
    for place in 0..mixed.len() {
        let moved = |by: f32| {
            let mut lines = mixed.clone();
            *lines.iter_mut().nth(place).expect("a place") += by;
            f64::from(critic.scores(lines.view())[0])
        };
        squares += ((moved(1.0 / 64.0) - moved(-1.0 / 64.0)) * 32.0).powi(2);
    }
    assert!((found.slope - squares.sqrt()).abs() < 1e-4, "{}, {}", found.slope, squares.sqrt());
    assert!((found.penalty - 10.0 * (squares.sqrt() - 1.0).powi(2)).abs() < 1e-2);
}

#[test]
fn scores_of_real_lines_are_those_of_their_one_hot_vectors() {
    let (critic, real) = (critic(5), real());
    let (by_class, by_vector) = (critic.scores_of_real(real.view()), critic.scores(one_hot(&real).view()));
    assert!(by_class.iter().zip(&by_vector).all(|(a, b)| (a - b).abs() < 1e-5), "{by_class} {by_vector}");
}

#[test]
fn the_generators_loss_at_its_lines() {
    let (critic, drawn) = (critic(6), soft_lines(2, 7));
    for objective in [Objective::Wgan, Objective::Gan] {
        let (d, _) = critic.gradient_at_input(drawn.view(), objective);
        let loss = |lines: &[f32]| {
            let lines = Array3::from_shape_vec(drawn.raw_dim(), lines.to_vec()).expect("as many values");
            let scores = critic.scores(lines.view()).mapv(f64::from);
            let of = |score: f64| match objective {
                Objective::Wgan => -score,
                Objective::Gan => (-score).exp().ln_1p(), // −log σ
            };
            scores.mapv(of).sum() / 2.0
        };
        let slices = (drawn.as_slice().expect("contiguous"), d.as_slice().expect("contiguous"));
        Differences::default().values(slices.0, slices.1, loss);
    }
}

#[test]
fn a_generator_at_its_parameters() {
    for kind in [NormalizationKind::None, NormalizationKind::Layer, NormalizationKind::Batch] {
        let (generator, weights) = (generator(kind, 8), soft_lines(3, 9) * 4.0);
        let noise = generator.noise(3, &mut Stream::new(10).rng());
        let lines = generator.forward(noise.clone());
        let mut gradient = generator.zeros_like();
        generator.backward(&lines, weights.clone(), &mut gradient);
        let check = Differences { step: 1.0 / 1024.0, tolerance: 6e-3 };
        check.parameters(&generator, &gradient, |generator| {
            projection(&generator.forward(noise.clone()).soft, &weights)
        });
        if kind != NormalizationKind::Batch {
            let error = (&generator.predict(noise.view()) - &lines.soft).mapv(f32::abs).sum();
            assert!(error < 1e-4, "{error}");
        }
    }
}
