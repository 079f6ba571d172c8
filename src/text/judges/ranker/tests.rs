use std::ops::Range;

use super::*;
use crate::nn::Filters;
use crate::text::judges::CnnShape;
use crate::text::models::{oracle_shape, random_oracle};

const RULE: RankerConfig = RankerConfig { references: 3, comparisons: 2, gamma: 4.0 };
const STEPS: usize = 4;

fn network(dropout: f32) -> SentenceFeatures {
    let filters = vec![Filters { width: 1, count: 3 }, Filters { width: 2, count: 3 }];
    let shape = CnnShape {
        embedding: 3,
        filters,
        highway: true,
        dropout,
        l2: 0.0,
        batch_norm: false,
        minibatch: None,
    };
    SentenceFeatures::new(&shape, 6, STEPS, &mut Stream::new(1).rng())
}

fn sentences(count: usize, seed: u64) -> Sequences {
    random_oracle(&oracle_shape(6, STEPS), seed).draw(count, Stream::new(seed))
}

#[test]
fn the_gradient_of_a_step_equals_finite_differences() {
    let (real, drawn) = (sentences(12, 2), sentences(10, 3));
    let lesson = lessons(RULE, &real, &drawn, 6, Stream::new(4)).next().expect("a step");
    let network = network(0.3);
    let run = |network: &SentenceFeatures, gradient: &mut SentenceFeatures| {
        let seen = lesson.gradient(network, RULE.gamma, &mut Stream::new(5).rng(), gradient);
        seen.loss.expect("a loss")
    };
    let mut gradient = network.zeros_like();
    run(&network, &mut gradient);
    assert!(gradient.squared_norm() > 0.1, "there is something to check");
    let step = 1.0 / 1024.0;
    for (number, tensor) in gradient.tensors().into_iter().enumerate() {
        for (place, &d) in tensor.values.iter().enumerate() {
            let moved = |by: f32| {
                let mut network = network.clone();
                *network.tensors_mut()[number].values.iter_mut().nth(place).expect("same shapes") += by;
                run(&network, &mut network.zeros_like())
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
            assert!((slope - f64::from(d)).abs() < 3e-3, "{}[{place}]: {d}, {slope}", tensor.name);
        }
    }
}

#[test]
fn an_epoch_shows_every_sentence_once_and_compares_none_with_itself() {
    // Each sentence is its own number, real ones below 12.
    let numbers = |range: Range<u32>| {
        Sequences::fixed(
            ndarray::Array2::from_shape_vec((range.len(), 1), range.collect()).expect("a column"),
        )
    };
    let (real, drawn) = (numbers(0..12), numbers(12..22));
    let (mut shown, mut steps) = (vec![], 0);
    for lesson in lessons(RULE, &real, &drawn, 6, Stream::new(1)) {
        let all: Vec<u32> = lesson.sentences.tokens().iter().copied().collect();
        let mut different = all.clone();
        different.sort_unstable();
        different.dedup();
        let Sides { real, drawn, among_drawn, among_real } = lesson.sides;
        assert_eq!((different.len(), all.len()), (all.len(), real + drawn + 2 + 2 + 3));
        let is_real: Vec<bool> = all.iter().map(|&number| number < 12).collect();
        let expected = [(real, true), (drawn + among_drawn, false), (among_real + 3, true)];
        let expected: Vec<bool> =
            expected.into_iter().flat_map(|(count, is_real)| std::iter::repeat_n(is_real, count)).collect();
        assert_eq!(is_real, expected);
        shown.extend_from_slice(&all[..real + drawn]);
        steps += 1;
    }
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(steps, 4, "of 10 sentences of either side, 3 at a time");
    assert_eq!(shown.len(), 20);
    assert_eq!(shown.iter().filter(|&&number| number >= 12).count(), 10);
}

#[test]
fn a_trained_ranker_ranks_real_sentences_above_drawn_ones() {
    let (real, drawn) = (sentences(60, 2), sentences(60, 3));
    let optimizer = OptimizerConfig { learning_rate: 0.02, ..OptimizerConfig::default() };
    let mut ranker = Ranker::new(network(0.0), optimizer, RULE, &real, Precision::F32);
    let first = ranker.epoch(&drawn, 16, Stream::new(1)).loss.expect("a loss");
    let mut seen = JudgeStatistics::default();
    for epoch in 0..60 {
        seen = ranker.epoch(&drawn, 16, Stream::new(1).at(epoch));
    }
    assert!(seen.loss.unwrap() < first - 0.3 && seen.accuracy > 0.7, "{first}, {seen:?}");
    ranker.freeze(Stream::new(2));
    let mean = |sentences: &Sequences| ranker.log_ranks(sentences).iter().sum::<f32>() / 60.0;
    assert!(mean(&real) > mean(&drawn) + 0.2, "{}, {}", mean(&real), mean(&drawn));
    let held_out = ranker.held_out_accuracy(&sentences(40, 2), &sentences(40, 3), Stream::new(3));
    assert!(held_out > 0.6, "{held_out}");
}

#[test]
fn a_reward_stands_still_until_its_sets_are_drawn_again_or_the_ranker_learns() {
    let (real, drawn) = (sentences(30, 2), sentences(30, 3));
    let mut ranker = Ranker::new(network(0.0), OptimizerConfig::default(), RULE, &real, Precision::F32);
    ranker.freeze(Stream::new(1));
    let first = ranker.log_ranks(&drawn);
    assert_eq!(first, ranker.clone().log_ranks(&drawn));
    ranker.freeze(Stream::new(2));
    let second = ranker.log_ranks(&drawn);
    assert_ne!(first, second);
    ranker.freeze(Stream::new(1));
    assert_eq!(first, ranker.log_ranks(&drawn), "the sets follow from the stream alone");
    ranker.epoch(&drawn, 8, Stream::new(3));
    ranker.freeze(Stream::new(1));
    assert_ne!(first, ranker.log_ranks(&drawn));
    // A score lies between those of a sentence that is least and most like every reference.
    let (least, most) = (-((RULE.gamma.exp() * 2.0 + 1.0).ln()), 0.0);
    assert!(first.iter().all(|&score| score > least && score < most), "{first:?}");
}
