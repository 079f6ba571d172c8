//! The plan of the sources: imports point down, no circle of files, flags are named by the programs alone, and a summary
//! says what its item does or is.
//!
//! The sources are read as text, so that the checks can be shown to fail on small trees that break them.

mod circles;
mod floors;
mod tokens;
mod tree;
mod wording;

use std::path::Path;

use tree::Tree;

/// Sources of this crate.
fn sources() -> Tree {
    Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// Asserts that at most `allowed` faults were found.
#[track_caller]
fn assert_few(found: &[String], allowed: usize) {
    assert!(found.len() <= allowed, "{} found, {allowed} allowed:\n{}", found.len(), found.join("\n"));
}

#[test]
fn imports_point_down() {
    assert_few(&floors::upward(&sources()), 0);
}

#[test]
fn no_circle_of_files() {
    assert_few(&circles::circles(&sources()), 0);
}

#[test]
fn only_the_programs_name_flags() {
    assert_few(&wording::flags(&sources()), 0);
}

#[test]
fn summaries_say_what_an_item_does_or_is() {
    assert_few(&wording::riddles(&sources()), 138);
}
