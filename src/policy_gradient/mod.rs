//! REINFORCE with a baseline: the one estimator and set of baselines of the crate.
//!
//! A generator is a [`Policy`]; what it drew is an [`Episodes`]; a discriminator (or anything else
//! that judges the draws) is a [`Reward`]. Drawing a document is an episode of one step, writing a
//! sentence an episode of many. [`policy_gradient`] is the driver of both. Letters in the docs: B episodes, T steps, A
//! actions.

mod baseline;
mod diagnostics;
mod episodes;
mod estimator;
mod proposal;
mod ranking;
mod step;

pub use baseline::{Baseline, BaselineState, Experience};
pub use diagnostics::{Diagnostics, draw_variance};
pub use episodes::{Episodes, Policy, Reward};
pub use estimator::{Estimator, Reduction, reinforce_grad, reinforce_grad_from, reinforce_grad_of_all};
pub use proposal::Proposal;
pub use ranking::{mass_left, reinforce_grad_of_ranking};
pub use step::{Step, policy_gradient};
