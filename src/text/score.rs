//! Likelihoods of given sentences by a trained generator.

use std::path::Path;

use ndarray::Array2;

use super::{SentenceWriter, TextModel};
use crate::data::sentences::{MAX_LEN_LIMIT, Sequences};
use crate::error::{Error, Result};

/// Sentences scored at a time, and tokens of them with those that fill up the shorter ones.
const CHUNK: usize = 1024;
const CHUNK_TOKENS: usize = 1 << 20;

impl TextModel {
    /// Returns line `number` of `path` as the model reads it, with the end of sentences that have one; a word that it does not know is its
    /// unknown word.
    ///
    /// # Errors
    /// When the line is too long or, of a model without a vocabulary, holds anything but ids of tokens.
    pub fn read_sentence(&self, path: &Path, number: usize, line: &str) -> Result<Vec<u32>> {
        let shape = self.generator.shape();
        let refused = |expected: String| Error::parse(path, number, expected, line.as_bytes());
        let tokens = match &self.vocabulary {
            Some(vocabulary) => {
                let words = vocabulary.tokenizer().split(line);
                vocabulary.encode(words.map_err(|cause| cause.in_file(path))?)
            }
            None => ids(line, shape.vocabulary)
                .ok_or_else(|| refused(format!("token ids below {}", shape.vocabulary)))?,
        };
        if tokens.len() > MAX_LEN_LIMIT {
            return Err(refused(format!("at most {MAX_LEN_LIMIT} tokens")));
        }
        Ok(tokens.into_iter().chain(shape.end).collect())
    }
}

fn ids(line: &str, vocabulary: usize) -> Option<Vec<u32>> {
    let id = |word: &str| word.parse::<u32>().ok().filter(|&id| (id as usize) < vocabulary);
    line.split_whitespace().map(id).collect()
}

/// Returns the log-likelihood of every sentence, in nats.
pub fn log_likelihoods(generator: &dyn SentenceWriter, sentences: &[Vec<u32>]) -> Vec<f64> {
    let of_chunk = |chunk: &[Vec<u32>]| {
        let longest = chunk.iter().map(|sentence| sentence.len()).max().unwrap_or(0);
        let mut tokens = Array2::zeros((chunk.len(), longest.max(1)));
        for (mut row, sentence) in tokens.rows_mut().into_iter().zip(chunk) {
            row.iter_mut().zip(sentence).for_each(|(cell, &token)| *cell = token);
        }
        let lengths = chunk.iter().map(|sentence| sentence.len() as u32).collect();
        let each = generator.token_log_probabilities(&Sequences::new(tokens, lengths));
        each.rows()
            .into_iter()
            .map(|row| row.iter().map(|&value| f64::from(value)).sum())
            .collect::<Vec<f64>>()
    };
    chunks(sentences).flat_map(of_chunk).collect()
}

/// Returns parts of `sentences` that fit into memory at once, each of at least one sentence.
fn chunks(mut sentences: &[Vec<u32>]) -> impl Iterator<Item = &[Vec<u32>]> {
    std::iter::from_fn(move || {
        let mut longest = 0;
        let fits = |&(row, sentence): &(usize, &Vec<u32>)| {
            longest = sentence.len().max(longest);
            row == 0 || (row + 1) * longest <= CHUNK_TOKENS
        };
        let count = sentences.iter().take(CHUNK).enumerate().take_while(fits).count();
        let (chunk, rest) = sentences.split_at(count);
        sentences = rest;
        (count > 0).then_some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_holds_few_long_sentences_or_many_short_ones() {
        let sentences =
            |lengths: &[usize]| -> Vec<Vec<u32>> { lengths.iter().map(|&length| vec![0; length]).collect() };
        let sizes =
            |lengths: &[usize]| -> Vec<usize> { chunks(&sentences(lengths)).map(<[_]>::len).collect() };
        assert_eq!(sizes(&[]), [] as [usize; 0]);
        assert_eq!(sizes(&[0; CHUNK + 1]), [CHUNK, 1]);
        assert_eq!(sizes(&[3, CHUNK_TOKENS / 2, 4, CHUNK_TOKENS + 1, 5]), [2, 1, 1, 1]);
    }
}
