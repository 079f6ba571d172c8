//! The encoder–decoder: its gradient equals finite differences of its likelihood for every choice of a shape, a step is
//! the whole sentence's, and neither padding nor company nor threads change anything.

use std::sync::Arc;

use crate::support::{Differences, assert_close, randomised};
use irgan::data::pairs::Source;
use irgan::data::sentences::Sequences;
use irgan::nn::{AttentionKind, CellKind, Initializer, Parameters};
use irgan::pathwise::Relaxation;
use irgan::seed::Stream;
use irgan::text::models::{
    BatchState, EncoderDecoder, EncoderDecoderShape, EncoderKind, LanguageModel, Reading, RelaxedGradient,
    RelaxedModel, RelaxedSentences, Relaxing,
};
use ndarray::{Array2, array};

/// Token that ends a turn.
const TURN: u32 = 5;

fn shape() -> EncoderDecoderShape {
    EncoderDecoderShape {
        vocabulary: 7,
        embedding: 3,
        hidden: 4,
        cell: CellKind::Lstm,
        encoder: EncoderKind::Flat,
        bidirectional: false,
        attention: AttentionKind::General,
        input_feeding: false,
        reverse_source: false,
        shared_embeddings: false,
        source_steps: 6,
        steps: 4,
        start: 0,
        end: Some(1),
        never: vec![],
        turn_end: Some(TURN),
    }
}

/// Every choice at least once, and those that work together in pairs.
fn shapes() -> Vec<(&'static str, EncoderDecoderShape)> {
    use AttentionKind::{Additive, Dot, None};
    use EncoderKind::{Hierarchical, Pyramid};
    let gru = CellKind::Gru;
    vec![
        ("general", shape()),
        ("no attention", EncoderDecoderShape { attention: None, ..shape() }),
        (
            "no attention, two directions, gru",
            EncoderDecoderShape { attention: None, bidirectional: true, cell: gru, ..shape() },
        ),
        ("dot, fed", EncoderDecoderShape { attention: Dot, input_feeding: true, ..shape() }),
        (
            "additive, two directions",
            EncoderDecoderShape { attention: Additive, bidirectional: true, ..shape() },
        ),
        (
            "additive, fed, gru, shared",
            EncoderDecoderShape {
                attention: Additive,
                input_feeding: true,
                cell: gru,
                shared_embeddings: true,
                ..shape()
            },
        ),
        (
            "general, fed, reversed",
            EncoderDecoderShape { input_feeding: true, reverse_source: true, ..shape() },
        ),
        ("pyramid", EncoderDecoderShape { encoder: Pyramid, ..shape() }),
        (
            "pyramid, two directions, fed, gru",
            EncoderDecoderShape {
                encoder: Pyramid,
                bidirectional: true,
                input_feeding: true,
                cell: gru,
                ..shape()
            },
        ),
        ("hierarchical", EncoderDecoderShape { encoder: Hierarchical, ..shape() }),
        (
            "hierarchical, two directions, reversed, gru",
            EncoderDecoderShape {
                encoder: Hierarchical,
                bidirectional: true,
                reverse_source: true,
                cell: gru,
                ..shape()
            },
        ),
        (
            "hierarchical, no attention",
            EncoderDecoderShape { encoder: Hierarchical, attention: None, ..shape() },
        ),
    ]
}

fn model(shape: &EncoderDecoderShape, seed: u64) -> EncoderDecoder {
    shape.validate().unwrap();
    let rng = &mut Stream::new(seed).rng();
    randomised(EncoderDecoder::new(shape, Initializer::Xavier, rng), 0.8, seed)
}

/// Sources of one to six tokens, with one, two and three turns; the first comes twice.
fn sources() -> Vec<Source> {
    let all: [&[u32]; 5] =
        [&[2, 3, 4, TURN, 2, 6], &[4], &[3, TURN, TURN, 6], &[2, 3, 4, TURN, 2, 6], &[6, 6, 2]];
    all.into_iter().map(Arc::from).collect()
}

/// Answers of one to four tokens.
fn answers() -> Sequences {
    let tokens = array![[2, 3, 1, 0], [1, 0, 0, 0], [4, 4, 2, 6], [3, 1, 0, 0], [6, 2, 3, 1]];
    Sequences::new(tokens, vec![3, 1, 4, 2, 4])
}

/// Weights of both signs; some are 0, among them the last of a sentence.
fn weights() -> Array2<f32> {
    array![
        [0.5, -1.0, 1.5, 9.0],
        [0.75, 9.0, 9.0, 9.0],
        [1.0, 0.0, -0.5, 0.0],
        [-0.25, 1.0, 9.0, 9.0],
        [0.3, 0.6, -0.4, 1.0]
    ]
}

fn loss(model: &EncoderDecoder) -> f64 {
    let log_p = model.log_probabilities(&sources(), &answers());
    -log_p.iter().zip(&weights()).map(|(&l, &w)| f64::from(l) * f64::from(w)).sum::<f64>()
}

fn gradient(model: &EncoderDecoder) -> EncoderDecoder {
    model.gradient(&sources(), &answers(), weights().view(), None).gradient
}

#[test]
fn the_gradient_of_every_shape_is_that_of_finite_differences() {
    for (name, shape) in shapes() {
        let model = model(&shape, 1);
        let found = model.gradient(&sources(), &answers(), weights().view(), None);
        assert_close(found.loss, loss(&model), 1e-5, name);
        Differences::default().parameters(&model, &found.gradient, loss);
        for tensor in found.gradient.tensors() {
            // Only rows of embeddings that no batch shows are untouched.
            let touched = tensor.values.iter().any(|&d| d != 0.0);
            assert!(touched, "{name}: no gradient at {}", tensor.name);
        }
    }
}

#[test]
fn tokens_are_read_one_by_one_as_in_a_whole_answer() {
    for (name, shape) in shapes() {
        let model = model(&shape, 2);
        let (contexts, answers) = (sources(), answers());
        let reading = model.read(&contexts, answers.tokens());
        let log_p = model.log_probabilities(&contexts, &answers);
        let mut state = model.start(&contexts);
        let mut last = vec![shape.start; contexts.len()];
        for step in 0..shape.steps {
            state = model.advance(&last, &state);
            last = answers.tokens().column(step).to_vec();
            let (stepwise, whole) = (model.logits(&state), model.logits(&reading.state(step)));
            for (a, b) in stepwise.iter().zip(&whole) {
                assert_close(f64::from(*a), f64::from(*b), 1e-5, name);
            }
            for (row, logits) in stepwise.rows().into_iter().enumerate() {
                if step < answers.sentence(row).len() {
                    let normaliser = logits.mapv(|z| f64::from(z).exp()).sum().ln();
                    let expected = f64::from(logits[last[row] as usize]) - normaliser;
                    assert_close(f64::from(log_p[[row, step]]), expected, 1e-5, name);
                } else {
                    assert_eq!(log_p[[row, step]], 0.0, "{name}: beyond the end");
                }
            }
        }
    }
}

#[test]
fn a_pair_alone_is_the_pair_in_a_batch_of_longer_ones() {
    for (name, shape) in shapes() {
        let model = model(&shape, 3);
        let together = model.log_probabilities(&sources(), &answers());
        let mut sum = model.zeros_like();
        for row in 0..sources().len() {
            let (source, answer) = (&sources()[row..=row], answers().select(&[row]));
            let alone = model.log_probabilities(source, &answer);
            for (a, b) in alone.iter().zip(together.row(row)) {
                assert_close(f64::from(*a), f64::from(*b), 1e-6, name);
            }
            let weights = weights().select(ndarray::Axis(0), &[row]);
            sum.add(&model.gradient(source, &answer, weights.view(), None).gradient);
        }
        for (a, b) in sum.tensors().iter().zip(gradient(&model).tensors()) {
            for (a, b) in a.values.iter().zip(&b.values) {
                assert_close(f64::from(*a), f64::from(*b), 1e-5, name);
            }
        }
    }
}

#[test]
fn gradients_draws_and_likelihoods_do_not_depend_on_the_number_of_threads() {
    let many: Vec<Source> = sources().into_iter().cycle().take(150).collect();
    let shape = EncoderDecoderShape { input_feeding: true, bidirectional: true, ..shape() };
    let model = model(&shape, 4);
    let by = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let drawn = model.draw(&many, Stream::new(1));
            let weights = Array2::from_elem(drawn.tokens().raw_dim(), 0.01);
            let dropout = Some((0.3, Stream::new(2)));
            let found = model.gradient(&many, &drawn, weights.view(), dropout);
            let likelihood = model.log_probabilities(&many, &drawn);
            let read = model.logits(&model.read(&many, drawn.tokens()).state(2));
            (drawn, found.gradient, found.loss, likelihood, read)
        })
    };
    let one = by(1);
    assert!(one == by(2) && one == by(3), "same bits");
    assert!(one.0.iter().any(|answer| answer.len() < 4) && one.0.iter().any(|answer| answer.len() == 4));
}

#[test]
fn states_are_selected_and_joined_with_their_sources() {
    let model = model(&EncoderDecoderShape { input_feeding: true, ..shape() }, 5);
    let after = |rows: &[usize]| {
        let contexts: Vec<Source> = rows.iter().map(|&row| sources()[row].clone()).collect();
        model.advance(&vec![2; rows.len()], &model.advance(&vec![0; rows.len()], &model.start(&contexts)))
    };
    let all = after(&[0, 1, 2, 3, 4]);
    let mut joined = all.select(&[4, 1]);
    joined.append(&all.select(&[1, 0]));
    let expected = after(&[4, 1, 1, 0]);
    let logits = |state| model.logits(&model.advance(&[3, 3, 4, 4], state));
    for (a, b) in logits(&joined).iter().zip(&logits(&expected)) {
        assert_close(f64::from(*a), f64::from(*b), 1e-6, "a joined state");
    }
    let mut none = model.start(&[]);
    none.append(&all);
    assert_eq!(model.logits(&none), model.logits(&all));
}

#[test]
fn dropout_drops_a_share_on_average_and_only_when_asked() {
    // With dropout the gradient differs from draw to draw; its loss stays near that without.
    let model = model(&shape(), 6);
    let by = |seed: u64| {
        model.gradient(&sources(), &answers(), weights().view(), Some((0.2, Stream::new(seed)))).gradient
    };
    assert_eq!(by(1), by(1));
    assert!(by(1) != by(2) && by(1) != gradient(&model));
}

#[test]
fn temperatures_divide_logits_and_forbidden_tokens_stay_so() {
    let model = EncoderDecoder::new(
        &EncoderDecoderShape { never: vec![0, 3], ..shape() },
        Initializer::Xavier,
        &mut Stream::new(7).rng(),
    );
    let cold = model.at_temperature(0.25);
    let state = model.advance(&[0; 5], &model.start(&sources()));
    let (plain, divided) = (model.logits(&state), cold.logits(&state));
    for ((row, token), &z) in plain.indexed_iter() {
        match token {
            0 | 3 => assert!(divided[[row, token]] < -1e8),
            _ => assert_close(f64::from(divided[[row, token]]), f64::from(4.0 * z), 1e-5, "logit"),
        }
    }
    let drawn = cold.draw(&vec![sources()[0].clone(); 200], Stream::new(8));
    assert!(drawn.iter().all(|answer| !answer.contains(&0) && !answer.contains(&3)));
}

#[test]
fn attention_weights_are_shares_of_the_tokens_of_a_source() {
    for (name, shape) in shapes() {
        let model = model(&shape, 9);
        let found = model.attention_weights(&sources(), &answers());
        for (row, weights) in found.iter().enumerate() {
            assert_eq!(weights.dim(), (answers().sentence(row).len(), sources()[row].len()), "{name}");
            let expected = if shape.attention == AttentionKind::None { 0.0 } else { 1.0 };
            for weights in weights.rows() {
                assert_close(f64::from(weights.sum()), expected, 1e-5, name);
            }
        }
        if shape.encoder == EncoderKind::Hierarchical && shape.attention != AttentionKind::None {
            // Source 2 has the turns [3, end], [end] and [6].
            let weights = found[2].row(0);
            assert_eq!(weights[0], weights[1], "{name}: one turn");
            assert!(weights[2] != weights[3], "{name}: two turns");
        }
    }
}

#[test]
fn a_reversed_source_is_the_source_from_its_end() {
    let plain = model(&shape(), 10);
    let reversed = model(&EncoderDecoderShape { reverse_source: true, ..shape() }, 10);
    let turned: Vec<Source> = sources().iter().map(|s| s.iter().rev().copied().collect()).collect();
    assert_eq!(
        plain.log_probabilities(&sources(), &answers()),
        reversed.log_probabilities(&turned, &answers())
    );
    let (a, b) =
        (plain.attention_weights(&sources(), &answers()), reversed.attention_weights(&turned, &answers()));
    assert_eq!(a[0].slice(ndarray::s![.., ..;-1]), b[0], "weights stand at their tokens");
}

#[test]
fn an_empty_source_is_the_start_token() {
    for (name, shape) in shapes() {
        let model = model(&shape, 11);
        let empty: [Source; 2] = [Arc::from([]), Arc::from([0])];
        let answers = Sequences::new(array![[2, 1, 0, 0], [2, 1, 0, 0]], vec![2, 2]);
        let found = model.log_probabilities(&empty, &answers);
        assert_eq!(found.row(0), found.row(1), "{name}");
        assert_eq!(model.attention_weights(&empty, &answers)[0].dim(), (2, 0));
        assert!(model.gradient(&empty, &answers, Array2::ones((2, 4)).view(), None).gradient.is_finite());
    }
}

#[test]
fn shapes_that_cannot_be_are_refused() {
    let refused = [
        (EncoderDecoderShape { vocabulary: 1, ..shape() }, "vocabulary of 1"),
        (EncoderDecoderShape { hidden: 0, ..shape() }, "hidden 0"),
        (EncoderDecoderShape { hidden: 3, bidirectional: true, ..shape() }, "even"),
        (EncoderDecoderShape { attention: AttentionKind::None, input_feeding: true, ..shape() }, "attention"),
        (
            EncoderDecoderShape { encoder: EncoderKind::Hierarchical, turn_end: None, ..shape() },
            "ends a turn",
        ),
        (EncoderDecoderShape { end: Some(7), ..shape() }, "token 7"),
        (EncoderDecoderShape { turn_end: Some(70), ..shape() }, "token 70"),
        (EncoderDecoderShape { steps: 0, ..shape() }, "answers of 0"),
        (EncoderDecoderShape { embedding: 1 << 13, vocabulary: 1 << 20, ..shape() }, "at most"),
    ];
    for (shape, part) in refused {
        let message = shape.validate().unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
}

/// Judges an answer by `Σ_t ⟨c, y_t⟩²` of its soft draws.
fn squares(drawn: &RelaxedSentences) -> RelaxedGradient {
    let slopes = ndarray::array![0.5_f32, -1.0, 0.8, 0.1, 1.2, -0.4, 0.3];
    let mut judgements = vec![0.0; drawn.sentences.len()];
    let steps = drawn.steps.iter().map(|draws| {
        let found = draws.soft().dot(&slopes);
        judgements.iter_mut().zip(&found).for_each(|(sum, found)| *sum += found * found);
        Array2::from_shape_fn(draws.soft().raw_dim(), |(row, token)| 2.0 * found[row] * slopes[token])
    });
    let steps = steps.collect();
    RelaxedGradient { steps, judgements }
}

#[test]
fn the_gradient_through_relaxed_answers_equals_finite_differences() {
    let rule = Relaxing { relaxation: Relaxation::Soft, temperature: 1.5, stream: Stream::new(7) };
    let sources = &sources()[1..4];
    for (name, shape) in shapes() {
        let model = model(&EncoderDecoderShape { steps: 3, end: None, ..shape }, 3);
        let (gradient, step) = model.relaxed_gradient(sources, rule, squares);
        assert_eq!(step.judgements.len(), 3, "{name}");
        let loss = |model: &EncoderDecoder| -> f64 {
            let judged = model.relaxed_gradient(sources, rule, squares).1.judgements;
            judged.iter().map(|&judgement| f64::from(judgement)).sum()
        };
        Differences { step: 1.0 / 512.0, tolerance: 4e-3 }.parameters(&model, &gradient, loss);
    }
}

#[test]
fn relaxed_answers_to_one_source_depend_on_neither_their_company_nor_the_number_of_threads() {
    let model = model(&EncoderDecoderShape { input_feeding: true, ..shape() }, 4);
    for relaxation in [Relaxation::Soft, Relaxation::StraightThrough] {
        let rule = Relaxing { relaxation, temperature: 0.7, stream: Stream::new(8) };
        let all = model.draw_relaxed(&sources(), rule);
        let first = model.draw_relaxed(&sources()[..1], rule);
        assert_eq!(first.sentences.sentence(0), all.sentences.sentence(0));
        assert_ne!(
            all.sentences.sentence(0),
            all.sentences.sentence(3),
            "answers to one source have noise of their own"
        );
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| model.relaxed_gradient(&sources(), rule, squares))
        };
        assert!(on(1) == on(3));
    }
    // A single token is judged before any is read: both kinds have one gradient.
    let model = self::model(&EncoderDecoderShape { steps: 1, ..shape() }, 5);
    let of = |relaxation| {
        let rule = Relaxing { relaxation, temperature: 0.7, stream: Stream::new(9) };
        model.relaxed_gradient(&sources(), rule, squares).0
    };
    assert!(of(Relaxation::Soft) == of(Relaxation::StraightThrough));
}
