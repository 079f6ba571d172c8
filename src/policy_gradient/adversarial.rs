//! The adversarial loop: rounds of discriminator epochs and generator epochs.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::seed::Stream;

/// How often each player moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Schedule {
    /// Outer rounds.
    pub rounds: usize,
    /// Discriminator epochs in each round.
    pub d_epochs: usize,
    /// The generator's draws are renewed every so many discriminator epochs.
    pub redraw_every: usize,
    /// Generator epochs in each round.
    pub g_epochs: usize,
    /// Whether the discriminator moves first in a round (IRGAN) or second (SeqGAN).
    pub d_first: bool,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { rounds: 120, d_epochs: 2, redraw_every: 1, g_epochs: 3, d_first: true }
    }
}

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

    /// Evaluates, reports, keeps the best; says whether to go on.
    fn end_round(&mut self, round: usize) -> Result<Outcome>;
}

/// Alternates the players as `schedule` says, from the round after `done` rounds on: 0 for a new game.
pub fn adversarial_loop(players: &mut impl Players, schedule: &Schedule, done: usize) -> Result<()> {
    for round in done + 1..=schedule.rounds {
        if schedule.d_first {
            discriminator_turn(players, schedule, round)?;
            generator_turn(players, schedule, round)?;
        } else {
            generator_turn(players, schedule, round)?;
            discriminator_turn(players, schedule, round)?;
        }
        if players.end_round(round)? == Outcome::Stop {
            break;
        }
    }
    Ok(())
}

fn discriminator_turn(players: &mut impl Players, schedule: &Schedule, round: usize) -> Result<()> {
    for epoch in 0..schedule.d_epochs {
        let place = Place { round, epoch };
        if epoch % schedule.redraw_every.max(1) == 0 {
            players.redraw(place)?;
        }
        players.discriminator_epoch(place)?;
    }
    Ok(())
}

fn generator_turn(players: &mut impl Players, schedule: &Schedule, round: usize) -> Result<()> {
    if schedule.g_epochs > 0 {
        players.judge(Place { round, epoch: 0 })?;
    }
    for epoch in 0..schedule.g_epochs {
        players.generator_epoch(Place { round, epoch })?;
    }
    Ok(())
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
        fn end_round(&mut self, round: usize) -> Result<Outcome> {
            self.0.push('.');
            Ok(if round == 2 { Outcome::Stop } else { Outcome::Continue })
        }
    }

    #[test]
    fn moves_follow_the_schedule() {
        let mut schedule = Schedule { rounds: 9, d_epochs: 3, redraw_every: 2, g_epochs: 2, d_first: true };
        let mut players = Recorder::default();
        adversarial_loop(&mut players, &schedule, 0).expect("the recorder never fails");
        assert_eq!(players.0, "rddrdjgg.rddrdjgg.");

        schedule.d_first = false;
        let mut players = Recorder::default();
        adversarial_loop(&mut players, &schedule, 0).expect("the recorder never fails");
        assert_eq!(players.0, "jggrddrd.jggrddrd.");
    }
}
