//! A measure of the drawn rankings as the generator's reward.
//!
//! With `V_k` the measure of the first k documents, rank k earns `t_k = V_k − V_{k−1}`, by whatever measure: a term of nDCG's sum, the
//! precision at a relevant rank in AP, the reciprocal rank at the first relevant one in RR. The rest of the ranking, from rank k on, earns
//! `R_k = Σ_{j ≥ k} t_j = V_K − V_{k−1}`; what was earned before rank k does not depend on the document drawn there, and may be left out
//! of its reward.

use ndarray::{Array2, ArrayViewMut2, s};
use rand::Rng as _;
use rand::seq::SliceRandom as _;

use super::pool_policy::PoolTrace;
use super::ranking_policy::{RankCredit, RankingPolicy, masses, ranking_of};
use super::{LiveReward, Pools, RewardTable, Scorer};
use crate::evaluation::{Judged, Measure, UNJUDGED};
use crate::game::RewardSource;
use crate::policy_gradient::{Episodes, Reward, mass_left};
use crate::seed::Stream;

/// Judge of single documents: the discriminator's rewards, from a table or made where they are needed.
pub enum DocumentReward<'m, S: Scorer> {
    /// Rewards of whole pools.
    Table(&'m RewardTable),
    /// Rewards of what is scored.
    Live(LiveReward<'m, S>),
}

impl<S: Scorer> DocumentReward<'_, S> {
    fn of_scored<C>(&self, queries: &[u32], trace: &PoolTrace<C>) -> Vec<f32> {
        match self {
            Self::Table(table) => table.of_scored(queries, trace).into_owned(),
            Self::Live(live) => live.of_scored(queries, trace),
        }
    }
}

/// Reward of a ranking by a measure, shared out over its ranks; alone or with the discriminator's rewards of the ranked documents.
pub struct MetricReward<'m, S: Scorer> {
    /// Pools whose observed grades the measure sees.
    pub pools: &'m S::Pools,
    /// The measure.
    pub measure: Measure,
    /// Credit of the ranks.
    pub credit: RankCredit,
    /// Placebo in the place of the measure: `shuffled` deals the grades of a pool to its documents in random order, `random` draws a
    /// grade for every document from 0 to the highest of the pool, and by `constant` every rank earns the same.
    pub placebo: RewardSource,
    /// Stream that a placebo draws from: the same for a whole turn.
    pub stream: Stream,
    /// Weight λ of the discriminator's rewards, and these: `λ Σ_k δ_k r(y_k) / Σ_k δ_k` is added to the worth of a ranking, with nDCG's
    /// discounts `δ_k = 1 / log2(1 + k)`.
    pub judge: Option<(f32, DocumentReward<'m, S>)>,
    /// Weight α of the policy's entropy: rank k earns `−α log π_k(y_k)` more.
    pub entropy: f32,
}

/// One pool as the measure sees it, under the policy of a pass.
struct JudgedPool<'a> {
    measure: Option<&'a Measure>, // none for the constant placebo
    grades: Vec<i32>,             // [D], of the scored candidates
    judged: Judged,
    rewards: Vec<f32>, // [D], λ r; empty without a discriminator
    entropy: f64,
    logs: &'a [f32],     // [D]
    masses: Vec<f64>,    // [D]; empty without a weight of the entropy
    discounts: Vec<f64>, // [K], of sum 1
}

impl<S: Scorer> MetricReward<'_, S> {
    /// The grades of a query's whole pool, or those that a placebo puts in their place, with their summary.
    fn grades(&self, q: u32) -> (Vec<i32>, Judged) {
        let grade = |grade: i8| if grade >= 0 { i32::from(grade) } else { UNJUDGED };
        let mut grades: Vec<i32> = self.pools.grades(q as usize).iter().map(|&g| grade(g)).collect();
        let mut rng = self.stream.at(u64::from(q)).rng();
        match self.placebo {
            RewardSource::Shuffled => grades.shuffle(&mut rng),
            RewardSource::Random => {
                let highest = grades.iter().copied().max().unwrap_or(0).max(0);
                grades.iter_mut().for_each(|grade| *grade = rng.random_range(0..=highest));
            }
            RewardSource::Discriminator | RewardSource::Constant => {}
        }
        let missed = self.pools.unretrieved(q as usize).iter().map(|&g| grade(g));
        let judged = Judged::new(grades.iter().copied().chain(missed));
        (grades, judged)
    }

    fn judged_pool<'a, C>(
        &'a self,
        q: u32,
        (trace, i): (&'a PoolTrace<C>, usize),
        rewards: &[f32],
        depth: usize,
    ) -> JudgedPool<'a> {
        let (all, judged) = self.grades(q);
        let grades = match trace.picked(i) {
            None => all,
            Some(picked) => picked.iter().map(|&(_, candidate)| all[candidate as usize]).collect(),
        };
        let logs = &trace.log_probabilities[trace.segments[i].clone()];
        let discounts: Vec<f64> = (0..depth).map(|above| ((above + 2) as f64).log2().recip()).collect();
        let total: f64 = discounts.iter().sum();
        JudgedPool {
            measure: (self.placebo != RewardSource::Constant).then_some(&self.measure),
            grades,
            judged,
            rewards: rewards.to_vec(),
            entropy: f64::from(self.entropy),
            masses: if self.entropy == 0.0 { vec![] } else { masses(logs) },
            logs,
            discounts: discounts.into_iter().map(|discount| discount / total).collect(),
        }
    }

    /// Rewards of the episodes of a pool.
    fn rewards_of<C>(
        &self,
        episodes: &Episodes<PoolTrace<C>>,
        first: usize,
        pool: &JudgedPool<'_>,
        mut rewards: ArrayViewMut2<'_, f32>,
    ) {
        let block = self.credit.episodes(pool.grades.len());
        for row in (0..rewards.nrows()).step_by(block) {
            let ranking = ranking_of(episodes, first + row);
            let earned = pool.earned(&ranking);
            let total: f64 = earned.iter().sum();
            let mut left = total;
            for (step, earned) in earned.iter().enumerate() {
                rewards[[row, step]] = match self.credit {
                    RankCredit::RewardToGo => left,
                    RankCredit::WholeRanking => total,
                    RankCredit::PlRank => left - earned,
                } as f32;
                left -= earned;
            }
            if self.credit == RankCredit::PlRank {
                pool.every_next(&ranking, rewards.slice_mut(s![row + 1..row + block, ..]));
            }
        }
    }
}

impl JudgedPool<'_> {
    /// Earnings of every rank: `[K]`.
    fn earned(&self, ranking: &[u32]) -> Vec<f64> {
        let mut earned: Vec<f64> = match self.measure {
            None => vec![1.0 / ranking.len() as f64; ranking.len()],
            Some(measure) => {
                let grades: Vec<i32> = ranking.iter().map(|&place| self.grades[place as usize]).collect();
                measure.by_rank(&grades, &self.judged)
            }
        };
        if self.measure.is_some() {
            (1..earned.len()).rev().for_each(|step| earned[step] -= earned[step - 1]);
        }
        let masses = self.masses_left(ranking);
        for (step, (earned, &place)) in earned.iter_mut().zip(ranking).enumerate() {
            *earned += self.beside_measure(step, place as usize, masses.get(step));
        }
        earned
    }

    /// Earnings of a document at a rank from discriminator and entropy.
    fn beside_measure(&self, step: usize, place: usize, mass_left: Option<&f64>) -> f64 {
        let reward = self.rewards.get(place).map_or(0.0, |&reward| self.discounts[step] * f64::from(reward));
        let surprise = mass_left.map_or(0.0, |mass| mass.ln() - f64::from(self.logs[place]));
        reward + self.entropy * surprise
    }

    fn masses_left(&self, ranking: &[u32]) -> Vec<f64> {
        if self.masses.is_empty() { vec![] } else { mass_left(&self.masses, ranking) }
    }

    /// Fills `rewards: [D, K]` with what every document would earn at every rank of `ranking`, the ranks above being as they are. By the
    /// measure, documents of one grade earn the same.
    fn every_next(&self, ranking: &[u32], mut rewards: ArrayViewMut2<'_, f32>) {
        let masses = self.masses_left(ranking);
        let mut distinct = self.grades.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let mut grades: Vec<i32> = ranking.iter().map(|&place| self.grades[place as usize]).collect();
        for step in 0..ranking.len() {
            let own = grades[step];
            let of_grade: Vec<f64> = distinct
                .iter()
                .map(|&grade| {
                    grades[step] = grade;
                    self.last_earns(&grades[..=step], ranking.len())
                })
                .collect();
            grades[step] = own;
            for (place, grade) in self.grades.iter().enumerate() {
                let class = distinct.binary_search(grade).expect("the grade of a document");
                let beside = self.beside_measure(step, place, masses.get(step));
                rewards[[place, step]] = (of_grade[class] + beside) as f32;
            }
        }
    }

    /// Earnings, by the measure, of the last of the first ranks of a ranking of `depth` documents.
    fn last_earns(&self, grades: &[i32], depth: usize) -> f64 {
        let Some(measure) = self.measure else { return 1.0 / depth as f64 };
        match measure.by_rank(grades, &self.judged)[..] {
            [.., before, last] => last - before,
            [last] => last,
            [] => 0.0,
        }
    }
}

impl<'s, S: Scorer> Reward<RankingPolicy<'s, S>> for MetricReward<'_, S> {
    fn score<'c>(
        &self,
        _policy: &'c RankingPolicy<'s, S>,
        queries: &[u32],
        episodes: &Episodes<PoolTrace<S::Cache<'c>>>,
        _stream: Stream,
    ) -> Array2<f32> {
        let (trace, depth) = (&episodes.trace, episodes.actions.ncols());
        let mut of_documents = vec![];
        if let Some((mix, judge)) = &self.judge {
            of_documents = judge.of_scored(queries, trace);
            of_documents.iter_mut().for_each(|reward| *reward *= mix);
        }
        let mut rewards = Array2::zeros(episodes.actions.raw_dim());
        for (i, (&q, group)) in queries.iter().zip(&episodes.groups).enumerate() {
            let own = of_documents.get(trace.segments[i].clone()).unwrap_or_default();
            let pool = self.judged_pool(q, (trace, i), own, depth.min(trace.segments[i].len()));
            let rows = rewards.slice_mut(s![group.clone(), ..]);
            self.rewards_of(episodes, group.start, &pool, rows);
        }
        rewards
    }
}
