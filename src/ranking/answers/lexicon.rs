//! Lexicon of words: the vocabulary of the convolution, and the weight of each stem.

use std::path::Path;

use frostem::{Algorithm, Stemmer};
use ndarray::Array1;

use crate::data::answers::AnswerSet;
use crate::data::words::{Interner, Tokenizer, UNKNOWN, Vocabulary};
use crate::error::Result;
use crate::nn::{Tensor, TensorMut, load_tensor_list, save_tensor_list};

/// Words as the convolution sees them, and stems with their inverse document frequencies.
///
/// Words lose their case, and their digits become 0: years look alike. A rare word is [`UNKNOWN`], or a
/// token of its own when it starts with a capital: most are names.
#[derive(Clone, Debug, PartialEq)]
pub struct Lexicon {
    vocabulary: Vocabulary,
    stems: Vocabulary,
    idf: Array1<f32>, // by the id of a stem: ln((N + 1) / (n + 1)); of a stem never seen at UNKNOWN
}

/// A text in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Wording {
    /// Ids of its words, of which the convolution reads the first ones.
    pub words: Vec<u32>,
    /// Numbers of its stems in an interner shared by all texts, without punctuation.
    pub stems: Vec<u32>,
}

/// The token of rare words that start with a capital. No other token has capitals.
const NAME: &str = "Name";

/// The splitting into words is fixed.
const TOKENIZER: Tokenizer = Tokenizer { level: crate::data::words::Level::Word, lowercase: false };

impl Lexicon {
    /// The lexicon of the questions and answers of `set`, with words that occur `min_count` times or more.
    pub fn build(set: &AnswerSet, min_count: usize) -> Self {
        let texts = texts(set);
        let tokens: Vec<Vec<String>> = texts.iter().map(|text| split(text)).collect();
        let common =
            Vocabulary::build(TOKENIZER, tokens.iter().map(|text| text.iter().map(|w| shape(w))), min_count);
        let kept = |word: &String| -> String {
            let shape = shape(word);
            match common.id(&shape) {
                None if is_name(word) => NAME.into(),
                _ => shape,
            }
        };
        // Rare words stay out, since they are below the count again; the names together are above it.
        let vocabulary =
            Vocabulary::build(TOKENIZER, tokens.iter().map(|text| text.iter().map(kept)), min_count);

        let stemmer = Stemmer::new(Algorithm::English);
        let distinct = tokens.iter().map(|text| {
            let mut stems: Vec<String> = text.iter().filter_map(|word| stem(&stemmer, word)).collect();
            stems.sort_unstable();
            stems.dedup();
            stems
        });
        let distinct: Vec<Vec<String>> = distinct.collect();
        let stems = Vocabulary::build(TOKENIZER, distinct.iter(), 1);
        let mut idf = Array1::zeros(stems.len());
        for id in distinct.iter().flat_map(|text| stems.encode(text)) {
            idf[id as usize] += 1.0;
        }
        let n = texts.len() as f32;
        idf.mapv_inplace(|count: f32| ((n + 1.0) / (count + 1.0)).ln());
        Self { vocabulary, stems, idf }
    }

    /// The words of the convolution.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// `text` in numbers; new stems enter `stems`, and what each is worth `idf`.
    pub(super) fn read(&self, text: &str, stems: &mut Interner, idf: &mut Vec<f32>) -> Wording {
        let stemmer = Stemmer::new(Algorithm::English);
        let mut wording = Wording::default();
        for word in split(text) {
            let known = self.vocabulary.id(&shape(&word));
            let named = || is_name(&word).then(|| self.vocabulary.id(NAME)).flatten();
            wording.words.push(known.or_else(named).unwrap_or(UNKNOWN));
            if let Some(stem) = stem(&stemmer, &word) {
                let (number, new) = stems.insert(&stem);
                if new {
                    idf.push(self.idf[self.stems.id(&stem).unwrap_or(UNKNOWN) as usize]);
                }
                wording.stems.push(number);
            }
        }
        wording
    }

    /// Writes the lexicon into `folder`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        self.vocabulary.save(folder.join(WORDS))?;
        self.stems.save(folder.join(STEMS))?;
        let idf = Tensor { name: "idf".into(), values: self.idf.view().into_dyn() };
        save_tensor_list(&folder.join(IDF), vec![idf])
    }

    /// Reads what [`Lexicon::save`] wrote.
    ///
    /// # Errors
    /// When a file is missing, damaged, or of another model.
    pub fn load(folder: &Path) -> Result<Self> {
        let (vocabulary, stems) =
            (Vocabulary::load(folder.join(WORDS))?, Vocabulary::load(folder.join(STEMS))?);
        let mut idf = Array1::zeros(stems.len());
        let tensor = TensorMut { name: "idf".into(), values: idf.view_mut().into_dyn() };
        load_tensor_list(&folder.join(IDF), vec![tensor])?;
        Ok(Self { vocabulary, stems, idf })
    }
}

const WORDS: &str = "words.txt";
const STEMS: &str = "stems.txt";
const IDF: &str = "idf.safetensors";

/// Every different text once, in the order of first appearance.
fn texts(set: &AnswerSet) -> Vec<&str> {
    let (mut seen, mut texts) = (Interner::default(), vec![]);
    for question in set.questions() {
        let answers = question.answers.iter().map(|answer| answer.text.as_str());
        for text in std::iter::once(question.text.as_str()).chain(answers) {
            if seen.insert(text).1 {
                texts.push(text);
            }
        }
    }
    texts
}

fn split(text: &str) -> Vec<String> {
    TOKENIZER.split(text).expect("every text has words")
}

/// A word as the convolution sees it.
fn shape(word: &str) -> String {
    let mut shape = word.to_lowercase();
    if shape.contains(|c: char| c.is_ascii_digit()) {
        shape = shape.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    }
    shape
}

fn is_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// The stem of a word; none of punctuation.
fn stem(stemmer: &Stemmer, word: &str) -> Option<String> {
    word.contains(char::is_alphanumeric).then(|| stemmer.stem(&word.to_lowercase()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::answers::{Answer, Question};

    fn lexicon() -> Lexicon {
        let answer = |text: &str| Answer { text: text.into(), right: false };
        let answers =
            ["It formed in 1987 .", "It forms in 2001 by Dune .", "By Arrakis !"].map(answer).to_vec();
        Lexicon::build(&AnswerSet::new(vec![Question { text: "it ?".into(), answers }]), 2)
    }

    #[test]
    fn years_look_alike_and_names_too() {
        let lexicon = lexicon();
        let (mut stems, mut idf) = (Interner::default(), vec![]);
        let mut read = |text: &str| lexicon.read(text, &mut stems, &mut idf);
        let id = |word: &str| lexicon.vocabulary().id(word).expect(word);
        assert_eq!(read("It in 1066").words, [id("it"), id("in"), id("0000")]);
        assert_eq!(read("Caladan caladan").words, [id(NAME), UNKNOWN]);
        assert_eq!(read("?").stems, [0; 0]);
        assert_eq!(read("forming").stems, read("Formed").stems);
        // 4 texts. `it` is in 3, `in` in 2, `1066` and `caladan` in none, `form` in 2.
        let expected = [5.0 / 4.0, 5.0 / 3.0, 5.0, 5.0, 5.0 / 3.0f32].map(f32::ln);
        assert_eq!(idf, expected);
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let lexicon = lexicon();
        lexicon.save(folder.path()).expect("the folder is writable");
        assert_eq!(Lexicon::load(folder.path()).expect("just saved"), lexicon);
        std::fs::write(folder.path().join(STEMS), "vocabulary 1 level=word lowercase=false tokens=1\nx\n")
            .expect("the folder is writable");
        assert!(Lexicon::load(folder.path()).is_err());
    }
}
