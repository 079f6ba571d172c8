//! Files that are given twice, in roles that two different files should have.

use std::path::Path;

/// Warns of each pair of `files`, flags with their paths, that is one file: what is measured on data that were learned from
/// or chosen by tells nothing about other data.
pub(in crate::cli) fn tell_same_files(files: &[(&str, Option<&Path>)]) {
    let given: Vec<(&str, &Path)> = files.iter().filter_map(|&(flag, path)| Some((flag, path?))).collect();
    for (place, (flag, path)) in given.iter().enumerate() {
        if let Some((other, _)) = given[..place].iter().find(|(_, other)| is_same(other, path)) {
            warning!(
                "{flag} and {other} are one file, {}: its values tell nothing about data that are new",
                path.display()
            );
        }
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    a == b || real(a).is_some_and(|a| real(b) == Some(a))
}
