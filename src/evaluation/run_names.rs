//! Names of runs in a table: the shortest that tell them apart.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::Path;

/// Endings that the name of a run is shown without.
const ENDINGS: [&str; 3] = [".run", ".txt", ".trec"];

/// Returns the name of a run file without folder and ending.
pub(super) fn short_name(path: &Path) -> String {
    let name = file_name(path);
    let stem = name.trim_end_matches(".gz").trim_end_matches(".zst");
    ENDINGS.iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem).to_owned()
}

/// Returns a name for each path: the file's name alone where no other has it, else with its ending, or with as many of its
/// folders as tell it apart. Equal paths have equal names.
pub(super) fn names(paths: &[impl AsRef<Path>]) -> Vec<String> {
    let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
    let mut alike: HashMap<String, Vec<&Path>> = HashMap::new();
    for path in &paths {
        let group = alike.entry(short_name(path)).or_default();
        if !group.contains(path) {
            group.push(path);
        }
    }
    paths.iter().map(|path| name(path, &alike[&short_name(path)])).collect()
}

/// Returns the shortest name of `path` among those of the same short name.
fn name(path: &Path, alike: &[&Path]) -> String {
    let longest = alike.iter().map(|path| path.components().count()).max().unwrap_or(1);
    for folders in 0..longest {
        for ending in [false, true] {
            let shown = |path: &Path| with_folders(path, folders, ending);
            let mine = shown(path);
            if alike.iter().filter(|other| shown(other) == mine).count() == 1 {
                return mine;
            }
        }
    }
    path.display().to_string()
}

/// Returns the last `folders` folders of a path and its name, with or without its ending.
fn with_folders(path: &Path, folders: usize, ending: bool) -> String {
    let above = path.parent().map_or_else(Vec::new, |parent| parent.components().collect::<Vec<_>>());
    let above = above[above.len().saturating_sub(folders)..].iter();
    let parts = above.map(|part| part.as_os_str().to_string_lossy().into_owned());
    let last = if ending { file_name(path) } else { short_name(path) };
    parts.chain([last]).collect::<Vec<_>>().join("/").replace("//", "/")
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(OsStr::new(path)).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_short_as_they_can_be() {
        for (paths, expected) in [
            (&["a/x.run", "b/y.run.gz"][..], &["x", "y"][..]),
            (&["a/x.run", "b/x.run"], &["a/x", "b/x"]),
            (&["runs/a/test.run", "runs/b/test.run", "c.run"], &["a/test", "b/test", "c"]),
            (&["a/k/x.run", "b/k/x.run", "x.run"], &["a/k/x", "b/k/x", "x"]),
            (&["x.run", "x.txt"], &["x.run", "x.txt"]),
            (&["x.run", "x.run"], &["x", "x"]),
            (&["/x.run", "x.run"], &["/x", "x"]),
            (&["-"], &["-"]),
        ] {
            assert_eq!(names(paths), expected);
        }
    }
}
