//! Circles of files: each needs the next, and the last needs the first.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Segments, Tree};

/// Returns every set of files that need each other, with the needs that close it.
pub fn circles(tree: &Tree) -> Vec<String> {
    let needs: BTreeMap<&Segments, BTreeMap<&Segments, BTreeSet<String>>> =
        tree.0.keys().map(|module| (module, tree.needs(module))).collect();
    let reached: BTreeMap<&Segments, BTreeSet<&Segments>> =
        needs.keys().map(|module| (*module, reach(module, &needs))).collect();
    let mut found = BTreeSet::new();
    for (module, below) in &reached {
        let circle: BTreeSet<&Segments> =
            below.iter().copied().filter(|other| reached[other].contains(module)).collect();
        if circle.contains(module) {
            found.insert(circle);
        }
    }
    found.iter().map(|circle| describe(circle, &needs, tree)).collect()
}

/// Modules that `start` needs, directly or through others.
fn reach<'a>(
    start: &'a Segments,
    needs: &BTreeMap<&'a Segments, BTreeMap<&'a Segments, BTreeSet<String>>>,
) -> BTreeSet<&'a Segments> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(module) = open.pop() {
        open.extend(needs[module].keys().filter(|next| reached.insert(**next)));
    }
    reached
}

fn describe(
    circle: &BTreeSet<&Segments>,
    needs: &BTreeMap<&Segments, BTreeMap<&Segments, BTreeSet<String>>>,
    tree: &Tree,
) -> String {
    let files: Vec<&str> = circle.iter().map(|module| tree.0[*module].name.as_str()).collect();
    let mut text = format!("circle of {}: {}", files.len(), files.join(", "));
    for from in circle {
        for (to, names) in needs[from].iter().filter(|(to, _)| circle.contains(*to)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let (from, to) = (&tree.0[*from].name, &tree.0[*to].name);
            text += &format!("\n    {from} needs {to}: {}", names.join(", "));
        }
    }
    text
}

#[test]
fn a_circle_through_a_reexport_is_found() {
    let broken = crate::tree::tree_of(&[
        ("lib.rs", "mod shapes; mod colours;"),
        ("shapes/mod.rs", "mod square; mod area; pub use square::Square;"),
        ("shapes/square.rs", "use super::area::area; pub struct Square;"),
        ("shapes/area.rs", "use crate::shapes::Square; pub fn area() {}"),
        ("colours.rs", "use crate::shapes::Square;"),
    ]);
    let expected = "circle of 2: shapes/area.rs, shapes/square.rs\n    \
        shapes/area.rs needs shapes/square.rs: shapes::Square\n    \
        shapes/square.rs needs shapes/area.rs: shapes::area::area";
    assert_eq!(circles(&broken), [expected]);
}

#[test]
fn needs_in_one_direction_are_no_circle() {
    let sound = crate::tree::tree_of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }"),
        ("b.rs", "use crate::a::A; pub struct B;"),
    ]);
    assert_eq!(circles(&sound), [""; 0]);
}
