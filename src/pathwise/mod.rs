//! The pathwise gradient: back through a relaxed draw and the judge's input, where the score function
//! ([`policy_gradient`](crate::policy_gradient)) looks at the reward alone.
//!
//! A drawn token has no derivative. A relaxed draw is a function of the logits and of noise that does not depend on them,
//! so that the gradient of a judge passes through it: with less variance than the score function's, and with a bias that
//! a high temperature brings ([`compare_estimators`] measures both). A generator that feeds its softmax to the judge draws nothing, and needs a judge of bounded slopes
//! ([`Lipschitz`]).

mod annealing;
mod estimators;
mod gumbel;
mod penalty;
mod soft;

pub use annealing::Annealing;
pub use estimators::{Estimator, EstimatorError, compare_estimators};
pub use gumbel::{Relaxation, RelaxedDraws};
pub use penalty::{Lipschitz, Penalty, gradient_penalty};
pub use soft::{softmax_gradient, softmax_rows};
