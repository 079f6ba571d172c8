//! Vocabulary: tokens and their ids.

use super::interner::Interner;
use super::tokenizer::Tokenizer;

/// Id of padding, which stands after a sentence's end: `<pad>`.
pub const PAD: u32 = 0;
/// Id of the token that a generator reads before it writes the first one: `<s>`.
pub const START: u32 = 1;
/// Id of the last token of every sentence: `</s>`.
pub const END: u32 = 2;
/// Id of every token that the vocabulary does not have: `<unk>`.
pub const UNKNOWN: u32 = 3;
/// Id of the token that parts the turns of a conversation, in a vocabulary that has it ([`Vocabulary::with_turns`]):
/// `__eou__`.
pub const EOU: u32 = 4;

/// Names of the special tokens, by id; most vocabularies lack the last one. A token of the corpus may be spelt like one of
/// them; it is another token.
const SPECIAL: [&str; 5] = ["<pad>", "<s>", "</s>", "<unk>", "__eou__"];

/// Tokens and their ids: four special ones, or five where there are turns, then those of a corpus by descending count, ties
/// in code-point order.
///
/// ```
/// use irgan::data::words::{END, Tokenizer, UNKNOWN, Vocabulary};
///
/// let sentences = [vec!["a", "man", "."], vec!["a", "dog", "."]];
/// let vocabulary = Vocabulary::build(Tokenizer::default(), &sentences, 1);
/// assert_eq!(vocabulary.len(), 8);
/// assert_eq!(vocabulary.encode(["a", "cat", "."]), [5, UNKNOWN, 4]); // `.` comes before `a`
/// assert_eq!(vocabulary.decode(&[5, 6, 4, END]), "a dog.");
/// ```
#[derive(Clone, Debug)]
pub struct Vocabulary {
    tokenizer: Tokenizer,
    special: usize,   // number of special tokens
    tokens: Interner, // those of the corpus: id = number + special
}

impl Vocabulary {
    /// Makes the vocabulary of the tokens that occur at least `min_count` times in `sentences`.
    pub fn build<S>(tokenizer: Tokenizer, sentences: impl IntoIterator<Item = S>, min_count: usize) -> Self
    where
        S: IntoIterator<Item: AsRef<str>>,
    {
        let (mut tokens, mut counts) = (Interner::default(), Vec::new());
        for token in sentences.into_iter().flatten() {
            let (place, new) = tokens.insert(token.as_ref());
            if new {
                counts.push(0);
            }
            counts[place as usize] += 1;
        }
        Self::from_counts(tokenizer, &tokens, &counts, min_count)
    }

    /// Makes the vocabulary of the tokens that occur at least `min_count` times; `counts` go by the number of a token.
    pub(crate) fn from_counts(
        tokenizer: Tokenizer,
        tokens: &Interner,
        counts: &[usize],
        min_count: usize,
    ) -> Self {
        let mut kept: Vec<(usize, &str)> = counts
            .iter()
            .zip(tokens.names())
            .filter(|&(&count, _)| count >= min_count.max(1))
            .map(|(&count, name)| (count, &**name))
            .collect();
        kept.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let mut tokens = Interner::default();
        for (_, name) in kept {
            tokens.insert(name);
        }
        Self::new(tokenizer, tokens)
    }

    pub(crate) fn new(tokenizer: Tokenizer, tokens: Interner) -> Self {
        Self { tokenizer, special: SPECIAL.len() - 1, tokens }
    }

    /// Returns the vocabulary with the token [`EOU`], which parts the turns of a conversation; the ids of the corpus begin
    /// behind it.
    ///
    /// ```
    /// use irgan::data::words::{EOU, Tokenizer, Vocabulary};
    ///
    /// let vocabulary = Vocabulary::build(Tokenizer::default(), [["yes", "no"]], 1).with_turns();
    /// assert_eq!((vocabulary.turn_end(), vocabulary.id("no"), vocabulary.len()), (Some(EOU), Some(5), 7));
    /// assert_eq!(vocabulary.decode(&[6, EOU, 5]), "yes __eou__ no");
    /// ```
    pub fn with_turns(self) -> Self {
        Self { special: SPECIAL.len(), ..self }
    }

    /// Returns the vocabulary of its first `most` tokens, the special ones included.
    pub fn truncated(self, most: usize) -> Self {
        let mut tokens = Interner::default();
        for name in self.tokens.names().iter().take(most.saturating_sub(self.special)) {
            tokens.insert(name);
        }
        Self { tokens, ..self }
    }

    /// Returns the token that parts the turns of a conversation; `None` in a vocabulary of sentences.
    pub fn turn_end(&self) -> Option<u32> {
        (self.special == SPECIAL.len()).then_some(EOU)
    }

    /// Returns the rule by which lines become tokens of this vocabulary.
    pub fn tokenizer(&self) -> Tokenizer {
        self.tokenizer
    }

    /// Returns the number of tokens, V, the special ones included.
    pub fn len(&self) -> usize {
        self.special + self.tokens.len()
    }

    /// Returns true when there are only special tokens.
    pub fn is_empty(&self) -> bool {
        self.tokens.len() == 0
    }

    /// Iterates over the tokens of the corpus in the order of their ids, of which the first is 4, or 5 with turns.
    pub fn corpus_tokens(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tokens.names().iter().map(|name| &**name)
    }

    /// Returns the token of an id; `None` from V on.
    pub fn token(&self, id: u32) -> Option<&str> {
        let id = id as usize;
        let of_corpus = || self.tokens.names().get(id - self.special).map(|name| &**name);
        SPECIAL[..self.special].get(id).copied().or_else(of_corpus)
    }

    /// Returns the id of a token of the corpus; `None` when the vocabulary does not have it.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.tokens.get(token).map(|place| place + self.special as u32)
    }

    /// Returns the ids of tokens; those that the vocabulary does not have become [`UNKNOWN`].
    pub fn encode<S: AsRef<str>>(&self, tokens: impl IntoIterator<Item = S>) -> Vec<u32> {
        tokens.into_iter().map(|token| self.id(token.as_ref()).unwrap_or(UNKNOWN)).collect()
    }

    /// Returns ids as a line to read, joined by [`Tokenizer::join`], without padding, start and end. An unknown token reads
    /// `<unk>`, and so does an id beyond the vocabulary.
    pub fn decode(&self, ids: &[u32]) -> String {
        let shown = ids.iter().filter(|id| !matches!(**id, PAD | START | END));
        self.tokenizer.join(shown.map(|&id| self.token(id).unwrap_or(SPECIAL[UNKNOWN as usize])))
    }
}

impl PartialEq for Vocabulary {
    fn eq(&self, other: &Self) -> bool {
        let alike = self.tokenizer == other.tokenizer && self.special == other.special;
        alike && self.tokens.names() == other.tokens.names()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(line: &str, min_count: usize) -> Vocabulary {
        Vocabulary::build(Tokenizer::default(), [line.split(' ')], min_count)
    }

    #[test]
    fn frequent_tokens_come_first_and_ties_by_code_point() {
        let vocabulary = letters("é b a b z c c", 1);
        assert_eq!(vocabulary.corpus_tokens().collect::<Vec<_>>(), ["b", "c", "a", "z", "é"]);
        assert_eq!(
            (vocabulary.id("b"), vocabulary.token(8), vocabulary.token(9)),
            (Some(4), Some("é"), None)
        );
        assert_eq!(letters("é b a b z c c", 2).corpus_tokens().collect::<Vec<_>>(), ["b", "c"]);
        assert!(letters("a b", 2).is_empty() && letters("a", 0).len() == 5);
    }

    #[test]
    fn a_token_spelt_like_a_special_one_is_another() {
        let vocabulary = letters("<pad> <pad> x", 1);
        assert_eq!(vocabulary.encode(["<pad>", "x", "<unk>", "</s>"]), [4, 5, UNKNOWN, UNKNOWN]);
        assert_eq!(vocabulary.decode(&[START, 4, UNKNOWN, 99, END, PAD]), "<pad> <unk> <unk>");
        let names: Vec<_> = (0..4).map(|id| vocabulary.token(id).expect("a special token")).collect();
        assert_eq!(names, SPECIAL[..4]);
    }

    #[test]
    fn turns_move_the_ids_of_the_corpus_by_one() {
        let vocabulary = letters("b a b __eou__", 1).with_turns();
        assert_eq!(vocabulary.encode(["b", "__eou__", "a"]), [5, 6, 7]);
        assert_eq!(
            (vocabulary.token(EOU), vocabulary.token(7), vocabulary.token(8)),
            (Some("__eou__"), Some("a"), None)
        );
        assert_ne!(vocabulary, letters("b a b __eou__", 1));
        assert_eq!(letters("a", 1).turn_end(), None);
    }

    #[test]
    fn a_truncated_vocabulary_keeps_the_frequent_tokens() {
        let kept = |most| letters("c b a b c c", 1).truncated(most);
        assert_eq!(kept(6).corpus_tokens().collect::<Vec<_>>(), ["c", "b"]);
        assert_eq!((kept(100).len(), kept(0).len()), (7, 4));
        assert_eq!(letters("c b c", 1).with_turns().truncated(6).encode(["c", "b"]), [5, UNKNOWN]);
    }
}
