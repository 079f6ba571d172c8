//! Answers in HTML. Every page works without its script, which only adds keys.

mod document;
mod files;
mod frame;
mod layout;
mod marked;
mod queries;
mod query;
mod search;

pub(super) use document::document;
pub(super) use files::{icon, script, style};
pub(super) use frame::failure;
pub(super) use queries::{add, queries};
pub(super) use query::{grade, query, undo};
pub(super) use search::search;
