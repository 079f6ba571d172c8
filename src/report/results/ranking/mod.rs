//! `results.json` of a ranking run: every player and baseline on the validation data, with significance.

mod competitor;
mod printed;
mod rows;
mod significance;
mod standing;
mod words;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use competitor::Competitor;
pub use rows::Row;
pub use significance::AgainstBaseline;
pub(in crate::report) use significance::differences;
pub(in crate::report) use standing::against_shown;
pub use standing::{Best, BestSource};
pub(in crate::report) use words::player_name;

use super::{DataSummary, expect_count};
use crate::error::Result;
use crate::evaluation::Measure;
use crate::files::json_file;
use crate::ranking::{
    ComparisonRow, GeneratorReward, Method, PlaceboOutcome, Player, Ranker, Reference, Snapshot, TrainConfig,
    Trained,
};

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
    pub reward: GeneratorReward,
    /// Choosing measure, then the others.
    pub measures: Vec<String>,
    /// Ranker with the best validation value.
    pub chosen: Chosen,
    /// Games with placebo rewards against the real one.
    pub controls: Vec<PlaceboOutcome>,
    /// Chosen ranker against every baseline and reference, by the choosing measure.
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

impl RankingResults {
    /// Results of a finished training; `measures` are those reported beside the choosing one.
    pub fn new<M: Ranker>(
        config: &TrainConfig,
        measures: &[Measure],
        trained: &Trained<M>,
        references: Vec<Reference>,
        data: DataSummary,
    ) -> Self {
        let (method, player) = (trained.model.method(), trained.model.chosen());
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
            references,
            failure: trained.failure.clone(),
            warnings: trained.warnings.clone(),
            queries: trained.queries.clone(),
            contenders: trained.contenders.clone(),
        };
        results.compare();
        results
    }

    /// Compares the chosen ranker with all others.
    fn compare(&mut self) {
        if let Some(winner) = self.winner() {
            self.against_baselines = significance::against_every(winner, self.competitors(), self.seed);
        }
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
            let (by_query, place) = (row.by_query.len(), format!("references[{index}].by-query"));
            let holds = by_query == 0 || by_query == queries;
            expect_count(path, &place, &queries.to_string(), by_query, holds)?;
        }
        Ok(())
    }
}
