//! Comparison of a ranking run as a table and in sentences.

use super::{RankingResults, Reference};
use crate::evaluation::Table;
use crate::evaluation::table::Cell;
use crate::ranking::{ComparisonRow, PlaceboOutcome, Player, Snapshot};

impl RankingResults {
    /// Returns players, starts, baselines and references side by side.
    pub fn table(&self) -> Table {
        let mut header = vec!["ranker".to_owned(), "best at".to_owned()];
        header.extend(self.measures.iter().cloned());
        let mut table = Table::new(header);
        let scores = |values: &[f64]| values.iter().map(|&value| Cell::score(value)).collect::<Vec<_>>();
        for contender in &self.contenders {
            let mut cells = vec![Cell::from(self.name(contender)), Cell::from(step(contender))];
            cells.extend(scores(&contender.values));
            table.row(cells);
        }
        for Reference { name, values } in &self.references {
            let mut cells = vec![Cell::from(name.as_str()), Cell::from("")];
            cells.extend(scores(values));
            table.row(cells);
        }
        table
    }

    /// Returns the name of a row of the table; the chosen player carries a `*`.
    pub fn name(&self, contender: &ComparisonRow) -> String {
        let ComparisonRow { method, player, state, .. } = contender;
        let Some(player) = player_name(*player) else { return method.to_string() };
        let chosen = *state == Snapshot::Best && contender.player == self.chosen.player;
        let state = match state {
            Snapshot::Best if chosen => " *".to_owned(),
            Snapshot::Best => String::new(),
            Snapshot::Start => ", start".to_owned(),
            Snapshot::Control(control) => format!(", {control} reward"),
        };
        format!("{method} {player}{state}")
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

/// Returns `p = 0.012`, or `p < 0.001`.
pub(in crate::report) fn p_shown(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}

/// Returns the name of a player of the game; none for the single network of a baseline.
pub(in crate::report) fn player_name(player: Player) -> Option<&'static str> {
    match player {
        Player::Single => None,
        Player::G => Some("generator"),
        Player::D => Some("discriminator"),
        Player::Both => Some("both players"),
    }
}

/// Returns the epoch or round of a row.
fn step(contender: &ComparisonRow) -> String {
    match (contender.player, contender.state) {
        (Player::Single, _) => format!("epoch {}", contender.step),
        (_, Snapshot::Start) => String::new(),
        _ => format!("round {}", contender.step),
    }
}
