//! Feature vectors for a model, or for a training, that knows their number of features.

use std::path::Path;

use crate::data::features::RankingSet;
use crate::data::features::letor::{LetorOptions, read_with_width};
use crate::error::Result;

/// Reads documents of `width` features, and warns of the features that the file leaves out.
pub(in crate::cli) fn read_vectors(path: &Path, width: usize) -> Result<RankingSet> {
    let (set, absent) = read_with_width(path, &LetorOptions::default(), width)?;
    if absent > 0 {
        let file = path.display();
        warning!("{file}: the last {absent} of {width} features are absent from the file; they count as 0");
    }
    Ok(set)
}
