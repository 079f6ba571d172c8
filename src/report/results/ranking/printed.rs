//! Comparison of a ranking run as a table and in sentences.

use super::words::p_shown;
use super::{RankingResults, Row};
use crate::evaluation::Table;
use crate::evaluation::table::Cell;
use crate::ranking::PlaceboOutcome;

impl RankingResults {
    /// Returns players, starts, baselines and references side by side; `*` marks the chosen ranker, `(best)` the best that is
    /// kept.
    pub fn table(&self) -> Table {
        let mut table =
            Table::new(["ranker", "best at"].into_iter().chain(self.measures.iter().map(|m| m.as_str())));
        for Row { name, best_at, values, chosen, best } in self.rows() {
            let marks = [if chosen { " *" } else { "" }, if best { " (best)" } else { "" }].concat();
            let scores = values.iter().map(|&value| Cell::score(value));
            table.row([Cell::from(name + &marks), Cell::from(best_at)].into_iter().chain(scores));
        }
        table
    }

    /// Returns the rows for programs: names without marks, and columns for what the marks say.
    pub fn plain_table(&self) -> Table {
        let columns = ["ranker", "best at", "chosen", "best"].into_iter();
        let mut table = Table::new(columns.chain(self.measures.iter().map(|m| m.as_str())));
        let flag = |holds: bool| Cell::from(if holds { "yes" } else { "no" });
        for Row { name, best_at, values, chosen, best } in self.rows() {
            let scores = values.iter().map(|&value| Cell::score(value));
            let about = [Cell::from(name), Cell::from(best_at), flag(chosen), flag(best)];
            table.row(about.into_iter().chain(scores));
        }
        table
    }

    /// Returns a sentence on whether the generator's reward did better than a placebo reward.
    pub fn verdict(&self, outcome: &PlaceboOutcome) -> String {
        let PlaceboOutcome { control, gain, p_value, failed } = outcome;
        let (reward, measure) = (self.reward, &self.measures[0]);
        if *failed {
            return format!("reward: the game with a {control} reward broke down; see the warning");
        }
        let found = format!(
            "{gain:+.4} {measure} on the validation data against a {control} reward (Fisher {})",
            p_shown(*p_value)
        );
        if outcome.is_beaten() {
            format!("reward: {found}: the {reward} reward did better than the placebo")
        } else {
            format!("reward: {found}: the placebo did as well; the {reward} reward is not shown to help")
        }
    }
}
