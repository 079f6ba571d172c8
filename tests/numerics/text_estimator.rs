//! The generator of sentences and its estimators without sampling: every sentence of a toy language is
//! enumerated, weighted by its probability, and compared with what rollouts, gradients and draws give.
//!
//! Probabilities come from the formula of the LSTM written out below in f64, not from the layers.

use crate::support::npy::write_npy;
use crate::support::{Differences, assert_fits, random};
use irgan::data::sentences::Sequences;
use irgan::game::{Divergence, FDivergence, RewardSource};
use irgan::nn::{
    CellKind, Filters, Initializer, Learner, MinibatchSize, OptimizerConfig, Parameters, Precision,
    Projection, RecurrentCache,
};
use irgan::policy_gradient::{
    Baseline, BaselineState, Episodes, Experience, Policy, Reduction, Reward, policy_gradient,
};
use irgan::seed::Stream;
use irgan::text::judges::RivalScorer;
use irgan::text::judges::{CnnJudge, CnnShape, SentenceScorer};
use irgan::text::models::{
    Ensemble, LanguageModel, RecurrentModel, RecurrentShape, load_oracle, oracle_shape, random_oracle,
    save_oracle,
};
use irgan::text::{
    Credit, CreditedReward, Decoding, ExactReward, Kl, RewardForm, SentenceTrace, beam_search, decode,
    observe,
};
use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, s};
use rand::Rng as _;
use std::collections::HashMap;

const VOCABULARY: usize = 3;
const STEPS: usize = 4;

fn shape(steps: usize, end: Option<u32>) -> RecurrentShape {
    RecurrentShape {
        vocabulary: VOCABULARY,
        embedding: 4,
        hidden: 5,
        cell: CellKind::Lstm,
        steps,
        start: 0,
        end,
        never: vec![],
    }
}

/// A generator with random weights and biases.
fn generator(steps: usize, end: Option<u32>) -> RecurrentModel {
    with_shape(&shape(steps, end))
}

fn with_shape(shape: &RecurrentShape) -> RecurrentModel {
    seeded(shape, 3)
}

fn seeded(shape: &RecurrentShape, seed: u64) -> RecurrentModel {
    let mut rng = Stream::new(seed).named("toy").rng();
    let mut generator = RecurrentModel::new(shape, Initializer::Normal(0.7), &mut rng);
    for mut tensor in generator.tensors_mut() {
        if tensor.name.ends_with("bias") && !tensor.name.starts_with("projection") {
            tensor.values.map_inplace(|value| *value = rng.random_range(-0.5..0.5));
        }
    }
    generator
}

/// The language model by its formula, in f64: `i, f, o = σ(x W + h U + b)`, `c ← f c + i tanh(x W + h U + b)`,
/// `h ← o tanh c`, `π = softmax(h W + b)`.
struct Formula {
    embedding: Array2<f64>,
    gates: [(Array2<f64>, Array2<f64>, Array1<f64>); 4], // i, f, o, c̃
    output: Array2<f64>,
    bias: Array1<f64>,
}

impl Formula {
    fn of(generator: &RecurrentModel) -> Self {
        let tensors: Vec<_> =
            generator.tensors().into_iter().map(|t| t.values.mapv(f64::from).into_owned()).collect();
        let matrix = |t: usize| tensors[t].clone().into_dimensionality().expect("a matrix");
        let vector =
            |t: usize| -> Array1<f64> { tensors[t].clone().into_dimensionality().expect("a vector") };
        let (input, recurrent, bias): (Array2<f64>, Array2<f64>, _) = (matrix(1), matrix(2), vector(3));
        let wide = recurrent.nrows();
        let gate = |g: usize| {
            let block = g * wide..(g + 1) * wide;
            let of = |m: &Array2<f64>| m.slice(s![.., block.clone()]).to_owned();
            (of(&input), of(&recurrent), bias.slice(s![block.clone()]).to_owned())
        };
        Self { embedding: matrix(0), gates: [0, 1, 2, 3].map(gate), output: matrix(4), bias: vector(5) }
    }

    /// The distribution of every token of `sentence`, after the start token 0.
    fn distributions(&self, sentence: &[u32], temperature: f64) -> Vec<Array1<f64>> {
        let wide = self.gates[0].1.nrows();
        let (mut h, mut c) = (Array1::<f64>::zeros(wide), Array1::<f64>::zeros(wide));
        let inputs = std::iter::once(0).chain(sentence.iter().map(|&token| token as usize));
        inputs
            .take(sentence.len())
            .map(|token| {
                let x = self.embedding.row(token);
                let [i, f, o, g] = [0, 1, 2, 3].map(|gate| {
                    let (w, u, b) = &self.gates[gate];
                    let z = x.dot(w) + h.dot(u) + b;
                    if gate == 3 { z.mapv(f64::tanh) } else { z.mapv(|z| 1.0 / (1.0 + (-z).exp())) }
                });
                c = &f * &c + &i * &g;
                h = &o * &c.mapv(f64::tanh);
                let e = ((h.dot(&self.output) + &self.bias) / temperature).mapv(f64::exp);
                &e / e.sum()
            })
            .collect()
    }

    fn log_probability(&self, sentence: &[u32]) -> f64 {
        let all = self.distributions(sentence, 1.0);
        all.iter().zip(sentence).map(|(p, &token)| p[token as usize].ln()).sum()
    }

    fn probability(&self, sentence: &[u32]) -> f64 {
        self.log_probability(sentence).exp()
    }
}

/// Every sentence of the toy language in order.
fn all_sentences(steps: usize, end: Option<u32>) -> Vec<Vec<u32>> {
    let mut finished = vec![];
    let mut open = vec![vec![]];
    for _ in 0..steps {
        let longer = open.iter().flat_map(|sentence: &Vec<u32>| {
            (0..VOCABULARY as u32).map(|token| [sentence.as_slice(), &[token]].concat())
        });
        let (done, rest) = longer.partition(|sentence| sentence.last().copied() == end);
        finished.extend::<Vec<Vec<u32>>>(done);
        open = rest;
    }
    finished.extend(open);
    finished
}

fn rectangle(sentences: &[Vec<u32>], steps: usize) -> Sequences {
    let mut tokens = Array2::zeros((sentences.len(), steps));
    for (mut row, sentence) in tokens.rows_mut().into_iter().zip(sentences) {
        row.iter_mut().zip(sentence).for_each(|(to, &from)| *to = from);
    }
    Sequences::new(tokens, sentences.iter().map(|sentence| sentence.len() as u32).collect())
}

/// A judge without any structure: another number in [0, 1) for every sentence.
struct Arbitrary;

impl Arbitrary {
    fn of(sentence: &[u32]) -> f32 {
        let place = sentence.iter().fold(Stream::new(11), |stream, &token| stream.at(u64::from(token)));
        place.rng().random()
    }
}

impl<M: LanguageModel> SentenceScorer<M> for Arbitrary {
    fn score(&self, _: &[M::Context], sentences: &Sequences) -> Vec<f32> {
        sentences.iter().map(Self::of).collect()
    }
}

/// What a judgement of completions of a prefix is distributed as: mean, variance, fourth central moment.
struct Moments {
    mean: f64,
    variance: f64,
    fourth: f64,
}

/// Of `Arbitrary` given `prefix`, by enumeration.
fn moments(formula: &Formula, sentences: &[Vec<u32>], prefix: &[u32]) -> Moments {
    let with: Vec<(f64, f64)> = sentences
        .iter()
        .filter(|sentence| sentence.starts_with(prefix))
        .map(|sentence| (formula.probability(sentence), f64::from(Arbitrary::of(sentence))))
        .collect();
    let mass: f64 = with.iter().map(|(p, _)| p).sum();
    let expect = |f: &dyn Fn(f64) -> f64| with.iter().map(|&(p, value)| p * f(value)).sum::<f64>() / mass;
    let mean = expect(&|value| value);
    Moments {
        mean,
        variance: expect(&|value| (value - mean).powi(2)),
        fourth: expect(&|value| (value - mean).powi(4)),
    }
}

fn credited(
    credit: Credit,
    judge: &dyn SentenceScorer<RecurrentModel>,
    rollouts: usize,
) -> CreditedReward<'_, RecurrentModel> {
    CreditedReward {
        team: irgan::team::Team::ALONE,
        judge,
        credit,
        rollout: None,
        rollouts,
        control: RewardSource::Discriminator,
        form: RewardForm::default(),
        entropy: 0.0,
    }
}

/// Q of every prefix of sentences without a context.
fn values(
    reward: &CreditedReward<'_, RecurrentModel>,
    generator: &RecurrentModel,
    sentences: &Sequences,
    seed: u64,
) -> Array2<f32> {
    reward.values(generator, &vec![(); sentences.len()], sentences, Stream::new(seed))
}

const ENDS: [Option<u32>; 2] = [None, Some(2)];

#[test]
fn the_probabilities_of_all_sentences_sum_to_1_and_are_the_generators() {
    for end in ENDS {
        let (generator, sentences) = (generator(STEPS, end), all_sentences(STEPS, end));
        assert_eq!(sentences.len(), if end.is_none() { 81 } else { 1 + 2 + 4 + 8 * 3 });
        let formula = Formula::of(&generator);
        let total: f64 = sentences.iter().map(|sentence| formula.probability(sentence)).sum();
        assert!((total - 1.0).abs() < 1e-9, "{total}");
        let theirs = generator.log_probabilities(&rectangle(&sentences, STEPS));
        for (sentence, theirs) in sentences.iter().zip(theirs.rows()) {
            let (mine, theirs) = (formula.log_probability(sentence), f64::from(theirs.sum()));
            assert!((mine - theirs).abs() < 1e-5, "{sentence:?}: {theirs}, by the formula {mine}");
        }
    }
}

#[test]
fn rollouts_estimate_the_expected_judgement_of_a_prefix() {
    const ROLLOUTS: usize = 200;
    for end in ENDS {
        let (generator, sentences) = (generator(STEPS, end), all_sentences(STEPS, end));
        let formula = Formula::of(&generator);
        let all = rectangle(&sentences, STEPS);
        let values = values(&credited(Credit::Rollouts, &Arbitrary, ROLLOUTS), &generator, &all, 1);
        let mut pooled: HashMap<&[u32], Vec<f64>> = HashMap::new();
        for (sentence, values) in sentences.iter().zip(values.rows()) {
            for (step, &value) in values.iter().enumerate() {
                if step + 1 < sentence.len() {
                    pooled.entry(&sentence[..=step]).or_default().push(f64::from(value));
                } else {
                    assert_eq!(value, Arbitrary::of(sentence), "nothing is left to write");
                }
            }
        }
        for (prefix, values) in pooled {
            let exact = moments(&formula, &sentences, prefix);
            let draws = (values.len() * ROLLOUTS) as f64;
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let bound = 4.0 * (exact.variance / draws).sqrt();
            let expected = exact.mean;
            assert!((mean - expected).abs() < bound, "{prefix:?}: {mean}, exactly {expected} ± {bound}");
        }
    }
}

#[test]
fn the_variance_of_rollouts_falls_as_one_over_n() {
    const SEEDS: u64 = 600;
    let (generator, sentences) = (generator(STEPS, None), all_sentences(STEPS, None));
    let exact = moments(&Formula::of(&generator), &sentences, &[1]);
    let one = rectangle(&[vec![1, 0, 2, 1]], STEPS);
    for rollouts in [1usize, 4, 16] {
        let reward = credited(Credit::Rollouts, &Arbitrary, rollouts);
        let values: Vec<f64> =
            (0..SEEDS).map(|seed| f64::from(values(&reward, &generator, &one, seed)[[0, 0]])).collect();
        let (count, n) = (SEEDS as f64, rollouts as f64);
        let mean = values.iter().sum::<f64>() / count;
        let sample = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        // A mean of n has variance σ²/n and fourth moment (μ₄ + 3 (n − 1) σ⁴) / n³; the sample variance of
        // m of them has variance (μ₄ − σ⁴ (m − 3) / (m − 1)) / m.
        let variance = exact.variance / n;
        let fourth = (exact.fourth + 3.0 * (n - 1.0) * exact.variance.powi(2)) / n.powi(3);
        let bound = 4.0 * ((fourth - variance.powi(2) * (count - 3.0) / (count - 1.0)) / count).sqrt();
        assert!((sample - variance).abs() < bound, "{rollouts}: {sample}, exactly {variance} ± {bound}");
        assert!(bound < 0.5 * variance, "the bound tells 1/N from 2/N");
    }
}

#[test]
fn rollouts_blame_the_wrong_tokens_and_a_judgement_of_the_whole_blames_all() {
    /// −1 for each token 2.
    struct Wrong;
    impl<M: LanguageModel> SentenceScorer<M> for Wrong {
        fn score(&self, _: &[M::Context], sentences: &Sequences) -> Vec<f32> {
            sentences.iter().map(|s| -(s.iter().filter(|&&token| token == 2).count() as f32)).collect()
        }
    }
    // Zero weights: every token has probability 1/3, whatever stands before it.
    let uniform =
        RecurrentModel::new(&shape(STEPS, None), Initializer::Uniform(0.0), &mut Stream::new(0).rng());
    let sentence = rectangle(&[vec![0, 2, 1, 2]], STEPS);
    let q = values(&credited(Credit::Rollouts, &Wrong, 4000), &uniform, &sentence, 2);
    // Q(0) = −4/3. A wrong token costs 1 where 1/3 was expected: −2/3; a right one gains 1/3.
    let mut before = -4.0 / 3.0;
    for (step, expected) in [1.0 / 3.0, -2.0 / 3.0, 1.0 / 3.0, -2.0 / 3.0].into_iter().enumerate() {
        let gain = q[[0, step]] - before;
        // Var Q ≤ 3 · 2/9 / 4000, twice in a difference: σ ≤ 0.0183.
        assert!((gain - expected).abs() < 4.0 * 0.0183, "step {step}: {gain}, expected {expected}");
        before = q[[0, step]];
    }
    let whole = values(&credited(Credit::Sentence, &Wrong, 1), &uniform, &sentence, 2);
    assert_eq!(whole, Array2::from_elem((1, STEPS), -2.0));
}

#[test]
fn prefix_credit_judges_the_prefixes() {
    for end in ENDS {
        let (generator, sentences) = (generator(STEPS, end), all_sentences(STEPS, end));
        let all = rectangle(&sentences, STEPS);
        let values = values(&credited(Credit::Prefix, &Arbitrary, 1), &generator, &all, 1);
        for (sentence, values) in sentences.iter().zip(values.rows()) {
            for (step, &value) in values.iter().enumerate() {
                assert_eq!(value, Arbitrary::of(&sentence[..sentence.len().min(step + 1)]));
            }
        }
    }
}

/// A policy that draws every tuple of sentences once, weighted by its probability: the mean of a step over
/// draws is then its expectation.
struct Enumerated {
    generator: RecurrentModel,
    sentences: Vec<Vec<u32>>,
    batch: usize,
}

impl Enumerated {
    fn new(generator: RecurrentModel, batch: usize) -> Self {
        let sentences = all_sentences(generator.shape().steps, generator.shape().end);
        Self { generator, sentences, batch }
    }

    fn tuples(&self) -> usize {
        self.sentences.len().pow(self.batch as u32)
    }

    /// The index of each sentence of a tuple.
    fn tuple(&self, tuple: usize) -> impl Iterator<Item = usize> {
        (0..self.batch as u32)
            .map(move |place| tuple / self.sentences.len().pow(place) % self.sentences.len())
    }
}

impl Policy for Enumerated {
    type Context = ();
    type Trace<'c> = SentenceTrace<RecurrentCache>;
    type Gradient = RecurrentModel;

    fn sample<'c>(&'c self, (): &'c (), _: Stream) -> Episodes<SentenceTrace<RecurrentCache>> {
        let formula = Formula::of(&self.generator);
        let p: Vec<f64> = self.sentences.iter().map(|sentence| formula.probability(sentence)).collect();
        let rows: Vec<usize> = (0..self.tuples()).flat_map(|tuple| self.tuple(tuple)).collect();
        let chosen: Vec<Vec<u32>> = rows.iter().map(|&row| self.sentences[row].clone()).collect();
        let chosen = rectangle(&chosen, self.generator.shape().steps);
        let mut episodes = observe(&self.generator, &vec![(); chosen.len()], chosen);
        let starts = (0..self.tuples()).map(|tuple| tuple * self.batch);
        episodes.groups = starts.map(|first| first..first + self.batch).collect();
        for (tuple, group) in episodes.groups.iter().enumerate() {
            let probability: f64 = self.tuple(tuple).map(|row| p[row]).product();
            let mut rows = episodes.importance.slice_mut(s![group.clone(), ..]);
            rows *= (probability * self.tuples() as f64) as f32;
        }
        episodes
    }

    fn backward(
        &self,
        (): &(),
        episodes: &Episodes<SentenceTrace<RecurrentCache>>,
        weights: ArrayView2<'_, f32>,
    ) -> RecurrentModel {
        self.generator.backward(&vec![(); episodes.trace.sentences.len()], episodes, weights)
    }

    fn spread(
        &self,
        episodes: &Episodes<SentenceTrace<RecurrentCache>>,
        weights: ArrayView2<'_, f32>,
    ) -> (f64, f64) {
        self.generator.spread(episodes, weights)
    }

    fn states(&self, episodes: &Episodes<SentenceTrace<RecurrentCache>>) -> Option<Array3<f32>> {
        self.generator.states(episodes)
    }
}

/// The judgement of the sentence at every step, or its exact expectation after each prefix.
struct Exact {
    by_prefix: bool,
}

impl Reward<Enumerated> for Exact {
    fn score(
        &self,
        policy: &Enumerated,
        (): &(),
        episodes: &Episodes<SentenceTrace<RecurrentCache>>,
        _: Stream,
    ) -> Array2<f32> {
        let formula = Formula::of(&policy.generator);
        let drawn = &episodes.trace.sentences;
        let mut known: HashMap<&[u32], f32> = HashMap::new();
        Array2::from_shape_fn(drawn.tokens().dim(), |(row, step)| {
            let sentence = drawn.sentence(row);
            if !self.by_prefix || step >= sentence.len() {
                return Arbitrary::of(sentence);
            }
            let prefix = &sentence[..=step];
            *known.entry(prefix).or_insert_with(|| moments(&formula, &policy.sentences, prefix).mean as f32)
        })
    }
}

/// `−E[judge]` of a generator, in f64.
fn loss(generator: &RecurrentModel, sentences: &[Vec<u32>]) -> f64 {
    let formula = Formula::of(generator);
    let judged = |sentence: &Vec<u32>| formula.probability(sentence) * f64::from(Arbitrary::of(sentence));
    -sentences.iter().map(judged).sum::<f64>()
}

/// The mean gradient under `baseline` equals `factor` times the differences of −E[judge].
fn assert_mean_gradient(policy: &Enumerated, by_prefix: bool, baseline: &BaselineState, factor: f64) {
    let contexts = policy.tuples();
    let step = policy_gradient(
        policy,
        &Exact { by_prefix },
        &(),
        baseline,
        Reduction::Mean,
        contexts,
        Stream::new(0),
    );
    let differences = Differences { tolerance: 2e-4, ..Default::default() };
    differences.parameters(&policy.generator, &step.gradient, |g| factor * loss(g, &policy.sentences));
    let largest = step.gradient.squared_norm().sqrt();
    assert!(largest > 0.02, "a gradient of {largest} would pass whatever it is");
}

#[test]
fn the_policy_gradient_is_the_gradient_of_the_expected_judgement() {
    for end in ENDS {
        let single = Enumerated::new(generator(3, end), 1);
        let mut moving = BaselineState::for_episodes(Baseline::Moving(0.9), 3, 5);
        moving.update(&[0.3, 0.9, -0.4]);
        moving.update(&[0.2, 0.5, 0.1]);
        let mut critic = BaselineState::for_episodes(Baseline::Critic(0.1), 3, 5);
        let episodes = single.sample(&(), Stream::new(0));
        let rewards = Exact { by_prefix: true }.score(&single, &(), &episodes, Stream::new(0));
        let states = single.states(&episodes).expect("a generator has states");
        let experience = Experience { states: states.clone(), rewards, importance: episodes.importance };
        (0..20).for_each(|_| critic.learn(&experience));
        let values = critic.estimate(
            experience.rewards.view(),
            &episodes.groups,
            None,
            Some(experience.states.view()),
        );
        assert!(values.iter().any(|value| value.abs() > 0.1), "the critic has learnt something");
        for by_prefix in [false, true] {
            for baseline in [
                BaselineState::new(Baseline::None),
                BaselineState::new(Baseline::Constant(0.7)),
                moving.clone(),
                critic.clone(),
            ] {
                assert_mean_gradient(&single, by_prefix, &baseline, 1.0);
            }
        }
    }
}

#[test]
fn leave_one_out_keeps_the_mean_and_the_mean_of_the_batch_shrinks_it() {
    for end in ENDS {
        let pairs = Enumerated::new(generator(2, end), 2);
        for by_prefix in [false, true] {
            assert_mean_gradient(&pairs, by_prefix, &BaselineState::new(Baseline::LeaveOneOut), 1.0);
            // (R₁ − (R₁ + R₂) / 2) = (R₁ − R₂) / 2, whose mean against ∇log π₁ is half the gradient: 1 − 1/B.
            assert_mean_gradient(&pairs, by_prefix, &BaselineState::new(Baseline::Mean), 0.5);
        }
    }
}

fn flat(gradient: &RecurrentModel) -> Vec<f64> {
    gradient
        .tensors()
        .iter()
        .flat_map(|t| t.values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>())
        .collect()
}

#[test]
fn drawn_steps_with_rollouts_average_to_the_exact_gradient() {
    const STEPS_TAKEN: u64 = 150;
    let policy = Enumerated::new(generator(3, Some(2)), 1);
    let none = BaselineState::new(Baseline::None);
    let exact = Exact { by_prefix: true };
    let exact =
        policy_gradient(&policy, &exact, &(), &none, Reduction::Mean, policy.tuples(), Stream::new(0));
    let exact = flat(&exact.gradient);
    let generator = &policy.generator;
    let reward = credited(Credit::Rollouts, &Arbitrary, 2);
    let baseline = BaselineState::new(Baseline::LeaveOneOut);
    let drawn: Vec<Vec<f64>> = (0..STEPS_TAKEN)
        .map(|seed| {
            let stream = Stream::new(seed).named("steps");
            let contexts = &[(); 40][..];
            flat(
                &policy_gradient(generator, &reward, contexts, &baseline, Reduction::Mean, 1, stream)
                    .gradient,
            )
        })
        .collect();
    let n = STEPS_TAKEN as f64;
    for (i, exact) in exact.iter().enumerate() {
        let mean = drawn.iter().map(|step| step[i]).sum::<f64>() / n;
        let variance = drawn.iter().map(|step| (step[i] - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let bound = 4.5 * (variance / n).sqrt() + 1e-6;
        assert!((mean - exact).abs() < bound, "value {i}: {mean}, exactly {exact} ± {bound}");
    }
}

/// Six sentences of lengths 1 to 4, more than there are lanes.
fn observed() -> Sequences {
    let sentences = [vec![2], vec![0, 2], vec![1, 0, 1, 1], vec![1, 1, 2], vec![0, 0, 1, 2], vec![2]];
    rectangle(&sentences, STEPS)
}

#[test]
fn maximum_likelihood_at_every_parameter() {
    let sentences = observed();
    let weights = random(sentences.len(), STEPS, 1.0, 4);
    for cell in [CellKind::Lstm, CellKind::Gru] {
        let generator = with_shape(&RecurrentShape { cell, ..shape(STEPS, Some(2)) });
        let found = generator.gradient(&sentences, weights.view(), None);
        let loss =
            |g: &RecurrentModel| -crate::support::projection(&g.log_probabilities(&sentences), &weights);
        Differences::default().parameters(&generator, &found.gradient, loss);
        let expected = loss(&generator);
        assert!((found.loss - expected).abs() < 1e-5, "{}, expected {expected}", found.loss);
    }
}

#[test]
fn padding_has_no_part_in_a_gradient() {
    let generator = generator(STEPS, Some(2));
    let sentences = observed();
    let weights = random(sentences.len(), STEPS, 1.0, 4);
    let mut wide = Array2::from_elem((sentences.len(), STEPS + 3), 9.0);
    wide.slice_mut(s![.., ..STEPS]).assign(&weights);
    let plain = generator.gradient(&sentences, weights.view(), None);
    let padded = generator.gradient(&sentences.with_steps(STEPS + 3), wide.view(), None);
    assert_eq!(plain.gradient, padded.gradient);
    assert_eq!(plain.loss.to_bits(), padded.loss.to_bits());
    // Token 1 occurs before the ends only where it is written: sentences 0, 1 and 5 do not have it.
    let short = sentences.select(&[0, 1, 5]);
    let gradient = generator.gradient(&short, weights.slice(s![..3, ..]), None).gradient;
    let embedding = gradient.tensors()[0].values.to_owned();
    assert!(embedding.index_axis(Axis(0), 0).iter().any(|&d| d != 0.0), "the start token is read");
    assert!(embedding.index_axis(Axis(0), 1).iter().all(|&d| d == 0.0));
}

#[test]
fn tokens_that_are_never_written_have_neither_probability_nor_gradient() {
    let never = vec![0, 1];
    let shape = RecurrentShape { vocabulary: 5, start: 1, never, ..shape(STEPS, Some(2)) };
    for generator in [with_shape(&shape), with_shape(&shape).at_temperature(3.0)] {
        let drawn = generator.draw(500, Stream::new(1));
        assert!(drawn.iter().flatten().all(|&token| token >= 2));
        assert!([2, 3, 4].iter().all(|token| drawn.iter().flatten().any(|t| t == token)));
        for (sentence, _) in beam_search(&generator, &(), &[], 200) {
            assert!(sentence.iter().all(|&token| token >= 2), "{sentence:?}");
        }
        let forbidden = generator.log_probabilities(&Sequences::fixed(ndarray::array![[0, 0, 0, 0]]));
        assert!(forbidden[[0, 0]] < -1e8, "{forbidden}");
        let weights = Array2::from_elem(drawn.tokens().raw_dim(), 0.3);
        let gradient = generator.gradient(&drawn, weights.view(), None).gradient;
        let tensors = gradient.tensors();
        let [.., weight, bias] = tensors.as_slice() else { panic!("a projection has two tensors") };
        for token in 0..2 {
            assert!(weight.values.index_axis(Axis(1), token).iter().all(|&d| d == 0.0));
            assert_eq!(bias.values[[token]], 0.0);
        }
        assert!((2..5).all(|token| bias.values[[token]] != 0.0));
    }
}

fn discriminator_shape(highway: bool) -> CnnShape {
    let filters = vec![(1, 2), (2, 3), (3, 2)].into_iter().map(|(width, count)| Filters { width, count });
    let filters = filters.collect();
    CnnShape { embedding: 3, filters, highway, dropout: 0.0, l2: 0.3, batch_norm: false, minibatch: None }
}

fn discriminator(highway: bool, steps: usize) -> CnnJudge {
    CnnJudge::new(&discriminator_shape(highway), VOCABULARY, steps, &mut Stream::new(8).named("judge").rng())
}

#[test]
fn the_discriminator_at_every_parameter() {
    let sentences = observed();
    let real = [true, false, true, true, false, false];
    for highway in [false, true] {
        let model = discriminator(highway, STEPS);
        let mut gradient = model.zeros_like();
        let seen = model.gradient(&sentences, &real, &mut Stream::new(0).rng(), &mut gradient);
        let entropy = |model: &CnnJudge| {
            let judged = model.judgements(&sentences, None).into_iter().zip(real);
            let of = |(p, real): (f32, bool)| -f64::from(if real { p } else { 1.0 - p }).ln();
            judged.map(of).sum::<f64>() / real.len() as f64
        };
        let penalised = |model: &CnnJudge| {
            let output = model.tensors().into_iter().filter(|t| t.name.starts_with("output"));
            let squares: f64 =
                output.map(|t| t.values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>()).sum();
            entropy(model) + 0.3 * squares / 2.0
        };
        // A smaller step stays between the kinks of ReLU and maximum.
        Differences { step: 1.0 / 1024.0, tolerance: 2e-3 }.parameters(&model, &gradient, penalised);
        assert!((seen.loss.expect("computed") - entropy(&model)).abs() < 1e-5);
        let judged = model.judgements(&sentences, None);
        let right = judged.iter().zip(real).filter(|&(&p, real)| (p > 0.5) == real).count();
        assert!((seen.accuracy - right as f64 / 6.0).abs() < 1e-6);
        let mean = judged.iter().map(|&p| f64::from(p)).sum::<f64>() / 6.0;
        assert!((seen.calibration.expect("computed") - (mean - 0.5)).abs() < 1e-6, "three of six are real");
    }
}

/// Its loss is that of a batch: no sentence is judged alone.
#[test]
fn the_discriminator_that_compares_the_sentences_of_a_batch_at_every_parameter() {
    let sentences = observed();
    let real = [true, false, true, true, false, false];
    let size = Some(MinibatchSize { features: 2, values: 3 });
    for (batch_norm, minibatch) in [(true, None), (false, size), (true, size)] {
        let shape = CnnShape { batch_norm, minibatch, l2: 0.0, ..discriminator_shape(true) };
        let model = CnnJudge::new(&shape, VOCABULARY, STEPS, &mut Stream::new(8).named("judge").rng());
        let learn = |model: &CnnJudge, gradient: &mut CnnJudge| {
            model.gradient(&sentences, &real, &mut Stream::new(0).rng(), gradient).loss.expect("computed")
        };
        let mut gradient = model.zeros_like();
        learn(&model, &mut gradient);
        let loss = |model: &CnnJudge| learn(model, &mut model.zeros_like());
        Differences { step: 1.0 / 1024.0, tolerance: 3e-3 }.parameters(&model, &gradient, loss);
    }
}

/// Real sentences differ, and drawn ones are all one of them: only beside others can a sentence tell what it is.
#[test]
fn a_collapsed_generator_is_told_by_how_alike_its_sentences_are() {
    let tokens = Array2::from_shape_fn((16, 2), |(row, step)| {
        let kind = if row < 8 { row % 4 } else { 0 };
        [(kind / 2) as u32, (kind % 2) as u32][step]
    });
    let (sentences, real) = (Sequences::fixed(tokens), (0..16).map(|row| row < 8).collect::<Vec<_>>());
    let accuracy = |minibatch: Option<MinibatchSize>| {
        let shape = CnnShape { minibatch, l2: 0.0, ..discriminator_shape(false) };
        let judge = CnnJudge::new(&shape, VOCABULARY, 2, &mut Stream::new(9).rng());
        let config = OptimizerConfig { learning_rate: 0.02, ..OptimizerConfig::default() };
        let mut judge = Learner::new(judge, config);
        let mut seen = 0.0;
        for step in 0..300 {
            let mut gradient = judge.model().zeros_like();
            let rng = &mut Stream::new(10).at(step).rng();
            seen = judge.gradient(&sentences, &real, rng, &mut gradient).accuracy;
            judge.update(&mut gradient);
        }
        seen
    };
    // Alone, two of the eight real sentences are the drawn one: 14 of 16 at best.
    assert!(accuracy(None) <= 14.0 / 16.0);
    assert_eq!(accuracy(Some(MinibatchSize { features: 4, values: 2 })), 1.0);
}

#[test]
fn the_discriminator_of_every_divergence_at_every_parameter() {
    let sentences = observed();
    let real = [true, false, true, true, false, false];
    for divergence in FDivergence::ALL {
        let model = discriminator(true, STEPS).minimising(Divergence::F(divergence));
        let outputs =
            |model: &CnnJudge| model.clone().minimising(Divergence::Wasserstein).judgements(&sentences, None);
        let loss = |model: &CnnJudge| {
            let judged = outputs(model).into_iter().map(f64::from).zip(real);
            let of = |(v, real)| if real { divergence.real(v).0 } else { divergence.drawn(v).0 };
            judged.map(of).sum::<f64>() / real.len() as f64
        };
        let penalised = |model: &CnnJudge| {
            let output = model.tensors().into_iter().filter(|t| t.name.starts_with("output"));
            let squares: f64 =
                output.map(|t| t.values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>()).sum();
            loss(model) + 0.3 * squares / 2.0
        };
        let mut gradient = model.zeros_like();
        let seen = model.gradient(&sentences, &real, &mut Stream::new(0).rng(), &mut gradient);
        Differences { step: 1.0 / 1024.0, tolerance: 2e-3 }.parameters(&model, &gradient, penalised);
        let constant = if divergence == FDivergence::JensenShannon { 2f64.ln() } else { 0.0 }; // of the logistic loss
        assert!((seen.loss.expect("computed") - constant - loss(&model)).abs() < 1e-5, "{divergence:?}");
        assert_eq!(seen.calibration.is_some(), divergence == FDivergence::JensenShannon);
        let says_real = |v: f32| divergence.activation(f64::from(v)) > divergence.threshold();
        let right = outputs(&model).into_iter().zip(real).filter(|&(v, real)| says_real(v) == real).count();
        assert!((seen.accuracy - right as f64 / 6.0).abs() < 1e-6, "{divergence:?}");
    }
}

#[test]
fn a_frozen_discriminator_judges_as_the_plain_one() {
    for (highway, steps) in [(false, STEPS), (true, STEPS), (true, 1), (true, 2)] {
        let model = discriminator(highway, steps);
        let sentences = rectangle(&all_sentences(steps, Some(2)), steps);
        let prepared = model.prepare(Precision::F32);
        let plain = model.judgements(&sentences, None);
        let frozen = model.judgements(&sentences, Some(&prepared));
        assert_eq!(plain.len(), sentences.len());
        for (plain, frozen) in plain.iter().zip(frozen) {
            assert!((plain - frozen).abs() < 1e-5, "{frozen}, plainly {plain}");
        }
        assert!(plain.iter().any(|p| (p - plain[0]).abs() > 1e-3), "it tells sentences apart");
    }
}

#[test]
fn a_critic_learns_a_linear_target_from_the_steps_that_count() {
    let (batch, steps, width) = (40, 3, 4);
    let values = random(batch * steps, width, 1.0, 6);
    let states = values.into_shape_with_order((batch, steps, width)).expect("whole steps");
    let target = |row: usize, step: usize| {
        let state = states.slice(s![row, step, ..]);
        0.8 - 0.5 * state[0] + 1.2 * state[1] + 0.3 * state[3]
    };
    // Every third sentence stops after one step; what is said of it afterwards is nonsense.
    let counts = |row: usize, step: usize| step == 0 || !row.is_multiple_of(3);
    let importance =
        Array2::from_shape_fn((batch, steps), |(row, step)| f32::from(u8::from(counts(row, step))));
    let rewards =
        Array2::from_shape_fn(
            (batch, steps),
            |(row, step)| {
                if counts(row, step) { target(row, step) } else { 100.0 }
            },
        );
    let mut critic = BaselineState::for_episodes(Baseline::Critic(0.02), steps, width);
    let experience = Experience { states: states.clone(), rewards, importance };
    (0..1500).for_each(|_| critic.learn(&experience));
    let group = std::slice::from_ref(&(0..batch)).to_vec();
    let found = critic.estimate(experience.rewards.view(), &group, None, Some(states.view()));
    for ((row, step), value) in found.indexed_iter() {
        let expected = target(row, step);
        assert!((value - expected).abs() < 1e-2, "({row}, {step}): {value}, expected {expected}");
    }
}

/// Numbers of the drawn sentences among `all`.
fn numbers(drawn: &Sequences, all: &[Vec<u32>]) -> Vec<usize> {
    let place =
        |sentence: &[u32]| all.iter().position(|s| s == sentence).expect("a sentence of the language");
    drawn.iter().map(place).collect()
}

/// The χ² test of drawn sentences; those too rare for it join the first common one, the impossible stay apart.
fn assert_sentences_fit(p: &[f64], drawn: &[usize]) {
    let rare = |p: f64| p * (drawn.len() as f64) < 8.0;
    assert!(p.iter().filter(|&&p| !rare(p)).count() * 2 >= p.iter().filter(|&&p| p > 0.0).count());
    let (mut cells, mut of_sentence) = (vec![0.0, 0.0], vec![]);
    for &p in p {
        let cell = match p {
            0.0 => 0,
            p if rare(p) || cells[1] == 0.0 => 1,
            _ => cells.len(),
        };
        cells.resize(cells.len().max(cell + 1), 0.0);
        cells[cell] += p;
        of_sentence.push(cell);
    }
    assert_fits(&cells, drawn.iter().map(|&i| of_sentence[i]));
}

#[test]
fn draws_follow_their_probabilities_at_every_temperature() {
    const DRAWS: usize = 20_000;
    for end in ENDS {
        let (generator, all) = (generator(STEPS, end), all_sentences(STEPS, end));
        let formula = Formula::of(&generator);
        for temperature in [1.0f32, 0.6, 1.7] {
            let drawn = if temperature == 1.0 {
                generator.draw(DRAWS, Stream::new(5))
            } else {
                generator.at_temperature(temperature).draw(DRAWS, Stream::new(6))
            };
            let p: Vec<f64> = all
                .iter()
                .map(|sentence| {
                    let all = formula.distributions(sentence, f64::from(temperature));
                    all.iter().zip(sentence).map(|(p, &token)| p[token as usize]).product()
                })
                .collect();
            assert_sentences_fit(&p, &numbers(&drawn, &all));
        }
    }
}

/// The probability of each sentence when only some tokens of each distribution may be drawn.
fn restricted(formula: &Formula, all: &[Vec<u32>], decoding: &Decoding) -> Vec<f64> {
    let keep = |p: &Array1<f64>| {
        let mut order = [0, 1, 2];
        order.sort_by(|&a: &usize, &b| p[b].total_cmp(&p[a]));
        let mut count = decoding.top_k.unwrap_or(3).min(3);
        if let Some(share) = decoding.top_p {
            let masses = (1..=3).map(|n| order[..n].iter().map(|&i| p[i]).sum::<f64>());
            count = count.min(1 + masses.take_while(|&mass| mass < f64::from(share)).count());
        }
        let mass: f64 = order[..count].iter().map(|&i| p[i]).sum();
        move |token: usize| if order[..count].contains(&token) { 1.0 / mass } else { 0.0 }
    };
    all.iter()
        .map(|sentence| {
            let distributions = formula.distributions(sentence, f64::from(decoding.temperature));
            let of = |(p, &token): (&Array1<f64>, &u32)| p[token as usize] * keep(p)(token as usize);
            distributions.iter().zip(sentence).map(of).product()
        })
        .collect()
}

#[test]
fn top_k_and_nucleus_keep_the_likeliest_tokens_in_their_proportions() {
    for end in ENDS {
        let (generator, all) = (generator(STEPS, end), all_sentences(STEPS, end));
        let formula = Formula::of(&generator);
        for (temperature, top_k, top_p) in
            [(1.0, Some(2), None), (1.0, None, Some(0.6)), (1.4, Some(2), Some(0.8)), (0.8, Some(9), None)]
        {
            let decoding = Decoding { temperature, top_k, top_p };
            let p = restricted(&formula, &all, &decoding);
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let drawn = decode(&generator, &[(); 6000], &[&[][..]; 6000], &decoding, Stream::new(7));
            assert_sentences_fit(&p, &numbers(&drawn, &all));
        }
    }
}

#[test]
fn a_prefix_is_kept_and_what_follows_is_conditional_on_it() {
    let (generator, all) = (generator(STEPS, None), all_sentences(STEPS, None));
    let formula = Formula::of(&generator);
    let with: Vec<Vec<u32>> = all.into_iter().filter(|s| s.starts_with(&[1, 0])).collect();
    let mass: f64 = with.iter().map(|s| formula.probability(s)).sum();
    let p: Vec<f64> = with.iter().map(|s| formula.probability(s) / mass).collect();
    for decoding in [Decoding::default(), Decoding { top_k: Some(3), ..Default::default() }] {
        let drawn = decode(&generator, &[(); 3000], &[&[1, 0][..]; 3000], &decoding, Stream::new(8));
        assert_fits(&p, numbers(&drawn, &with).into_iter());
    }
}

#[test]
fn a_beam_as_wide_as_the_language_finds_every_sentence_in_order() {
    for end in ENDS {
        let (generator, all) = (generator(STEPS, end), all_sentences(STEPS, end));
        let formula = Formula::of(&generator);
        for prefix in [&[][..], &[1], &[0, 1]] {
            let mut expected: Vec<(Vec<u32>, f64)> = all
                .iter()
                .filter(|sentence| sentence.starts_with(prefix))
                .map(|sentence| {
                    (sentence.clone(), formula.log_probability(sentence) - formula.log_probability(prefix))
                })
                .collect();
            expected.sort_by(|a, b| b.1.total_cmp(&a.1));
            let found = beam_search(&generator, &(), prefix, 81);
            assert_eq!(found.len(), expected.len());
            for ((sentence, log_p), (best, expected)) in found.iter().zip(&expected) {
                assert_eq!(sentence, best);
                assert!((log_p - expected).abs() < 1e-5, "{sentence:?}: {log_p}, expected {expected}");
            }
            let greedy = Decoding { temperature: 0.0, ..Default::default() };
            let greedy = decode(&generator, &[()], &[prefix], &greedy, Stream::new(0));
            let narrow = beam_search(&generator, &(), prefix, 1);
            assert_eq!(narrow.len(), 1);
            assert_eq!(greedy.sentence(0), narrow[0].0);
            let log_p = formula.log_probability(&narrow[0].0) - formula.log_probability(prefix);
            assert!((narrow[0].1 - log_p).abs() < 1e-5);
        }
    }
}

#[test]
fn an_oracle_comes_back_from_its_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let oracle = random_oracle(&oracle_shape(7, 3), 4);
    assert_ne!(oracle, random_oracle(&oracle_shape(7, 3), 5));
    save_oracle(folder.path(), &oracle).expect("the folder is writable");
    // The steps asked for are those of arrays; an oracle of ours knows its own.
    assert_eq!(load_oracle(folder.path(), 9).expect("just written"), oracle);
}

#[test]
fn fifteen_arrays_are_the_lstm_of_the_formula() {
    let (vocabulary, size, hidden, steps) = (6, 4, 5, 3);
    let matrix = |rows, columns, seed: u64| random(rows, columns, 1.0, 100 + seed);
    let vector = |length, seed: u64| random(1, length, 1.0, 100 + seed).row(0).to_owned();
    for folder_name in ["", "npy"] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let inside = folder.path().join(folder_name);
        std::fs::create_dir_all(&inside).expect("a temporary folder is writable");
        let path = |number: usize, name: &str| inside.join(format!("{number:02}_{name}.npy"));
        let embedding = matrix(vocabulary, size, 0);
        write_npy(path(0, "g_embeddings"), &embedding);
        let gates = [(1, "i"), (4, "f"), (7, "og"), (10, "c")].map(|(first, name)| {
            let (w, u) = (matrix(size, hidden, first), matrix(hidden, hidden, first + 1));
            let b = vector(hidden, first + 2);
            write_npy(path(first as usize, &format!("W{name}")), &w);
            write_npy(path(first as usize + 1, &format!("U{name}")), &u);
            write_npy(path(first as usize + 2, &format!("b{name}")), &b);
            (w.mapv(f64::from), u.mapv(f64::from), b.mapv(f64::from))
        });
        let (output, bias) = (matrix(hidden, vocabulary, 13), vector(vocabulary, 14));
        write_npy(path(13, "Wo"), &output);
        write_npy(path(14, "bo"), &bias);
        let formula = Formula {
            embedding: embedding.mapv(f64::from),
            gates,
            output: output.mapv(f64::from),
            bias: bias.mapv(f64::from),
        };
        let oracle = load_oracle(folder.path(), steps).expect("fifteen arrays");
        assert_eq!((oracle.shape().vocabulary, oracle.shape().steps, oracle.shape().end), (6, 3, None));
        let sentences = oracle.draw(20, Stream::new(1));
        let theirs = oracle.log_probabilities(&sentences);
        for (sentence, theirs) in sentences.iter().zip(theirs.rows()) {
            let mine = formula.distributions(sentence, 1.0);
            for ((p, &token), theirs) in mine.iter().zip(sentence).zip(theirs) {
                assert!((p[token as usize].ln() - f64::from(*theirs)).abs() < 1e-5);
            }
        }
    }
}

#[test]
fn logits_that_are_no_numbers_still_give_a_token() {
    // What a learning rate too large leaves behind; the losses report it, so a draw must not panic first.
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let projection = Projection::from_parts(
            Array2::from_elem((2, VOCABULARY), bad).view(),
            Array1::zeros(VOCABULARY).view(),
        );
        let hidden = Array2::from_elem((2, 2), 0.5);
        let drawn = projection.draw(hidden.view(), 2, &[0.0, 0.4, 0.9, 0.99]);
        assert!(drawn.len() == 4 && drawn.iter().all(|&token| (token as usize) < VOCABULARY), "{drawn:?}");
    }
}

/// Two models of random weights.
fn members(end: Option<u32>) -> Vec<RecurrentModel> {
    [21, 22].map(|seed| seeded(&shape(STEPS, end), seed)).to_vec()
}

/// The distribution of every token of `sentence` under the mean of `members`, with its logarithm divided by the
/// temperature, by the formula.
fn mean_distributions(members: &[Formula], sentence: &[u32], temperature: f64) -> Vec<Array1<f64>> {
    let each: Vec<_> = members.iter().map(|member| member.distributions(sentence, 1.0)).collect();
    (0..sentence.len())
        .map(|step| {
            let mean = each.iter().fold(Array1::zeros(VOCABULARY), |sum: Array1<f64>, p| sum + &p[step]);
            let tempered = (mean / members.len() as f64).mapv(|p| p.powf(1.0 / temperature));
            &tempered / tempered.sum()
        })
        .collect()
}

#[test]
fn an_ensemble_writes_by_the_mean_of_its_members_distributions() {
    for end in ENDS {
        let members = members(end);
        let formulas: Vec<Formula> = members.iter().map(Formula::of).collect();
        let all = all_sentences(STEPS, end);
        for temperature in [1.0f32, 0.6, 1.7] {
            let ensemble = Ensemble::new(members.clone()).at_temperature(temperature);
            let found = ensemble.log_probabilities(&vec![(); all.len()], &rectangle(&all, STEPS));
            let mut p = vec![];
            for (sentence, found) in all.iter().zip(found.rows()) {
                let of_tokens = mean_distributions(&formulas, sentence, f64::from(temperature));
                p.push(of_tokens.iter().zip(sentence).map(|(p, &token)| p[token as usize]).product::<f64>());
                let (found, expected) = (f64::from(found.sum()), p[p.len() - 1].ln());
                assert!((found - expected).abs() < 1e-5, "{sentence:?}: {found}, expected {expected}");
            }
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let drawn = ensemble.draw(&[(); 6000], Stream::new(5));
            assert_sentences_fit(&p, &numbers(&drawn, &all));
            // The beam knows the same probabilities: with room for all, it finds all.
            let beam = beam_search(&ensemble, &(), &[], 200);
            assert_eq!(beam.len(), all.len());
            let best = p.iter().copied().fold(0.0, f64::max).ln();
            assert!((beam[0].1 - best).abs() < 1e-5, "{}, expected {best}", beam[0].1);
        }
    }
}

#[test]
fn an_ensemble_never_writes_what_no_member_writes() {
    let shape = RecurrentShape { vocabulary: 5, start: 1, never: vec![0, 1], ..shape(STEPS, Some(2)) };
    let ensemble = Ensemble::new([21, 22].map(|seed| seeded(&shape, seed)).to_vec());
    for ensemble in [ensemble.at_temperature(1.0), ensemble.at_temperature(3.0)] {
        let drawn = ensemble.draw(&[(); 500], Stream::new(1));
        assert!(drawn.iter().flatten().all(|&token| token >= 2));
        for (sentence, _) in beam_search(&ensemble, &(), &[], 200) {
            assert!(sentence.iter().all(|&token| token >= 2), "{sentence:?}");
        }
        let forbidden = Sequences::fixed(ndarray::array![[0, 0, 0, 0]]);
        assert!(ensemble.log_probabilities(&[()], &forbidden)[[0, 0]] < -1e8);
    }
}

#[test]
fn an_ensemble_at_every_parameter() {
    let sentences = observed();
    let weights = random(sentences.len(), STEPS, 1.0, 4);
    let ensemble = Ensemble::new(members(Some(2)));
    let contexts = vec![(); sentences.len()];
    let found = ensemble.gradient(&contexts, &sentences, weights.view(), None);
    let loss = |ensemble: &Ensemble<RecurrentModel>| {
        -crate::support::projection(&ensemble.log_probabilities(&contexts, &sentences), &weights)
    };
    Differences::default().parameters(&ensemble, &found.gradient, loss);
    let expected = loss(&ensemble);
    assert!((found.loss - expected).abs() < 1e-5, "{}, expected {expected}", found.loss);
}

fn exact(judge: &Ensemble<RecurrentModel>, kl: Kl) -> ExactReward<'_, Ensemble<RecurrentModel>> {
    ExactReward { judge, kl, control: RewardSource::Discriminator, reduction: Reduction::Mean, entropy: 0.0 }
}

/// Mean over `sentences` of the divergence between a generator and the mean of `judges`, summed over states, in f64.
fn divergence(generator: &RecurrentModel, judges: &[Formula], sentences: &Sequences, kl: Kl) -> f64 {
    let generator = Formula::of(generator);
    let of = |p: &Array1<f64>, q: &Array1<f64>| -> f64 {
        p.iter().zip(q).map(|(&p, &q)| p * (p.ln() - q.ln())).sum()
    };
    let of_sentence = |sentence: &[u32]| -> f64 {
        let (pi, p) = (generator.distributions(sentence, 1.0), mean_distributions(judges, sentence, 1.0));
        let each = pi.iter().zip(&p);
        each.map(|(pi, p)| if kl == Kl::Reverse { of(pi, p) } else { of(p, pi) }).sum()
    };
    sentences.iter().map(of_sentence).sum::<f64>() / sentences.len() as f64
}

#[test]
fn the_exact_gradient_towards_a_judge_is_that_of_the_divergence() {
    let judge = Ensemble::new(members(Some(2)));
    let formulas: Vec<Formula> = judge.members().iter().map(Formula::of).collect();
    let sentences = observed();
    for cell in [CellKind::Lstm, CellKind::Gru] {
        let generator = with_shape(&RecurrentShape { cell, ..shape(STEPS, Some(2)) });
        for kl in [Kl::Reverse, Kl::Forward] {
            let rule = exact(&judge, kl);
            let (gradient, found) = rule.gradient(&generator, &sentences, Stream::new(0));
            assert!(gradient.squared_norm().sqrt() > 0.05, "a gradient of nothing passes whatever it is");
            let sum = ExactReward { reduction: Reduction::Sum, ..rule };
            let (mut sum, _) = sum.gradient(&generator, &sentences, Stream::new(0));
            sum.scale(1.0 / sentences.len() as f32);
            for (sum, mean) in flat(&sum).iter().zip(flat(&gradient)) {
                assert!((sum - mean).abs() < 1e-6, "{sum}, the mean is {mean}");
            }
            if cell == CellKind::Lstm {
                // The formula is that of the LSTM.
                let loss = |g: &RecurrentModel| divergence(g, &formulas, &sentences, kl);
                Differences::default().parameters(&generator, &gradient, loss);
                let states = sentences.token_count() as f64 / sentences.len() as f64;
                let expected = match kl {
                    Kl::Reverse => -loss(&generator) / states, // E[log p − log π]
                    Kl::Forward => 1.0,                        // E[p / π]
                };
                assert!((found.reward - expected).abs() < 1e-5, "{}, expected {expected}", found.reward);
            }
        }
    }
}

#[test]
fn the_exact_gradient_is_the_mean_of_drawn_tokens() {
    // Sentences of one token: all is in one state, and all sentences are enumerated.
    let judge = Ensemble::new([21, 22].map(|seed| seeded(&shape(1, None), seed)).to_vec());
    let policy = Enumerated::new(generator(1, None), 1);
    let sentence = rectangle(&[vec![0]], 1);
    let (exact, _) = exact(&judge, Kl::Reverse).gradient(&policy.generator, &sentence, Stream::new(0));
    struct LogRatio<'a>(&'a Ensemble<RecurrentModel>);
    impl Reward<Enumerated> for LogRatio<'_> {
        fn score(
            &self,
            policy: &Enumerated,
            (): &(),
            episodes: &Episodes<SentenceTrace<RecurrentCache>>,
            _: Stream,
        ) -> Array2<f32> {
            let sentences = &episodes.trace.sentences;
            let contexts = vec![(); sentences.len()];
            let rewards = RivalScorer(self.0).score_tokens(&policy.generator, &contexts, sentences);
            rewards.expect("a language model rewards tokens")
        }
    }
    let none = BaselineState::new(Baseline::None);
    let step = policy_gradient(
        &policy,
        &LogRatio(&judge),
        &(),
        &none,
        Reduction::Mean,
        policy.tuples(),
        Stream::new(0),
    );
    for (exact, drawn) in flat(&exact).iter().zip(flat(&step.gradient)) {
        assert!((exact - drawn).abs() < 1e-6, "{exact}, over all draws {drawn}");
    }
    assert!(exact.squared_norm() > 1e-3);
}

#[test]
fn a_constant_reward_of_all_tokens_moves_nothing() {
    let judge = Ensemble::new(members(Some(2)));
    let generator = generator(STEPS, Some(2));
    let gradient = |control| {
        let rule = ExactReward { control, ..exact(&judge, Kl::Reverse) };
        rule.gradient(&generator, &observed(), Stream::new(0)).0.squared_norm()
    };
    assert!(gradient(RewardSource::Constant) < 1e-12);
    assert!(gradient(RewardSource::Shuffled) > 1e-4);
}
