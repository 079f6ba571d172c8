//! The pathwise gradient of a generator of sentences: against finite differences of the relaxed loss, against the exact
//! gradient on a language that is enumerated, and on any number of threads.

use crate::support::Differences;
use irgan::nn::{CellKind, Filters, Gradient as _, Initializer, MinibatchSize, Parameters};
use irgan::pathwise::Relaxation;
use irgan::seed::Stream;
use irgan::text::judges::{CnnJudge, CnnShape};
use irgan::text::models::{
    RecurrentModel, RecurrentShape, RelaxedGradient, RelaxedModel, RelaxedSentences, Relaxing,
};

const VOCABULARY: usize = 4;

fn generator(cell: CellKind, steps: usize, end: Option<u32>) -> RecurrentModel {
    let shape = RecurrentShape {
        vocabulary: VOCABULARY,
        embedding: 3,
        hidden: 4,
        cell,
        steps,
        start: 0,
        end,
        never: vec![],
    };
    RecurrentModel::new(&shape, Initializer::Normal(0.6), &mut Stream::new(5).rng())
}

fn judge(steps: usize) -> CnnJudge {
    judge_that(steps, false)
}

/// A judge that may compare the sentences of a batch.
fn judge_that(steps: usize, compares: bool) -> CnnJudge {
    let filters = vec![Filters { width: 1, count: 3 }, Filters { width: 2, count: 4 }];
    let shape = CnnShape {
        embedding: 3,
        filters,
        highway: true,
        dropout: 0.3,
        l2: 0.1,
        batch_norm: compares,
        minibatch: compares.then_some(MinibatchSize { features: 2, values: 3 }),
    };
    let mut judge = CnnJudge::new(&shape, VOCABULARY, steps, &mut Stream::new(6).rng());
    for mut tensor in judge.tensors_mut() {
        if tensor.name.starts_with("normalization") {
            tensor.values.iter_mut().enumerate().for_each(|(i, value)| *value = 0.5 + 0.2 * i as f32);
        }
    }
    judge
}

fn soft(temperature: f32, seed: u64) -> Relaxing {
    Relaxing { relaxation: Relaxation::Soft, temperature, stream: Stream::new(seed) }
}

#[test]
fn the_gradient_of_soft_sentences_equals_finite_differences() {
    for (cell, compares) in [(CellKind::Lstm, false), (CellKind::Gru, false), (CellKind::Gru, true)] {
        let judge = judge_that(4, compares);
        let model = generator(cell, 4, None);
        let contexts = [(); 6];
        let run = |model: &RecurrentModel| {
            model.relaxed_gradient(&contexts, soft(1.5, 7), |drawn| judge.relaxed_gradient(drawn))
        };
        let (gradient, step) = run(&model);
        assert!(step.judgements.len() == 6 && step.entropy > 0.5 && step.entropy <= (VOCABULARY as f64).ln());
        // The loss of a logistic judge is −log D of every sentence.
        let loss = |model: &RecurrentModel| -> f64 {
            run(model).1.judgements.iter().map(|&judgement| -f64::from(judgement).ln()).sum()
        };
        Differences { step: 1.0 / 512.0, tolerance: 4e-3 }.parameters(&model, &gradient, loss);
    }
}

/// Returns the gradient of `Σ_t ⟨slope, y_t⟩` up to each sentence's end.
fn linear(drawn: &RelaxedSentences) -> RelaxedGradient {
    let slope = [0.5_f32, -1.0, 0.8, 0.1];
    let steps = drawn.steps.iter().enumerate().map(|(step, draws)| {
        ndarray::Array2::from_shape_fn(draws.soft().raw_dim(), |(row, token)| {
            let live = step < drawn.sentences.lengths()[row] as usize;
            if live { slope[token] } else { 0.0 }
        })
    });
    RelaxedGradient { steps: steps.collect(), judgements: vec![0.0; drawn.sentences.len()] }
}

#[test]
fn straight_through_draws_whole_tokens_and_is_nearly_unbiased_for_one_token_when_cold() {
    // One token: E[slope(token)] has the gradient π_a (slope_a − mean) at the bias of the output layer.
    let model = generator(CellKind::Lstm, 1, None);
    let count = 40_000;
    let rule = Relaxing { relaxation: Relaxation::StraightThrough, ..soft(0.3, 8) };
    let (gradient, _) = model.relaxed_gradient(&vec![(); count], rule, linear);
    let bias = |model: &RecurrentModel| -> Vec<f32> {
        let tensors = model.tensors();
        let bias = tensors.iter().find(|tensor| tensor.name == "projection.bias").expect("an output layer");
        bias.values.iter().copied().collect()
    };
    let mut log_pi = vec![];
    for token in 0..VOCABULARY as u32 {
        let sentence = irgan::data::sentences::Sequences::fixed(ndarray::array![[token]]);
        log_pi.push(f64::from(model.log_probabilities(&sentence)[[0, 0]]));
    }
    let slope = [0.5, -1.0, 0.8, 0.1];
    let mean: f64 = log_pi.iter().zip(slope).map(|(log_pi, slope)| log_pi.exp() * slope).sum();
    for ((found, log_pi), slope) in bias(&gradient).into_iter().zip(log_pi).zip(slope) {
        let exact = log_pi.exp() * (slope - mean);
        let found = f64::from(found) / count as f64;
        assert!((found - exact).abs() < 0.03, "{found}, expected {exact}");
    }
}

#[test]
fn nothing_beyond_the_end_of_a_sentence_has_a_gradient() {
    let model = generator(CellKind::Gru, 5, Some(2));
    let count = 200;
    for relaxation in [Relaxation::Soft, Relaxation::StraightThrough] {
        let rule = Relaxing { relaxation, ..soft(1.0, 9) };
        let judge = judge(5);
        let ended = |drawn: &RelaxedSentences| {
            let found = judge.relaxed_gradient(drawn);
            for (step, d) in found.steps.iter().enumerate() {
                for (row, &length) in drawn.sentences.lengths().iter().enumerate() {
                    let beyond = step >= length as usize;
                    assert!(!beyond || d.row(row).iter().all(|&d| d == 0.0));
                }
            }
            for sentence in drawn.sentences.iter() {
                let end = sentence.iter().position(|&token| token == 2);
                assert!(end.is_none_or(|end| end + 1 == sentence.len()));
            }
            found
        };
        let (gradient, _) = model.relaxed_gradient(&vec![(); count], rule, ended);
        assert!(gradient.squared_norm() > 0.0);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (model, judge) = (generator(CellKind::Lstm, 4, None), judge(4));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            model.relaxed_gradient(&[(); 50], soft(1.0, 10), |drawn| judge.relaxed_gradient(drawn))
        })
    };
    let (mut one, three) = (on(1), on(3));
    assert!(one.0 == three.0 && one.1 == three.1);
    assert_eq!(one.0.parts().len(), model.tensors().len());
}
