//! Feature vectors from files, with words about what was guessed.

use std::path::Path;

use crate::data::features::letor::{LetorFile, LetorOptions, read_file};
use crate::data::features::{ArrayFiles, RankingSet, check_width};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::files::columns::listed;

/// Features of the training data: their number, and their names or none.
pub type Known<'a> = (usize, &'a [String]);

/// Reads documents with the features that are `known`, where training data or a model tell them, and warns `listener` of
/// what the file leaves out. With `zero_based` the file counts features from 0.
///
/// The path of NumPy arrays, or of a folder of them, stands for all of them. Where both the file and the training data name their features, they are taken by their names, in any order.
///
/// # Errors
/// When the file cannot be read, or lacks a feature that is known by its name, or has more features than are known.
pub fn read_vectors(
    path: &Path,
    zero_based: bool,
    known: Option<Known<'_>>,
    listener: &mut dyn Listener,
) -> Result<RankingSet> {
    if let Some(arrays) = ArrayFiles::of(path) {
        let (set, said) = arrays.read()?;
        said.iter().for_each(|text| listener.warning(&format!("{}: {text}", path.display())));
        let fits = known.map_or(Ok(()), |(width, _)| check_width(set.feature_count(), width));
        return fits.map(|()| set).map_err(|error| error.in_file(path));
    }
    let options = LetorOptions { zero_based, ..LetorOptions::default() };
    let file = read_file(path, &options, None)?;
    let file = match known {
        None => Ok(file),
        Some((_, names)) if !names.is_empty() && !file.set.feature_names().is_empty() => by_name(file, names),
        Some((width, _)) => file.with_width(width),
    };
    let LetorFile { set, warnings } = file.map_err(|error| error.in_file(path))?;
    warnings.iter().for_each(|text| listener.warning(&format!("{}: {text}", path.display())));
    Ok(set)
}

/// Returns the file with the features of these `names`.
fn by_name(file: LetorFile, names: &[String]) -> Result<LetorFile> {
    let LetorFile { set, mut warnings } = file;
    let found = set.feature_names();
    if found == names {
        return Ok(LetorFile { set, warnings });
    }
    let column = |name: &String| {
        found.iter().position(|other| other == name).ok_or_else(|| {
            let here = listed(found.iter().map(String::as_str));
            Error::Unfit(format!("the feature `{name}` of the training data is missing; the file has {here}"))
        })
    };
    let columns = names.iter().map(column).collect::<Result<Vec<usize>>>()?;
    let unused: Vec<&str> = found.iter().filter(|name| !names.contains(name)).map(String::as_str).collect();
    if !unused.is_empty() {
        warnings.push(format!("features that the training data had not are not used: {}", listed(unused)));
    }
    Ok(LetorFile { set: set.with_columns(&columns), warnings })
}
