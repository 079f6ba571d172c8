//! Analysis of texts: the terms of a language under which documents are indexed and searched.

use serde::{Deserialize, Serialize};
use tantivy::tokenizer::{Language as Stems, RemoveLongFilter, Stemmer, StopWordFilter, TextAnalyzer};

use super::tokenizer::{EastAsian, WordTokenizer};

/// Longest token in bytes; longer ones are not indexed.
const LONGEST_TOKEN: usize = 255;

/// Language of an index, which decides how texts become terms.
///
/// All normalise texts (NFKC), lower the case and cut at every character that is neither a letter nor a digit nor a mark on
/// one; `zh` and `zh-char` cut Chinese, Japanese and Korean texts into characters.
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
    /// Azeri: whole words; upper and lower case are İ i and I ı
    Az,
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
            Self::None | Self::Zh | Self::ZhChar | Self::Az => return None,
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

    /// Returns the tokenizer of the language.
    fn tokenizer(self) -> WordTokenizer {
        let east_asian = match self {
            Self::Zh => EastAsian::Pairs,
            Self::ZhChar => EastAsian::Characters,
            _ => EastAsian::Words,
        };
        // German's stop words have an ß, and its stemmer knows the letter.
        WordTokenizer { east_asian, dotless: matches!(self, Self::Tr | Self::Az), sharp_s: self != Self::De }
    }

    /// Returns the analyser that tantivy runs while indexing.
    pub(super) fn analyzer(self) -> TextAnalyzer {
        let words = TextAnalyzer::builder(self.tokenizer()).filter(RemoveLongFilter::limit(LONGEST_TOKEN));
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

    /// Words of every language as they are written, each with another spelling of the same word: in upper case, decomposed,
    /// with marks, wide.
    const SPELLINGS: &[(Language, &str, &str)] = &[
        (Language::En, "fine cafés", "ＦＩＮＥ CAFE\u{301}S"),
        (Language::None, "Straße οδός दिल्ली ﬁx", "STRASSE ΟΔΌΣ दिल\u{94d}ली FIX"),
        (Language::Zh, "ガラス 人々 ＵＳＢ 한국", "ｶﾞﾗｽ 人々 usb \u{1112}\u{1161}\u{11ab}국"),
        (Language::ZhChar, "ガラス 人々 ＵＳＢ 神", "ｶﾞﾗｽ 人々 usb \u{fa19}"),
        (Language::Az, "İqlim ILIQ şəhər", "iqlim ılıq S\u{327}ƏHƏR"),
        (Language::Ar, "الكِتَابُ", "ا\u{fedf}كتاب"), // with vowels, and with a form of presentation
        (Language::Da, "smørrebrød århus", "SMØRREBRØD A\u{30a}RHUS"),
        (Language::De, "Häuser straße", "HA\u{308}USER STRASSE"),
        (Language::El, "οδός Αθήνα", "ΟΔΟΣ ΑΘΗΝΑ"),
        (Language::Es, "niño acción", "NIN\u{303}O ACCIO\u{301}N"),
        (Language::Fi, "pöytä", "PO\u{308}YTA\u{308}"),
        (Language::Fr, "élève ﬂeur", "E\u{301}LE\u{300}VE FLEUR"),
        (Language::Hu, "kőműves", "KO\u{30b}MU\u{30b}VES"),
        (Language::It, "città", "CITTA\u{300}"),
        (Language::Nl, "ĳsberg geïnd", "IJSBERG GEI\u{308}ND"),
        (Language::No, "blåbærene", "BLA\u{30a}BÆRENE"),
        (Language::Pt, "ação", "AC\u{327}A\u{303}O"),
        (Language::Ro, "școală țară", "S\u{327}COALA\u{306} Ţară"), // a comma below, and the older cedilla
        (Language::Ru, "йод", "И\u{306}ОД"),
        (Language::Sv, "räksmörgås", "RA\u{308}KSMO\u{308}RGA\u{30a}S"),
        (Language::Ta, "கொடி புத்தகம்", "க\u{bc6}\u{bbe}டி புத்தகம\u{bcd}"),
        (Language::Tr, "İstanbul ılık çiçek", "istanbul ILIK C\u{327}İC\u{327}EK"),
    ];

    #[test]
    fn every_language_finds_a_word_by_its_other_spellings() {
        for &(language, written, other) in SPELLINGS {
            let found = terms(language, written);
            assert!(found.len() >= written.split(' ').count(), "{language:?}: {found:?}");
            assert_eq!(found, terms(language, other), "{language:?}: {written} and {other}");
        }
        let mut languages: Vec<_> = SPELLINGS.iter().map(|(language, ..)| format!("{language:?}")).collect();
        languages.dedup();
        assert_eq!(languages.len(), 22, "one row a language");
    }

    #[test]
    fn a_part_of_a_word_does_not_find_it() {
        for (language, word, part) in
            [(Language::Ta, "புத்தகம்", "தகம்"), (Language::None, "दिल्ली", "ली"), (Language::None, "น้ำ", "น")]
        {
            assert_ne!(terms(language, word), terms(language, part));
            assert_eq!(terms(language, word).len(), 1, "{word}");
        }
    }
}
