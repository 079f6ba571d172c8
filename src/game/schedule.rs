//! Schedule of a game: rounds of discriminator epochs and generator epochs, and the moves of one round.
//!
//! While one player moves the other stands still. So a game that was stopped inside a turn needs no memory of what
//! was drawn or judged at the beginning of the turn: the same is drawn and judged again.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Result, require};
use crate::seed::Stream;

/// Number of moves of each player.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Schedule {
    /// Number of rounds.
    pub rounds: usize,
    /// Discriminator epochs in each round.
    pub d_epochs: usize,
    /// Discriminator epochs between two draws of the generator's examples.
    pub redraw_every: usize,
    /// Generator epochs in each round.
    pub g_epochs: usize,
    /// True when the discriminator moves first in a round (IRGAN), false when second (SeqGAN).
    pub d_first: bool,
    /// Accuracy above which the discriminator stands still: its epochs are measured, and taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeze_d: Option<f64>,
    /// Accuracy of the discriminator below which the generator stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeze_g: Option<f64>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            rounds: 120,
            d_epochs: 2,
            redraw_every: 1,
            g_epochs: 3,
            d_first: true,
            freeze_d: None,
            freeze_g: None,
        }
    }
}

/// Place in a game: a round, and an epoch within it. It addresses the random streams of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Round, from 1.
    pub round: usize,
    /// Epoch from 0: of a move, within its player's turn; of a checkpoint, the epochs of either player that were made
    /// in the round.
    pub epoch: usize,
}

impl Position {
    /// First move of a game.
    pub const START: Self = Self { round: 1, epoch: 0 };

    /// Returns the sub-stream of `root` for this position.
    pub fn stream(self, root: Stream) -> Stream {
        root.at(self.round as u64).at(self.epoch as u64)
    }
}

/// One move of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// The generator draws examples for the discriminator.
    Redraw(Position),
    /// The discriminator makes an epoch.
    DiscriminatorEpoch(Position),
    /// The reward is made ready for a turn of the generator.
    PrepareReward(Position),
    /// The generator makes an epoch.
    GeneratorEpoch(Position),
}

impl Schedule {
    /// Checks the accuracies at which a player stands still.
    ///
    /// # Errors
    /// When one is no accuracy, or both players would stand still at once.
    pub fn validate(&self) -> Result<()> {
        let given = [("freeze-d", self.freeze_d), ("freeze-g", self.freeze_g)];
        for (name, value) in given.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            require((0.0..=1.0).contains(&value), || {
                format!("`schedule.{name}` is an accuracy of the discriminator, from 0 to 1, found {value}")
            })?;
        }
        require(self.freeze_g.zip(self.freeze_d).is_none_or(|(below, above)| below <= above), || {
            "`schedule.freeze-g` must not lie above `schedule.freeze-d`: between the two nobody would learn"
                .into()
        })
    }

    /// Returns true where a discriminator of this accuracy stands still.
    pub(super) fn freezes_discriminator(&self, accuracy: Option<f64>) -> bool {
        self.freeze_d.zip(accuracy).is_some_and(|(above, accuracy)| accuracy > above)
    }

    /// Returns true where the generator of a discriminator of this accuracy stands still.
    pub(super) fn freezes_generator(&self, accuracy: Option<f64>) -> bool {
        self.freeze_g.zip(accuracy).is_some_and(|(below, accuracy)| accuracy < below)
    }

    /// Returns the share of the generator's epochs of the game that come before the one `at` its turn: from 0, and 1 at the last.
    pub fn share_of_generator(&self, at: Position) -> f64 {
        let before = (at.round - 1) * self.g_epochs + at.epoch;
        before as f64 / (self.rounds * self.g_epochs).saturating_sub(1).max(1) as f64
    }

    /// Returns the number of discriminator epochs over the examples of one draw.
    pub(crate) fn lesson(&self) -> usize {
        self.redraw_every.max(1)
    }

    /// Returns true where the discriminator's epoch is the last one over the examples of a draw.
    pub(super) fn ends_lesson(&self, at: Position) -> bool {
        let made = at.epoch + 1;
        made == self.d_epochs || made.is_multiple_of(self.lesson())
    }

    /// Returns where the generator draws again after the discriminator's epoch `at`, if it does before its own turn.
    pub(crate) fn next_redraw(&self, at: Position) -> Option<Position> {
        let epoch = (at.epoch / self.lesson() + 1) * self.lesson();
        (epoch < self.d_epochs).then_some(Position { epoch, ..at })
    }

    /// Number of epochs of both players in a round.
    pub(super) fn epochs(&self) -> usize {
        self.d_epochs + self.g_epochs
    }

    /// Returns the moves that are left of round `next.round`, of which `next.epoch` epochs are made.
    pub(super) fn moves(&self, next: Position) -> Vec<Move> {
        let (d, g) = (self.d_epochs, self.g_epochs);
        let left = |before: usize, epochs: usize| next.epoch.saturating_sub(before).min(epochs)..epochs;
        if self.d_first {
            let mut moves = self.discriminator_turn(next.round, left(0, d));
            moves.extend(self.generator_turn(next.round, left(d, g)));
            moves
        } else {
            let mut moves = self.generator_turn(next.round, left(0, g));
            moves.extend(self.discriminator_turn(next.round, left(g, d)));
            moves
        }
    }

    fn discriminator_turn(&self, round: usize, epochs: Range<usize>) -> Vec<Move> {
        let mut moves = vec![];
        for epoch in epochs.clone() {
            let since = epoch % self.lesson(); // the last draw
            if epoch == epochs.start || since == 0 {
                moves.push(Move::Redraw(Position { round, epoch: epoch - since }));
            }
            moves.push(Move::DiscriminatorEpoch(Position { round, epoch }));
        }
        moves
    }

    fn generator_turn(&self, round: usize, epochs: Range<usize>) -> Vec<Move> {
        let begin = (!epochs.is_empty()).then_some(Move::PrepareReward(Position { round, epoch: 0 }));
        let epochs = epochs.map(|epoch| Move::GeneratorEpoch(Position { round, epoch }));
        begin.into_iter().chain(epochs).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of the moves: r(edraw), d(iscriminator), j(udge), g(enerator).
    fn letters(schedule: &Schedule, epoch: usize) -> String {
        let letter = |step| match step {
            Move::Redraw(_) => 'r',
            Move::DiscriminatorEpoch(_) => 'd',
            Move::PrepareReward(_) => 'j',
            Move::GeneratorEpoch(_) => 'g',
        };
        schedule.moves(Position { round: 2, epoch }).into_iter().map(letter).collect()
    }

    const SCHEDULE: Schedule = Schedule {
        rounds: 2,
        d_epochs: 3,
        redraw_every: 2,
        g_epochs: 2,
        d_first: true,
        freeze_d: None,
        freeze_g: None,
    };

    #[test]
    fn moves_follow_the_schedule() {
        assert_eq!(letters(&SCHEDULE, 0), "rddrdjgg");
        assert_eq!(letters(&Schedule { d_first: false, ..SCHEDULE }, 0), "jggrddrd");
        assert_eq!(letters(&Schedule { g_epochs: 0, ..SCHEDULE }, 0), "rddrd");
        assert_eq!(letters(&Schedule { d_epochs: 0, ..SCHEDULE }, 0), "jgg");
    }

    #[test]
    fn the_next_redraw_is_the_one_that_the_moves_hold() {
        let next = |schedule: &Schedule, epoch| schedule.next_redraw(Position { round: 2, epoch });
        for (epoch, expected) in [Some(2), Some(2), None].into_iter().enumerate() {
            assert_eq!(next(&SCHEDULE, epoch), expected.map(|epoch| Position { round: 2, epoch }));
            let later = |of: &Move| matches!(of, Move::Redraw(at) if at.epoch > epoch);
            let moves = SCHEDULE.moves(Position { round: 2, epoch });
            assert_eq!(moves.into_iter().find(later), next(&SCHEDULE, epoch).map(Move::Redraw));
        }
        assert_eq!(next(&Schedule { redraw_every: 0, ..SCHEDULE }, 0), Some(Position { round: 2, epoch: 1 }));
    }

    #[test]
    fn a_resumed_round_draws_and_judges_again_and_makes_the_moves_that_are_left() {
        for (epochs, rest) in ["rddrdjgg", "rdrdjgg", "rdjgg", "jgg", "jg"].into_iter().enumerate() {
            assert_eq!(letters(&SCHEDULE, epochs), rest, "after {epochs} epochs");
        }
        // The draw of a resumed turn has the position, and so the random stream, of the draw it repeats.
        let moves = SCHEDULE.moves(Position { round: 2, epoch: 1 });
        assert_eq!(moves[0], Move::Redraw(Position { round: 2, epoch: 0 }));
        assert_eq!(moves[1], Move::DiscriminatorEpoch(Position { round: 2, epoch: 1 }));
    }
}
