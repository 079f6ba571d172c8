//! Files as wholes and as streams: atomic writes, compression, TOML and JSON, lines, memory-mapped bytes.

pub(crate) mod atomic;
pub(crate) mod bytes;
pub mod json_file;
pub(crate) mod lines;
pub(crate) mod packed;
pub(crate) mod toml_file;
