//! `results.json` of a ranking run: who did how well on the validation data, and by more than chance?

use serde::{Deserialize, Serialize};

use super::DataSummary;
use crate::evaluation::significance::{
    Correction, adjust, detectable_difference, effect, fisher_randomisation,
};
use crate::evaluation::table::Cell;
use crate::evaluation::{Measure, Table};
use crate::files::json_file;
use crate::game::RewardControl;
use crate::ranking::{Contender, ControlOutcome, Method, Player, Ranker, State, TrainConfig, Trained};

/// The outcome of a training on rankings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RankingResults {
    /// `irgan`.
    pub program: String,
    /// The program's version.
    pub version: String,
    /// What was trained on.
    pub data: DataSummary,
    /// The seed of every random stream.
    pub seed: u64,
    /// What the generator was paid.
    pub reward: RewardControl,
    /// The choosing measure, then the others.
    pub measures: Vec<String>,
    /// Who did best.
    pub chosen: Chosen,
    /// Whether the reward beat its controls.
    pub controls: Vec<ControlOutcome>,
    /// The chosen ranker against every baseline, by the choosing measure.
    pub against_baselines: Vec<AgainstBaseline>,
    /// Values that are known without training.
    pub references: Vec<Reference>,
    /// Why training ended early, when it did.
    pub failure: Option<String>,
    /// What else went wrong beside it.
    pub warnings: Vec<String>,
    /// Names of the validation queries.
    pub queries: Vec<String>,
    /// Players, their start, controls and baselines.
    pub contenders: Vec<Contender>,
}

/// The ranker that did best on the validation data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Chosen {
    /// What it was trained by.
    pub method: Method,
    /// The player.
    pub player: Player,
}

/// A row that was not trained: BM25, a planted optimum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reference {
    /// What it is.
    pub name: String,
    /// Its values of all measures.
    #[serde(deserialize_with = "json_file::numbers")]
    pub values: Vec<f64>,
}

/// The chosen ranker against a baseline over the validation queries, by the choosing measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgainstBaseline {
    /// The baseline.
    pub baseline: Method,
    /// Mean of the chosen ranker minus that of the baseline.
    #[serde(deserialize_with = "json_file::number")]
    pub gain: f64,
    /// The lower end of its 95 % confidence interval (Student's t).
    #[serde(deserialize_with = "json_file::number")]
    pub low: f64,
    /// The upper end.
    #[serde(deserialize_with = "json_file::number")]
    pub high: f64,
    /// Two-sided Fisher randomisation test.
    #[serde(deserialize_with = "json_file::number")]
    pub p_value: f64,
    /// The same after Holm's correction for the number of baselines.
    #[serde(deserialize_with = "json_file::number")]
    pub p_holm: f64,
    /// Queries where the chosen ranker is better, equal and worse.
    pub wins_ties_losses: [usize; 3],
    /// The smallest true difference that these queries would show with probability 0.8.
    #[serde(deserialize_with = "json_file::number")]
    pub resolvable: f64,
}

impl RankingResults {
    /// Of a finished training; `measures` are those reported beside the choosing one.
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
        results.against_baselines = results.compared(config.seed);
        results
    }

    /// The row of the chosen ranker.
    pub fn winner(&self) -> Option<&Contender> {
        let Chosen { method, player } = self.chosen;
        let is = |c: &&Contender| c.state == State::Best && (c.method, c.player) == (method, player);
        self.contenders.iter().find(is)
    }

    /// The baselines beside the chosen ranker.
    pub fn baselines(&self) -> impl Iterator<Item = &Contender> {
        self.contenders.iter().filter(|c| c.player == Player::Ranker && c.method != self.chosen.method)
    }

    /// The baseline with the best value of the choosing measure.
    pub fn best_baseline(&self) -> Option<&Contender> {
        self.baselines().max_by(|a, b| a.values[0].total_cmp(&b.values[0]))
    }

    fn compared(&self, seed: u64) -> Vec<AgainstBaseline> {
        let Some(winner) = self.winner() else { return vec![] };
        let mut rows: Vec<_> = self.baselines().map(|baseline| against(winner, baseline, seed)).collect();
        let p_values: Vec<f64> = rows.iter().map(|row| row.p_value).collect();
        for (row, p) in rows.iter_mut().zip(adjust(&p_values, Correction::Holm)) {
            row.p_holm = p;
        }
        rows
    }

    /// Players, their start, baselines and references side by side.
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

    /// What a row of the table is called; the chosen player carries a `*`.
    pub fn name(&self, contender: &Contender) -> String {
        let Contender { method, player, state, .. } = contender;
        let Some(player) = player_name(*player) else { return method.to_string() };
        let chosen = *state == State::Best && contender.player == self.chosen.player;
        let state = match state {
            State::Best if chosen => " *".to_owned(),
            State::Best => String::new(),
            State::Start => ", start".to_owned(),
            State::Control(control) => format!(", {control} reward"),
        };
        format!("{method} {player}{state}")
    }

    /// Whether the generator's reward earned its keep against a control, in a sentence.
    pub fn verdict(&self, outcome: &ControlOutcome) -> String {
        let ControlOutcome { control, gain, p_value, failed } = outcome;
        let (reward, measure) = (self.reward, &self.measures[0]);
        if *failed {
            return format!("reward: the game with a {control} reward broke down; see the warning");
        }
        let found = format!(
            "{gain:+.4} {measure} on the validation data against a {control} reward (Fisher {})",
            p_shown(*p_value)
        );
        if outcome.is_beaten() {
            format!("reward: {found}: the {reward} reward did better than the control")
        } else {
            format!("reward: {found}: the control did as well; the {reward} reward is not shown to help")
        }
    }
}

/// `p = 0.012`, or `p < 0.001`.
pub(in crate::report) fn p_shown(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}

/// A player of the game in words; none for the one network of a baseline.
pub(in crate::report) fn player_name(player: Player) -> Option<&'static str> {
    match player {
        Player::Ranker => None,
        Player::G => Some("generator"),
        Player::D => Some("discriminator"),
        Player::Both => Some("both players"),
    }
}

/// Per-query differences, other − base, of the queries that both have a value of.
pub(in crate::report) fn differences(base: &Contender, other: &Contender) -> Vec<(usize, f64)> {
    let pairs = base.by_query.iter().zip(&other.by_query).enumerate();
    pairs.filter_map(|(query, (base, other))| Some((query, (*other)? - (*base)?))).collect()
}

fn against(winner: &Contender, baseline: &Contender, seed: u64) -> AgainstBaseline {
    let differences: Vec<f64> = differences(baseline, winner).into_iter().map(|(_, d)| d).collect();
    let count = |holds: fn(f64) -> bool| differences.iter().filter(|&&d| holds(d)).count();
    let found = effect(&differences, 0.95);
    let p_value = fisher_randomisation(&differences, seed);
    AgainstBaseline {
        baseline: baseline.method,
        gain: found.mean,
        low: found.low,
        high: found.high,
        p_value,
        p_holm: p_value,
        wins_ties_losses: [count(|d| d > 0.0), count(|d| d == 0.0), count(|d| d < 0.0)],
        resolvable: detectable_difference(&differences, 0.05, 0.8),
    }
}

fn step(contender: &Contender) -> String {
    match (contender.player, contender.state) {
        (Player::Ranker, _) => format!("epoch {}", contender.step),
        (_, State::Start) => String::new(),
        _ => format!("round {}", contender.step),
    }
}
