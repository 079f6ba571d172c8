//! Word vectors trained elsewhere, in word2vec's text format: `word v1 … vE` a line, after an optional first
//! line of two counts.

use std::path::Path;

use ndarray::Array1;

use super::Vocabulary;
use crate::error::{Error, Result};
use crate::files::lines::for_each_line;

/// Vectors of the words of a vocabulary that a file of word vectors has.
#[derive(Clone, Debug, PartialEq)]
pub struct WordVectors {
    /// Number of values of every vector, E.
    pub size: usize,
    /// Ids of words and their vectors, `[E]`, in the order of the file; of a word given twice, the first.
    pub vectors: Vec<(u32, Array1<f32>)>,
}

impl WordVectors {
    /// Reads the vectors of the words of `vocabulary`; those of other words are passed over.
    ///
    /// ```
    /// use irgan::data::words::{Tokenizer, Vocabulary, WordVectors};
    ///
    /// # let folder = tempfile::tempdir().expect("a temporary folder");
    /// # let path = folder.path().join("vectors.txt");
    /// let vocabulary = Vocabulary::build(Tokenizer::default(), [["cat", "dog"]], 1);
    /// std::fs::write(&path, "2 3\ndog 0.5 1 -2\nbird 1 2 3\n").expect("the folder is writable");
    /// let vectors = WordVectors::read(&path, &vocabulary)?;
    /// assert_eq!((vectors.size, vectors.vectors.len()), (3, 1));
    /// # Ok::<(), irgan::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the file cannot be read, is not UTF-8, has no vector, a value is no finite number, or a line has
    /// another number of values than the lines before.
    pub fn read(path: impl AsRef<Path>, vocabulary: &Vocabulary) -> Result<Self> {
        let path = path.as_ref();
        let (mut size, mut vectors) = (None, vec![]);
        let mut seen = vec![false; vocabulary.len()];
        for_each_line(path, |line, bytes, _| {
            let wrong = |expected: String| Error::parse(path, line, expected, bytes);
            let text = std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8 text".into()))?;
            let mut columns = text.split_ascii_whitespace();
            let Some(word) = columns.next() else { return Ok(()) };
            let count = columns.clone().count();
            if line == 1 && count == 1 {
                return Ok(()); // the header: how many words, of how many values
            }
            match *size.get_or_insert(count) {
                0 => return Err(wrong("a word and its values".into())),
                size if size != count => return Err(wrong(format!("a word and {size} values, as above"))),
                _ => {}
            }
            let Some(id) = vocabulary.id(word).filter(|&id| !std::mem::replace(&mut seen[id as usize], true))
            else {
                return Ok(());
            };
            let values: Option<Vec<f32>> =
                columns.map(|value| value.parse().ok().filter(|value: &f32| value.is_finite())).collect();
            let values = values.ok_or_else(|| wrong("finite numbers after the word".into()))?;
            vectors.push((id, Array1::from_vec(values)));
            Ok(())
        })?;
        let size = size.ok_or_else(|| Error::data(path, "holds no word vector"))?;
        Ok(Self { size, vectors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::words::Tokenizer;

    fn read(text: &str) -> Result<WordVectors> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("vectors.txt");
        std::fs::write(&path, text).expect("the folder is writable");
        let vocabulary = Vocabulary::build(Tokenizer::default(), [["cat", "dog"]], 1); // ids 4 and 5
        WordVectors::read(path, &vocabulary)
    }

    #[test]
    fn known_words_get_their_vectors_with_and_without_a_header() {
        let expected = vec![(5, Array1::from_vec(vec![1.0, -0.5])), (4, Array1::from_vec(vec![2.0, 0.0]))];
        for text in ["3 2\ndog 1 -0.5\nbird 1 1\ncat 2 0\n", "dog 1 -0.5 \ncat 2 0\ncat 3 3"] {
            let found = read(text).expect(text);
            assert_eq!((found.size, found.vectors), (2, expected.clone()), "{text}");
        }
    }

    #[test]
    fn faults_name_their_line() {
        for (text, line) in
            [("cat 1 2\ndog 1\n", ":2:"), ("dog 1 2\ncat 1 x\n", ":2:"), ("cat 1 NaN\n", ":1:")]
        {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(line), "{error}");
        }
        assert!(read("").is_err());
        assert!(read("2 3\n").is_err());
    }
}
