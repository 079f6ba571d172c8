//! Measures of generated lines: words, n-grams, and variety.

use std::collections::BTreeSet;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::lines::{LineData, ids, text, with_end};
use crate::data::grammar::Grammar;
use crate::data::words::Vocabulary;
use crate::evaluation::text::ngram_js;
use crate::files::json_file;
use crate::math::sampling::subset;
use crate::seed::Stream;
use crate::text::Grammatical;

/// Longest n-grams that are compared.
pub const LONGEST_NGRAM: usize = 4;

/// Measures of some lines.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineMeasures {
    /// Share of words that stand in the training lines; the larger the more real.
    #[serde(deserialize_with = "json_file::number")]
    pub words: f64,
    /// Jensen–Shannon divergence of the n-grams of n = 1 to 4 tokens from those of the reference, in nats.
    #[serde(deserialize_with = "json_file::array")]
    pub js: [f64; LONGEST_NGRAM],
    /// Number of different lines divided by the number of lines.
    pub distinct: f64,
    /// Share and entropy of grammatical lines, where the grammar is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Grammatical>,
}

impl LineMeasures {
    /// Returns the value by which rounds are compared, larger being better: the mean divergence, negated.
    pub fn value(&self) -> f64 {
        -self.js.iter().sum::<f64>() / LONGEST_NGRAM as f64
    }
}

/// Real lines that generated ones are compared with.
#[derive(Clone, Debug)]
pub struct LineReference<'a> {
    words: &'a BTreeSet<String>,
    lines: Vec<Vec<u32>>,
    vocabulary: &'a Vocabulary,
    grammar: Option<&'a Grammar>,
}

/// Returns the words of lines, which white space parts.
pub(super) fn words_of(lines: ArrayView2<'_, u32>, vocabulary: &Vocabulary) -> BTreeSet<String> {
    let texts = lines.rows().into_iter().map(|line| text(line, vocabulary));
    texts.flat_map(|text| text.split_whitespace().map(String::from).collect::<Vec<_>>()).collect()
}

impl<'a> LineReference<'a> {
    /// Makes a reference of `lines: [N, T]`, of which n-grams are taken, and of the `words` of the training lines.
    pub fn new(lines: ArrayView2<'_, u32>, words: &'a BTreeSet<String>, vocabulary: &'a Vocabulary) -> Self {
        let lines = lines.rows().into_iter().map(with_end).collect();
        Self { words, lines, vocabulary, grammar: None }
    }

    /// Makes a reference of the held-out lines of `data`, with its grammar.
    pub fn held_out(data: &'a LineData, words: &'a BTreeSet<String>) -> Self {
        let reference = Self::new(data.valid.view(), words, &data.vocabulary);
        Self { grammar: data.grammar.as_deref(), ..reference }
    }

    /// Measures `lines: [N, T]`.
    pub fn measure(&self, lines: ArrayView2<'_, u32>) -> LineMeasures {
        let sentences: Vec<Vec<u32>> = lines.rows().into_iter().map(with_end).collect();
        let js = std::array::from_fn(|place| ngram_js(&sentences, &self.lines, place + 1));
        let (mut known, mut all) = (0usize, 0usize);
        for line in lines.rows() {
            for word in text(line, self.vocabulary).split_whitespace() {
                known += usize::from(self.words.contains(word));
                all += 1;
            }
        }
        let distinct = sentences.iter().collect::<BTreeSet<_>>().len() as f64;
        let count = |count: usize| count.max(1) as f64;
        let tokens: Vec<Vec<u32>> = lines.rows().into_iter().map(ids).collect();
        let language = self
            .grammar
            .map(|grammar| Grammatical::of(tokens.iter().map(Vec::as_slice), grammar, self.vocabulary));
        let (words, distinct) = (known as f64 / count(all), distinct / count(sentences.len()));
        LineMeasures { words, js, distinct, language }
    }
}

/// Returns at most `count` training lines, the sample of real lines whose measures are those of a perfect generator.
pub(super) fn real_sample(data: &LineData, count: usize, stream: Stream) -> Array2<u32> {
    let chosen = subset(data.train.nrows(), count.min(data.train.nrows()), &mut stream.rng());
    data.train.select(ndarray::Axis(0), &chosen)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::data::words::{Level, Tokenizer};

    #[test]
    fn words_ngrams_and_variety_of_three_lines() {
        let tokenizer = Tokenizer { level: Level::Char, lowercase: false };
        let vocabulary = Vocabulary::build(tokenizer, [["a", " ", "b"]], 1); // ids 4: space, 5: a, 6: b
        let [space, a, b] = [" ", "a", "b"].map(|token| vocabulary.id(token).expect("known") - 2);
        let real = array![[a, b, space, a], [b, 0, 0, 0]];
        let words = words_of(real.view(), &vocabulary);
        assert_eq!(words.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "ab", "b"]);
        let reference = LineReference::new(real.view(), &words, &vocabulary);
        // Words: ab, b | ba | ab, b, of which ba is unknown.
        let lines = array![[a, b, space, b], [b, a, 0, 0], [a, b, space, b]];
        let found = reference.measure(lines.view());
        assert_eq!((found.words, found.distinct), (4.0 / 5.0, 2.0 / 3.0));
        let same = reference.measure(real.view());
        assert_eq!((same.words, same.js, same.value()), (1.0, [0.0; 4], 0.0));
        assert!(found.js.iter().all(|&js| js > 0.0) && found.value() < 0.0);
    }
}
