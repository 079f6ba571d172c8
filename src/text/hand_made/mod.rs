//! Hand-made rewards of answers (Li et al., “Deep Reinforcement Learning for Dialogue Generation”, EMNLP 2016).
//!
//! | term | rewards | formula |
//! |---|---|---|
//! | `ease` | answers after which dull replies are unlikely | [`ease_of_answering`] |
//! | `flow` | a turn unlike its speaker's turn before | [`information_flow`] |
//! | `coherence` | mutual information of source and answer | [`coherence`] |
//! | `repetition` | few repeated words | [`novelty`] |
//! | `length` | long answers | words over the most that an answer can have |
//!
//! [`RewardTerms`] are the weights λ of `Σ λ_i R_i`; [`HandMadeReward`] computes every term of a batch, and judges by the sum.

mod dull;
mod formulas;
mod reward;
mod terms;
#[cfg(test)]
mod tests;

pub use dull::{DullReplies, ENGLISH};
pub use formulas::{coherence, cosine, ease_of_answering, information_flow, novelty};
pub use reward::HandMadeReward;
pub use terms::{RewardTerms, Term, TermValues};
