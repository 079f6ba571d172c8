//! Pools of judged feature vectors.

use std::borrow::Cow;

use super::Prior;
use crate::data::features::RankingSet;
use crate::ranking::Candidates;
use crate::ranking::pools::Pools;
use crate::team::Team;

/// Pools of judged feature vectors; a document is positive when its grade is at least 1.
#[derive(Clone, Debug)]
pub struct FeaturePools {
    set: RankingSet,
    positives: Vec<Vec<u32>>,
    prior: Option<Vec<f32>>, // [D]
    team: Team,
}

impl FeaturePools {
    /// Returns the pools of `set`.
    pub fn new(set: RankingSet) -> Self {
        let of_query = |query| {
            let grades = set.query_grades(query).iter().enumerate();
            grades.filter(|&(_, &grade)| grade > 0).map(|(i, _)| i as u32).collect()
        };
        let positives = (0..set.queries().len()).map(of_query).collect();
        Self { set, positives, prior: None, team: Team::ALONE }
    }

    /// Adds the prior to every score of the documents from now on: a scorer of these pools learns a correction of it.
    ///
    /// # Panics
    /// When the documents do not have its feature.
    pub fn set_prior(&mut self, prior: Option<Prior>) {
        self.prior = prior.map(|prior| prior.of(self.set.features()));
    }

    /// Shares the work on these pools with other processes from now on. All of them must train on them, in the main thread.
    pub fn share(&mut self, team: Team) {
        self.team = team;
    }

    /// Returns the prior of every document, where there is one: `[D]`.
    #[cfg(feature = "trees")]
    pub(super) fn prior(&self) -> Option<&[f32]> {
        self.prior.as_deref()
    }

    /// Adds the prior to `scores` of the rows of `candidates`.
    pub(super) fn add_prior(&self, candidates: Candidates<'_>, scores: &mut [f32]) {
        let Some(prior) = &self.prior else { return };
        let rows = |q: u32| self.set.queries()[q as usize].rows.clone();
        match candidates {
            Candidates::Pools(queries) => {
                let all = queries.iter().flat_map(|&q| rows(q));
                scores.iter_mut().zip(all).for_each(|(score, row)| *score += prior[row]);
            }
            Candidates::Pairs(pairs) => {
                let all = pairs.iter().map(|&(q, candidate)| rows(q).start + candidate as usize);
                scores.iter_mut().zip(all).for_each(|(score, row)| *score += prior[row]);
            }
        }
    }

    /// Returns the documents behind the pools.
    pub fn set(&self) -> &RankingSet {
        &self.set
    }

    /// Gives every query the name that `name` makes of its own.
    pub(super) fn rename_queries(&mut self, name: impl Fn(&str) -> String) {
        self.set.rename_queries(name);
    }
}

impl Pools for FeaturePools {
    fn queries(&self) -> usize {
        self.set.queries().len()
    }

    fn name(&self, query: usize) -> &str {
        &self.set.queries()[query].id
    }

    fn candidates(&self, query: usize) -> usize {
        self.set.queries()[query].rows.len()
    }

    fn positives(&self, query: usize) -> &[u32] {
        &self.positives[query]
    }

    fn grades(&self, query: usize) -> Cow<'_, [i8]> {
        self.set.query_grades(query).into()
    }

    fn unretrieved(&self, query: usize) -> &[i8] {
        self.set.unretrieved(query)
    }

    fn document(&self, query: usize, candidate: usize) -> &str {
        self.set.document(self.set.queries()[query].rows.start + candidate)
    }

    fn team(&self) -> Team {
        self.team
    }
}
