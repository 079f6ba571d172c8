//! Rows of the comparison as people see them: starts named by their origin, and rows of one network folded into one.

use super::RankingResults;
use super::words::player_name;
use crate::ranking::{ComparisonRow, Method, Origin, Player, Snapshot};

/// Row of the comparison with every name that its network has.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// Name, such as `irgan-pairwise generator, start (= mle)`.
    pub name: String,
    /// Best epoch or round, in words; empty for what has none.
    pub best_at: String,
    /// Values of all measures.
    pub values: &'a [f64],
    /// True for the chosen ranker.
    pub chosen: bool,
    /// True for the best of all rankers that are kept.
    pub best: bool,
}

impl RankingResults {
    /// Returns players, starts, games with placebo rewards, baselines and references, each network once.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let best = self.best();
        let is_best = |name: &str| best.as_ref().is_some_and(|best| best.name == name);
        let mut rows = vec![];
        for contender in self.contenders.iter().filter(|row| !self.is_folded(row)) {
            let chosen = Some(contender) == self.winner();
            let best = self.names_of(contender).iter().any(|name| is_best(name));
            rows.push(Row {
                name: self.folded_name(contender),
                best_at: best_at(contender),
                values: &contender.values,
                chosen,
                best,
            });
        }
        rows.extend(self.references.iter().map(|reference| Row {
            name: reference.name.clone(),
            best_at: String::new(),
            values: &reference.values,
            chosen: false,
            best: is_best(&reference.name),
        }));
        rows
    }

    /// Returns the name of a row, alone.
    pub fn name(&self, row: &ComparisonRow) -> String {
        let ComparisonRow { method, player, state, .. } = row;
        let Some(player) = player_name(*player) else { return method.to_string() };
        match state {
            Snapshot::Best => format!("{method} {player}"),
            Snapshot::Start => format!("{method} {player}, start"),
            Snapshot::Control(control) => format!("{method} {player}, {control} reward"),
        }
    }

    /// Returns the name of a row with those of the rows that are folded into it, and with the origin of a start.
    fn folded_name(&self, row: &ComparisonRow) -> String {
        let others = self.others(row);
        match others.is_empty() {
            true => self.name(row),
            false => format!("{} (= {})", self.name(row), others.join(" = ")),
        }
    }

    /// Returns the short names of all other rows of the same network.
    fn others(&self, row: &ComparisonRow) -> Vec<String> {
        let mut names = vec![];
        let start = match row.state {
            Snapshot::Best if row.step == 0 => self.start(row.player),
            Snapshot::Start => Some(row),
            _ => None,
        };
        let Some(start) = start else { return names };
        if row.state == Snapshot::Best {
            names.push("start".to_owned());
        }
        names.extend(start.origin.map(|origin| match origin {
            Origin::Random => "random weights".to_owned(),
            Origin::Given => "the model that was given".to_owned(),
            Origin::Baseline(method) => method.to_string(),
        }));
        let unmoved = |other: &&ComparisonRow| other.player == row.player && is_unmoved_control(other);
        names.extend(self.contenders.iter().filter(unmoved).filter_map(|other| match other.state {
            Snapshot::Control(control) => Some(format!("{control} reward")),
            _ => None,
        }));
        names
    }

    /// Returns the names of the row and of the baseline that it is folded with.
    fn names_of(&self, row: &ComparisonRow) -> Vec<String> {
        let start = match row.state {
            Snapshot::Start => Some(row),
            Snapshot::Best if row.step == 0 => self.start(row.player),
            _ => None,
        };
        let baseline = start.and_then(baseline_of).map(|method| method.to_string());
        std::iter::once(self.name(row)).chain(baseline).collect()
    }

    /// Returns true for a row that is the network of another row, which stands before it.
    fn is_folded(&self, row: &ComparisonRow) -> bool {
        match (row.player, row.state) {
            (Player::Single, _) => {
                let is = |start: &ComparisonRow| baseline_of(start) == Some(row.method);
                self.contenders.iter().any(|other| other.state == Snapshot::Start && is(other))
            }
            (player, Snapshot::Start) => {
                let kept = |other: &ComparisonRow| other.state == Snapshot::Best && other.step == 0;
                self.contenders.iter().any(|other| other.player == player && kept(other))
            }
            (player, Snapshot::Control(_)) => is_unmoved_control(row) && self.start(player).is_some(),
            _ => false,
        }
    }

    /// Returns the row of a player before its first round.
    fn start(&self, player: Player) -> Option<&ComparisonRow> {
        self.contenders.iter().find(|row| row.player == player && row.state == Snapshot::Start)
    }
}

/// Returns true for a game with a placebo reward in which no round was better than the start.
fn is_unmoved_control(row: &ComparisonRow) -> bool {
    matches!(row.state, Snapshot::Control(_)) && row.step == 0
}

/// Returns the baseline that a start is.
fn baseline_of(start: &ComparisonRow) -> Option<Method> {
    match start.origin? {
        Origin::Baseline(method) => Some(method),
        Origin::Random | Origin::Given => None,
    }
}

/// Returns the epoch or round of a row.
fn best_at(row: &ComparisonRow) -> String {
    let epoch = |method: Method| match method {
        _ if method.is_closed_form() => String::new(),
        _ if method.is_trees() => format!("{} trees", row.step),
        _ => format!("epoch {}", row.step),
    };
    match (row.player, row.state) {
        (Player::Single, _) => epoch(row.method),
        (_, Snapshot::Start) => baseline_of(row).map_or(String::new(), epoch),
        _ => format!("round {}", row.step),
    }
}
