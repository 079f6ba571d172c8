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

/// Asserts that no fault was found.
#[track_caller]
fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "{} found:\n{}", found.len(), found.join("\n"));
}

#[test]
fn imports_point_down() {
    assert_none(&floors::upward(&sources()));
}

#[test]
fn no_circle_of_files() {
    assert_none(&circles::circles(&sources()));
}

#[test]
fn only_the_programs_name_flags() {
    assert_none(&wording::flags(&sources()));
}

#[test]
fn summaries_say_what_an_item_does_or_is() {
    assert_none(&wording::riddles(&sources()));
}
