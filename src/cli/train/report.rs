//! The comparison that a training ends with.

use crate::evaluation::table::Cell;
use crate::evaluation::{Measure, Table};
use crate::ranking::{Contender, ControlOutcome, Player, Ranker, State, TrainConfig, Trained};

/// Whether the generator's reward earned its keep against a control.
pub(super) fn verdict(outcome: &ControlOutcome, config: &TrainConfig) -> String {
    let ControlOutcome { control, gain, p_value, failed } = outcome;
    let (reward, measure) = (config.generator.reward, &config.measure);
    if *failed {
        return format!("reward: the game with a {control} reward broke down; see the warning\n");
    }
    let p = if *p_value < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p_value:.3}") };
    let found =
        format!("{gain:+.4} {measure} on the validation data against a {control} reward (Fisher {p})");
    if outcome.is_beaten() {
        format!("reward: {found}: the {reward} reward did better than the control\n")
    } else {
        format!("reward: {found}: the control did as well; the {reward} reward is not shown to help\n")
    }
}

/// Players, their start, baselines and references side by side.
pub(super) fn comparison<M: Ranker>(
    config: &TrainConfig,
    reported: &[Measure],
    trained: &Trained<M>,
    references: &[(String, Vec<f64>)],
) -> Table {
    let mut header = vec!["ranker".to_owned(), "best at".to_owned(), config.measure.clone()];
    header.extend(reported.iter().map(Measure::to_string));
    let mut table = Table::new(header);
    let scores = |values: &[f64]| values.iter().map(|&value| Cell::score(value)).collect::<Vec<_>>();
    for contender in &trained.contenders {
        let mut cells = vec![name(contender, trained), step(contender)];
        cells.extend(scores(&contender.values));
        table.row(cells);
    }
    for (name, values) in references {
        let mut cells = vec![Cell::from(name.as_str()), Cell::from("")];
        cells.extend(scores(values));
        table.row(cells);
    }
    table
}

fn name(contender: &Contender, trained: &Trained<impl Ranker>) -> Cell {
    let Contender { method, player, state, .. } = contender;
    let player = match player {
        Player::Ranker => return Cell::from(method.to_string()),
        Player::G => "generator",
        Player::D => "discriminator",
        Player::Both => "both players",
    };
    let chosen = *state == State::Best && contender.player == trained.model.chosen();
    let state = match state {
        State::Best if chosen => " *".to_owned(),
        State::Best => String::new(),
        State::Start => ", start".to_owned(),
        State::Control(control) => format!(", {control} reward"),
    };
    Cell::from(format!("{method} {player}{state}"))
}

fn step(contender: &Contender) -> Cell {
    Cell::from(match (contender.player, contender.state) {
        (Player::Ranker, _) => format!("epoch {}", contender.step),
        (_, State::Start) => String::new(),
        _ => format!("round {}", contender.step),
    })
}
