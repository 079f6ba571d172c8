//! Reading and writing of files: one module for each way.
//!
//! | module | way |
//! |---|---|
//! | `appended` | lines that are on disk as soon as they are appended |
//! | `as_text` | types that stand as their text in settings |
//! | `atomic` | writes of a whole file or none |
//! | `bytes` | a whole text file in memory, read and never mapped |
//! | `columns` | lines of columns: separator, quotes, names |
//! | `count` | counts with their nouns |
//! | `fault` | bytes that are no text: NUL, UTF-16, lone carriage returns |
//! | `lines` | a stream of lines, in little memory |
//! | [`printable`] | text from data, safe to show on a terminal |
//! | `npy` | NumPy arrays |
//! | `output` | a whole file, compressed by its name, or standard output |
//! | `model_folder` | descriptions of models, and what stands where none is |
//! | `no_follow` | writes to the programs' own names in a folder, where links are not followed |
//! | `packed` | recognition and decompression of gzip and zstandard; `-` for standard input |
//! | `settings` | settings over those of a preset |
//! | `toml_file`, [`json_file`] | settings, descriptions and results |

pub(crate) mod appended;
mod as_text;
pub(crate) mod atomic;
pub(crate) mod bytes;
pub(crate) mod columns;
pub(crate) mod count;
mod fault;
pub mod json_file;
pub(crate) mod lines;
pub(crate) mod model_folder;
pub(crate) mod no_follow;
pub(crate) mod npy;
pub(crate) mod output;
pub(crate) mod packed;
mod printable;
mod settings;
pub(crate) mod toml_file;

pub(crate) use as_text::serde_as_text;
pub use model_folder::refuse_model;
pub use printable::printable;
pub use settings::overlaid;
