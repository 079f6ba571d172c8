//! Words that the library leaves to its programs, and words that begin no summary.

use crate::tokens::Token;
use crate::tree::Tree;

/// First words of a sentence that says neither what an item does nor what it is.
const RIDDLES: [&str; 6] = ["What", "Who", "How", "Where", "Whether", "The same"];

/// Returns every string outside of `cli` that names a flag: a library's error names the setting.
pub fn flags(tree: &Tree) -> Vec<String> {
    let library = tree.0.iter().filter(|(module, _)| module.first().is_none_or(|room| room != "cli"));
    let mut found = Vec::new();
    for (_, file) in library {
        for placed in &file.tokens {
            if let Token::Text(text) = &placed.token
                && names_flag(text)
            {
                found.push(format!("{}:{}: {text}", file.name, placed.line));
            }
        }
    }
    found
}

/// `--` before a letter, unless it is a custom property of CSS (`var(--name)`).
fn names_flag(text: &str) -> bool {
    text.match_indices("--").any(|(at, dashes)| {
        let letter = text[at + dashes.len()..].starts_with(|c: char| c.is_ascii_alphabetic());
        letter
            && !text[..at].ends_with(|c: char| c == '-' || c.is_alphanumeric())
            && !text[..at].ends_with("var(")
    })
}

/// A riddle as a word of its own: “Whatever” is none.
fn begins_with_riddle(text: &str) -> bool {
    let rest = RIDDLES.iter().find_map(|riddle| text.strip_prefix(riddle));
    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Returns every summary of a doc comment that begins with a riddle.
pub fn riddles(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for file in tree.0.values() {
        let mut last = 0; // line of the doc comment before
        for placed in &file.tokens {
            let Token::Doc(text) = &placed.token else { continue };
            if placed.line != last + 1 && begins_with_riddle(text) {
                found.push(format!("{}:{}: {text}", file.name, placed.line));
            }
            last = placed.line;
        }
    }
    found
}

#[test]
fn flags_in_messages_are_found_outside_of_the_programs() {
    let broken = crate::tree::tree_of(&[
        ("lib.rs", "mod cli; mod text;"),
        ("cli.rs", r#"const ADVICE: &str = "choose another --out";"#),
        (
            "text.rs",
            "fn f() {\n    g(\"raise --ridge, or generator.optimizer.learning-rate\", \"a -- b\", \"var(--ink)\") // --x\n}",
        ),
    ]);
    assert_eq!(flags(&broken), ["text.rs:2: raise --ridge, or generator.optimizer.learning-rate"]);
}

#[test]
fn summaries_that_begin_with_a_riddle_are_found() {
    let broken = crate::tree::tree_of(&[(
        "lib.rs",
        "//! Whatever is said here.\n//! What follows is the second line.\n\n/// The same of others.\nfn f() {}",
    )]);
    assert_eq!(riddles(&broken), ["lib.rs:4: The same of others."]);
}
