//! Standing of the chosen ranker among all rows: the best of them, and its differences from the best baseline and from BM25.

use super::competitor::Competitor;
use super::words::{p_shown, player_name};
use super::{AgainstBaseline, RankingResults};
use crate::ranking::Method;

/// Best ranker of a comparison, and how to rank with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Best<'a> {
    /// Name of its row.
    pub name: String,
    /// Value of the choosing measure.
    pub value: f64,
    /// Source of its rankings.
    pub source: BestSource<'a>,
}

/// Source of the rankings of the best ranker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BestSource<'a> {
    /// Model of the run, with its chosen player.
    Chosen,
    /// Model of a baseline, in a folder of the run's `baselines`.
    Baseline(Method),
    /// Retrieval with these settings.
    Retrieval(&'a [(String, String)]),
}

impl RankingResults {
    /// Returns what the chosen ranker is compared with: baselines of other methods, and references with a value of every
    /// query.
    pub fn competitors(&self) -> impl Iterator<Item = Competitor<'_>> {
        let references = self.references.iter().filter(|row| !row.by_query.is_empty());
        self.baselines().map(Competitor::Trained).chain(references.map(Competitor::Untrained))
    }

    /// Returns the competitor with the best value of the choosing measure; the first of equal ones.
    pub fn best_baseline(&self) -> Option<Competitor<'_>> {
        self.competitors().reduce(|best, competitor| match competitor.values()[0] > best.values()[0] {
            true => competitor,
            false => best,
        })
    }

    /// Returns the best of all rankers that are kept; the chosen one where none is better.
    pub fn best(&self) -> Option<Best<'_>> {
        let winner = self.winner()?;
        let better = self.best_baseline().filter(|competitor| competitor.values()[0] > winner.values[0]);
        Some(match better {
            None => Best { name: self.name(winner), value: winner.values[0], source: BestSource::Chosen },
            Some(competitor) => Best {
                name: competitor.name(),
                value: competitor.values()[0],
                source: match competitor {
                    Competitor::Trained(row) => BestSource::Baseline(row.method),
                    Competitor::Untrained(reference) => BestSource::Retrieval(&reference.settings),
                },
            },
        })
    }

    /// Returns two lines: the best of all rankers, and the chosen one with its differences from the best baseline and from
    /// BM25.
    pub fn standing(&self) -> String {
        let (Some(best), Some(winner)) = (self.best(), self.winner()) else { return String::new() };
        let (measure, chosen) = (&self.measures[0], self.chosen);
        let player = match player_name(chosen.player) {
            Some(player) => format!("{player} of {}", chosen.method),
            None => chosen.method.to_string(),
        };
        let same = if best.source == BestSource::Chosen { ", the chosen ranker" } else { "" };
        let first = format!("best on the validation data: {}{same}, {:.4} {measure}", best.name, best.value);
        let second = format!("chosen on the validation data: {player}, {:.4} {measure}", winner.values[0]);
        let against: Vec<String> = self.shown_competitors().into_iter().map(against_shown).collect();
        match against.is_empty() {
            true => format!("{first}\n{second}; no baseline stands beside it\n"),
            false => format!("{first}\n{second}: {}\n", against.join("; ")),
        }
    }

    /// Returns the significance against the best baseline and against BM25.
    pub(in crate::report) fn shown_competitors(&self) -> Vec<(String, &AgainstBaseline)> {
        let Some(best) = self.best_baseline().map(Competitor::name) else { return vec![] };
        let row = |name: &str| self.against_baselines.iter().find(|row| row.baseline == name);
        let mut shown = vec![];
        shown.extend(row(&best).map(|row| (format!("{best}, the best baseline"), row)));
        if best != BM25 {
            shown.extend(row(BM25).map(|row| (BM25.to_owned(), row)));
        }
        shown
    }
}

/// Name of the row of plain retrieval.
const BM25: &str = "bm25";

/// Returns a difference from a ranker in words.
pub(in crate::report) fn against_shown((name, row): (String, &AgainstBaseline)) -> String {
    let found = row.finding();
    format!(
        "{:+.4} against {name} ({found}, Fisher with Holm's correction {})",
        row.gain,
        p_shown(row.p_holm)
    )
}

impl AgainstBaseline {
    /// Returns what the difference shows, in words.
    pub fn finding(&self) -> &'static str {
        match (self.p_holm < 0.05, self.gain > 0.0) {
            (true, true) => "better by more than chance",
            (true, false) => "worse by more than chance",
            _ => "no difference is shown",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Row of the game or of a baseline with one value for each of eight queries.
    fn row(method: &str, player: &str, state: Value, step: usize, value: f64) -> Value {
        json!({ "method": method, "player": player, "state": state, "step": step, "values": [value], "by-query": vec![value; 8] })
    }

    /// Comparison whose generator won at round 3; its start is mle, and that of the discriminator, which did not move, rns.
    fn results(references: Value) -> RankingResults {
        let game = |player, state, step, value| row("irgan-pairwise", player, state, step, value);
        let mut contenders = vec![
            game("g", json!("best"), 3, 0.5),
            game("d", json!("best"), 0, 0.4),
            game("g", json!("start"), 7, 0.3),
            game("d", json!("start"), 9, 0.4),
            game("g", json!({ "control": "constant" }), 0, 0.3),
            row("mle", "ranker", json!("best"), 7, 0.3),
            row("ease", "ranker", json!("best"), 0, 0.2),
            row("dns", "ranker", json!("best"), 5, 0.45),
        ];
        contenders[2]["origin"] = json!({ "baseline": "mle" });
        contenders[3]["origin"] = json!({ "baseline": "rns" });
        let whole = json!({
            "program": "irgan", "version": "0", "seed": 1, "reward": "discriminator",
            "data": { "task": "", "training": "", "validation": "" },
            "measures": ["AP"], "chosen": { "method": "irgan-pairwise", "player": "g" },
            "controls": [], "against-baselines": [], "references": references, "failure": null, "warnings": [],
            "queries": ["a", "b", "c", "d", "e", "f", "g", "h"], "contenders": contenders,
        });
        let mut results: RankingResults = serde_json::from_value(whole).expect("of this form");
        results.compare();
        results
    }

    fn reference(name: &str, value: f64) -> Value {
        json!({ "name": name, "values": [value], "by-query": vec![value; 8], "settings": [["bm25.k1", "0.9"]] })
    }

    #[test]
    fn rows_of_one_network_are_one_and_starts_are_named() {
        let results = results(json!([{ "name": "planted optimum", "values": [0.9] }]));
        let rows: Vec<_> = results.rows().into_iter().map(|row| (row.name, row.best_at)).collect();
        let expected = [
            ("irgan-pairwise generator", "round 3"),
            ("irgan-pairwise discriminator (= start = rns)", "round 0"),
            ("irgan-pairwise generator, start (= mle = constant reward)", "epoch 7"),
            ("ease", ""), // a closed form has no epochs
            ("dns", "epoch 5"),
            ("planted optimum", ""),
        ];
        assert_eq!(rows, expected.map(|(name, at)| (name.to_owned(), at.to_owned())));
        let marked = |row: &super::super::Row| row.chosen || row.best;
        let marked: Vec<_> =
            results.rows().iter().filter(|row| marked(row)).map(|row| row.name.clone()).collect();
        assert_eq!(marked, ["irgan-pairwise generator"]); // an optimum cannot rank
        assert_eq!(results.best().expect("a winner").source, BestSource::Chosen);
    }

    #[test]
    fn bm25_counts_among_the_baselines_query_by_query() {
        let results = results(json!([reference("bm25", 0.35), reference("bm25 with feedback", 0.6)]));
        assert_eq!(results.best_baseline().expect("one").name(), "bm25 with feedback");
        let best = results.best().expect("a winner");
        assert!(
            matches!(best.source, BestSource::Retrieval([(name, value)]) if name == "bm25.k1" && value == "0.9")
        );
        // Eight equal differences: 2 of 2^8 sign patterns reach them, times the 5 comparisons by Holm.
        assert_eq!(
            results.standing(),
            "best on the validation data: bm25 with feedback, 0.6000 AP\n\
             chosen on the validation data: generator of irgan-pairwise, 0.5000 AP: -0.1000 against bm25 with feedback, the best \
             baseline (worse by more than chance, Fisher with Holm's correction p = 0.039); +0.1500 against bm25 (better by more \
             than chance, Fisher with Holm's correction p = 0.039)\n"
        );
    }

    #[test]
    fn results_of_older_versions_compare_trained_baselines() {
        let results = results(json!([{ "name": "bm25", "values": [0.6] }]));
        assert_eq!(results.best_baseline().expect("one").name(), "dns");
        assert_eq!(results.best().expect("a winner").source, BestSource::Chosen);
    }
}
