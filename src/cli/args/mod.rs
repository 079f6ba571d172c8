//! Arguments that several commands share.

pub(super) mod names;
pub(super) mod output;
pub(super) mod ratings;
pub(super) mod same_files;
pub(super) mod session;
pub(super) mod settings;
pub(super) mod topics;
