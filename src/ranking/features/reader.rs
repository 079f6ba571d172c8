//! Feature vectors for a model, or for a training, that knows their number of features.

use std::path::Path;

use crate::data::features::RankingSet;
use crate::data::features::letor::{LetorOptions, read_with_width};
use crate::error::Result;
use crate::event::Listener;

/// Reads documents of `width` features, and warns `listener` of the features that the file leaves out.
pub(super) fn read_vectors(path: &Path, width: usize, listener: &mut dyn Listener) -> Result<RankingSet> {
    let (set, absent) = read_with_width(path, &LetorOptions::default(), width)?;
    if absent > 0 {
        let file = path.display();
        let message =
            format!("the last {absent} of {width} features are absent from the file; they count as 0");
        listener.warning(&format!("{file}: {message}"));
    }
    Ok(set)
}
