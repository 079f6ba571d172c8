//! Interactions of users and items: ratings, and sets of positives.
//!
//! [`read`] reads a file into [`Ratings`]; [`Ratings::positives`] turns ratings from a threshold on into
//! [`Interactions`]; a [`Split`] holds out part of every user's positives for validation. Ids are any strings, numbered in
//! order of appearance.

mod header;
mod ids;
pub mod planted;
mod reader;
mod set;
mod source;
mod split;
mod time;

pub use ids::Ids;
pub use reader::{Layout, Rating, Ratings, read};
pub use set::{HeldOut, Interactions};
pub use source::RatingsFormat;
pub use split::{Split, SplitOrder};
