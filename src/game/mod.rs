//! The adversarial game: rounds of two players, its guard against collapse, its checkpoints, and the placebo rewards
//! that must not look like success. Nothing here knows what is played for.

mod guard;
mod interrupt;
mod placebo;
mod rounds;
mod stage;

pub use guard::{Collapse, FROZEN_ROUNDS, Guard, LEAST_ENTROPY, MOST_ROLLBACKS, OnCollapse, Signs, Verdict};
pub use interrupt::Interrupt;
pub use placebo::RewardControl;
pub use rounds::{Outcome, Place, Players, Progress, Schedule, adversarial_loop};
pub use stage::{Checkpoints, LogLength, Stage};
