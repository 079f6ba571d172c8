//! Draws from discrete distributions.
//!
//! | draw | function | cost |
//! |---|---|---|
//! | one from given weights | [`sample_cdf`] | one pass |
//! | several from one distribution | [`Cdf`] | one pass, then a binary search for each |
//! | very many from one distribution | [`Alias`] | one slower pass, then a look-up for each |
//! | one or several from logits | [`sample_logits`] | softmax and draw in one pass |
//! | k different ones from logits | [`gumbel_top_k`] | one random number for each item |
//! | k different ones of equal probability | [`subset`] | k random numbers |
//!
//! An item of weight 0 (logit −∞) is never drawn. Weights that are negative or NaN, or whose sum is 0 or infinite, are
//! errors of the caller and panic.

mod alias;
mod cdf;
mod gumbel;
mod logits;
mod subset;

pub use alias::Alias;
pub use cdf::{Cdf, sample_cdf};
pub use gumbel::gumbel_top_k;
pub use logits::sample_logits;
pub use subset::subset;

#[cfg(test)]
pub(crate) mod chi_square;
