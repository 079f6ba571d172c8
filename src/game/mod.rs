//! The adversarial game: rounds of two players, the guard against collapse, checkpoints, and placebo rewards. Nothing
//! here knows what is played for.
//!
//! Two [`Players`] give the turns; [`play`] owns the schedule, the history (the state now, after the last good round, and
//! the best models), the guard and its roll-back, the event of a round, and the checkpoint.

mod divergence;
mod driver;
mod guard;
mod history;
mod interrupt;
mod names;
mod placebo;
mod players;
mod replay;
mod schedule;
mod stage;
#[cfg(test)]
mod tests;

pub use divergence::{Divergence, FDivergence};
pub use driver::{GameResult, Rules, play};
pub use guard::{Collapse, FROZEN_ROUNDS, Guard, LEAST_ENTROPY, MOST_ROLLBACKS, OnCollapse, Signs, Verdict};
pub use history::BestRound;
pub use interrupt::Interrupt;
pub use names::{metric, phase};
pub use placebo::RewardSource;
pub use players::{Examination, JudgeStatistics, Players, Round, generator_metrics};
pub use replay::{MOST_REPLAYED, Replay};
pub use schedule::{Position, Schedule};
pub use stage::{Checkpoints, LogLength, Stage};
