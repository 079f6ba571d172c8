//! The policy gradient without sampling: every action (or every tuple of draws) is enumerated,
//! weighted by its probability, and compared with finite differences of `−E[R]` (Williams, 1992).

use crate::support::{Differences, assert_fits, identity, judged, network, random};
use irgan::game::{Divergence, FDivergence, RewardSource};
use irgan::nn::{Activation, Mlp, Parameters};
use irgan::policy_gradient::{
    Baseline, BaselineState, Episodes, Estimator, Policy, Proposal, Reduction, Reward, draw_variance,
    policy_gradient, reinforce_grad,
};
use irgan::ranking::{
    Candidates, DrawFrom, Example, ExampleLoss, FeaturePools, Mode, NegativeSampler, PoolPolicy, RewardShape,
    RewardTable, Sampling, Scorer, draw_examples,
};
use irgan::seed::Stream;
use ndarray::{Array2, array};

const ACTIONS: usize = 4;
const TEMPERATURE: f32 = 0.7;
const LOGITS: [f32; ACTIONS] = [0.4, -0.9, 1.1, 0.0];
/// All far above 0, as a discriminator's softplus is: what a baseline is for.
const REWARDS: [f32; ACTIONS] = [2.0, 3.5, 2.6, 3.1];
const POSITIVES: [u32; 2] = [1, 3];

/// `softmax(logits / τ)` in f64.
fn softmax(logits: &[f32], temperature: f32) -> Vec<f64> {
    let weights: Vec<f64> = logits.iter().map(|&x| (f64::from(x) / f64::from(temperature)).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|w| w / total).collect()
}

/// `−∂E[R]/∂logit_k = −π_k (R_k − E[R]) / τ`, which the test below confirms by differences.
fn exact() -> [f64; ACTIONS] {
    let pi = softmax(&LOGITS, TEMPERATURE);
    let mean: f64 = pi.iter().zip(REWARDS).map(|(p, r)| p * f64::from(r)).sum();
    std::array::from_fn(|k| -pi[k] * (f64::from(REWARDS[k]) - mean) / f64::from(TEMPERATURE))
}

fn log_probabilities() -> Vec<f32> {
    softmax(&LOGITS, TEMPERATURE).iter().map(|p| p.ln() as f32).collect()
}

/// Mean and total variance of the estimator `(1/N) Σ_n (R_n − b_n) ρ_n ∇(−log π(a_n))` over all
/// Aᴺ tuples of draws from `q = (1 − λ) π + λ · uniform(positives)`.
fn moments(baseline: &BaselineState, lambda: f32, draws: usize) -> ([f64; ACTIONS], f64) {
    let logs = log_probabilities();
    let pi: Vec<f32> = logs.iter().map(|log| log.exp()).collect();
    let proposal = Proposal::new(&pi, &POSITIVES, lambda);
    let uniform = |a: usize| if POSITIVES.contains(&(a as u32)) { 1.0 / POSITIVES.len() as f64 } else { 0.0 };
    let q: Vec<f64> = (0..ACTIONS)
        .map(|a| (1.0 - f64::from(lambda)) * f64::from(pi[a]) + f64::from(lambda) * uniform(a))
        .collect();
    let expected: f32 = pi.iter().zip(REWARDS).map(|(p, r)| p * r).sum();
    let (mut mean, mut squares) = ([0.0; ACTIONS], 0.0);
    for tuple in 0..ACTIONS.pow(draws as u32) {
        let actions: Vec<u32> =
            (0..draws as u32).map(|n| (tuple / ACTIONS.pow(n) % ACTIONS) as u32).collect();
        let probability: f64 = actions.iter().map(|&a| q[a as usize]).product();
        let rewards = Array2::from_shape_fn((draws, 1), |(n, _)| REWARDS[actions[n] as usize]);
        let b = baseline.estimate(rewards.view(), std::slice::from_ref(&(0..draws)), Some(&[expected]), None);
        let scale = Reduction::Mean.scale(draws, 1);
        let weight = |n: usize| (rewards[[n, 0]] - b[[n, 0]]) * proposal.importance(actions[n]) * scale;
        let mut gradient = [f32::NAN; ACTIONS];
        reinforce_grad(&logs, &actions, (0..draws).map(weight), TEMPERATURE, &mut gradient);
        for (mean, &d) in mean.iter_mut().zip(&gradient) {
            *mean += probability * f64::from(d);
            squares += probability * f64::from(d).powi(2);
        }
    }
    let variance = squares - mean.iter().map(|m| m * m).sum::<f64>();
    (mean, variance)
}

/// f32 rounding of numbers around 1 leaves errors of some 1e-7; a bias would be 1e-2 and more.
const ROUNDING: f64 = 3e-6;

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= tolerance);
    assert!(found.len() == expected.len() && close, "{what}: {found:?}, expected {expected:?}");
}

fn state(baseline: Baseline) -> BaselineState {
    let mut state = BaselineState::new(baseline);
    state.update(&[2.2]); // means of earlier batches, for the moving average
    state.update(&[3.0]);
    state
}

#[test]
fn the_closed_form_is_the_slope_of_the_expected_reward() {
    let loss = |logits: &[f32]| -> f64 {
        -softmax(logits, TEMPERATURE).iter().zip(REWARDS).map(|(p, r)| p * f64::from(r)).sum::<f64>()
    };
    Differences::default().values(&LOGITS, &exact().map(|d| d as f32), loss);
}

#[test]
fn baselines_of_independent_draws_keep_the_mean() {
    for lambda in [0.0, 0.5] {
        for (baseline, draws) in [
            (Baseline::None, 1),
            (Baseline::None, 3),
            (Baseline::Constant(-1.3), 1),
            (Baseline::Constant(2.5), 2),
            (Baseline::Moving(0.9), 2),
            (Baseline::Expected, 1),
            (Baseline::Expected, 3),
            (Baseline::LeaveOneOut, 1),
            (Baseline::LeaveOneOut, 2),
            (Baseline::LeaveOneOut, 3),
        ] {
            let (mean, _) = moments(&state(baseline), lambda, draws);
            assert_close(&mean, &exact(), ROUNDING, &format!("{baseline}, λ {lambda}, {draws} draws"));
        }
    }
}

#[test]
fn the_mean_baseline_shrinks_the_gradient_by_one_draw() {
    for lambda in [0.0, 0.5] {
        for draws in [1, 2, 3] {
            let (mean, _) = moments(&state(Baseline::Mean), lambda, draws);
            let shrunk = exact().map(|d| d * (1.0 - 1.0 / draws as f64));
            assert_close(&mean, &shrunk, ROUNDING, &format!("λ {lambda}, {draws} draws"));
        }
    }
}

#[test]
fn the_moving_baseline_is_an_exponential_average() {
    let rewards = array![[9.0f32], [9.0]];
    let at = |state: &BaselineState| {
        state.estimate(rewards.view(), std::slice::from_ref(&(0..2)), None, None)[[0, 0]]
    };
    let mut state = BaselineState::new(Baseline::Moving(0.9));
    assert_eq!(at(&state), 0.0);
    state.update(&[2.0]);
    assert!((at(&state) - 2.0).abs() < 1e-6); // starts at the first mean
    state.update(&[3.0]);
    assert!((at(&state) - 2.1).abs() < 1e-6); // 0.9 · 2 + 0.1 · 3
}

#[test]
fn baselines_lower_the_variance() {
    for (lambda, draws) in [(0.0, 1), (0.0, 2), (0.5, 2)] {
        let (_, without) = moments(&state(Baseline::None), lambda, draws);
        let mut better = vec![Baseline::Expected, Baseline::Constant(2.5), Baseline::Moving(0.9)];
        if draws > 1 {
            better.push(Baseline::LeaveOneOut);
        }
        for baseline in better {
            let (_, with) = moments(&state(baseline), lambda, draws);
            assert!(with < 0.5 * without, "{baseline}, λ {lambda}: {with} against {without}");
        }
    }
}

#[test]
fn the_reported_variance_is_the_estimators_own() {
    // The sample variance of independent draws is unbiased: its mean over all pairs of draws is the
    // variance found by enumeration. It is reported at the logits divided by τ, hence τ².
    let pi: Vec<f32> = log_probabilities().iter().map(|log| log.exp()).collect();
    let mut reported = 0.0;
    for (a, b) in (0..ACTIONS).flat_map(|a| (0..ACTIONS).map(move |b| (a, b))) {
        let weights = [a, b].map(|action| (REWARDS[action] - 2.5) / 2.0);
        let probability = f64::from(pi[a]) * f64::from(pi[b]);
        reported += probability * draw_variance(&pi, &[a as u32, b as u32], &weights);
    }
    let (_, variance) = moments(&state(Baseline::Constant(2.5)), 0.0, 2);
    let expected = variance * f64::from(TEMPERATURE).powi(2);
    assert!((reported - expected).abs() < 1e-5, "{reported}, expected {expected}");
}

#[test]
fn the_proposal_draws_what_its_importance_ratios_assume() {
    let pi = softmax(&LOGITS, TEMPERATURE);
    let narrow: Vec<f32> = pi.iter().map(|&p| p as f32).collect();
    for lambda in [0.0, 0.3, 1.0] {
        let proposal = Proposal::new(&narrow, &POSITIVES, lambda);
        let uniform = |a: usize| if POSITIVES.contains(&(a as u32)) { 0.5 } else { 0.0 };
        let q: Vec<f64> = (0..ACTIONS)
            .map(|a| (1.0 - f64::from(lambda)) * pi[a] + f64::from(lambda) * uniform(a))
            .collect();
        let mut rng = Stream::new(3).rng();
        let (mut actions, mut importance) = (vec![], vec![]);
        proposal.draw(20_000, &mut rng, &mut actions, &mut importance);
        let draws: Vec<_> = actions.into_iter().zip(importance).collect();
        for &(action, ratio) in &draws {
            assert!((f64::from(ratio) - pi[action as usize] / q[action as usize]).abs() < 1e-5);
        }
        assert_fits(&q, draws.iter().map(|&(action, _)| action as usize));
    }
    let proposal = Proposal::new(&narrow, &[], 0.5); // nothing observed: the policy itself
    assert_eq!((0..4).map(|a| proposal.importance(a)).collect::<Vec<_>>(), [1.0; 4]);
}

// The same through the real generator: a network over feature vectors.

/// Three queries with 5, 4 and 7 documents.
fn pools() -> FeaturePools {
    let grades: [&[i8]; 3] = [&[1, 0, 0, 2, 0], &[0, 0, 1, -1], &[0, 0, 1, 0, 0, 1, 0]];
    FeaturePools::new(judged(random(16, 3, 1.0, 1), &grades))
}

const QUERIES: [u32; 3] = [0, 1, 2];

fn rewards(pools: &FeaturePools) -> RewardTable {
    let judge = network(&[3, 4, 1], Activation::Tanh, 0.0, 8);
    let rules = (Mode::Pairwise.into(), RewardShape::Paper, RewardSource::Discriminator);
    RewardTable::new(&judge, pools, &QUERIES, rules, Stream::new(1))
}

fn sampling(estimator: Estimator) -> Sampling {
    Sampling { temperature: TEMPERATURE, estimator, draws: 2, lambda: 0.0, candidates: 0 }
}

/// `−(1/Q) Σ_q Σ_a π(a|q) R(q, a)`, in f64 from the scores.
fn negative_expected_reward(scorer: &Mlp, pools: &FeaturePools, rewards: &RewardTable) -> f64 {
    let of_query = |&q: &u32| -> f64 {
        let pi = softmax(&scorer.score(pools, Candidates::Pools(&[q])), TEMPERATURE);
        pi.iter().zip(rewards.of(q as usize)).map(|(p, &r)| p * f64::from(r)).sum()
    };
    -QUERIES.iter().map(of_query).sum::<f64>() / QUERIES.len() as f64
}

#[test]
fn the_exact_estimator_is_the_slope_of_the_expected_reward() {
    let pools = pools();
    let rewards = rewards(&pools);
    for widths in [&[3, 1][..], &[3, 5, 1]] {
        let scorer = network(widths, Activation::Tanh, 0.0, 3);
        let generator = PoolPolicy { scorer: &scorer, pools: &pools, sampling: sampling(Estimator::Exact) };
        for baseline in [Baseline::None, Baseline::Constant(1.0), Baseline::Moving(0.9), Baseline::Expected] {
            let state = state(baseline);
            let step =
                policy_gradient(&generator, &rewards, &QUERIES, &state, Reduction::Mean, 3, Stream::new(4));
            Differences::default().parameters(&scorer, &step.gradient, |scorer| {
                negative_expected_reward(scorer, &pools, &rewards)
            });
            assert_eq!(step.diagnostics.gradient_variance, 0.0);
            let expected = -negative_expected_reward(&scorer, &pools, &rewards);
            assert!((step.diagnostics.reward - expected).abs() < 1e-5, "{baseline}");
        }
    }
}

#[test]
fn an_entropy_weight_adds_the_slope_of_the_entropy() {
    const ALPHA: f32 = 0.7;
    let pools = pools();
    let plain = rewards(&pools);
    let entropic = plain.clone().with_entropy(ALPHA);
    let scorer = network(&[3, 5, 1], Activation::Tanh, 0.0, 3);
    let entropy = |scorer: &Mlp| {
        let of_query = |&q: &u32| -> f64 {
            let pi = softmax(&scorer.score(&pools, Candidates::Pools(&[q])), TEMPERATURE);
            pi.iter().map(|p| -p * p.ln()).sum()
        };
        QUERIES.iter().map(of_query).sum::<f64>() / QUERIES.len() as f64
    };
    let generator = PoolPolicy { scorer: &scorer, pools: &pools, sampling: sampling(Estimator::Exact) };
    for baseline in [Baseline::None, Baseline::Expected] {
        let state = state(baseline);
        let step =
            policy_gradient(&generator, &entropic, &QUERIES, &state, Reduction::Mean, 3, Stream::new(4));
        Differences::default().parameters(&scorer, &step.gradient, |scorer| {
            negative_expected_reward(scorer, &pools, &plain) - f64::from(ALPHA) * entropy(scorer)
        });
    }
}

#[test]
fn the_generators_backward_pass_with_importance_weights() {
    // One draw a query, every action enumerated as `Σ_a q(a) ρ(a) R(a) ∇(−log π(a))` with ρ from the
    // real proposal and q from its definition.
    let pools = pools();
    let rewards = rewards(&pools);
    let scorer = network(&[3, 5, 1], Activation::Tanh, 0.0, 3);
    let generator = PoolPolicy { scorer: &scorer, pools: &pools, sampling: sampling(Estimator::Sampled) };
    let lambda = 0.5f32;
    let mut gradient = scorer.zeros_like();
    for q in QUERIES {
        use irgan::ranking::Pools as _;
        let pi: Vec<f32> = softmax(&scorer.score(&pools, Candidates::Pools(&[q])), TEMPERATURE)
            .iter()
            .map(|&p| p as f32)
            .collect();
        let positives = pools.positives(q as usize);
        let proposal = Proposal::new(&pi, positives, lambda);
        let (actions, weights): (Vec<u32>, Vec<f32>) = (0..pi.len() as u32)
            .map(|a| {
                let observed = if positives.contains(&a) { 1.0 / positives.len() as f32 } else { 0.0 };
                let q_of_a = (1.0 - lambda) * pi[a as usize] + lambda * observed;
                let reward = rewards.of(q as usize)[a as usize] - 0.4; // any constant baseline
                (a, q_of_a * proposal.importance(a) * reward / 3.0)
            })
            .unzip();
        let n = actions.len();
        let query = [q];
        let Episodes { trace, .. } = generator.sample(&query, Stream::new(1));
        let episodes = Episodes {
            actions: Array2::from_shape_vec((n, 1), actions).unwrap(),
            importance: Array2::ones((n, 1)),
            groups: std::iter::once(0..n).collect(),
            lengths: None,
            enumerated: false,
            trace,
        };
        let weights = Array2::from_shape_vec((n, 1), weights).unwrap();
        gradient.add(&generator.backward(&query, &episodes, weights.view()));
    }
    Differences::default()
        .parameters(&scorer, &gradient, |scorer| negative_expected_reward(scorer, &pools, &rewards));
}

/// All values of a model, one after the other.
fn flat(model: &Mlp) -> Vec<f64> {
    model.tensors().iter().flat_map(|t| t.values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>()).collect()
}

#[test]
fn the_sampled_estimator_is_unbiased() {
    let pools = pools();
    let rewards = rewards(&pools);
    let scorer = network(&[3, 1], Activation::Tanh, 0.0, 3);
    let gradient = |sampling, baseline, seed| {
        let generator = PoolPolicy { scorer: &scorer, pools: &pools, sampling };
        let state = BaselineState::new(baseline);
        policy_gradient(&generator, &rewards, &QUERIES, &state, Reduction::Mean, 3, Stream::new(seed))
            .gradient
    };
    let exact = flat(&gradient(sampling(Estimator::Exact), Baseline::None, 0));
    for (lambda, baseline) in [(0.0, Baseline::None), (0.5, Baseline::Expected), (0.5, Baseline::LeaveOneOut)]
    {
        let sampling = Sampling { lambda, ..sampling(Estimator::Sampled) };
        let seeds = 4000;
        let (mut sums, mut squares) = (vec![0.0; exact.len()], vec![0.0; exact.len()]);
        for seed in 0..seeds {
            for (i, value) in flat(&gradient(sampling, baseline, seed)).into_iter().enumerate() {
                sums[i] += value;
                squares[i] += value * value;
            }
        }
        // Within 4 standard errors: by chance, 1 in 16,000; the seeds are fixed.
        let n = seeds as f64;
        for i in 0..exact.len() {
            let mean = sums[i] / n;
            let error = ((squares[i] / n - mean * mean) / n).sqrt();
            let distance = (mean - exact[i]).abs();
            // The bias of the last layer moves all scores alike: its gradient is 0 up to rounding.
            assert!(
                distance <= 4.0 * error + 1e-7,
                "λ {lambda}, {baseline}: {mean} ± {error}, exact {}",
                exact[i]
            );
        }
    }
}

#[test]
fn a_constant_reward_gives_no_gradient_at_all() {
    let pools = pools();
    let judge = network(&[3, 4, 1], Activation::Tanh, 0.0, 8);
    let rules = (Mode::Pointwise.into(), RewardShape::Paper, RewardSource::Constant);
    let rewards = RewardTable::new(&judge, &pools, &QUERIES, rules, Stream::new(1));
    for seed in 0..20 {
        let scorer = network(&[3, 6, 1], Activation::Tanh, 0.0, seed);
        let generator = PoolPolicy { scorer: &scorer, pools: &pools, sampling: sampling(Estimator::Exact) };
        let state = BaselineState::new(Baseline::Expected);
        let step =
            policy_gradient(&generator, &rewards, &QUERIES, &state, Reduction::Mean, 3, Stream::new(seed));
        assert_eq!(step.gradient.squared_norm(), 0.0, "seed {seed}");
    }
}

// Rewards.

/// One query of three documents, which score 2, 0 and −1; the last two are positives.
fn three() -> FeaturePools {
    FeaturePools::new(judged(array![[2.0], [0.0], [-1.0]], &[&[0, 1, 1]]))
}

fn table(
    pools: &FeaturePools,
    loss: impl Into<ExampleLoss>,
    shape: RewardShape,
    control: RewardSource,
) -> Vec<f32> {
    RewardTable::new(&identity(), pools, &[0], (loss.into(), shape, control), Stream::new(5)).of(0).to_vec()
}

#[test]
fn reward_tables_by_hand() {
    let softplus = |x: f64| x.exp().ln_1p();
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (pointwise, pairwise) = (ExampleLoss::from(Mode::Pointwise), ExampleLoss::PAIRWISE);
    let by = |loss: ExampleLoss, f| ExampleLoss { divergence: Divergence::F(f), ..loss };
    for (loss, shape, expected) in [
        (pointwise, RewardShape::Paper, [2.0, 0.0, -1.0].map(softplus)),
        (pointwise, RewardShape::Code, [2.0, 0.0, -1.0].map(|f| 2.0 * (sigmoid(f) - 0.5))),
        // Against the positives' 0 and −1: differences 2 and 3, 0 and 1, −1 and 0; their mean counts.
        (
            pairwise,
            RewardShape::Paper,
            [(2.0, 3.0), (0.0, 1.0), (-1.0, 0.0)].map(|(x, y)| (softplus(x) + softplus(y)) / 2.0),
        ),
        (
            pairwise,
            RewardShape::Code,
            [(2.0, 3.0), (0.0, 1.0), (-1.0, 0.0)].map(|(x, y)| (sigmoid(x).ln() + sigmoid(y).ln()) / 2.0),
        ),
        (by(pointwise, FDivergence::Kl), RewardShape::Paper, [1f64, -1.0, -2.0].map(f64::exp)), // exp(x − 1)
        (
            by(pointwise, FDivergence::Hellinger),
            RewardShape::Activation,
            [2.0, 0.0, -1.0].map(|x: f64| 1.0 - (-x).exp()),
        ),
        (by(pairwise, FDivergence::ReverseKl), RewardShape::Paper, [1.5, -0.5, -1.5]), // x − 1
    ] {
        let found: Vec<f64> =
            table(&three(), loss, shape, RewardSource::Discriminator).into_iter().map(f64::from).collect();
        assert_close(&found, &expected, 1e-6, &format!("{loss:?} {shape:?}"));
    }
    // log(1 + e⁰) = log 2
    let paper = table(&three(), Mode::Pointwise, RewardShape::Paper, RewardSource::Discriminator);
    assert!((f64::from(paper[1]) - 2f64.ln()).abs() < 1e-6);
}

#[test]
fn reward_controls() {
    let features = random(100, 1, 2.0, 3);
    let mut grades = vec![0i8; 60];
    grades[7] = 1;
    let pools = FeaturePools::new(judged(features, &[&grades, &grades[..40]]));
    let table = |control, seed| {
        let rules = (Mode::Pointwise.into(), RewardShape::Paper, control);
        RewardTable::new(&identity(), &pools, &[0, 1], rules, Stream::new(seed))
    };
    let sorted = |values: &[f32]| {
        let mut values = values.to_vec();
        values.sort_by(f32::total_cmp);
        values
    };
    let own = table(RewardSource::Discriminator, 1);
    let [constant, uniform, shuffled] =
        [RewardSource::Constant, RewardSource::Random, RewardSource::Shuffled].map(|c| table(c, 1));
    for q in [0, 1] {
        assert!(constant.of(q).iter().all(|&r| r == 1.0));
        assert!(uniform.of(q).iter().all(|r| (0.0..1.0).contains(r)));
        assert_ne!(shuffled.of(q), own.of(q));
        assert_eq!(sorted(shuffled.of(q)), sorted(own.of(q)), "within the query");
    }
    let different = sorted(&[uniform.of(0), uniform.of(1)].concat());
    assert!(different.windows(2).all(|pair| pair[0] != pair[1]), "one draw an action, not one a query");
    assert_eq!(uniform.of(0), table(RewardSource::Random, 1).of(0));
    assert_ne!(uniform.of(0), table(RewardSource::Random, 2).of(0));
    assert_eq!(own.of(1), table(RewardSource::Discriminator, 2).of(1));
}

// Sampled-k.

/// Documents as unit vectors: a linear scorer's gradient tells which of them were touched.
fn unit_vectors() -> (FeaturePools, RewardTable, Mlp) {
    let pools = FeaturePools::new(judged(Array2::eye(8), &[&[0, 1, 0, 0, 0, 0, 0, 0]]));
    let judge = network(&[8, 1], Activation::Tanh, 0.0, 1);
    let rules = (Mode::Pointwise.into(), RewardShape::Paper, RewardSource::Discriminator);
    let rewards = RewardTable::new(&judge, &pools, &[0], rules, Stream::new(1));
    (pools, rewards, network(&[8, 1], Activation::Tanh, 0.0, 2))
}

#[test]
fn sampled_candidates_are_the_only_ones_touched() {
    let (pools, rewards, scorer) = unit_vectors();
    let scores = scorer.score(&pools, Candidates::Pools(&[0]));
    let mut times = [0; 8];
    for seed in 0..200 {
        let sampling = Sampling { candidates: 3, ..sampling(Estimator::Exact) };
        let generator = PoolPolicy { scorer: &scorer, pools: &pools, sampling };
        let episodes = generator.sample(&[0], Stream::new(seed).named("draw"));
        assert_eq!(episodes.actions.nrows(), 3);
        let paid = rewards.score(&generator, &[0], &episodes, Stream::new(seed));
        let picked: Vec<usize> =
            paid.iter().map(|r| rewards.of(0).iter().position(|of| of == r).expect("of the table")).collect();
        assert!(picked.windows(2).all(|pair| pair[0] < pair[1]), "distinct, in the pool's order: {picked:?}");
        // The softmax is over the three alone, and so is its gradient.
        let pi = softmax(&picked.iter().map(|&i| scores[i]).collect::<Vec<_>>(), TEMPERATURE);
        for (p, ratio) in pi.iter().zip(&episodes.importance) {
            assert!((3.0 * p - f64::from(*ratio)).abs() < 1e-5);
        }
        let state = BaselineState::new(Baseline::Expected);
        let step = policy_gradient(&generator, &rewards, &[0], &state, Reduction::Mean, 1, Stream::new(seed));
        let d_weight = &step.gradient.tensors()[0].values;
        let touched: Vec<usize> = (0..8).filter(|&i| d_weight[[i, 0]] != 0.0).collect();
        assert_eq!(touched, picked);
        picked.iter().for_each(|&i| times[i] += 1);
    }
    // Uniform: each of the 8 in 3 of 8 seeds, 75 of 200 with deviation √(200 · 3/8 · 5/8) = 6.8.
    assert!(times.iter().all(|&n| (75 - 28..=75 + 28).contains(&n)), "{times:?}");
}

#[test]
fn enough_candidates_are_the_full_softmax() {
    let pools = pools();
    let rewards = rewards(&pools);
    let scorer = network(&[3, 5, 1], Activation::Tanh, 0.0, 3);
    let gradient = |estimator, candidates, queries: &[u32]| {
        let sampling = Sampling { candidates, ..sampling(estimator) };
        let generator = PoolPolicy { scorer: &scorer, pools: &pools, sampling };
        let state = BaselineState::new(Baseline::Expected);
        policy_gradient(&generator, &rewards, queries, &state, Reduction::Mean, 3, Stream::new(4)).gradient
    };
    for estimator in [Estimator::Exact, Estimator::Sampled] {
        let full = gradient(estimator, 0, &QUERIES);
        assert_eq!(full, gradient(estimator, 7, &QUERIES));
        assert_eq!(full, gradient(estimator, 100, &QUERIES));
        assert_ne!(full, gradient(estimator, 6, &QUERIES));
        // Beside a larger pool, a small one still gives its full gradient (up to the order of sums).
        let both = flat(&gradient(estimator, 5, &[0, 2]));
        let mut apart = gradient(estimator, 0, &[0]);
        apart.add(&gradient(estimator, 5, &[2]));
        assert_close(&both, &flat(&apart), 1e-6, "0 and 2");
    }
}

// Draws for the discriminator.

/// One query of six documents: grades 2, 0, 1, −1, 0, 1 and scores as their only feature.
fn six() -> FeaturePools {
    let scores = array![[0.3], [1.0], [-0.4], [0.2], [-1.1], [0.7]];
    FeaturePools::new(judged(scores, &[&[2, 0, 1, -1, 0, 1]]))
}

const SIX: [f32; 6] = [0.3, 1.0, -0.4, 0.2, -1.1, 0.7];

fn draw(drawer: &NegativeSampler<'_, Mlp>, from: DrawFrom, per_positive: usize) -> Vec<Example> {
    draw_examples(drawer, &six(), &[0], from, per_positive, Stream::new(11))
}

/// The documents that may be drawn for each positive.
fn allowed(positive: u32, from: DrawFrom) -> Vec<usize> {
    match (from, positive) {
        (DrawFrom::Pool, _) => (0..6).collect(),
        (_, 0) => vec![1, 2, 3, 4, 5], // grade 2: also those of grade 1
        _ => vec![1, 3, 4],            // grade 1: 0 and unlabelled
    }
}

/// Draws of each positive against the probabilities that `of` gives the allowed documents.
fn assert_draws(drawer: &NegativeSampler<'_, Mlp>, of: impl Fn(&[usize]) -> Vec<f64>) {
    let n = 20_000;
    for from in [DrawFrom::Lower, DrawFrom::Pool] {
        let examples = draw(drawer, from, n);
        assert_eq!(examples.len(), 3 * n);
        for positive in [0, 2, 5] {
            let members = allowed(positive, from);
            let mut probabilities = vec![0.0; 6];
            members.iter().zip(of(&members)).for_each(|(&i, p)| probabilities[i] = p);
            let drawn = examples.iter().filter(|e| e.positive == positive).map(|e| e.drawn as usize);
            assert_fits(&probabilities, drawn);
        }
    }
}

#[test]
fn random_negatives_are_uniform() {
    assert_draws(&NegativeSampler::Uniform, |members| vec![1.0 / members.len() as f64; members.len()]);
}

#[test]
fn dynamic_negatives_are_the_best_of_their_tries() {
    for tries in [1, 2, 3] {
        // The best of T draws out of m has rank r or better with probability 1 − (1 − r/m)^T.
        let best_of = |members: &[usize]| {
            let m = members.len() as f64;
            let rank = |i: usize| members.iter().filter(|&&j| SIX[j] > SIX[i]).count() as f64;
            let below = |r: f64| (1.0 - r / m).powi(tries);
            members.iter().map(|&i| below(rank(i)) - below(rank(i) + 1.0)).collect()
        };
        assert_draws(&NegativeSampler::Dynamic(&identity(), tries as usize), best_of);
    }
}

#[test]
fn a_generators_negatives_follow_its_softmax() {
    for (temperature, uniform) in [(1.0, 0.0), (0.4, 0.0), (0.4, 0.3), (1.0, 1.0)] {
        let mixed = |members: &[usize]| {
            let scores: Vec<f32> = members.iter().map(|&i| SIX[i]).collect();
            let mix = |p: f64| (1.0 - f64::from(uniform)) * p + f64::from(uniform) / members.len() as f64;
            softmax(&scores, temperature).into_iter().map(mix).collect()
        };
        assert_draws(&NegativeSampler::Softmax(&identity(), temperature, uniform), mixed);
    }
}

#[test]
fn a_positive_without_lower_documents_has_no_example() {
    let pools = FeaturePools::new(judged(random(5, 1, 1.0, 1), &[&[1, 1, 2], &[1, 0]]));
    for drawer in [
        NegativeSampler::Uniform,
        NegativeSampler::Dynamic(&identity(), 2),
        NegativeSampler::Softmax(&identity(), 1.0, 0.0),
    ] {
        let examples = draw_examples(&drawer, &pools, &[0, 1], DrawFrom::Lower, 3, Stream::new(1));
        let of =
            |query, positive| examples.iter().filter(|e| (e.query, e.positive) == (query, positive)).count();
        assert_eq!((of(0, 0), of(0, 1), of(0, 2), of(1, 0)), (0, 0, 3, 3));
    }
}
