//! Who liked what: ratings of users and items as sets of positives.
//!
//! A file is read into [`Ratings`]; a threshold makes [`Interactions`] of them; a [`Split`] holds part of every
//! user's positives out for validation. Ids are any strings, numbered in order of appearance.

mod ids;
mod line;
pub mod planted;
mod reader;
mod set;
mod split;

pub use ids::Ids;
pub use reader::{Layout, Rating, Ratings, read};
pub use set::{Held, Interactions};
pub use split::{Order, Split};
