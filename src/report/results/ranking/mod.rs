//! `results.json` of a ranking run: every player and baseline on the validation data, with significance.

mod printed;
mod significance;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub(in crate::report) use printed::{p_shown, player_name};
pub use significance::AgainstBaseline;
pub(in crate::report) use significance::differences;

use super::{DataSummary, expect_count};
use crate::error::Result;
use crate::evaluation::Measure;
use crate::files::json_file;
use crate::game::RewardSource;
use crate::ranking::{ComparisonRow, Method, PlaceboOutcome, Player, Ranker, Snapshot, TrainConfig, Trained};

/// Outcome of a training on rankings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RankingResults {
    /// `irgan`.
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// Data that were trained and validated on.
    pub data: DataSummary,
    /// Seed of every random stream.
    pub seed: u64,
    /// Reward of the generator.
    pub reward: RewardSource,
    /// Choosing measure, then the others.
    pub measures: Vec<String>,
    /// Ranker with the best validation value.
    pub chosen: Chosen,
    /// Games with placebo rewards against the real one.
    pub controls: Vec<PlaceboOutcome>,
    /// Chosen ranker against every baseline, by the choosing measure.
    pub against_baselines: Vec<AgainstBaseline>,
    /// Rows that were not trained.
    pub references: Vec<Reference>,
    /// Reason why training ended early; `None` when it did not.
    pub failure: Option<String>,
    /// Other problems of this training and of those it needed.
    pub warnings: Vec<String>,
    /// Names of the validation queries.
    pub queries: Vec<String>,
    /// Players, their starts, placebo games and baselines.
    pub contenders: Vec<ComparisonRow>,
}

/// Ranker that did best on the validation data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Chosen {
    /// Training method.
    pub method: Method,
    /// Player of the game, or the single network of a baseline.
    pub player: Player,
}

/// Row that was not trained: BM25, a planted optimum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reference {
    /// Name of the row.
    pub name: String,
    /// Values of all measures.
    #[serde(deserialize_with = "json_file::numbers")]
    pub values: Vec<f64>,
}

impl RankingResults {
    /// Results of a finished training; `measures` are those reported beside the choosing one.
    pub fn new<M: Ranker>(
        config: &TrainConfig,
        measures: &[Measure],
        trained: &Trained<M>,
        references: &[(String, Vec<f64>)],
        data: DataSummary,
    ) -> Self {
        let (method, player) = (trained.model.method(), trained.model.chosen());
        let named =
            |(name, values): &(String, Vec<f64>)| Reference { name: name.clone(), values: values.clone() };
        let mut results = Self {
            program: "irgan".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            data,
            seed: config.seed,
            reward: config.generator.reward,
            measures: std::iter::once(config.measure.clone())
                .chain(measures.iter().map(Measure::to_string))
                .collect(),
            chosen: Chosen { method, player },
            controls: trained.controls.clone(),
            against_baselines: vec![],
            references: references.iter().map(named).collect(),
            failure: trained.failure.clone(),
            warnings: trained.warnings.clone(),
            queries: trained.queries.clone(),
            contenders: trained.contenders.clone(),
        };
        if let Some(winner) = results.winner() {
            results.against_baselines = significance::against_every(winner, results.baselines(), config.seed);
        }
        results
    }

    /// Returns the row of the chosen ranker.
    pub fn winner(&self) -> Option<&ComparisonRow> {
        let Chosen { method, player } = self.chosen;
        let is = |c: &&ComparisonRow| c.state == Snapshot::Best && (c.method, c.player) == (method, player);
        self.contenders.iter().find(is)
    }

    /// Returns the baselines other than the chosen ranker.
    pub fn baselines(&self) -> impl Iterator<Item = &ComparisonRow> {
        self.contenders.iter().filter(|c| c.player == Player::Single && c.method != self.chosen.method)
    }

    /// Returns the baseline with the best value of the choosing measure.
    pub fn best_baseline(&self) -> Option<&ComparisonRow> {
        self.baselines().max_by(|a, b| a.values[0].total_cmp(&b.values[0]))
    }

    /// Reads `results.json`.
    ///
    /// ```
    /// use irgan::report::results::RankingResults;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("results.json");
    /// std::fs::write(&path, "{}")?;
    /// let error = RankingResults::read(&path).expect_err("nothing is in it");
    /// assert!(error.to_string().contains("results.json: missing field"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A file that cannot be read, is not of this form, or whose rows have not one value for each measure and query.
    pub fn read(path: &Path) -> Result<Self> {
        let results: Self = json_file::read(path)?;
        results.validate(path)?;
        Ok(results)
    }

    fn validate(&self, path: &Path) -> Result<()> {
        let (measures, queries) = (self.measures.len(), self.queries.len());
        expect_count(path, "measures", "at least 1", measures, measures > 0)?;
        for (index, row) in self.contenders.iter().enumerate() {
            let (values, by_query) = (row.values.len(), row.by_query.len());
            let place = |field: &str| format!("contenders[{index}].{field}");
            expect_count(path, &place("values"), &measures.to_string(), values, values == measures)?;
            expect_count(path, &place("by-query"), &queries.to_string(), by_query, by_query == queries)?;
        }
        for (index, row) in self.references.iter().enumerate() {
            let (values, place) = (row.values.len(), format!("references[{index}].values"));
            expect_count(path, &place, &measures.to_string(), values, values == measures)?;
        }
        Ok(())
    }
}
