//! Answers in JSON, and those for machines that watch the service.

mod about;
mod judgements;
mod rank;
mod search;

pub(super) use about::{health, metrics, openapi};
pub(super) use judgements::{add_query, judge, judgements, undo};
pub(super) use rank::{rank, recommend};
pub(super) use search::{document, search};
