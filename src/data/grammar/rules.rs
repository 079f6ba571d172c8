//! Rules of a grammar as they are written.

use std::path::Path;

use crate::error::{Error, Result};
use crate::files::lines::for_each_line;

/// Description of a line in errors.
const EXPECTED: &str = "a rule, `LEFT -> RIGHT | RIGHT` with spaces between symbols";

/// Symbol of a right side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// Number of a left side.
    Left(usize),
    /// Number of a token.
    Token(usize),
}

/// Left sides, each with its alternatives; sentences begin with the first.
#[derive(Debug)]
pub(super) struct Rules {
    pub lefts: Vec<String>,
    pub tokens: Vec<String>,
    pub alternatives: Vec<Vec<Vec<Symbol>>>, // by left side
}

/// A left side and its right sides as they stand in a line.
struct Line {
    number: usize,
    left: String,
    rights: Vec<Vec<String>>,
}

impl Rules {
    /// Reads the rules of a file.
    pub fn read(path: &Path) -> Result<Self> {
        let mut lines = vec![];
        for_each_line(path, |number, bytes, _| {
            let text = str::from_utf8(bytes).map_err(|_| Error::parse(path, number, EXPECTED, bytes))?;
            lines.extend(line(path, number, text)?);
            Ok(())
        })?;
        Self::of(path, lines)
    }

    /// Reads the rules of a text; errors call it `path`.
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        let mut lines = vec![];
        for (number, text) in (1..).zip(text.lines()) {
            lines.extend(line(path, number, text)?);
        }
        Self::of(path, lines)
    }

    fn of(path: &Path, lines: Vec<Line>) -> Result<Self> {
        if lines.is_empty() {
            return Err(Error::data(path, format!("no rule: expected {EXPECTED}")));
        }
        let mut lefts: Vec<String> = vec![];
        for line in &lines {
            numbered(&mut lefts, &line.left);
        }
        let mut rules = Self { alternatives: vec![vec![]; lefts.len()], lefts, tokens: vec![] };
        for line in lines {
            let left = numbered(&mut rules.lefts, &line.left);
            for right in line.rights {
                let right: Vec<Symbol> = right.iter().map(|symbol| rules.symbol(symbol)).collect();
                if right == [Symbol::Left(left)] {
                    let rule = format!("{0} -> {0}", line.left);
                    let expected = "a right side that is not the left one, which never ends";
                    return Err(Error::parse(path, line.number, expected, rule.as_bytes()));
                }
                rules.alternatives[left].push(right);
            }
        }
        Ok(rules)
    }

    fn symbol(&mut self, name: &str) -> Symbol {
        match self.lefts.iter().position(|left| left == name) {
            Some(left) => Symbol::Left(left),
            None => Symbol::Token(numbered(&mut self.tokens, name)),
        }
    }

    /// Refuses a left side that no rule brings to an end.
    pub fn check_ends(&self) -> Result<()> {
        let mut ends = vec![false; self.lefts.len()];
        let ended = |symbol: &Symbol, ends: &[bool]| match symbol {
            Symbol::Left(left) => ends[*left],
            Symbol::Token(_) => true,
        };
        loop {
            let now: Vec<bool> = self
                .alternatives
                .iter()
                .map(|all| all.iter().any(|right| right.iter().all(|symbol| ended(symbol, &ends))))
                .collect();
            if now == ends {
                break;
            }
            ends = now;
        }
        match ends.iter().position(|ends| !ends) {
            None => Ok(()),
            Some(left) => Err(Error::Unfit(format!(
                "`{0}` never ends: every right side of it leads back to it; give it one of tokens alone, such as `{0} -> x`",
                self.lefts[left]
            ))),
        }
    }

    /// Returns the left sides that cannot be reached from the first.
    pub fn unused(&self) -> Vec<String> {
        let mut reached = vec![false; self.lefts.len()];
        let mut open = vec![0];
        while let Some(left) = open.pop() {
            if !std::mem::replace(&mut reached[left], true) {
                open.extend(self.alternatives[left].iter().flatten().filter_map(|symbol| match symbol {
                    Symbol::Left(left) => Some(*left),
                    Symbol::Token(_) => None,
                }));
            }
        }
        self.lefts.iter().zip(reached).filter(|(_, reached)| !reached).map(|(left, _)| left.clone()).collect()
    }
}

/// Returns the number of `name`, which is added when it is new.
fn numbered(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// Reads one line; `None` for an empty one or a comment.
fn line(path: &Path, number: usize, text: &str) -> Result<Option<Line>> {
    let rule = text.split_once('#').map_or(text, |(before, _)| before).trim();
    if rule.is_empty() {
        return Ok(None);
    }
    let malformed = || Error::parse(path, number, EXPECTED, rule.as_bytes());
    let (left, rights) = rule.split_once("->").or_else(|| rule.split_once('→')).ok_or_else(malformed)?;
    let left = left.trim();
    if left.is_empty() || left.contains(char::is_whitespace) {
        return Err(malformed());
    }
    let symbols = |right: &str| right.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let rights: Vec<_> = rights.split('|').map(symbols).collect();
    if rights.iter().any(Vec::is_empty) {
        return Err(Error::parse(path, number, "symbols on every right side", rule.as_bytes()));
    }
    Ok(Some(Line { number, left: left.to_owned(), rights }))
}
