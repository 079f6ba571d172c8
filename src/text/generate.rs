//! Sentences as text, drawn from a trained generator.

use super::{Decoding, TextModel, Which};
use crate::error::{Error, Result};
use crate::seed::Stream;

/// Sentences drawn at a time.
const CHUNK: usize = 4096;
/// Most sentences of one call.
const MOST: usize = 1 << 30;

/// Sentences to draw.
#[derive(Clone, Debug)]
pub struct Draws<'a> {
    /// Generator that draws them.
    pub which: Which,
    /// Number of sentences.
    pub count: usize,
    /// Settings of the draws.
    pub decoding: Decoding,
    /// Beginning of every sentence.
    pub prefix: &'a str,
    /// Seed of the draws.
    pub seed: u64,
}

impl Draws<'_> {
    /// Checks number and settings.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn validate(&self) -> Result<()> {
        self.decoding.validate()?;
        match self.count {
            1..=MOST => Ok(()),
            count => Err(Error::Config(format!("`draws.count` {count}: expected 1 to {MOST}"))),
        }
    }
}

impl TextModel {
    /// Returns the tokens of a text that begins a sentence, and leaves room for a rest.
    ///
    /// # Errors
    /// When the model does not know a token, or its sentences are no longer than the text.
    pub fn prefix(&self, text: &str) -> Result<Vec<u32>> {
        let (prefix, steps) = (self.encode(text)?, self.generator.shape().steps);
        match prefix.len() {
            found if found >= steps => Err(Error::Config(format!(
                "a prefix of {found} tokens: this model's sentences have at most {steps}"
            ))),
            _ => Ok(prefix),
        }
    }

    /// Draws sentences, some thousand at a time.
    ///
    /// # Errors
    /// When a setting is out of range, there is no such generator, or the prefix is not one of the model's sentences.
    pub fn drawn<'a>(&'a self, draws: &Draws<'_>) -> Result<impl Iterator<Item = Vec<String>> + use<'a>> {
        draws.validate()?;
        let (generator, prefix) = (self.get(draws.which)?, self.prefix(draws.prefix)?);
        let Draws { count, decoding, seed, .. } = *draws;
        let stream = Stream::new(seed).named("generate");
        Ok((0..count).step_by(CHUNK).enumerate().map(move |(chunk, first)| {
            let prefixes = vec![prefix.as_slice(); CHUNK.min(count - first)];
            let drawn = generator.decoded(&prefixes, &decoding, stream.at(chunk as u64));
            drawn.iter().map(|sentence| self.decode(sentence)).collect()
        }))
    }
}
