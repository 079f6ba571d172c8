//! The adversarial loop: rounds of discriminator epochs and generator epochs.
//!
//! While one player moves the other stands still. So a game that was stopped inside a turn needs no memory of
//! what was drawn or judged at its beginning: the same is drawn and judged again.

use serde::{Deserialize, Serialize};

use super::schedule::Schedule;
use crate::error::Result;
use crate::seed::Stream;

/// Where in the schedule a move takes place; it addresses the move's random streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Outer round, from 1.
    pub round: usize,
    /// Epoch within the player's turn, from 0.
    pub epoch: usize,
}

impl Place {
    /// The sub-stream of this place.
    pub fn stream(self, root: Stream) -> Stream {
        root.at(self.round as u64).at(self.epoch as u64)
    }
}

/// How far a game has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Rounds that were played to their end.
    pub rounds: usize,
    /// Epochs of either player in the round after them.
    pub epochs: usize,
}

/// Whether to go on after a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Play the next round.
    Continue,
    /// Stop early.
    Stop,
}

/// The two players and what they do in their turns.
pub trait Players {
    /// Draws fresh examples from the generator for the discriminator.
    fn redraw(&mut self, place: Place) -> Result<()>;

    /// One pass of the discriminator over real and drawn examples.
    fn discriminator_epoch(&mut self, place: Place) -> Result<()>;

    /// Makes the discriminator's rewards ready for a turn of the generator.
    fn judge(&mut self, place: Place) -> Result<()>;

    /// One pass of the generator.
    fn generator_epoch(&mut self, place: Place) -> Result<()>;

    /// Called after every epoch but the last of a round: a place to stop at, and to go on from.
    fn pause(&mut self, done: Progress) -> Result<()>;

    /// Evaluates, reports, keeps the best; says whether to go on.
    fn end_round(&mut self, round: usize) -> Result<Outcome>;
}

/// Alternates the players as `schedule` says, from where the game is `done` on: the default for a new one.
pub fn adversarial_loop(players: &mut impl Players, schedule: &Schedule, done: Progress) -> Result<()> {
    for round in done.rounds + 1..=schedule.rounds {
        let epochs = if round == done.rounds + 1 { done.epochs } else { 0 };
        play_round(players, schedule, round, epochs)?;
        if players.end_round(round)? == Outcome::Stop {
            break;
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Turn {
    Discriminator,
    Generator,
}

/// One round, of which `played` epochs are done.
fn play_round(players: &mut impl Players, schedule: &Schedule, round: usize, played: usize) -> Result<()> {
    let mut turns = [(Turn::Discriminator, schedule.d_epochs), (Turn::Generator, schedule.g_epochs)];
    if !schedule.d_first {
        turns.reverse();
    }
    let mut before = 0; // epochs of the round before this turn
    for (turn, epochs) in turns {
        let first = played.saturating_sub(before);
        for epoch in first..epochs {
            let begins = epoch == first;
            match turn {
                Turn::Discriminator => {
                    discriminator_epoch(players, schedule, Place { round, epoch }, begins)?;
                }
                Turn::Generator => generator_epoch(players, Place { round, epoch }, begins)?,
            }
            let epochs = before + epoch + 1;
            if epochs < schedule.d_epochs + schedule.g_epochs {
                players.pause(Progress { rounds: round - 1, epochs })?;
            }
        }
        before += epochs;
    }
    Ok(())
}

fn discriminator_epoch(
    players: &mut impl Players,
    schedule: &Schedule,
    place: Place,
    begins: bool,
) -> Result<()> {
    let since = place.epoch % schedule.redraw_every.max(1); // the last draw
    if begins || since == 0 {
        players.redraw(Place { epoch: place.epoch - since, ..place })?;
    }
    players.discriminator_epoch(place)
}

fn generator_epoch(players: &mut impl Players, place: Place, begins: bool) -> Result<()> {
    if begins {
        players.judge(Place { epoch: 0, ..place })?;
    }
    players.generator_epoch(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Recorder(String);

    impl Players for Recorder {
        fn redraw(&mut self, _: Place) -> Result<()> {
            self.0.push('r');
            Ok(())
        }
        fn discriminator_epoch(&mut self, _: Place) -> Result<()> {
            self.0.push('d');
            Ok(())
        }
        fn judge(&mut self, _: Place) -> Result<()> {
            self.0.push('j');
            Ok(())
        }
        fn generator_epoch(&mut self, _: Place) -> Result<()> {
            self.0.push('g');
            Ok(())
        }
        fn pause(&mut self, _: Progress) -> Result<()> {
            Ok(())
        }
        fn end_round(&mut self, round: usize) -> Result<Outcome> {
            self.0.push('.');
            Ok(if round == 2 { Outcome::Stop } else { Outcome::Continue })
        }
    }

    #[test]
    fn moves_follow_the_schedule() {
        let mut schedule = Schedule { rounds: 9, d_epochs: 3, redraw_every: 2, g_epochs: 2, d_first: true };
        let mut players = Recorder::default();
        adversarial_loop(&mut players, &schedule, Progress::default()).expect("the recorder never fails");
        assert_eq!(players.0, "rddrdjgg.rddrdjgg.");

        schedule.d_first = false;
        let mut players = Recorder::default();
        adversarial_loop(&mut players, &schedule, Progress::default()).expect("the recorder never fails");
        assert_eq!(players.0, "jggrddrd.jggrddrd.");
    }

    #[test]
    fn a_stopped_game_draws_and_judges_again_and_makes_the_moves_that_are_left() {
        let schedule = Schedule { rounds: 2, d_epochs: 3, redraw_every: 2, g_epochs: 2, d_first: true };
        let rest = ["rddrdjgg.", "rdrdjgg.", "rdjgg.", "jgg.", "jg."];
        for (epochs, rest) in rest.into_iter().enumerate() {
            let mut players = Recorder::default();
            let done = Progress { rounds: 1, epochs };
            adversarial_loop(&mut players, &schedule, done).expect("the recorder never fails");
            assert_eq!(players.0, rest, "after {epochs} epochs");
        }
    }
}
