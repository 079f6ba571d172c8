//! Feature vectors from files, with words about what was guessed.

use std::path::Path;

use crate::data::features::RankingSet;
use crate::data::features::letor::{LetorFile, LetorOptions, read_file};
use crate::error::Result;
use crate::event::Listener;

/// Reads documents of `width` features, where the training data or the model tell it, and warns `listener` of what the
/// file leaves out. With `zero_based` the file counts features from 0.
pub fn read_vectors(
    path: &Path,
    zero_based: bool,
    width: Option<usize>,
    listener: &mut dyn Listener,
) -> Result<RankingSet> {
    let options = LetorOptions { zero_based, ..LetorOptions::default() };
    let LetorFile { set, warnings } = read_file(path, &options, width)?;
    warnings.iter().for_each(|text| listener.warning(&format!("{}: {text}", path.display())));
    Ok(set)
}
