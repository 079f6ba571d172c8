//! Context-free grammars: languages of which every sentence can be told right or wrong, to train generators on.
//!
//! A grammar draws sentences ([`Grammar::draw`]), tells whether a sentence is one of its language
//! ([`Grammar::accepts`]), and so measures a generator where text has no right and wrong (Kusner and
//! Hernández-Lobato, 2016).

mod chart;
mod derivations;
mod normal_form;
mod rules;

use std::path::Path;

pub use self::chart::LONGEST_SENTENCE;
use self::normal_form::NormalForm;
use self::rules::Rules;
use crate::error::Result;

/// Grammar of the name `arithmetic`: sums, differences, products and quotients of x.
const ARITHMETIC: &str = "S -> x | S + S | S - S | S * S | S / S";

/// Context-free grammar without empty right sides.
///
/// ```
/// use irgan::data::grammar::Grammar;
/// use irgan::seed::Stream;
///
/// let grammar = Grammar::arithmetic();
/// assert!(grammar.accepts(["x", "+", "x"]) && !grammar.accepts(["x", "x"]));
/// let sentences = grammar.draw(100, 12, Stream::new(1))?;
/// assert!(sentences.iter().all(|sentence| grammar.accepts(sentence.split(' '))));
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Grammar {
    tokens: Vec<String>,
    form: NormalForm,
    unused: Vec<String>, // left sides that no sentence needs
}

impl Grammar {
    /// Returns the grammar `S → x | S + S | S − S | S * S | S / S`.
    pub fn arithmetic() -> Self {
        Self::parse(ARITHMETIC).expect("the built-in grammar is right")
    }

    /// Reads rules from a file; see [`Grammar::parse`].
    ///
    /// # Errors
    /// When the file cannot be read or its rules are wrong; the message names the line.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::of(Rules::read(path)?).map_err(|error| error.in_file(path))
    }

    /// Makes a grammar of rules, `LEFT -> RIGHT | RIGHT` a line, with spaces between symbols; `#` begins a comment.
    ///
    /// Symbols on a left side are replaced, all others are tokens. The first left side is where sentences begin.
    ///
    /// # Errors
    /// When a line is no rule, there is none, or a symbol never ends.
    pub fn parse(rules: &str) -> Result<Self> {
        Self::of(Rules::parse(Path::new("grammar"), rules)?)
    }

    fn of(rules: Rules) -> Result<Self> {
        rules.check_ends()?;
        let unused = rules.unused();
        let (tokens, form) = NormalForm::of(&rules)?;
        Ok(Self { tokens, form, unused })
    }

    /// Returns the tokens of the language, in the order of the rules.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Returns the left sides whose rules no sentence uses.
    pub fn unused(&self) -> &[String] {
        &self.unused
    }

    /// Returns true for a sentence of the language.
    pub fn accepts<'a>(&self, sentence: impl IntoIterator<Item = &'a str>) -> bool {
        let number = |token: &str| self.tokens.iter().position(|known| known == token);
        let numbers: Option<Vec<usize>> = sentence.into_iter().map(number).collect();
        numbers.is_some_and(|numbers| chart::accepts(&self.form, &numbers))
    }
}
