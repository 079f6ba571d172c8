//! Lists of dull replies.

use std::path::Path;

use crate::data::words::{END, Vocabulary};
use crate::error::{Error, Result};
use crate::files::lines::{for_each_line, utf8};

/// Dull replies in English: those of Li et al. (2016) and others that mean as little.
pub const ENGLISH: [&str; 12] = [
    "I don't know.",
    "I don't know what you are talking about.",
    "I don't know what you're talking about.",
    "I don't know what you mean.",
    "I have no idea.",
    "I'm not sure.",
    "I don't understand.",
    "You don't know.",
    "You know what I mean.",
    "I know what you mean.",
    "What do you mean?",
    "I don't think so.",
];

/// Dull replies as tokens of a vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DullReplies {
    replies: Vec<Vec<u32>>, // without ends
    /// Replies left out because the vocabulary lacks one of their tokens.
    pub left_out: usize,
}

impl DullReplies {
    /// Returns the replies of [`ENGLISH`] that consist of known tokens.
    ///
    /// # Errors
    /// When there is none.
    pub fn english(vocabulary: &Vocabulary) -> Result<Self> {
        Self::of_texts(ENGLISH, vocabulary)
    }

    /// Reads replies, one a line; empty lines are passed over.
    ///
    /// # Errors
    /// When the file cannot be read, a line is not UTF-8, or no reply consists of known tokens.
    pub fn read(path: impl AsRef<Path>, vocabulary: &Vocabulary) -> Result<Self> {
        let path = path.as_ref();
        let mut texts = vec![];
        for_each_line(path, |line, bytes, _| {
            texts.push(utf8(path, line, bytes)?.to_owned());
            Ok(())
        })?;
        Self::of_texts(texts, vocabulary).map_err(|error| error.in_file(path))
    }

    /// Takes replies in memory.
    ///
    /// # Errors
    /// When none consists of known tokens.
    pub fn of_texts<S: AsRef<str>>(
        texts: impl IntoIterator<Item = S>,
        vocabulary: &Vocabulary,
    ) -> Result<Self> {
        let (mut replies, mut left_out) = (vec![], 0);
        for text in texts {
            let tokens = vocabulary.tokenizer().split(text.as_ref())?;
            match tokens.iter().map(|token| vocabulary.id(token)).collect::<Option<Vec<u32>>>() {
                Some(reply) if reply.is_empty() || replies.contains(&reply) => {}
                Some(reply) => replies.push(reply),
                None => left_out += 1,
            }
        }
        if replies.is_empty() {
            let message = format!(
                "no dull reply consists of tokens that the training pairs have ({left_out} left out); give a list of \
                 your own (`reward.dull`)"
            );
            return Err(Error::Unfit(message));
        }
        Ok(Self { replies, left_out })
    }

    /// Returns the replies, without ends.
    pub fn replies(&self) -> &[Vec<u32>] {
        &self.replies
    }

    /// Returns the replies, each with its end.
    pub(super) fn with_ends(&self) -> Vec<Vec<u32>> {
        self.replies.iter().map(|reply| [reply.as_slice(), &[END]].concat()).collect()
    }
}
