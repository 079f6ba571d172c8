//! Draws of sentences: first a length, then a derivation of that length.

use rand::Rng as _;

use super::Grammar;
use super::chart::LONGEST_SENTENCE;
use super::normal_form::{NormalForm, Right};
use crate::error::{Error, Result};
use crate::seed::{Rng, Stream};

impl Grammar {
    /// Draws `count` sentences of at most `longest` tokens, tokens parted by spaces.
    ///
    /// Every length that the language has is equally likely, and so is every derivation of a length. Sentence i uses the
    /// stream `stream.at(i)`.
    ///
    /// # Errors
    /// When there is no such sentence, or more than [`LONGEST_SENTENCE`] tokens are asked for.
    pub fn draw(&self, count: usize, longest: usize, stream: Stream) -> Result<Vec<String>> {
        if longest > LONGEST_SENTENCE {
            return Err(length_error(longest, &format!("expected 1 to {LONGEST_SENTENCE}")));
        }
        let derivations = Derivations::new(&self.form, longest);
        if derivations.lengths().any(|length| !derivations.of(0, length).is_finite()) {
            return Err(length_error(longest, "there are too many derivations; ask for shorter sentences"));
        }
        let lengths: Vec<usize> = derivations.lengths().collect();
        if lengths.is_empty() {
            return Err(length_error(longest, "every sentence is longer"));
        }
        let sentence = |number: usize| {
            let mut rng = stream.at(number as u64).rng();
            let length = lengths[rng.random_range(0..lengths.len())];
            let mut tokens = vec![];
            derivations.derive(0, length, &mut rng, &mut tokens);
            tokens.iter().map(|&token| self.tokens[token].as_str()).collect::<Vec<_>>().join(" ")
        };
        Ok((0..count).map(sentence).collect())
    }
}

/// Returns the error of a length that sentences cannot be drawn at.
fn length_error(length: usize, cause: &str) -> Error {
    Error::Unfit(format!("no sentence of at most {length} tokens can be drawn: {cause}"))
}

/// Numbers of derivations by symbol and length.
struct Derivations<'a> {
    form: &'a NormalForm,
    counts: Vec<Vec<f64>>, // [symbol][length − 1]
}

impl<'a> Derivations<'a> {
    fn new(form: &'a NormalForm, longest: usize) -> Self {
        let mut all = Self { form, counts: vec![vec![]; form.rights.len()] };
        for length in 1..=longest {
            for &symbol in &form.order {
                let count = form.rights[symbol].iter().map(|&right| all.of_right(right, length)).sum();
                all.counts[symbol].push(count);
            }
        }
        all
    }

    /// Returns the number of derivations of `length` tokens from a symbol; 0 for a length that is not counted yet.
    fn of(&self, symbol: usize, length: usize) -> f64 {
        self.counts[symbol].get(length - 1).copied().unwrap_or(0.0)
    }

    fn of_right(&self, right: Right, length: usize) -> f64 {
        match right {
            Right::Token(_) => f64::from(u8::from(length == 1)),
            Right::One(one) => self.of(one, length),
            Right::Two(first, second) => {
                (1..length).map(|cut| self.of(first, cut) * self.of(second, length - cut)).sum()
            }
        }
    }

    /// Returns the lengths that sentences have.
    fn lengths(&self) -> impl Iterator<Item = usize> {
        (1..=self.counts[0].len()).filter(|&length| self.of(0, length) > 0.0)
    }

    /// Appends a random derivation of `length` tokens from `symbol`.
    fn derive(&self, symbol: usize, length: usize, rng: &mut Rng, tokens: &mut Vec<usize>) {
        let rights = &self.form.rights[symbol];
        let chosen = chosen(rights.iter().map(|&right| self.of_right(right, length)), rng);
        match rights[chosen] {
            Right::Token(token) => tokens.push(token),
            Right::One(one) => self.derive(one, length, rng, tokens),
            Right::Two(first, second) => {
                let ways = (1..length).map(|cut| self.of(first, cut) * self.of(second, length - cut));
                let cut = 1 + self::chosen(ways, rng);
                self.derive(first, cut, rng, tokens);
                self.derive(second, length - cut, rng, tokens);
            }
        }
    }
}

/// Draws a place in proportion to `weights`, of which one is above 0.
fn chosen(weights: impl Iterator<Item = f64>, rng: &mut Rng) -> usize {
    let weights: Vec<f64> = weights.collect();
    let mut left = rng.random::<f64>() * weights.iter().sum::<f64>();
    let mut last = 0;
    for (place, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = place;
        if left < weight {
            break;
        }
        left -= weight;
    }
    last
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn numbers_of_derivations_are_those_of_binary_trees() {
        let grammar = Grammar::arithmetic();
        let derivations = Derivations::new(&grammar.form, 7);
        let counts: Vec<f64> = (1..=7).map(|length| derivations.of(0, length)).collect();
        // Catalan numbers times four operators a node: 1, 1 · 4, 2 · 16, 5 · 64.
        assert_eq!(counts, [1.0, 0.0, 4.0, 0.0, 32.0, 0.0, 320.0]);
    }

    #[test]
    fn draws_are_spread_over_all_lengths_and_all_sentences_of_a_length() {
        let grammar = Grammar::arithmetic();
        let drawn = grammar.draw(6_000, 6, Stream::new(1)).expect("there are sentences");
        let mut counts: HashMap<&str, usize> = HashMap::new();
        drawn.iter().for_each(|sentence| *counts.entry(sentence).or_default() += 1);
        // 1 of length 1, 4 of length 3, 16 of length 5: a third of the draws each.
        assert_eq!(counts.len(), 21);
        assert!((counts["x"] as f64 / 6_000.0 - 1.0 / 3.0).abs() < 0.03);
        assert!(counts.values().all(|&count| count > 80), "{counts:?}");
    }

    #[test]
    fn exactly_the_sentences_of_the_language_are_accepted() {
        let grammar = Grammar::parse("S -> a S b | T # nested\nT -> c | c T").expect("a grammar");
        let drawn = grammar.draw(2_000, 5, Stream::new(2)).expect("there are sentences");
        let drawn: HashSet<String> = drawn.into_iter().collect();
        let mut accepted = HashSet::new();
        for length in 1..=5 {
            for number in 0..3_usize.pow(length) {
                let tokens: Vec<&str> =
                    (0..length).map(|place| ["a", "b", "c"][number / 3_usize.pow(place) % 3]).collect();
                if grammar.accepts(tokens.iter().copied()) {
                    accepted.insert(tokens.join(" "));
                }
            }
        }
        assert_eq!(drawn, accepted);
        assert!(accepted.contains("a a c b b") && !accepted.contains("a c"));
        assert!(!grammar.accepts(["d"]) && !grammar.accepts([]));
    }

    #[test]
    fn wrong_grammars_are_refused_with_their_line() {
        let message = |rules: &str| Grammar::parse(rules).expect_err(rules).to_string();
        assert!(message("# nothing\n\n").contains("no rule"));
        assert!(message("S -> x\nS = y").contains("grammar:2"));
        assert!(message("S -> x |").contains("every right side"));
        assert!(message("S -> S").contains("never ends"));
        assert!(message("S -> a | T\nT -> b T").contains("`T` never ends"));
        assert!(message("S -> T | a\nT -> S").contains("never ends"));
        let long = Grammar::parse("S -> a a a").expect("a grammar");
        assert!(long.draw(1, 2, Stream::new(1)).expect_err("too short").to_string().contains("longer"));
        assert!(long.draw(1, 0, Stream::new(1)).is_err() && long.draw(1, 1_000, Stream::new(1)).is_err());
        assert_eq!(Grammar::parse("S -> a\nT -> b").expect("a grammar").unused(), ["T"]);
    }
}
