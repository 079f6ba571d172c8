//! Every hand-written backward pass equals finite differences of its forward pass.

use crate::support::{Differences, judged, network, projection, random};
use irgan::nn::{Activation, Linear, Mlp, Parameters, loss};
use irgan::ranking::{Candidates, FeaturePools, Objective, Scorer};
use irgan::seed::Stream;
use ndarray::{Array2, ArrayView2};

fn check() -> Differences {
    Differences::default()
}

#[test]
#[should_panic(expected = "finite difference")]
fn the_check_itself_notices_one_per_cent() {
    let values = [1.0f32, -2.0];
    check().values(&values, &[2.0, -4.0 * 1.01], |x| x.iter().map(|&x| f64::from(x).powi(2)).sum());
}

#[test]
fn linear_at_its_parameters_and_its_input() {
    let layer = Linear::from_parts(random(4, 3, 1.0, 1), random(1, 3, 1.0, 2).row(0).to_owned());
    let (x, d_y) = (random(5, 4, 1.5, 3), random(5, 3, 1.0, 4));
    let loss = |layer: &Linear, x: ArrayView2<f32>| projection(&layer.forward(x), &d_y);

    let mut gradient = layer.zeros_like();
    layer.backward_parameters(x.view(), d_y.view(), &mut gradient);
    check().parameters(&layer, &gradient, |layer| loss(layer, x.view()));

    let d_x = layer.backward_input(d_y.view());
    let shaped = |x: &[f32]| Array2::from_shape_vec((5, 4), x.to_vec()).expect("5 × 4");
    let slices = (x.as_slice().expect("contiguous"), d_x.as_slice().expect("contiguous"));
    check().values(slices.0, slices.1, |x| loss(&layer, shaped(x).view()));
}

#[test]
fn backward_adds_to_the_gradient_it_is_given() {
    let layer = Linear::from_parts(random(4, 3, 1.0, 1), random(1, 3, 1.0, 2).row(0).to_owned());
    let (x, d_y) = (random(5, 4, 1.5, 3), random(5, 3, 1.0, 4));
    let (mut once, mut twice) = (layer.zeros_like(), layer.zeros_like());
    layer.backward_parameters(x.view(), d_y.view(), &mut once);
    layer.backward_parameters(x.view(), d_y.view(), &mut twice);
    layer.backward_parameters(x.view(), d_y.view(), &mut twice);
    once.scale(2.0);
    for (a, b) in once.tensors().iter().zip(twice.tensors()) {
        let close = a.values.iter().zip(b.values).all(|(a, b)| (a - b).abs() <= 1e-5); // a few roundings of ~1
        assert!(close, "{}", a.name);
    }
}

/// The gradient of a random projection of the network's outputs, against finite differences. The
/// random stream starts anew for every forward pass, so that dropout masks repeat.
fn check_network(network: &Mlp, x: &Array2<f32>, outputs: usize, check: Differences) {
    let d_y = random(x.nrows(), outputs, 1.0, 9);
    let rng = || Stream::new(5).named("dropout").rng();
    let mut gradient = network.zeros_like();
    let (_, cache) = network.forward(x.view().into(), Some(&mut rng()));
    network.backward(&cache, d_y.view(), &mut gradient);
    assert!(gradient.squared_norm() > 0.0);
    check.parameters(network, &gradient, |network| {
        projection(&network.forward(x.view().into(), Some(&mut rng())).0, &d_y)
    });
}

#[test]
fn mlp_with_tanh() {
    for (widths, seed) in [(&[4, 2][..], 1), (&[4, 5, 1], 2), (&[4, 5, 3, 2], 3)] {
        let network = network(widths, Activation::Tanh, 0.0, seed);
        check_network(&network, &random(6, 4, 1.5, seed), widths[widths.len() - 1], check());
    }
}

#[test]
fn mlp_with_dropout() {
    for (widths, seed) in [(&[4, 6, 1][..], 4), (&[4, 6, 5, 1], 5)] {
        let dropping = network(widths, Activation::Tanh, 0.5, seed);
        let x = random(6, 4, 1.5, seed);
        check_network(&dropping, &x, 1, check());
        // Some units were dropped: the outputs differ from those without dropout.
        let mut rng = Stream::new(5).named("dropout").rng();
        assert_ne!(dropping.forward(x.view().into(), Some(&mut rng)).0, dropping.predict(x.view()));
        assert_eq!(dropping.forward(x.view().into(), None).0, dropping.predict(x.view()));
    }
}

/// The smallest distance of a hidden unit's input from the kink at 0.
fn distance_from_kinks(network: &Mlp, x: &Array2<f32>) -> f32 {
    let tensors = network.tensors();
    let layers = tensors.chunks(2).map(|pair| {
        let weight = pair[0].values.view().into_dimensionality::<ndarray::Ix2>().expect("a matrix");
        (weight, pair[1].values.view().into_dimensionality::<ndarray::Ix1>().expect("a vector"))
    });
    let (mut h, mut nearest) = (x.clone(), f32::INFINITY);
    for (weight, bias) in layers.take(tensors.len() / 2 - 1) {
        h = h.dot(&weight) + bias;
        nearest = h.iter().fold(nearest, |nearest, x| nearest.min(x.abs()));
        h.mapv_inplace(|x| x.max(0.0));
    }
    nearest
}

#[test]
fn mlp_with_relu_away_from_its_kinks() {
    // A step of 2⁻⁹ in a weight moves a hidden unit by at most 2⁻⁹ · 1.5 · (1 + Σ|W₂|) < 0.02. Between
    // kinks the loss is linear in each value, so the smaller step costs only rounding: 1e-7 · 2⁹.
    let check = Differences { step: 1.0 / 512.0, ..check() };
    for widths in [&[4, 5, 1][..], &[4, 4, 3, 1]] {
        let at = |seed| (network(widths, Activation::Relu, 0.0, seed), random(3, 4, 1.5, seed));
        let far = (0..100).map(at).find(|(network, x)| distance_from_kinks(network, x) > 0.02);
        let (network, x) = far.expect("one network of a hundred is away from its kinks");
        check_network(&network, &x, 1, check);
    }
}

#[test]
fn logistic_loss() {
    let scores = [-3.0, -0.5, 0.0, 0.7, 4.0];
    let labels = [true, false, true, false, false];
    let mut gradient = [f32::NAN; 5];
    loss::logistic(&scores, &labels, &mut gradient);
    check().values(&scores, &gradient, |scores| loss::logistic(scores, &labels, &mut [0.0; 5]));
    // −log σ(0) = log 2
    assert!((loss::logistic(&[0.0], &[true], &mut [0.0]) - 2f64.ln()).abs() < 1e-6);
}

#[test]
fn pairwise_losses() {
    let (preferred, other) = ([-2.0, 0.3, 0.0, 3.0], [1.0, 0.1, -0.4, -2.0]);
    type Loss = fn(&[f32], &[f32], &mut [f32]) -> f64;
    // With margin 0.5 the slacks are 3.5, 0.3, 0.1 and −4.5: none within a step of the kink.
    let hinge: Loss = |preferred, other, d| loss::hinge(preferred, other, 0.5, d);
    let logistic: Loss = loss::pairwise_logistic;
    for loss in [logistic, hinge] {
        let mut gradient = [f32::NAN; 4];
        loss(&preferred, &other, &mut gradient);
        check().values(&preferred, &gradient, |preferred| loss(preferred, &other, &mut [0.0; 4]));
        let negative = gradient.map(|d| -d);
        check().values(&other, &negative, |other| loss(&preferred, other, &mut [0.0; 4]));
    }
    // Slacks of margin 0.5: 3.5 + 0.3 + 0.1 + 0
    assert!((hinge(&preferred, &other, &mut [0.0; 4]) - 3.9).abs() < 1e-6);
}

#[test]
fn weighted_softmax_cross_entropy() {
    let logits = [0.3, -1.0, 2.0, 0.0];
    let targets = [(2, 0.7), (0, -1.2), (2, 0.4), (3, 2.0)]; // one action twice, one weight negative
    let value = |logits: &[f32], d: &mut [f32]| {
        let shift: f64 = logits.iter().map(|&x| f64::from(x).exp()).sum::<f64>().ln();
        let logs: Vec<f32> = logits.iter().map(|&x| (f64::from(x) - shift) as f32).collect();
        loss::softmax_cross_entropy(&logs, targets.into_iter(), d)
    };
    let mut gradient = [f32::NAN; 4];
    value(&logits, &mut gradient);
    check().values(&logits, &gradient, |logits| value(logits, &mut [0.0; 4]));
}

#[test]
fn listwise_objectives() {
    let scores = [0.5, -1.0, 2.0, 0.1, 0.4, -0.3];
    for objective in [Objective::Mle, Objective::ListNet, Objective::RankNet] {
        for grades in [[0, 2, 1, 0, -1, 1], [-1, -1, 1, -1, -1, -1], [1, 1, 1, 1, 1, 1], [0; 6]] {
            let mut gradient = [f32::NAN; 6];
            objective.gradient(&scores, &grades, &mut gradient);
            check().values(&scores, &gradient, |scores| objective.gradient(scores, &grades, &mut [0.0; 6]));
        }
    }
    // MLE of one positive among two equal scores: −log ½.
    let nll = Objective::Mle.gradient(&[1.0, 1.0], &[0, 1], &mut [0.0; 2]);
    assert!((nll - 2f64.ln()).abs() < 1e-6);
}

#[test]
fn lambdarank_is_ranknet_with_frozen_changes_of_ndcg() {
    let (scores, grades) = ([0.2f32, 1.0, -0.5], [2i8, 0, 1]);
    // By score: document 1, document 0, document 2; discounts 1/log2(rank + 1).
    let discount = [1.0 / 3f64.log2(), 1.0, 0.5];
    // Gains 2^grade − 1.
    let gain = [3.0, 0.0, 1.0];
    let ideal = 3.0 * 1.0 + 1.0 / 3f64.log2();
    let change = |i: usize, j: usize| (gain[i] - gain[j]) * f64::abs(discount[i] - discount[j]) / ideal;
    // Swapping 0 and 1 changes 3 · (1 − 0.6309) / 3.6309 = 0.3049.
    assert!((change(0, 1) - 0.3049).abs() < 1e-4);
    let pairs = [(0, 1), (0, 2), (2, 1)]; // better, worse
    let weights = pairs.map(|(i, j)| change(i, j));

    let frozen = |scores: &[f32]| -> f64 {
        let loss = |(i, j): (usize, usize)| (1.0 + f64::from(scores[j] - scores[i]).exp()).ln();
        pairs.iter().zip(weights).map(|(&pair, weight)| weight * loss(pair)).sum()
    };
    let mut gradient = [f32::NAN; 3];
    let value = Objective::LambdaRank.gradient(&scores, &grades, &mut gradient);
    assert!((value - frozen(&scores)).abs() < 1e-6);
    check().values(&scores, &gradient, frozen);

    // And as the explicit sum: −w_ij σ(s_j − s_i) for the better, its negative for the worse.
    let mut expected = [0.0f64; 3];
    for (&(i, j), weight) in pairs.iter().zip(weights) {
        let slope = weight / (1.0 + f64::from(scores[i] - scores[j]).exp());
        expected[i] -= slope;
        expected[j] += slope;
    }
    for (d, expected) in gradient.iter().zip(expected) {
        assert!((f64::from(*d) - expected).abs() < 1e-6, "{gradient:?} {expected:?}");
    }
}

#[test]
fn scorers_through_pools_and_through_pairs() {
    let pools = FeaturePools::new(judged(random(9, 4, 1.0, 1), &[&[1, 0, 0], &[0, 1], &[0, 0, 1, 0]]));
    let scorer = network(&[4, 5, 1], Activation::Tanh, 0.3, 2);
    let d_scores: Vec<f32> = random(1, 9, 1.0, 3).into_raw_vec_and_offset().0;
    // Consecutive pools are a view of the set, others are gathered.
    for queries in [&[0, 1, 2][..], &[1, 2], &[2, 0], &[1]] {
        let sizes = [3, 2, 4];
        let pairs: Vec<(u32, u32)> =
            queries.iter().flat_map(|&q| (0..sizes[q as usize]).map(move |c| (q, c))).collect();
        let d_scores = &d_scores[..pairs.len()];
        let mut found = vec![];
        for candidates in [Candidates::Pools(queries), Candidates::Pairs(&pairs)] {
            let rng = || Stream::new(5).named("dropout").rng();
            let (scores, cache) = Scorer::forward(&scorer, &pools, candidates, &mut rng());
            let mut gradient = scorer.zeros_like();
            Scorer::backward(&scorer, &cache, d_scores, &mut gradient);
            check().parameters(&scorer, &gradient, |scorer| {
                projection(&Scorer::forward(scorer, &pools, candidates, &mut rng()).0, d_scores)
            });
            found.push((scores, scorer.score(&pools, candidates)));
        }
        assert_eq!(found[0], found[1], "queries {queries:?}");
    }
}
