//! Conversations that a model has with itself: two copies answer each other, from a source on (Li et al., 2016).

use crate::data::pairs::{Source, last_turn};
use crate::data::sentences::{Sequences, without_end};
use crate::data::words::{END, UNKNOWN};
use crate::seed::Stream;
use crate::text::models::LanguageModel;
use crate::text::{Decoding, decode};

/// Rules by which a conversation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Token between two turns; without one a source is the last turn alone.
    pub turn_end: Option<u32>,
    /// Most tokens of a source.
    pub longest: usize,
}

impl Talk {
    /// Returns the source that the next speaker answers: the last turn of `source` and the answer to it, or, without a token
    /// between turns or room for both, the answer alone. An answer without a word is an unknown word.
    pub fn next(&self, source: &[u32], answer: &[u32]) -> Source {
        let words = without_end(answer, Some(END));
        let words = if words.is_empty() { &[UNKNOWN][..] } else { words };
        let words = &words[words.len().saturating_sub(self.longest)..];
        let before = last_turn(source, self.turn_end);
        match self.turn_end {
            Some(turn_end) if before.len() + 1 + words.len() <= self.longest => {
                [before, &[turn_end], words].concat().into()
            }
            _ => words.into(),
        }
    }

    /// Returns the sources that the next speaker answers.
    pub fn next_all(&self, sources: &[Source], answers: &Sequences) -> Vec<Source> {
        sources.iter().zip(answers.iter()).map(|(source, answer)| self.next(source, answer)).collect()
    }

    /// Returns the tokens of `turns` turns of a conversation after each of `sources`, of which the last turn of the source is
    /// the first; `answer` returns what is said next to each source, at the turn of that number.
    pub fn conversations(
        &self,
        sources: &[Source],
        turns: usize,
        mut answer: impl FnMut(usize, &[Source]) -> Sequences,
    ) -> Vec<Vec<Vec<u32>>> {
        let mut said: Vec<Vec<Vec<u32>>> =
            sources.iter().map(|source| vec![last_turn(source, self.turn_end).to_vec()]).collect();
        let mut now = sources.to_vec();
        for turn in 1..turns {
            let answers = answer(turn, &now);
            for (said, answer) in said.iter_mut().zip(answers.iter()) {
                said.push(without_end(answer, Some(END)).to_vec());
            }
            now = self.next_all(&now, &answers);
        }
        said
    }
}

/// Returns the answer of the likeliest tokens to each source.
pub(super) fn greedy<M: LanguageModel<Context = Source>>(model: &M, sources: &[Source]) -> Sequences {
    let decoding = Decoding { temperature: 0.0, ..Decoding::default() };
    decode(model, sources, &vec![&[][..]; sources.len()], &decoding, Stream::new(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::words::EOU;

    #[test]
    fn turns_follow_each_other_and_each_sees_the_one_before() {
        let talk = Talk { turn_end: Some(EOU), longest: 5 };
        let said = talk.conversations(&[[7, EOU, 5].into()], 3, |turn, sources| {
            let last = last_turn(&sources[0], Some(EOU))[0];
            Sequences::of(&[vec![last + turn as u32, END]])
        });
        assert_eq!(said, [[[5], [6], [8]]]);
    }

    #[test]
    fn the_next_source_has_the_last_turn_and_the_answer() {
        let talk = Talk { turn_end: Some(EOU), longest: 5 };
        assert_eq!(*talk.next(&[5, EOU, 6, 7], &[8, 9, END]), [6, 7, EOU, 8, 9]);
        // Without room for both the answer stands alone, of which the end is kept.
        assert_eq!(*talk.next(&[6, 7, 8], &[8, 9, END]), [8, 9]);
        assert_eq!(*Talk { longest: 1, ..talk }.next(&[6], &[8, 9, END]), [9]);
        assert_eq!(*Talk { turn_end: None, longest: 5 }.next(&[6], &[8, END]), [8]);
        assert_eq!(*talk.next(&[6], &[END]), [6, EOU, UNKNOWN]);
    }
}
