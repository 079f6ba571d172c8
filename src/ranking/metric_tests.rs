//! A measure's reward without sampling: every ranking of a pool, or every pair of them, is drawn once, weighed by its probability, and
//! compared with finite differences of the expected measure.

use ndarray::{Array2, ArrayView2};

use super::metric_reward::{DocumentReward, MetricReward};
use super::pool_policy::{PoolPolicy, PoolTrace, Sampling};
use super::ranking_policy::{RankCredit, RankingPolicy, Rankings};
use super::{FeaturePools, Mode, RewardShape, RewardTable};
use crate::data::features::{Query, RankingSet};
use crate::evaluation::{Judged, Measure};
use crate::game::RewardSource;
use crate::nn::{Activation, Initializer, Mlp, Parameters as _};
use crate::policy_gradient::{
    BaselineState, Diagnostics, Episodes, Estimator, Policy, Reduction, Reward, policy_gradient,
};
use crate::seed::Stream;

const SCORES: [f64; 5] = [0.3, -0.5, 0.9, 0.0, -1.1];
const GRADES: [i8; 5] = [0, 2, 0, 1, 1];
const TEMPERATURE: f64 = 0.7;
const CREDITS: [RankCredit; 3] = [RankCredit::RewardToGo, RankCredit::WholeRanking, RankCredit::PlRank];

/// One query whose documents have their scores for features.
fn pools() -> FeaturePools {
    let features = Array2::from_shape_fn((5, 1), |(d, _)| SCORES[d] as f32);
    let documents: Vec<String> = (0..5).map(|d| format!("d{d}")).collect();
    let query = Query { id: "q".into(), rows: 0..5 };
    FeaturePools::new(RankingSet::new(features, GRADES.to_vec(), vec![query], documents, vec![]))
}

/// The scorer whose scores are the features, times `sign`.
fn scorer(sign: f32) -> Mlp {
    let mut scorer = Mlp::new(&[1, 1], Activation::Tanh, 0.0, Initializer::Xavier, &mut Stream::new(0).rng());
    for mut tensor in scorer.tensors_mut() {
        tensor.values.fill(if tensor.name.ends_with("weight") { sign } else { 0.0 });
    }
    scorer
}

fn policy<'s>(
    scorer: &'s Mlp,
    pools: &'s FeaturePools,
    credit: RankCredit,
    depth: Option<usize>,
) -> RankingPolicy<'s, Mlp> {
    let temperature = TEMPERATURE as f32;
    let sampling =
        Sampling { temperature, estimator: Estimator::Sampled, draws: 1, lambda: 0.0, candidates: 0 };
    RankingPolicy { pool: PoolPolicy { scorer, pools, sampling }, rankings: 16, depth, credit }
}

fn reward<'m>(pools: &'m FeaturePools, measure: &str, credit: RankCredit) -> MetricReward<'m, Mlp> {
    MetricReward {
        pools,
        measure: measure.parse().unwrap(),
        credit,
        placebo: RewardSource::Discriminator,
        stream: Stream::new(5),
        judge: None,
        entropy: 0.0,
    }
}

/// A policy that draws what it is given, and whose gradient is that at the scores.
struct Given<'s> {
    policy: RankingPolicy<'s, Mlp>,
    rankings: Option<Rankings>,
}

type Trace<'c> = PoolTrace<<Mlp as super::Scorer>::Cache<'c>>;

impl Policy for Given<'_> {
    type Context = [u32];
    type Trace<'c>
        = Trace<'c>
    where
        Self: 'c;
    type Gradient = Vec<f32>;

    fn sample<'c>(&'c self, queries: &'c [u32], stream: Stream) -> Episodes<Trace<'c>> {
        match &self.rankings {
            None => self.policy.sample(queries, stream),
            Some(rankings) => {
                let trace = self.policy.pool.trace(queries, stream);
                self.policy.episodes(trace, std::slice::from_ref(rankings))
            }
        }
    }

    fn backward<'c>(
        &'c self,
        _queries: &[u32],
        episodes: &Episodes<Trace<'c>>,
        weights: ArrayView2<'_, f32>,
    ) -> Vec<f32> {
        self.policy.d_scores(episodes, weights)
    }

    fn spread<'c>(&'c self, episodes: &Episodes<Trace<'c>>, weights: ArrayView2<'_, f32>) -> (f64, f64) {
        self.policy.spread(episodes, weights)
    }
}

struct Measured<'m>(MetricReward<'m, Mlp>);

impl Reward<Given<'_>> for Measured<'_> {
    fn score<'c>(
        &self,
        given: &'c Given<'_>,
        queries: &[u32],
        episodes: &Episodes<Trace<'c>>,
        stream: Stream,
    ) -> Array2<f32> {
        self.0.score(&given.policy, queries, episodes, stream)
    }
}

/// Gradient at the scores, mean reward of the first rank and diagnostics of one step of the driver.
fn step(given: &Given<'_>, reward: &Measured<'_>, seed: u64) -> (Vec<f64>, f64, Diagnostics) {
    let baseline = BaselineState::new(given.policy.credit.baseline());
    let step = policy_gradient(given, reward, &[0], &baseline, Reduction::Mean, 1, Stream::new(seed));
    let gradient = step.gradient.iter().map(|&d| f64::from(d)).collect();
    (gradient, f64::from(step.mean_rewards[0]), step.diagnostics)
}

/// Every ranking of `depth` of the five documents.
fn rankings(depth: usize) -> Vec<Vec<u32>> {
    let mut all = vec![vec![]];
    for _ in 0..depth {
        let longer = |ranking: &Vec<u32>| {
            let free = (0..5u32).filter(|d| !ranking.contains(d)).collect::<Vec<_>>();
            free.into_iter().map(|d| [ranking.as_slice(), &[d]].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

/// `P(y)` of a ranking under Plackett–Luce.
fn probability(scores: &[f64], ranking: &[u32]) -> f64 {
    let weight = |d: usize| (scores[d] / TEMPERATURE).exp();
    let mut left: f64 = (0..5).map(weight).sum();
    let mut probability = 1.0;
    for &document in ranking {
        probability *= weight(document as usize) / left;
        left -= weight(document as usize);
    }
    probability
}

/// `Σ_y P(y) worth(y)` and the slope of its negative at every score.
fn exact(depth: usize, worth: impl Fn(&[u32], f64) -> f64) -> (f64, Vec<f64>) {
    let all = rankings(depth);
    let mean = |scores: &[f64]| -> f64 {
        let of_ranking = |ranking: &Vec<u32>| {
            let probability = probability(scores, ranking);
            probability * worth(ranking, probability)
        };
        all.iter().map(of_ranking).sum()
    };
    let slope = |d: usize| {
        let shifted = |by: f64| {
            let mut scores = SCORES;
            scores[d] += by;
            mean(&scores)
        };
        -(shifted(1e-5) - shifted(-1e-5)) / 2e-5
    };
    (mean(&SCORES), (0..5).map(slope).collect())
}

fn value(measure: &str, ranking: &[u32]) -> f64 {
    let measure: Measure = measure.parse().unwrap();
    let grades: Vec<i32> = ranking.iter().map(|&d| i32::from(GRADES[d as usize])).collect();
    measure.value(&grades, &Judged::new(GRADES.map(i32::from)))
}

/// Mean gradient, mean worth, and total variance of the gradient over all tuples of `n` rankings.
fn moments(given: &mut Given<'_>, reward: &Measured<'_>, depth: usize, n: usize) -> (Vec<f64>, f64, f64) {
    let all = rankings(depth);
    let (mut mean, mut worth, mut squares) = (vec![0.0; 5], 0.0, 0.0);
    for tuple in 0..all.len().pow(n as u32) {
        let drawn: Rankings =
            (0..n as u32).map(|i| all[tuple / all.len().pow(i) % all.len()].clone()).collect();
        let probability: f64 = drawn.iter().map(|ranking| probability(&SCORES, ranking)).product();
        given.rankings = Some(drawn);
        let (gradient, first, _) = step(given, reward, 1);
        worth += probability * first;
        for (mean, d) in mean.iter_mut().zip(gradient) {
            *mean += probability * d;
            squares += probability * d * d;
        }
    }
    let norm: f64 = mean.iter().map(|m| m * m).sum();
    (mean, worth, squares - norm)
}

fn assert_close(found: &[f64], expected: &[f64], what: &str) {
    let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 2e-6);
    assert!(close, "{what}: {found:?}, expected {expected:?}");
}

#[test]
fn one_ranking_has_the_slope_of_the_expected_measure() {
    let (pools, scorer) = (pools(), scorer(1.0));
    for name in ["nDCG@3", "AP", "RR", "P@2", "ERR@4", "Bpref", "AUC", "Rprec", "AP(rel=2)", "RBP"] {
        let depth = name.parse::<Measure>().unwrap().cutoff().unwrap_or(5);
        let (worth, slope) = exact(depth, |ranking, _| value(name, ranking));
        for credit in CREDITS {
            let policy = policy(&scorer, &pools, credit, Some(depth));
            let mut given = Given { policy, rankings: None };
            let (mean, found, _) = moments(&mut given, &Measured(reward(&pools, name, credit)), depth, 1);
            assert_close(&mean, &slope, &format!("{name}, {credit:?}"));
            assert_close(&[found], &[worth], &format!("worth by {name}, {credit:?}"));
        }
    }
}

#[test]
fn two_rankings_have_it_too_and_their_variance_falls_from_estimator_to_estimator() {
    let (pools, scorer) = (pools(), scorer(1.0));
    for name in ["nDCG@3", "AP@3"] {
        let (_, slope) = exact(3, |ranking, _| value(name, ranking));
        let variances = CREDITS.map(|credit| {
            let mut given = Given { policy: policy(&scorer, &pools, credit, Some(3)), rankings: None };
            let (mean, _, variance) = moments(&mut given, &Measured(reward(&pools, name, credit)), 3, 2);
            assert_close(&mean, &slope, &format!("{name}, {credit:?}"));
            variance
        });
        assert!(variances[0] < variances[1], "{name}: {variances:?}");
    }
}

#[test]
fn discriminator_and_entropy_add_the_slopes_of_theirs() {
    let (pools, scorer, judge) = (pools(), scorer(1.0), scorer(-1.0));
    let rules = (Mode::Pointwise.into(), RewardShape::Paper, RewardSource::Discriminator);
    let table = RewardTable::new(&judge, &pools, &[0], rules, Stream::new(1));
    let discounts = [1.0, 1.0 / 3f64.log2(), 0.5];
    let worth = |ranking: &[u32], probability: f64| {
        let judged = |(step, &d): (usize, &u32)| {
            let softplus = (1.0 + (-SCORES[d as usize]).exp()).ln();
            discounts[step] * softplus / discounts.iter().sum::<f64>()
        };
        let judged: f64 = ranking.iter().enumerate().map(judged).sum();
        value("nDCG@3", ranking) + 0.4 * judged - 0.2 * probability.ln()
    };
    let (expected, slope) = exact(3, worth);
    for credit in CREDITS {
        let reward = MetricReward {
            judge: Some((0.4, DocumentReward::Table(&table))),
            entropy: 0.2,
            ..reward(&pools, "nDCG@3", credit)
        };
        let mut given = Given { policy: policy(&scorer, &pools, credit, Some(3)), rankings: None };
        let (mean, found, _) = moments(&mut given, &Measured(reward), 3, 1);
        assert_close(&mean, &slope, &format!("{credit:?}"));
        assert_close(&[found], &[expected], &format!("worth, {credit:?}"));
    }
}

#[test]
fn drawn_rankings_have_the_slope_in_the_mean_and_the_variance_that_is_told() {
    const REPEATS: u64 = 4000;
    let (pools, scorer) = (pools(), scorer(1.0));
    let (_, slope) = exact(3, |ranking, _| value("nDCG@3", ranking));
    for credit in CREDITS {
        let given = Given { policy: policy(&scorer, &pools, credit, Some(3)), rankings: None };
        let reward = Measured(reward(&pools, "nDCG@3", credit));
        let (mut sum, mut squares, mut told) = (vec![0.0; 5], vec![0.0; 5], 0.0);
        for seed in 0..REPEATS {
            let (gradient, _, diagnostics) = step(&given, &reward, seed);
            told += diagnostics.gradient_variance / REPEATS as f64;
            for (d, g) in gradient.iter().enumerate() {
                sum[d] += g;
                squares[d] += g * g;
            }
        }
        let n = REPEATS as f64;
        let mut total = 0.0;
        for d in 0..5 {
            let mean = sum[d] / n;
            let variance = squares[d] / n - mean * mean;
            total += variance;
            assert!(
                (mean - slope[d]).abs() < 4.5 * (variance / n).sqrt(),
                "{credit:?}: {mean}, {}",
                slope[d]
            );
        }
        // Told at the logits divided by τ.
        let told = told / TEMPERATURE.powi(2);
        assert!((told / total - 1.0).abs() < 0.12, "{credit:?}: {told} told, {total} found");
    }
}

#[test]
fn placebos_know_nothing_of_the_grades() {
    let (pools, scorer) = (pools(), scorer(1.0));
    let all = rankings(3);
    let rewards = |placebo, turn| {
        let reward = MetricReward {
            placebo,
            stream: Stream::new(turn),
            ..reward(&pools, "nDCG@3", RankCredit::WholeRanking)
        };
        let policy = policy(&scorer, &pools, RankCredit::WholeRanking, Some(3));
        let given = Given { policy, rankings: Some(all.clone()) };
        let episodes = given.sample(&[0], Stream::new(1));
        Measured(reward).score(&given, &[0], &episodes, Stream::new(1)).column(0).to_vec()
    };
    assert!(rewards(RewardSource::Constant, 1).iter().all(|&reward| (reward - 1.0).abs() < 1e-6));
    let own = rewards(RewardSource::Discriminator, 1);
    for (ranking, &reward) in all.iter().zip(&own) {
        assert!((f64::from(reward) - value("nDCG@3", ranking)).abs() < 1e-6);
    }
    // Over many turns every ranking is worth the same by a placebo; in one turn they differ.
    for placebo in [RewardSource::Shuffled, RewardSource::Random] {
        let turns: Vec<Vec<f32>> = (0..1500).map(|turn| rewards(placebo, turn)).collect();
        let mean = |i: usize| turns.iter().map(|turn| f64::from(turn[i])).sum::<f64>() / turns.len() as f64;
        let overall = (0..all.len()).map(mean).sum::<f64>() / all.len() as f64;
        assert!((0..all.len()).all(|i| (mean(i) - overall).abs() < 0.04), "{placebo}");
        assert!(turns[0] != turns[1] && turns[0].iter().any(|&reward| reward != turns[0][0]), "{placebo}");
    }
    let mut sorted = [own, rewards(RewardSource::Shuffled, 3)];
    sorted.iter_mut().for_each(|rewards| rewards.sort_by(f32::total_cmp));
    assert_eq!(sorted[0], sorted[1]); // the same grades, dealt otherwise
}
