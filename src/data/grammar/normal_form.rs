//! Normal form of a grammar: every right side is a token, one symbol, or two.

use super::rules::{Rules, Symbol};
use crate::error::{Error, Result};

/// Right side in normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// Number of a token.
    Token(usize),
    /// Number of a symbol.
    One(usize),
    /// Numbers of two symbols.
    Two(usize, usize),
}

/// Grammar whose right sides are tokens, single symbols or pairs of symbols.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NormalForm {
    /// Right sides by symbol; sentences begin with symbol 0.
    pub rights: Vec<Vec<Right>>,
    /// Symbols in an order in which each follows those that it may be replaced by alone.
    pub order: Vec<usize>,
}

impl NormalForm {
    /// Brings rules into normal form, with the tokens that sentences have.
    ///
    /// # Errors
    /// When symbols may replace each other without end.
    pub fn of(rules: &Rules) -> Result<(Vec<String>, Self)> {
        let mut rights = vec![vec![]; rules.lefts.len()];
        for (left, alternatives) in rules.alternatives.iter().enumerate() {
            for right in alternatives {
                let right = shortened(right, &mut rights);
                if !rights[left].contains(&right) {
                    rights[left].push(right);
                }
            }
        }
        let order = order(&rights).map_err(|symbol| {
            let name = rules.lefts.get(symbol).map_or("a symbol", String::as_str);
            Error::Unfit(format!(
                "`{name}` is replaced by itself over other symbols and never ends: delete a rule"
            ))
        })?;
        Ok((rules.tokens.clone(), Self { rights, order }))
    }
}

/// Returns one right side; longer ones get symbols of their own, added to `rights`.
fn shortened(right: &[Symbol], rights: &mut Vec<Vec<Right>>) -> Right {
    match *right {
        [Symbol::Token(token)] => Right::Token(token),
        [Symbol::Left(left)] => Right::One(left),
        [first, ref rest @ ..] => Right::Two(symbol(&[first], rights), symbol(rest, rights)),
        [] => unreachable!("right sides are not empty"),
    }
}

/// Returns the symbol that is replaced by `right` alone.
fn symbol(right: &[Symbol], rights: &mut Vec<Vec<Right>>) -> usize {
    if let &[Symbol::Left(left)] = right {
        return left;
    }
    let only = shortened(right, rights);
    rights.push(vec![only]);
    rights.len() - 1
}

/// Returns the symbols, each behind those that may replace it alone; the error is a symbol on a circle.
fn order(rights: &[Vec<Right>]) -> std::result::Result<Vec<usize>, usize> {
    let mut order: Vec<usize> = vec![];
    while order.len() < rights.len() {
        let ready = |symbol: &usize| {
            !order.contains(symbol)
                && rights[*symbol]
                    .iter()
                    .all(|right| !matches!(right, Right::One(one) if !order.contains(one)))
        };
        let next: Vec<usize> = (0..rights.len()).filter(ready).collect();
        if next.is_empty() {
            return Err((0..rights.len()).find(|symbol| !order.contains(symbol)).unwrap_or(0));
        }
        order.extend(next);
    }
    Ok(order)
}
