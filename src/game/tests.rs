//! Tests of the driver, played by a toy pair.

use std::time::Duration;

use ndarray::array;
use rand::Rng as _;

use super::{
    BestRound, Checkpoints, Examination, GameResult, Interrupt, JudgeStatistics, LogLength, MOST_ROLLBACKS,
    OnCollapse, Players, Position, Replay, Round, Rules, Schedule, play,
};
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::nn::{Learner, Linear, OptimizerConfig, Parameters as _, Rule, impl_parameters};
use crate::policy_gradient::Diagnostics;
use crate::seed::Stream;

/// One weight for each player, and what was drawn in earlier rounds.
#[derive(Clone, Debug, PartialEq)]
struct Pair {
    generator: Learner<Linear>,
    discriminator: Learner<Linear>,
    replay: Replay,
}

impl_parameters!(Pair { "generator": generator, "discriminator": discriminator, "replay": replay });

fn scalar(weight: f32) -> Linear {
    Linear::from_parts(array![[weight]], array![0.0])
}

fn weight(model: &Linear) -> f32 {
    model.tensors()[0].values[[0, 0]]
}

impl Pair {
    fn new() -> Self {
        let config = OptimizerConfig { rule: Rule::Sgd, learning_rate: 1.0, ..Default::default() };
        Self {
            generator: Learner::new(scalar(0.0), config),
            discriminator: Learner::new(scalar(0.0), config),
            replay: Replay::new(1, 1),
        }
    }
}

/// Generator that climbs by its learning rate every epoch; its value is best at a weight of `summit`.
struct Toy {
    summit: f64,
    noise: f32,           // spread of the random part of every step
    collapses_above: f32, // weight of the generator
    breaks_in: usize,     // round in which the generator's numbers stop being finite
    stops_after: usize,   // moves until the process is asked to stop
    interrupt: Interrupt,
    moves: usize,
    accuracy: f64, // of the discriminator, less a tenth of the generator's weight
    drawn: f32,
    shown: f32,   // the draw, or an earlier one
    replays: f32, // share of earlier draws
    next_replay: Option<Replay>,
    reward: f32,
}

impl Default for Toy {
    fn default() -> Self {
        Self {
            summit: 3.0,
            noise: 0.0,
            collapses_above: f32::INFINITY,
            breaks_in: usize::MAX,
            stops_after: usize::MAX,
            interrupt: Interrupt::default(),
            moves: 0,
            accuracy: 0.0,
            drawn: f32::NAN,
            shown: f32::NAN,
            replays: 0.0,
            next_replay: None,
            reward: f32::NAN,
        }
    }
}

impl Toy {
    fn noise(&self, purpose: &str, at: Position) -> f32 {
        self.noise * at.stream(Stream::new(1).named(purpose)).rng().random::<f32>()
    }

    fn count_move(&mut self) {
        self.moves += 1;
        if self.moves == self.stops_after {
            self.interrupt.request();
        }
    }
}

impl Players for Toy {
    type State = Pair;
    type Best = Linear;

    fn start(&mut self, state: &Pair) -> Vec<f64> {
        vec![-(f64::from(weight(&state.generator)) - self.summit).powi(2)]
    }

    fn redraw(&mut self, state: &Pair, at: Position) -> Result<()> {
        self.drawn = weight(&state.generator) + self.noise("redraw", at);
        let stream = at.stream(Stream::new(2));
        let fresh = array![[self.drawn]];
        self.shown = state.replay.mixed(fresh.view(), self.replays, stream)[[0, 0]];
        self.next_replay = Some(state.replay.after(fresh.view(), stream));
        Ok(())
    }

    fn end_lesson(&mut self, state: &mut Pair) {
        state.replay = self.next_replay.take().expect("one lesson a draw");
    }

    fn discriminator_epoch(&mut self, state: &mut Pair, at: Position) -> Result<Option<JudgeStatistics>> {
        self.count_move();
        state.discriminator.update(&mut scalar(-0.1 * self.shown - self.noise("discriminator", at)));
        let accuracy = self.accuracy - 0.1 * f64::from(weight(&state.generator));
        Ok(Some(JudgeStatistics { accuracy, loss: Some(f64::from(self.drawn)), ..Default::default() }))
    }

    fn prepare_reward(&mut self, state: &Pair, at: Position) -> Result<()> {
        self.reward = self.noise("reward", at) * weight(&state.discriminator);
        Ok(())
    }

    fn generator_epoch(&mut self, state: &mut Pair, at: Position) -> Result<Diagnostics> {
        self.count_move();
        if at.round == self.breaks_in {
            state.generator.update(&mut scalar(f32::NAN));
            return Err(Error::NonFinite("round of the breakdown".into()));
        }
        state.generator.update(&mut scalar(-1.0 - self.reward.max(0.0) - self.noise("generator", at)));
        Ok(Diagnostics { entropy: 1.0, reward: f64::from(weight(&state.generator)), ..Default::default() })
    }

    fn examine(&mut self, state: &Pair, round: &Round) -> Examination {
        let collapsed = weight(&state.generator) > self.collapses_above;
        Examination {
            values: self.start(state),
            metrics: vec![
                ("weight", f64::from(weight(&state.generator))),
                ("d-loss", round.judge.and_then(|judge| judge.loss).expect("it learns")),
            ],
            is_complete: true,
            diversity: Some((if collapsed { 0.0 } else { 1.0 }, 1.0)),
            ..Default::default()
        }
    }

    fn keep_best(&self, _candidate: usize, state: &Pair, best: &mut Linear) {
        *best = state.generator.model().clone();
    }

    fn scale_learning_rates(&self, state: &mut Pair, rate: f32) {
        state.generator.set_learning_rate(rate);
        state.discriminator.set_learning_rate(rate);
    }
}

const SCHEDULE: Schedule = Schedule {
    rounds: 9,
    d_epochs: 2,
    redraw_every: 2,
    g_epochs: 1,
    d_first: true,
    freeze_d: None,
    freeze_g: None,
};

fn rules(patience: usize, on_collapse: OnCollapse) -> Rules<'static> {
    Rules { phase: "toy", schedule: SCHEDULE, on_collapse, patience, reward_changes: true }
}

type ToyResult = GameResult<Pair, Linear>;

/// Log of a game: round and first metric, over what a stopped game had written behind its checkpoint.
#[derive(Default)]
struct Log(Vec<(usize, f64)>);

impl Listener for Log {
    fn event(&mut self, event: &Event<'_>) {
        assert_eq!((event.phase, event.of), ("toy", SCHEDULE.rounds));
        self.0.push((event.step, event.metrics[0].1));
    }
}

fn run(toy: &mut Toy, rules: &Rules<'_>, checkpoints: &Checkpoints, log: &mut Log) -> Result<ToyResult> {
    play(toy, (Pair::new(), scalar(0.0)), rules, checkpoints, log)
}

fn finish(mut toy: Toy, rules: &Rules<'_>) -> (ToyResult, Vec<usize>) {
    let mut log = Log::default();
    let played = run(&mut toy, rules, &Checkpoints::default(), &mut log).expect("nobody stops it");
    (played, log.0.into_iter().map(|(round, _)| round).collect())
}

#[test]
fn the_best_round_is_kept_and_patience_ends_the_game() {
    // Weights after the rounds: 1, 2, 3, 4, 5; values −4, −1, 0, −1, −4.
    let (played, rounds) = finish(Toy::default(), &rules(2, OnCollapse::Stop));
    assert_eq!(played.start, [-9.0]);
    assert_eq!(played.best_rounds, [BestRound { round: 3, value: 0.0 }]);
    assert_eq!((weight(&played.best), weight(&played.last.generator)), (3.0, 5.0));
    assert_eq!(rounds, [1, 2, 3, 4, 5]);
    // With patience, all nine are played.
    let (played, rounds) = finish(Toy::default(), &rules(usize::MAX, OnCollapse::Stop));
    assert_eq!((weight(&played.last.generator), rounds.len()), (9.0, 9));
}

#[test]
fn a_collapse_ends_the_game_with_the_last_good_round() {
    let toy = Toy { collapses_above: 3.4, summit: 9.0, ..Default::default() };
    let (played, rounds) = finish(toy, &rules(usize::MAX, OnCollapse::Stop));
    assert_eq!((weight(&played.last.generator), rounds.len()), (3.0, 4));
    assert_eq!(played.best_rounds[0].round, 3, "a collapsed round is not the best, whatever its value");
    assert_eq!(played.collapses.len(), 1);
}

#[test]
fn a_roll_back_restores_the_last_good_round_and_halves_the_learning_rates() {
    // 1, 2, 3, [4] → 3, [3.5] → 3, 3.25, [3.5] → 3.25, 3.375 with rates 1, ½, ¼, ⅛; then [3.5] ends it.
    let toy = Toy { collapses_above: 3.4, ..Default::default() };
    let (played, rounds) = finish(toy, &rules(usize::MAX, OnCollapse::Rollback));
    assert_eq!((weight(&played.last.generator), rounds.len()), (3.375, 9));
    assert_eq!(played.collapses.len(), MOST_ROLLBACKS + 1);
}

#[test]
fn a_number_that_is_not_finite_ends_the_game_with_the_rounds_before() {
    let toy = Toy { breaks_in: 5, ..Default::default() };
    let (played, rounds) = finish(toy, &rules(usize::MAX, OnCollapse::Stop));
    assert_eq!(played.failure.as_deref(), Some("round of the breakdown"));
    assert_eq!(rounds, [1, 2, 3, 4]);
    assert_eq!((weight(&played.best), weight(&played.last.generator)), (3.0, 4.0));
    assert!(played.last.is_finite());
}

/// Plays a game that is asked to stop after some moves, and resumes it until it ends.
fn stopped_and_resumed(toy: impl Fn() -> Toy, rules: &Rules<'_>, stops_after: usize) -> (ToyResult, usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut stops = 0;
    loop {
        let mut toy = Toy { stops_after, ..toy() };
        let checkpoints = Checkpoints::new(
            folder.path(),
            Duration::from_secs(3600), // only when it is asked to stop, or at the end
            toy.interrupt.clone(),
            LogLength::default(),
        );
        match run(&mut toy, rules, &checkpoints, &mut Log::default()) {
            Err(Error::Interrupted { .. }) => stops += 1,
            played => return (played.expect("it only stops"), stops),
        }
    }
}

#[test]
fn a_resumed_game_is_equal_to_an_uninterrupted_one() {
    fn plain() -> Toy {
        Toy { noise: 0.3, ..Default::default() }
    }
    let toys: [(fn() -> Toy, OnCollapse); 3] = [
        (plain, OnCollapse::Stop),
        (|| Toy { collapses_above: 3.4, ..plain() }, OnCollapse::Rollback),
        (|| Toy { breaks_in: 6, ..plain() }, OnCollapse::Stop),
    ];
    for (toy, on_collapse) in toys {
        let rules = rules(usize::MAX, on_collapse);
        let (expected, _) = finish(toy(), &rules);
        for stops_after in 1..6 {
            let (resumed, stops) = stopped_and_resumed(toy, &rules, stops_after);
            assert_eq!(resumed, expected, "stopped after every {stops_after} moves");
            assert!(stops > 1, "it was stopped {stops} times");
        }
    }
}

#[test]
fn a_discriminator_that_is_too_strong_stands_still_and_is_measured() {
    // Accuracy 1.05 − 0.1 · weight of the generator, which climbs by 1 a round: 1.05, 0.95, 0.85, 0.75, …
    let toy = || Toy { accuracy: 1.05, ..Default::default() };
    let schedule = Schedule { freeze_d: Some(0.9), d_epochs: 1, redraw_every: 1, ..SCHEDULE };
    let frozen = Rules { schedule, ..rules(usize::MAX, OnCollapse::Stop) };
    let free = Rules { schedule: Schedule { freeze_d: None, ..schedule }, ..frozen.clone() };
    let (frozen, free) = (finish(toy(), &frozen).0, finish(toy(), &free).0);
    assert_eq!(weight(&frozen.last.generator), weight(&free.last.generator));
    // Round 1 learns (nothing is known), 2 and 3 stand still (1.05 and 0.95 before them), the others learn by a tenth of the
    // weight that was drawn: 0 + 3 + … + 8 and 0 + 1 + 2 + 3 + … + 8 tenths.
    assert!((weight(&free.last.discriminator) - 3.6).abs() < 1e-5, "{}", weight(&free.last.discriminator));
    assert!(
        (weight(&frozen.last.discriminator) - 3.3).abs() < 1e-5,
        "{}",
        weight(&frozen.last.discriminator)
    );
}

#[test]
fn a_generator_whose_judge_is_too_weak_stands_still() {
    // The generator learns in rounds 1 to 4, while the accuracy is 0.95, 0.85, 0.75, 0.65; then it is 0.55.
    let toy = Toy { accuracy: 0.95, ..Default::default() };
    let schedule = Schedule { freeze_g: Some(0.6), ..SCHEDULE };
    let rules = Rules { schedule, ..rules(usize::MAX, OnCollapse::Stop) };
    let (played, rounds) = finish(toy, &rules);
    assert_eq!((weight(&played.last.generator), rounds.len()), (4.0, 9));
    assert_eq!(played.collapses, [""; 0], "a reward that stands still with its generator is no collapse");
}

#[test]
fn a_game_that_freezes_resumes() {
    let toy = || Toy { accuracy: 1.05, noise: 0.3, ..Default::default() };
    let schedule = Schedule { freeze_d: Some(0.9), freeze_g: Some(0.5), ..SCHEDULE };
    let rules = Rules { schedule, ..rules(usize::MAX, OnCollapse::Stop) };
    let (expected, _) = finish(toy(), &rules);
    for stops_after in 2..6 {
        assert_eq!(stopped_and_resumed(toy, &rules, stops_after).0, expected);
    }
}

#[test]
fn accuracies_that_would_freeze_both_players_are_refused() {
    let with = |d, g| Schedule { freeze_d: d, freeze_g: g, ..SCHEDULE }.validate();
    with(Some(0.9), Some(0.6)).expect("one at a time");
    for (d, g) in [(Some(0.6), Some(0.9)), (Some(1.5), None), (None, Some(-0.1)), (Some(f64::NAN), None)] {
        with(d, g).expect_err("out of range");
    }
}

#[test]
fn a_game_that_remembers_its_draws_resumes() {
    let toy = || Toy { replays: 0.5, noise: 0.3, accuracy: 1.05, ..Default::default() };
    // Two lessons a round, of two epochs and of one; the discriminator stands still at first.
    let schedule = Schedule { d_epochs: 3, freeze_d: Some(0.9), ..SCHEDULE };
    let rules = Rules { schedule, ..rules(usize::MAX, OnCollapse::Stop) };
    let (expected, _) = finish(toy(), &rules);
    let lessons = expected.last.replay.tensors()[1].values[[0]];
    assert_eq!(lessons, 18.0, "each lesson is remembered once, also of a discriminator that stands still");
    for stops_after in 1..8 {
        assert_eq!(stopped_and_resumed(toy, &rules, stops_after).0, expected, "after {stops_after} moves");
    }
    let (fresh, _) = finish(Toy { replays: 0.0, ..toy() }, &rules);
    assert_ne!(expected.last.discriminator, fresh.last.discriminator);
}
