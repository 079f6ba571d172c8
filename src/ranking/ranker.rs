//! Trained rankers of any kind of data, and what they rank.

use std::path::Path;

use super::{Method, Player};
use crate::error::Result;
use crate::evaluation::{rank_order_to, write_run};
use crate::files::count::counted;
use crate::files::no_follow::replace_atomically;
use crate::files::output::write_output;

/// Trained ranker: the networks of one method, of which validation data chose a player.
pub trait Ranker {
    /// Returns the method that trained it.
    fn method(&self) -> Method;

    /// Returns the player that did best on the validation data.
    fn chosen(&self) -> Player;

    /// Writes it into `folder`, which is made when missing.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn save(&self, folder: &Path) -> Result<()>;
}

impl<R: Ranker + ?Sized> Ranker for Box<R> {
    fn method(&self) -> Method {
        (**self).method()
    }

    fn chosen(&self) -> Player {
        (**self).chosen()
    }

    fn save(&self, folder: &Path) -> Result<()> {
        (**self).save(folder)
    }
}

/// Ranker of the queries of one kind of data.
pub trait Rank: Ranker {
    /// Queries with their candidates.
    type Queries: ?Sized;

    /// Scores the candidates of every query by `player`.
    ///
    /// # Errors
    /// When the model has no such player, or the queries do not fit it.
    fn scored(&self, queries: &Self::Queries, player: Player) -> Result<Vec<ScoredQuery>>;

    /// Ranks `queries` by `player`, or by the chosen one.
    ///
    /// # Errors
    /// When the model has no such player, or the queries do not fit it.
    fn rank(&self, queries: &Self::Queries, player: Option<Player>) -> Result<Ranking> {
        let player = player.unwrap_or(self.chosen());
        let queries = self.scored(queries, player)?;
        let candidates: usize = queries.iter().map(|query| query.candidates.len()).sum();
        let summary = format!("{}, {}", counted(queries.len(), "query"), counted(candidates, "document"));
        Ok(Ranking { method: self.method(), player, queries, summary })
    }
}

/// Query whose candidates have scores.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredQuery {
    /// Id of the query.
    pub id: String,
    /// Ids and scores of its candidates, in no particular order.
    pub candidates: Vec<(String, f32)>,
}

/// Queries that were scored by a player of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Method of the model.
    pub method: Method,
    /// Player that scored.
    pub player: Player,
    /// Queries with the scores of their candidates.
    pub queries: Vec<ScoredQuery>,
    /// Counts of what was ranked, in words.
    pub summary: String,
}

impl Ranking {
    /// Writes a TREC run whose last column is `tag`, or the names of method and player.
    ///
    /// # Errors
    /// When an id cannot stand in a run, or the file cannot be written.
    pub fn write(&self, path: &Path, tag: Option<&str>) -> Result<()> {
        let usual = self.name();
        let run = run_lines(&self.queries, tag.unwrap_or(&usual))?;
        write_output(path, |writer| writer.write_all(&run))
    }

    /// Keeps the best `k` candidates of every query; of equal scores, that of the later id is better, as in trec_eval.
    pub fn truncate(&mut self, k: usize) {
        if self.queries.iter().any(|query| query.candidates.len() > k) {
            self.summary += &format!("; the best {k} of each are kept");
        }
        for query in &mut self.queries {
            let candidates = &query.candidates;
            let scores: Vec<f32> = candidates.iter().map(|candidate| candidate.1).collect();
            let best = rank_order_to(k, &scores, |place| candidates[place].0.as_str());
            query.candidates = best.into_iter().map(|place| candidates[place].clone()).collect();
        }
    }

    /// Returns the names of method and player.
    pub fn name(&self) -> String {
        format!("{}-{}", self.method, self.player)
    }
}

/// Writes `queries` as one TREC run whose last column is `tag`, in the place of a file or link of this name.
///
/// # Errors
/// When an id cannot stand in a run, or the file cannot be written.
pub fn write_queries<'a>(
    path: &Path,
    queries: impl IntoIterator<Item = &'a ScoredQuery>,
    tag: &str,
) -> Result<()> {
    let run = run_lines(queries, tag)?;
    replace_atomically(path, |writer| writer.write_all(&run))
}

/// Returns the lines of a TREC run.
fn run_lines<'a>(queries: impl IntoIterator<Item = &'a ScoredQuery>, tag: &str) -> Result<Vec<u8>> {
    let mut run = Vec::new();
    for query in queries {
        let candidates: Vec<_> = query.candidates.iter().map(|(id, score)| (id.as_str(), *score)).collect();
        write_run(&mut run, &query.id, &candidates, tag)?;
    }
    Ok(run)
}
