//! The layers for text: every backward pass equals finite differences of its forward pass, and the softmax
//! over a vocabulary equals its definition, worked out in f64.

use crate::support::{Differences, assert_fits, projection, random, randomised};
use irgan::math::simd;
use irgan::nn::{
    Attention, AttentionCache, AttentionKind, CellKind, Directions, Embedding, Filters, Highway, Initializer,
    Memory, MemoryGradient, Parameters, Projection, Ragged, Recurrent, State, TextConvolution, loss,
};
use irgan::seed::Stream;
use ndarray::{Array2, Array3, ArrayView2, Axis, s};
use rand::Rng as _;

const KINDS: [CellKind; 2] = [CellKind::Lstm, CellKind::Gru];

fn check() -> Differences {
    Differences::default()
}

/// Between kinks a loss is nearly linear in each value, so a smaller step costs only rounding: 1e-7 · 2⁹.
fn check_between_kinks() -> Differences {
    Differences { step: 1.0 / 512.0, ..check() }
}

fn slice(array: &Array2<f32>) -> &[f32] {
    array.as_slice().expect("contiguous")
}

fn shaped(values: &[f32], like: &Array2<f32>) -> Array2<f32> {
    Array2::from_shape_vec(like.raw_dim(), values.to_vec()).expect("one value an element")
}

/// Within `tolerance` of the expected value, absolute and relative at once.
fn assert_near(value: impl Into<f64>, expected: impl Into<f64>, tolerance: f64, what: &str) {
    let (value, expected) = (value.into(), expected.into());
    let allowed = tolerance * (1.0 + expected.abs());
    assert!((value - expected).abs() <= allowed, "{what}: {value}, expected {expected}");
}

#[test]
fn embedding_at_its_table() {
    let table = Embedding::from_weight(random(6, 3, 1.0, 1));
    let tokens = [4, 0, 4, 5, 4, 1]; // one token three times, two never
    let d_x = random(tokens.len(), 3, 1.0, 2);
    let mut gradient = table.zeros_like();
    Embedding::backward(&tokens, d_x.view(), &mut gradient);
    check().parameters(&table, &gradient, |table| projection(&table.forward(&tokens), &d_x));
    assert!(gradient.vector(4).iter().all(|&d| d != 0.0));
    assert_eq!([gradient.vector(2), gradient.vector(3)], [[0.0; 3]; 2]);
}

const BATCH: usize = 2;
const STEPS: usize = 4;
const INPUTS: usize = 3;
const HIDDEN: usize = 5;

fn recurrent(kind: CellKind) -> Recurrent {
    let mut rng = Stream::new(1).named("recurrent").rng();
    randomised(Recurrent::new(kind, INPUTS, HIDDEN, Initializer::Xavier, &mut rng), 0.7, 1)
}

#[test]
fn recurrent_at_its_parameters_and_its_input() {
    let (x, d_h) = (random(STEPS * BATCH, INPUTS, 1.5, 2), random(STEPS * BATCH, HIDDEN, 1.0, 3));
    for kind in KINDS {
        let layer = recurrent(kind);
        let loss =
            |layer: &Recurrent, x: Array2<f32>| projection(layer.forward(x, BATCH).hidden().iter(), &d_h);
        let mut gradient = layer.zeros_like();
        let d_x = layer.backward(&layer.forward(x.clone(), BATCH), d_h.view(), &mut gradient);
        check().parameters(&layer, &gradient, |layer| loss(layer, x.clone()));
        check().values(slice(&x), slice(&d_x), |values| loss(&layer, shaped(values, &x)));
    }
}

#[test]
fn recurrent_gradient_reaches_the_first_step_from_the_last() {
    let x = random(STEPS * BATCH, INPUTS, 1.5, 2);
    let mut d_h = Array2::zeros((STEPS * BATCH, HIDDEN));
    d_h.slice_mut(s![(STEPS - 1) * BATCH.., ..]).assign(&random(BATCH, HIDDEN, 1.0, 4));
    // Only sequence 0 counts: nothing of sequence 1 may leak into it.
    d_h.row_mut(STEPS * BATCH - 1).fill(0.0);
    for kind in KINDS {
        let layer = recurrent(kind);
        let d_x = layer.backward(&layer.forward(x.clone(), BATCH), d_h.view(), &mut layer.zeros_like());
        for (row, d_x) in d_x.rows().into_iter().enumerate() {
            let is_first_sequence = row % BATCH == 0;
            assert!(d_x.iter().all(|&d| (d != 0.0) == is_first_sequence), "{kind:?}, row {row}: {d_x}");
        }
        let tighter = Differences { tolerance: 1e-4, ..check() }; // gradients over four steps are small
        tighter.values(slice(&x), slice(&d_x), |values| {
            projection(layer.forward(shaped(values, &x), BATCH).hidden().iter(), &d_h)
        });
    }
}

#[test]
fn recurrent_steps_are_the_unrolled_layer() {
    let x = random(STEPS * BATCH, INPUTS, 1.5, 5);
    for kind in KINDS {
        let layer = recurrent(kind);
        let cache = layer.forward(x.clone(), BATCH);
        let mut state = layer.start(BATCH);
        for step in 0..STEPS {
            let rows = s![step * BATCH..(step + 1) * BATCH, ..];
            state = layer.step(x.slice(rows), &state);
            let cached = cache.state(step);
            assert_eq!(state.memory.dim(), cached.memory.dim());
            let pairs = state.hidden.iter().zip(cache.hidden().slice(rows).to_owned());
            let pairs = pairs.map(|(a, b)| (*a, b));
            let of_state = state.hidden.iter().copied().zip(cached.hidden);
            let memories = state.memory.iter().copied().zip(cached.memory);
            for (a, b) in pairs.chain(of_state).chain(memories) {
                assert!((a - b).abs() <= 1e-6, "{kind:?}, step {step}: {a}, unrolled {b}");
            }
        }
        assert!(state.hidden.iter().all(|h| h.abs() > 1e-3), "the states are not trivial");
    }
}

#[test]
fn recurrent_over_different_lengths_from_a_given_state_to_the_last_ones() {
    // Lengths 4, 2, 1 and none; what each step feeds into the next is twice its outputs.
    let layout = Ragged::new(&[4, 2, 1, 0]);
    let x = random(layout.rows(), INPUTS, 1.5, 6);
    for kind in KINDS {
        let mut rng = Stream::new(2).named("recurrent").rng();
        let fresh = Recurrent::new(kind, INPUTS + HIDDEN, HIDDEN, Initializer::Xavier, &mut rng);
        let layer = randomised(fresh, 0.7, 2);
        let memory = |seed| match kind {
            CellKind::Lstm => random(4, HIDDEN, 1.0, seed),
            CellKind::Gru => Array2::zeros((4, 0)),
        };
        let initial = State { hidden: random(4, HIDDEN, 0.9, 7), memory: memory(8) };
        let d_last = State { hidden: random(4, HIDDEN, 1.0, 9), memory: memory(10) };
        let d_h = random(layout.rows(), HIDDEN, 1.0, 11);
        let forward = |layer: &Recurrent, x: Array2<f32>, initial: &State| {
            let mut double = |_: usize, h: ArrayView2<'_, f32>| &h * 2.0;
            layer.forward_from(x, layout.clone(), initial, Some(&mut double))
        };
        let loss = |layer: &Recurrent, x: Array2<f32>, initial: &State| {
            let cache = forward(layer, x, initial);
            let last = cache.last();
            projection(cache.hidden().iter(), &d_h)
                + projection(&last.hidden, &d_last.hidden)
                + projection(&last.memory, &d_last.memory)
        };
        let cache = forward(&layer, x.clone(), &initial);
        let mut gradient = layer.zeros_like();
        let mut back = |step: usize, d_fed: ArrayView2<'_, f32>| {
            let mut d = d_h.slice(s![layout.range(step), ..]).to_owned();
            d.slice_mut(s![..d_fed.nrows(), ..]).scaled_add(2.0, &d_fed);
            d
        };
        let unread = Array2::zeros((0, 0));
        let (d_x, d_initial) =
            layer.backward_from(&cache, unread.view(), Some(&d_last), Some(&mut back), &mut gradient);
        check().parameters(&layer, &gradient, |layer| loss(layer, x.clone(), &initial));
        check().values(slice(&x), slice(&d_x), |v| loss(&layer, shaped(v, &x), &initial));
        let State { hidden, memory } = &initial;
        check().values(slice(hidden), slice(&d_initial.hidden), |v| {
            loss(&layer, x.clone(), &State { hidden: shaped(v, hidden), memory: memory.clone() })
        });
        check().values(slice(memory), slice(&d_initial.memory), |v| {
            loss(&layer, x.clone(), &State { hidden: hidden.clone(), memory: shaped(v, memory) })
        });
        assert_eq!(cache.last().hidden.row(3), initial.hidden.row(3), "an empty sequence stays where it is");
    }
}

#[test]
fn recurrent_in_both_directions_at_its_parameters_and_its_input() {
    let lengths = [2, 4, 1];
    let (x, d_h) = (random(7, INPUTS, 1.5, 2), random(7, 6, 1.0, 3));
    for (kind, both) in [(CellKind::Lstm, true), (CellKind::Gru, true), (CellKind::Lstm, false)] {
        let fresh = Directions::new(kind, (INPUTS, 6), both, Initializer::Xavier, &mut Stream::new(1).rng());
        let layer = randomised(fresh, 0.7, 1);
        let memory = if kind == CellKind::Lstm { random(3, 6, 1.0, 5) } else { Array2::zeros((3, 0)) };
        let d_last = State { hidden: random(3, 6, 1.0, 4), memory };
        let loss = |layer: &Directions, x: &Array2<f32>| {
            let (_, outputs, last) = layer.forward(x.view(), &lengths);
            projection(&outputs, &d_h)
                + projection(&last.hidden, &d_last.hidden)
                + projection(&last.memory, &d_last.memory)
        };
        let (cache, outputs, last) = layer.forward(x.view(), &lengths);
        let mut gradient = layer.zeros_like();
        let d_x = layer.backward(&cache, Some(d_h.view()), Some(&d_last), &mut gradient);
        check().parameters(&layer, &gradient, |layer| loss(layer, &x));
        check().values(slice(&x), slice(&d_x), |values| loss(&layer, &shaped(values, &x)));
        // The last state of a direction is its output at the end of its way.
        let wide = if both { 3 } else { 6 };
        for (sequence, (first, end)) in [(0, 1), (2, 5), (6, 6)].into_iter().enumerate() {
            assert_eq!(last.hidden.slice(s![sequence, ..wide]), outputs.slice(s![end, ..wide]));
            assert_eq!(last.hidden.slice(s![sequence, wide..]), outputs.slice(s![first, wide..]));
        }
    }
}

#[test]
fn attention_at_its_parameters_queries_and_memory() {
    // Sources of 2, 1 and 3 vectors; two queries share the last one.
    let (starts, lengths) = ([3, 0, 2, 3], [3, 2, 1, 3]);
    let (queries, values, d_c) = (random(4, 5, 1.2, 1), random(6, 5, 1.2, 2), random(4, 5, 1.0, 3));
    for kind in [AttentionKind::Dot, AttentionKind::General, AttentionKind::Additive] {
        let fresh = Attention::new(kind, 5, Initializer::Xavier, &mut Stream::new(4).rng());
        let layer = randomised(fresh.expect("an attention"), 0.9, 4);
        let memories =
            |keys: &'_ Array2<f32>, values: &'_ Array2<f32>, of: &mut dyn FnMut(Vec<Memory<'_>>)| {
                let memory = |(&start, &length): (&usize, &usize)| {
                    let here = start * 5..(start + length) * 5;
                    Memory { keys: &slice(keys)[here.clone()], values: &slice(values)[here] }
                };
                of(starts.iter().zip(&lengths).map(memory).collect());
            };
        let loss = |layer: &Attention, queries: &Array2<f32>, values: &Array2<f32>| {
            let mut sum = 0.0;
            memories(&layer.keys(values.view()), values, &mut |memories| {
                let contexts = layer.forward(queries.view(), &memories, &mut AttentionCache::default());
                sum = projection(&contexts, &d_c);
            });
            sum
        };
        let (mut cache, mut gradient) = (AttentionCache::default(), layer.zeros_like());
        let (mut d, mut d_queries) = (MemoryGradient::zeros(6, 5), Array2::zeros((0, 0)));
        memories(&layer.keys(values.view()), &values, &mut |memories| {
            layer.forward(queries.view(), &memories, &mut cache);
            let asked = (queries.view(), &memories[..], &starts[..]);
            d_queries = layer.backward(asked, (&cache, 0), d_c.view(), &mut d, &mut gradient);
        });
        layer.keys_backward(values.view(), &mut d, &mut gradient);
        check().parameters(&layer, &gradient, |layer| loss(layer, &queries, &values));
        check().values(slice(&queries), slice(&d_queries), |v| loss(&layer, &shaped(v, &queries), &values));
        check().values(slice(&values), slice(&d.values), |v| loss(&layer, &queries, &shaped(v, &values)));
        assert_eq!(cache.weights(2), [1.0], "one vector has all the weight");
        assert_eq!(cache.weights(3).len(), 3);
    }
}

/// `log π` by its definition: `[N, V]`.
fn exact_log_probabilities(layer: &Projection, hidden: &Array2<f32>) -> Array2<f64> {
    let wide = |x: &f32| f64::from(*x);
    let bias = ndarray::ArrayView1::from(layer.bias()).map(wide);
    let mut z = hidden.map(wide).dot(&layer.weight().map(wide)) + bias;
    for mut row in z.rows_mut() {
        let max = row.fold(f64::NEG_INFINITY, |max, &z| max.max(z));
        let normaliser = max + row.mapv(|z| (z - max).exp()).sum().ln();
        row.mapv_inplace(|z| z - normaliser);
    }
    z
}

fn vocabulary_layer(hidden: usize, vocabulary: usize, bound: f32, seed: u64) -> Projection {
    let mut rng = Stream::new(seed).named("projection").rng();
    randomised(Projection::new(hidden, vocabulary, Initializer::Xavier, &mut rng), bound, seed)
}

/// Actions spread over the vocabulary, and weights of both signs of which every seventh is 0.
fn actions(rows: usize, vocabulary: usize) -> (Vec<u32>, Vec<f32>) {
    let weight = |n: usize| [1.0, -0.7, 0.3, 0.0, 2.0, -1.3, 0.1][n % 7];
    ((0..rows).map(|n| (n * 37 % vocabulary) as u32).collect(), (0..rows).map(weight).collect())
}

#[test]
fn projection_at_its_parameters_and_its_input() {
    // One whole block of 64 columns and a part of a second.
    let (layer, hidden) = (vocabulary_layer(3, 70, 1.0, 1), random(7, 3, 1.5, 2));
    let (actions, weights) = actions(7, 70);
    let loss = |layer: &Projection, hidden: &Array2<f32>| -> f64 {
        let log_p = exact_log_probabilities(layer, hidden);
        let terms = actions.iter().zip(&weights).enumerate();
        terms.map(|(n, (&a, &w))| -f64::from(w) * log_p[[n, a as usize]]).sum()
    };
    let mut gradient = layer.zeros_like();
    let (log_p, d_hidden) = layer.backward(hidden.view(), &actions, &weights, &mut gradient);
    check().parameters(&layer, &gradient, |layer| loss(layer, &hidden));
    check().values(slice(&hidden), slice(&d_hidden), |values| loss(&layer, &shaped(values, &hidden)));
    assert!(d_hidden.row(3).iter().all(|&d| d == 0.0), "a weight of 0 leaves no gradient");
    let exact = exact_log_probabilities(&layer, &hidden);
    for (n, (&log_p, &action)) in log_p.iter().zip(&actions).enumerate() {
        assert_near(log_p, exact[[n, action as usize]], 1e-6, "log π");
    }
}

/// The same gradients by way of explicit logits and the shared loss: (dW, db, dh).
fn explicit_gradients(
    layer: &Projection,
    hidden: &Array2<f32>,
    actions: &[u32],
    weights: &[f32],
) -> (Array2<f32>, Vec<f32>, Array2<f32>) {
    let mut d_logits = layer.logits(hidden.view());
    for (n, mut row) in d_logits.rows_mut().into_iter().enumerate() {
        let mut log_p = row.to_vec();
        simd::log_softmax(&mut log_p);
        let target = [(actions[n] as usize, weights[n])];
        loss::softmax_cross_entropy(&log_p, target.into_iter(), row.as_slice_mut().expect("contiguous"));
    }
    let d_bias = d_logits.sum_axis(Axis(0)).to_vec();
    (hidden.t().dot(&d_logits), d_bias, d_logits.dot(&layer.weight().t()))
}

#[test]
fn projection_backward_is_the_shared_loss_on_explicit_logits() {
    // More rows than one block of 64, or, of a wide layer, of 320, and three blocks of columns; 150 rows sum up to a
    // gradient of ~10.
    for (hidden, rows, bound) in [(8, 150, 0.8), (130, 350, 0.2)] {
        let (layer, hidden) = (vocabulary_layer(hidden, 150, bound, 3), random(rows, hidden, 1.0, 4));
        let (actions, weights) = actions(rows, 150);
        let mut gradient = layer.zeros_like();
        let (_, d_hidden) = layer.backward(hidden.view(), &actions, &weights, &mut gradient);
        let (d_weight, d_bias, expected) = explicit_gradients(&layer, &hidden, &actions, &weights);
        let pairs = |what, a: Vec<f32>, b: Vec<f32>| {
            assert_eq!(a.len(), b.len());
            a.into_iter().zip(b).for_each(|(a, b)| assert_near(a, b, 1e-5, what));
        };
        pairs("weight", gradient.weight().iter().copied().collect(), d_weight.into_iter().collect());
        pairs("bias", gradient.bias().to_vec(), d_bias);
        pairs("hidden", d_hidden.into_iter().collect(), expected.into_iter().collect());
    }
}

/// Log-probabilities and gradients against f64, where rounding of the logits costs about 1e-5 of them.
fn assert_exact(layer: &Projection, hidden: &Array2<f32>, what: &str) {
    let (rows, vocabulary) = (hidden.nrows(), layer.dim().1);
    let (actions, weights) = actions(rows, vocabulary);
    let mut gradient = layer.zeros_like();
    let (log_p, d_hidden) = layer.backward(hidden.view(), &actions, &weights, &mut gradient);
    let exact = exact_log_probabilities(layer, hidden);
    let mut d_logits = exact.mapv(f64::exp);
    for (n, mut row) in d_logits.rows_mut().into_iter().enumerate() {
        row[actions[n] as usize] -= 1.0;
        row *= f64::from(weights[n]);
    }
    let wide = |x: &f32| f64::from(*x);
    let close = |name: &str, a: Vec<f32>, b: Vec<f64>| {
        assert_eq!(a.len(), b.len());
        a.into_iter().zip(b).for_each(|(a, b)| assert_near(a, b, 1e-4, &format!("{what}, {name}")));
    };
    let of_actions: Vec<f64> = actions.iter().enumerate().map(|(n, &a)| exact[[n, a as usize]]).collect();
    close("log π of backward", log_p, of_actions.clone());
    close("log π", layer.log_probabilities(hidden.view(), &actions), of_actions);
    let d_weight = hidden.map(wide).t().dot(&d_logits);
    close("weight", gradient.weight().iter().copied().collect(), d_weight.into_iter().collect());
    close("bias", gradient.bias().to_vec(), d_logits.sum_axis(Axis(0)).to_vec());
    let expected = d_logits.dot(&layer.weight().map(wide).t());
    close("hidden", d_hidden.into_iter().collect(), expected.into_iter().collect());
}

#[test]
fn projection_whose_exponentials_overflow_or_vanish() {
    let hidden = random(70, 4, 1.0, 6);
    let largest = |layer: &Projection| {
        let logits = layer.logits(hidden.view());
        let rows = logits.rows().into_iter().map(|row| row.fold(f32::NEG_INFINITY, |a, &b| a.max(b)));
        rows.collect::<Vec<_>>()
    };
    // e^89 is infinite in f32.
    let large = vocabulary_layer(4, 150, 60.0, 7);
    assert!(largest(&large).iter().any(|&max| max > 89.0));
    assert_exact(&large, &hidden, "large weights");
    assert_exact(
        &vocabulary_layer(130, 150, 3.0, 7),
        &random(70, 130, 1.0, 6),
        "large weights of a wide layer",
    );
    // e^−104 is 0 in f32.
    let mut low = vocabulary_layer(4, 150, 1.0, 8);
    low.tensors_mut()[1].values.map_inplace(|b| *b -= 150.0);
    assert!(largest(&low).iter().all(|&max| max < -104.0));
    assert_exact(&low, &hidden, "low bias");
    // Tokens 80 to 110 below the others: their exponentials have few bits or none.
    let mut rare = vocabulary_layer(4, 150, 0.2, 9);
    for (v, b) in rare.tensors_mut()[1].values.iter_mut().enumerate().skip(30) {
        *b -= 80.0 + v as f32 * 0.2;
    }
    assert_exact(&rare, &hidden, "rare tokens");
}

#[test]
fn projection_log_probabilities_and_logits_agree() {
    // More rows than a block of 256; the tokens of every row in turn.
    let (layer, hidden) = (vocabulary_layer(5, 130, 1.0, 1), random(300, 5, 1.0, 2));
    let logits = layer.logits(hidden.view());
    for offset in [0, 64, 129] {
        let targets: Vec<u32> = (0..300).map(|n| (n + offset) % 130).collect();
        for (n, log_p) in layer.log_probabilities(hidden.view(), &targets).into_iter().enumerate() {
            let mut expected = logits.row(n).to_vec();
            simd::log_softmax(&mut expected);
            assert_near(log_p, expected[targets[n] as usize], 2e-6, "log π");
        }
    }
    let (exact, logits) = (exact_log_probabilities(&layer, &hidden), logits.map(|&z| f64::from(z)));
    for (exact, z) in exact.rows().into_iter().zip(logits.rows()) {
        let normaliser = z.mapv(f64::exp).sum().ln();
        exact.iter().zip(z).for_each(|(exact, z)| assert_near(z - normaliser, *exact, 1e-6, "logits"));
    }
}

#[test]
fn projection_spread_is_its_definition() {
    let (mut layer, hidden) = (vocabulary_layer(4, 150, 1.5, 3), random(70, 4, 1.5, 4));
    layer.forbid(&[0, 77]);
    let spreads = layer.spread(hidden.view());
    let exact = exact_log_probabilities(&layer, &hidden);
    assert_eq!(spreads.len(), 70);
    for (spread, log_p) in spreads.iter().zip(exact.rows()) {
        let entropy: f64 = log_p.iter().map(|&l| if l < -1e6 { 0.0 } else { -l.exp() * l }).sum();
        assert_near(spread.entropy, entropy, 1e-6, "entropy");
        assert_near(spread.collision, log_p.mapv(|l| (2.0 * l).exp()).sum(), 1e-6, "collision");
    }
    // Without weights every token but the two forbidden is as probable: log 148 and 1 / 148.
    let mut uniform = layer.zeros_like();
    uniform.forbid(&[0, 77]);
    let spread = uniform.spread(hidden.view())[0];
    assert_near(spread.entropy, 148f64.ln(), 1e-6, "entropy");
    assert_near(spread.collision, 1.0 / 148.0, 1e-6, "collision");
}

#[test]
fn forbidden_tokens_have_no_probability_no_gradient_and_no_draws() {
    // With large weights every row is shifted, with small ones none is.
    for bound in [0.5, 60.0] {
        let (mut layer, hidden) = (vocabulary_layer(4, 150, bound, 5), random(70, 4, 1.0, 6));
        // The whole first block of 64, the whole last one, and one in between.
        let forbidden: Vec<u32> = (0..64).chain([100]).chain(128..150).collect();
        layer.forbid(&forbidden);
        let allowed: Vec<u32> = (0..150).filter(|token| !forbidden.contains(token)).collect();
        for &token in &forbidden {
            let log_p = layer.log_probabilities(hidden.view(), &[token; 70]);
            assert!(log_p.iter().all(|&log_p| simd::exp1(log_p) == 0.0), "token {token}");
        }
        let actions: Vec<u32> = (0..70).map(|n| allowed[n % allowed.len()]).collect();
        let mut gradient = layer.zeros_like();
        layer.backward(hidden.view(), &actions, &[1.0; 70], &mut gradient);
        for &token in &forbidden {
            assert_eq!(gradient.bias()[token as usize], 0.0);
            assert!(gradient.weight().column(token as usize).iter().all(|&d| d == 0.0));
        }
        assert!(gradient.bias()[99] != 0.0, "others have a gradient");
        // The ends of the unit interval included.
        let uniforms = [0.0, f64::MIN_POSITIVE, 0.25, 0.5, 0.75, 1.0 - f64::EPSILON / 2.0].repeat(70);
        let drawn = layer.draw(hidden.view(), 6, &uniforms);
        assert!(drawn.iter().all(|token| allowed.contains(token)), "{drawn:?}");
    }
}

#[test]
fn a_draw_never_passes_the_last_token_with_mass() {
    // Masses 1 and four times e^−36.58 = 0.585 ulp of 1, each in a block of its own; a last block has none.
    // Summed in f64 every one of the four rounds up, to 1 + 4 ulp; the largest uniform number leads to
    // 1 + 3 ulp, which is more than 1 + 4 · 0.585 ulp.
    let mut layer = vocabulary_layer(1, 384, 1.0, 1).zeros_like();
    let with_mass = [0, 64, 128, 192, 256];
    layer.forbid(&(0..384).filter(|token| !with_mass.contains(token)).collect::<Vec<_>>());
    for &token in &with_mass[1..] {
        layer.tensors_mut()[1].values[token as usize] = -36.58;
    }
    let drawn = layer.draw(Array2::zeros((1, 1)).view(), 2, &[0.0, 1.0 - f64::EPSILON / 2.0]);
    assert_eq!(drawn, [0, 256]);
}

/// A wide layer with more tokens than draws by rejection need, of which `allowed` have probability.
fn wide_layer(bound: f32, allowed: impl Fn(u32) -> bool) -> Projection {
    let mut layer = vocabulary_layer(130, 1050, bound, 11);
    layer.forbid(&(0..1050).filter(|&token| !allowed(token)).collect::<Vec<_>>());
    layer
}

#[test]
fn wide_layers_draw_from_the_distribution_of_their_logits_though_they_propose_from_rounded_ones() {
    const DRAWS: usize = 20_000;
    let allowed = |token: u32| token % 40 == 9 || token == 1049;
    // Small weights leave nearly no rejections, larger ones some. At bound 0.2 logits differ by ± 2.
    for bound in [0.02, 0.2] {
        let (layer, context) = (wide_layer(bound, allowed), random(2, 130, 1.0, 12));
        let exact = exact_log_probabilities(&layer, &context).mapv(f64::exp);
        let hidden = Array2::from_shape_fn((2 * DRAWS / 4, 130), |(n, h)| context[[n % 2, h]]);
        let mut rng = Stream::new(1).named("uniforms").rng();
        let uniforms: Vec<f64> = (0..2 * DRAWS).map(|_| rng.random()).collect();
        let drawn = layer.draw(hidden.view(), 4, &uniforms);
        for row in 0..2 {
            let of_row = drawn.chunks(4).skip(row).step_by(2).flatten();
            assert_fits(exact.row(row).as_slice().expect("contiguous"), of_row.map(|&t| t as usize));
        }
        let alone = layer.draw(hidden.slice(ndarray::s![7..8, ..]), 4, &uniforms[28..32]);
        assert_eq!(alone, drawn[28..32], "a draw does not depend on its batch");
    }
}

#[test]
fn wide_layers_with_any_weights_draw_tokens_that_have_probability() {
    let hidden = random(9, 130, 1.0, 13);
    let uniforms = [0.0, f64::MIN_POSITIVE, 0.3, 0.7, 1.0 - f64::EPSILON / 2.0].repeat(9);
    // Rounded weights of 60 say little of a logit: most draws need many proposals.
    for bound in [0.001, 1.0, 60.0] {
        let drawn = wide_layer(bound, |token| token > 1000).draw(hidden.view(), 5, &uniforms);
        assert!(drawn.iter().all(|&token| token > 1000 && token < 1050), "{drawn:?}");
    }
    // A model that changes draws as the model that it is then.
    let mut layer = wide_layer(0.1, |token| token < 500);
    layer.draw(hidden.view(), 5, &uniforms);
    layer.forbid(&(0..499).collect::<Vec<_>>());
    assert!(layer.draw(hidden.view(), 5, &uniforms).iter().all(|&token| token == 499));
    layer.tensors_mut()[1].values[7] = 0.0;
    assert!(layer.draw(hidden.view(), 5, &uniforms).contains(&7));
    // What a learning rate too large leaves behind must not panic.
    for bad in [f32::NAN, f32::INFINITY] {
        let mut hidden = hidden.clone();
        hidden[[4, 100]] = bad;
        let drawn = layer.draw(hidden.view(), 5, &uniforms);
        assert!(drawn.len() == 45 && drawn.iter().all(|&token| token < 1050));
        layer.tensors_mut()[0].values[[3, 3]] = bad;
        assert!(layer.draw(hidden.view(), 5, &uniforms).iter().all(|&token| token < 1050));
    }
}

#[test]
fn the_likeliest_tokens_are_those_of_the_logits() {
    // Small weights need no shift, large ones do; more rows than a block of a narrow layer.
    for (hidden, bound) in [(5, 1.0), (130, 0.1), (130, 8.0)] {
        let (mut layer, hidden) = (vocabulary_layer(hidden, 150, bound, 14), random(70, hidden, 1.0, 15));
        layer.forbid(&[0, 77]);
        let exact = exact_log_probabilities(&layer, &hidden);
        for (found, exact) in layer.likeliest(hidden.view(), 3).into_iter().zip(exact.rows()) {
            let mut order: Vec<usize> = (0..150).collect();
            order.sort_by(|&a, &b| exact[b].total_cmp(&exact[a]));
            assert_eq!(found.iter().map(|&(token, _)| token as usize).collect::<Vec<_>>(), order[..3]);
            found.iter().for_each(|&(token, log_p)| assert_near(log_p, exact[token as usize], 1e-4, "log π"));
        }
    }
}

#[test]
fn temperature_divides_the_logits() {
    let (layer, hidden) = (vocabulary_layer(4, 70, 1.0, 7), random(5, 4, 1.0, 8));
    let logits = layer.logits(hidden.view());
    for temperature in [0.5, 1.0, 2.5] {
        let tempered = layer.at_temperature(temperature);
        for token in [0, 31, 69] {
            let log_p = tempered.log_probabilities(hidden.view(), &[token; 5]);
            for (log_p, z) in log_p.into_iter().zip(logits.rows()) {
                let z = z.mapv(|z| f64::from(z) / f64::from(temperature));
                assert_near(log_p, z[token as usize] - z.mapv(f64::exp).sum().ln(), 2e-6, "log π at τ");
            }
        }
    }
    assert_eq!(layer.at_temperature(1.0), layer);
}

#[test]
fn draws_follow_the_distribution() {
    // Two contexts in turn, so that a draw credited to the wrong row shows.
    const DRAWS: usize = 60_000;
    let (mut layer, contexts) = (vocabulary_layer(4, 150, 1.0, 9), random(2, 4, 1.0, 10));
    layer.forbid(&[3, 149]);
    let exact = exact_log_probabilities(&layer, &contexts).mapv(f64::exp);
    let apart: f64 = (&exact.row(0) - &exact.row(1)).mapv(f64::abs).sum();
    assert!(apart > 0.2, "the contexts differ");
    for draws in [1, 4] {
        let rows = 2 * DRAWS / draws;
        let hidden = Array2::from_shape_fn((rows, 4), |(n, h)| contexts[[n % 2, h]]);
        let mut rng = Stream::new(1).named("uniforms").rng();
        let uniforms: Vec<f64> = (0..2 * DRAWS).map(|_| rng.random()).collect();
        let drawn = layer.draw(hidden.view(), draws, &uniforms);
        for context in 0..2 {
            let of_context = drawn.chunks(draws).skip(context).step_by(2).flatten();
            assert_fits(exact.row(context).as_slice().expect("contiguous"), of_context.map(|&t| t as usize));
        }
    }
}

/// The smallest distance of the transform's inputs from the kink of its rectifier.
fn distance_from_kinks(layer: &Highway, x: &Array2<f32>) -> f32 {
    let tensors = layer.tensors();
    let weight = tensors[0].values.view().into_dimensionality::<ndarray::Ix2>().expect("a matrix");
    let bias = tensors[1].values.view().into_dimensionality::<ndarray::Ix1>().expect("a vector");
    let z = x.dot(&weight) + bias;
    z.slice(s![.., ..layer.width()]).fold(f32::INFINITY, |nearest, z| nearest.min(z.abs()))
}

fn highway(width: usize, bound: f32, seed: u64) -> Highway {
    randomised(Highway::new(width, 0.0, Initializer::Xavier, &mut Stream::new(seed).rng()), bound, seed)
}

#[test]
fn highway_at_its_parameters_and_its_input() {
    // A step of 2⁻⁹ moves a unit's input by at most 2⁻⁹ · 1.5 < 0.01.
    let at = |seed| (highway(5, 1.0, seed), random(4, 5, 1.5, seed));
    let far = (0..100).map(at).find(|(layer, x)| distance_from_kinks(layer, x) > 0.02);
    let (layer, x) = far.expect("one layer of a hundred is away from its kinks");
    let d_y = random(4, 5, 1.0, 2);
    let loss = |layer: &Highway, x: &Array2<f32>| projection(&layer.forward(x.clone()).0, &d_y);
    let (y, cache) = layer.forward(x.clone());
    assert_eq!(y, layer.predict(x.clone()));
    let mut gradient = layer.zeros_like();
    let d_x = layer.backward(&cache, d_y.view(), &mut gradient);
    check_between_kinks().parameters(&layer, &gradient, |layer| loss(layer, &x));
    check_between_kinks().values(slice(&x), slice(&d_x), |values| loss(&layer, &shaped(values, &x)));
}

#[test]
fn a_wide_highway_along_random_directions() {
    const WIDTH: usize = 460; // more than one panel of 448 columns, either way
    let mut layer = highway(WIDTH, 0.05, 1);
    // Every other unit well above the kink, the rest well below it: |x W| ≤ 460 · 0.05 · 0.1.
    for (j, b) in layer.tensors_mut()[1].values.iter_mut().take(WIDTH).enumerate() {
        *b += if j % 2 == 0 { 3.0 } else { -3.0 };
    }
    let (x, d_y) = (random(3, WIDTH, 0.1, 2), random(3, WIDTH, 1.0, 3));
    assert!(distance_from_kinks(&layer, &x) > 0.5);
    let mut gradient = layer.zeros_like();
    let d_x = layer.backward(&layer.forward(x.clone()).1, d_y.view(), &mut gradient);
    for seed in 0..4 {
        // Of length about 1, so that the loss is nearly linear over a step.
        let direction = highway(WIDTH, 0.0025, 10 + seed);
        let pairs = gradient.tensors().into_iter().zip(direction.tensors());
        let slope: f64 = pairs.map(|(d, t)| projection(d.values.iter(), t.values.iter())).sum();
        check().values(&[0.0], &[slope as f32], |t| {
            let mut moved = direction.clone();
            moved.scale(t[0]);
            moved.add(&layer);
            projection(&moved.predict(x.clone()), &d_y)
        });
        let along = random(3, WIDTH, 0.05, 20 + seed);
        check().values(&[0.0], &[projection(&d_x, &along) as f32], |t| {
            projection(&layer.predict(&x + &(&along * t[0])), &d_y)
        });
    }
}

const FILTERS: [Filters; 3] =
    [Filters { width: 1, count: 2 }, Filters { width: 2, count: 3 }, Filters { width: 4, count: 2 }];
/// The first is shorter than two of the widths, the second than one.
const LENGTHS: [u32; 4] = [1, 3, 4, 5];
const WORDS: usize = 5;
const SIZE: usize = 3;

fn convolution(seed: u64) -> TextConvolution {
    let mut rng = Stream::new(seed).named("convolution").rng();
    randomised(TextConvolution::new(&FILTERS, SIZE, Initializer::Xavier, 0.0, &mut rng), 1.0, seed)
}

/// The words of all sentences, without padding, become `[B, T, D]`.
fn pad(words: &[f32]) -> Array3<f32> {
    let mut x = Array3::zeros((LENGTHS.len(), WORDS, SIZE));
    let mut words = words.iter();
    for (b, length) in LENGTHS.into_iter().enumerate() {
        x.slice_mut(s![b, ..length as usize, ..]).iter_mut().zip(&mut words).for_each(|(x, &word)| *x = word);
    }
    x
}

/// The inverse of [`pad`].
fn words_of(x: &Array3<f32>) -> Vec<f32> {
    let sentences = LENGTHS.into_iter().enumerate();
    sentences.flat_map(|(b, length)| x.slice(s![b, ..length as usize, ..]).to_owned()).collect()
}

/// Responses of all filters to all windows, before the maximum and the rectifier: `[B, F, windows]`.
fn responses(layer: &TextConvolution, x: &Array3<f32>) -> Vec<Vec<Vec<f32>>> {
    let tensors = layer.tensors();
    let bias = tensors[3].values.as_slice().expect("contiguous");
    let of_sentence = |b: usize| {
        let mut all = vec![];
        for (filters, tensor) in FILTERS.iter().zip(&tensors) {
            let windows = (LENGTHS[b] as usize + 1).saturating_sub(filters.width).max(1);
            for weight in tensor.values.outer_iter() {
                let bias = bias[all.len()];
                let respond = |p: usize| {
                    let window = x.slice(s![b, p..p + filters.width, ..]);
                    bias + window.iter().zip(&weight).map(|(x, w)| x * w).sum::<f32>()
                };
                all.push((0..windows).map(respond).collect());
            }
        }
        all
    };
    (0..LENGTHS.len()).map(of_sentence).collect()
}

/// The smallest distance of a maximum from the runner-up or from the kink of the rectifier.
fn distance_from_ties(layer: &TextConvolution, x: &Array3<f32>) -> f32 {
    let margin = |responses: &Vec<f32>| {
        let mut sorted = responses.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let gap = sorted.get(1).map_or(f32::INFINITY, |second| sorted[0] - second);
        gap.min(sorted[0].abs())
    };
    responses(layer, x).iter().flatten().map(margin).fold(f32::INFINITY, f32::min)
}

#[test]
fn convolution_at_its_parameters_and_its_input() {
    // A step of 2⁻⁹ moves a response by at most 2⁻⁹ · 1.5, and the distance of two by twice that: < 0.01.
    let words =
        |seed| random(1, LENGTHS.iter().sum::<u32>() as usize * SIZE, 1.5, seed).into_iter().collect();
    let at = |seed| (convolution(seed), words(seed));
    let far = (0..10_000).map(at).find(|(layer, words): &(_, Vec<f32>)| {
        let x = pad(words);
        distance_from_ties(layer, &x) > 0.02
    });
    let (layer, words) = far.expect("one layer of ten thousand is away from its ties");
    let x = pad(&words);
    assert_eq!(words_of(&x), words);
    let d_y = random(LENGTHS.len(), layer.features(), 1.0, 2);
    let (y, cache) = layer.forward(x.clone(), &LENGTHS);
    for (y, responses) in y.iter().zip(responses(&layer, &x).iter().flatten()) {
        assert_near(*y, responses.iter().fold(0.0f32, |a, &b| a.max(b)), 1e-6, "features");
    }
    let active = y.iter().filter(|&&y| y > 0.0).count();
    assert!((1..y.len()).contains(&active), "the rectifier lets some through, not all");

    let mut gradient = layer.zeros_like();
    let d_x = layer.backward(&cache, &y, d_y.clone(), &mut gradient);
    let loss = |layer: &TextConvolution, x: Array3<f32>| projection(&layer.forward(x, &LENGTHS).0, &d_y);
    check_between_kinks().parameters(&layer, &gradient, |layer| loss(layer, x.clone()));
    check_between_kinks().values(&words, &words_of(&d_x), |words| loss(&layer, pad(words)));
    // Nothing flows to the padding.
    assert_eq!(pad(&words_of(&d_x)), d_x);
}
