//! Folds of a cross-validation: each trains, chooses and tests on other parts of the data.
//!
//! A task cuts or reads [`Folds`]. A [`Fold`] ranks its test queries by every ranker that it trains; names and grades of the
//! test queries are those of its [`TestQueries`], so that measuring and writing do not depend on the kind of data.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ComparisonRow, Extras, Method, Player, Ranker, ScoredQuery, Snapshot, TrainConfig, Trained};
use crate::error::{Error, Result};
use crate::evaluation::{Judged, Measure, UNJUDGED, rank_order};
use crate::files::json_file;

/// Sources and seeds of a cross-validation.
#[derive(Clone, Debug)]
pub struct FoldPlan {
    /// Folder of the folds, or their number.
    pub folds: PathBuf,
    /// Seeds of the trainings.
    pub seeds: Vec<u64>,
    /// Share of the training positives that stay observed, of feature vectors and texts.
    pub observed: Option<f64>,
}

/// Folds of a cross-validation.
pub struct Folds {
    /// Folds by seed; one list for all seeds when they share their folds.
    pub by_seed: Vec<Vec<Box<dyn Fold>>>,
    /// Judgements of all test queries, as lines of `query 0 document grade`.
    pub judgements: String,
    /// Description of the way the folds were made, a part of `cv.toml`.
    pub settings: String,
}

/// Training, validation and test data of one fold.
pub trait Fold: Send + Sync {
    /// Trains `config.method` and what `extras` adds, and ranks the test queries by every ranker.
    ///
    /// # Errors
    /// When the data do not fit the settings, a number stops being finite, or the training is interrupted.
    fn test(&self, config: &TrainConfig, extras: &Extras) -> Result<Vec<Tested>>;

    /// Returns the test queries.
    fn queries(&self) -> &dyn TestQueries;
}

/// Test queries of a fold with their documents and judgements.
pub trait TestQueries: Sync {
    /// Returns the name of a query, as runs and judgements spell it.
    fn name(&self, query: usize) -> &str;

    /// Returns the id of a candidate.
    fn document(&self, query: usize, candidate: usize) -> &str;

    /// Returns the grade of every candidate, negative where there is none: `[D_q]`.
    fn grades(&self, query: usize) -> Cow<'_, [i8]>;

    /// Returns the grades of judged documents that are no candidates.
    fn unretrieved(&self, _query: usize) -> &[i8] {
        &[]
    }
}

/// Candidates of a query that are ranked, each with its score, in any order.
pub type ScoredCandidates = Vec<(u32, f32)>;

/// Test queries of a fold as one ranker ranks them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tested {
    /// Name of the ranker, in tables and as the name of its runs.
    pub name: String,
    /// Choosing measure on the validation data.
    #[serde(deserialize_with = "json_file::number")]
    pub validated: f64,
    /// Scores of the candidates of every test query: `[Q]`.
    pub scores: Vec<ScoredCandidates>,
}

impl Tested {
    /// Returns the value of `measure` over the test `queries`.
    pub fn measure(&self, measure: &Measure, queries: &dyn TestQueries) -> f64 {
        measure.aggregate(self.scores.iter().enumerate().map(|(query, scored)| {
            let scores: Vec<f32> = scored.iter().map(|&(_, score)| score).collect();
            let order = rank_order(&scores, |place| queries.document(query, scored[place].0 as usize));
            let grades = queries.grades(query);
            let grade = |place: usize| Some(i32::from(grades[place])).filter(|&grade| grade >= 0);
            let ranked: Vec<i32> =
                order.into_iter().map(|place| grade(scored[place].0 as usize).unwrap_or(UNJUDGED)).collect();
            let missing = queries.unretrieved(query).iter().map(|&grade| i32::from(grade));
            measure.value(&ranked, &Judged::new((0..grades.len()).filter_map(grade).chain(missing)))
        }))
    }

    /// Returns the test `queries` with the scores of their documents.
    pub fn named(&self, queries: &dyn TestQueries) -> Vec<ScoredQuery> {
        let of_query = |(query, scored): (usize, &ScoredCandidates)| ScoredQuery {
            id: queries.name(query).to_owned(),
            candidates: scored
                .iter()
                .map(|&(candidate, score)| (queries.document(query, candidate as usize).to_owned(), score))
                .collect(),
        };
        self.scores.iter().enumerate().map(of_query).collect()
    }
}

/// Ranks test queries by all rankers of `trained`: the chosen player of its model, every player, and the baselines;
/// `rank` gives the scores of one of them.
pub(super) fn tested<M: Ranker>(
    trained: &Trained<M>,
    rank: impl Fn(&M, Player) -> Result<Vec<ScoredCandidates>>,
) -> Result<Vec<Tested>> {
    if let Some(message) = &trained.failure {
        return Err(Error::NonFinite(message.clone()));
    }
    let model = &trained.model;
    let method = model.method();
    let mut rankers = vec![(method.to_string(), model, model.chosen())];
    if method.mode().is_some() {
        let compared = |player: &Player| {
            trained
                .contenders
                .iter()
                .any(|row| (row.method, row.player, row.state) == (method, *player, Snapshot::Best))
        };
        let players = [Player::G, Player::D, Player::Both].into_iter().filter(compared);
        rankers.extend(players.map(|player| (format!("{method}-{player}"), model, player)));
    }
    let baselines = trained.baselines.iter();
    rankers.extend(baselines.map(|baseline| (baseline.method().to_string(), baseline, Player::Single)));
    let test = |(name, ranker, player): (String, &M, Player)| {
        let validated = validated(trained, ranker.method(), player);
        Ok(Tested { name, validated, scores: rank(ranker, player)? })
    };
    rankers.into_iter().map(test).collect()
}

/// Returns the choosing measure of a player on the validation data.
fn validated<M>(trained: &Trained<M>, method: Method, player: Player) -> f64 {
    let same =
        |row: &&ComparisonRow| row.state == Snapshot::Best && row.method == method && row.player == player;
    trained.contenders.iter().find(same).map_or(f64::NAN, |row| row.values[0])
}
