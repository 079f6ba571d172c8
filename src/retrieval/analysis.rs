//! Analysis of texts: the terms of a language under which documents are indexed and searched.

use serde::{Deserialize, Serialize};
use tantivy::tokenizer::{
    Language as Stems, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, StopWordFilter, TextAnalyzer,
};

use super::cjk::CjkTokenizer;

/// Longest token in bytes; longer ones are not indexed.
const LONGEST_TOKEN: usize = 255;

/// Language of an index, which decides how texts become terms.
///
/// `zh` and `zh-char` cut Chinese, Japanese and Korean texts into characters; all others split at every character that
/// is neither a letter nor a digit. All lower the case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the languages by their ISO codes
pub enum Language {
    /// English: Porter's stemmer and a short list of stop words
    #[default]
    En,
    /// Any language: whole words, no stop words
    None,
    /// Chinese, Japanese and the like: overlapping pairs of characters
    Zh,
    /// Chinese, Japanese and the like: single characters
    ZhChar,
    Ar,
    Da,
    De,
    El,
    Es,
    Fi,
    Fr,
    Hu,
    It,
    Nl,
    No,
    Pt,
    Ro,
    Ru,
    Sv,
    Ta,
    Tr,
}

impl Language {
    /// Returns the tantivy stemmer of the language, if there is one.
    fn stems(self) -> Option<Stems> {
        Some(match self {
            Self::None | Self::Zh | Self::ZhChar => return None,
            Self::En => Stems::English,
            Self::Ar => Stems::Arabic,
            Self::Da => Stems::Danish,
            Self::De => Stems::German,
            Self::El => Stems::Greek,
            Self::Es => Stems::Spanish,
            Self::Fi => Stems::Finnish,
            Self::Fr => Stems::French,
            Self::Hu => Stems::Hungarian,
            Self::It => Stems::Italian,
            Self::Nl => Stems::Dutch,
            Self::No => Stems::Norwegian,
            Self::Pt => Stems::Portuguese,
            Self::Ro => Stems::Romanian,
            Self::Ru => Stems::Russian,
            Self::Sv => Stems::Swedish,
            Self::Ta => Stems::Tamil,
            Self::Tr => Stems::Turkish,
        })
    }

    /// Returns the analyser that tantivy runs while indexing.
    pub(super) fn analyzer(self) -> TextAnalyzer {
        let long = RemoveLongFilter::limit(LONGEST_TOKEN);
        let words = match self {
            Self::Zh => {
                return TextAnalyzer::builder(CjkTokenizer::pairs()).filter(long).filter(LowerCaser).build();
            }
            Self::ZhChar => {
                return TextAnalyzer::builder(CjkTokenizer::characters())
                    .filter(long)
                    .filter(LowerCaser)
                    .build();
            }
            _ => TextAnalyzer::builder(SimpleTokenizer::default()).filter(long).filter(LowerCaser),
        };
        let Some(language) = self.stems() else { return words.build() };
        match StopWordFilter::new(language) {
            Some(stop_words) => words.filter(stop_words).filter(Stemmer::new(language)).build(),
            None => words.filter(Stemmer::new(language)).build(),
        }
    }
}

/// Calls `each` with every term of `text`, in order.
pub(super) fn for_each_term(analyzer: &mut TextAnalyzer, text: &str, mut each: impl FnMut(&str)) {
    analyzer.token_stream(text).process(&mut |token| each(&token.text));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(language: Language, text: &str) -> Vec<String> {
        let mut terms = vec![];
        for_each_term(&mut language.analyzer(), text, |term| terms.push(term.to_owned()));
        terms
    }

    #[test]
    fn english_is_stemmed_and_loses_its_stop_words() {
        assert_eq!(
            terms(Language::En, "The Boundary-layers of a flying wing"),
            ["boundari", "layer", "fli", "wing"]
        );
        assert_eq!(terms(Language::None, "The Boundary-layers"), ["the", "boundary", "layers"]);
        assert_eq!(terms(Language::De, "Die Häuser"), ["haus"]);
    }

    #[test]
    fn tokens_beyond_the_longest_are_left_out() {
        assert_eq!(terms(Language::None, &format!("a {} b", "x".repeat(300))), ["a", "b"]);
    }

    #[test]
    fn chinese_is_cut_into_pairs_or_characters() {
        assert_eq!(terms(Language::Zh, "长江大桥 Bridge 7"), ["长江", "江大", "大桥", "bridge", "7"]);
        assert_eq!(terms(Language::ZhChar, "长江"), ["长", "江"]);
        assert_eq!(terms(Language::Zh, "江"), ["江"]);
    }
}
