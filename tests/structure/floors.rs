//! Floors of the crate: an import may only point down.

use crate::tree::{Segments, Tree};

/// Modules of the root from bottom to top; those of one floor do not know each other.
const FLOORS: [&[&str]; 18] = [
    &["error", "seed", "event", "memory"],
    &["files"],
    &["math"],
    &["team"],
    &["nn"],
    &["policy_gradient", "pathwise"],
    &["game"],
    &["evaluation"],
    &["data"],
    &["retrieval"],
    &["ranking", "text"],
    &["runs"],
    &["report"],
    &["experiments"],
    &["serve"],
    &["cli"],
    &["bin"],
    &[""], // the root itself
];

/// Returns every mention of a module that stands higher than its file, or beside it on the same floor.
pub fn upward(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (module, file) in &tree.0 {
        for mention in tree.mentions(module) {
            let (from, to) = (room(module), target(tree, &mention.path));
            if from != to && floor(to) >= floor(from) {
                found.push(format!(
                    "{}:{}: {from} may not know {to}: {}",
                    file.name,
                    mention.line,
                    mention.path.join("::")
                ));
            }
        }
    }
    found
}

/// First segment of a path: the room of the house; the root's own name is empty.
fn room(path: &Segments) -> &str {
    path.first().map_or("", String::as_str)
}

/// Room that a path leads into; what the root re-exports belongs to where it is defined.
fn target<'a>(tree: &'a Tree, path: &'a Segments) -> &'a str {
    let written = room(path);
    if tree.0.contains_key([written.to_owned()].as_slice()) {
        return written;
    }
    tree.resolve(path).map_or("", room)
}

/// Floor of a room.
///
/// # Panics
/// If the room is not in the plan: a new module of the root needs a floor.
fn floor(room: &str) -> usize {
    FLOORS
        .iter()
        .position(|floor| floor.contains(&room))
        .unwrap_or_else(|| panic!("src/{room} has no floor: add it to FLOORS in tests/structure/floors.rs"))
}

#[test]
fn imports_upward_and_sideways_are_found() {
    let broken = crate::tree::tree_of(&[
        (
            "lib.rs",
            "pub mod error; pub mod nn; pub mod ranking; pub mod text; pub use {error::Error, text::Text};",
        ),
        ("error.rs", "pub struct Error;"),
        ("nn.rs", "use crate::{Error, ranking::Pool};\nfn f() { crate::Text::new(); }"),
        ("ranking/mod.rs", "mod pool; pub use pool::Pool;"),
        ("ranking/pool.rs", "use super::super::text;\nuse crate::nn;\npub struct Pool;"),
        ("text.rs", "use crate::error::Error; pub struct Text;"),
    ]);
    let expected = [
        "nn.rs:1: nn may not know ranking: ranking::Pool",
        "nn.rs:2: nn may not know text: Text::new",
        "ranking/pool.rs:1: ranking may not know text: text",
    ];
    assert_eq!(upward(&broken), expected);
}
