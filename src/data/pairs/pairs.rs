//! Sources and their answers as token ids.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use crate::data::sentences::{Sequences, without_end};
use crate::data::words::{END, UNKNOWN};

/// Tokens of a source, one or more, without a start and an end. The turns of a conversation are parted by
/// [`EOU`](crate::data::words::EOU). Clones share the tokens.
pub type Source = Arc<[u32]>;

/// Sources and the answer to each, of one vocabulary.
///
/// ```
/// use irgan::data::pairs::Pairs;
/// use irgan::data::sentences::Sequences;
/// use ndarray::array;
///
/// let answers = Sequences::new(array![[7, 8, 2], [9, 2, 0]], vec![3, 2]);
/// let pairs = Pairs::new(vec![[5, 6, 7].into(), [9].into()], answers);
/// assert_eq!((pairs.len(), pairs.source_steps(), pairs.steps()), (2, 3, 3));
/// assert_eq!(*pairs.reversed(None).sources[1], [9]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    /// Sources: `[N]`.
    pub sources: Vec<Source>,
    /// Answers, each with its end: `[N, T]`.
    pub answers: Sequences,
}

impl Pairs {
    /// Joins sources and answers.
    ///
    /// # Panics
    /// When there are not as many of each, or a source is empty.
    pub fn new(sources: Vec<Source>, answers: Sequences) -> Self {
        assert_eq!(sources.len(), answers.len(), "one answer a source");
        assert!(sources.iter().all(|source| !source.is_empty()), "a source has tokens");
        Self { sources, answers }
    }

    /// Returns the number of pairs, N.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Returns true when there is no pair.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Returns the number of tokens of the longest source; 0 without pairs.
    pub fn source_steps(&self) -> usize {
        self.sources.iter().map(|source| source.len()).max().unwrap_or(0)
    }

    /// Returns the number of columns of the answers, T.
    pub fn steps(&self) -> usize {
        self.answers.steps()
    }

    /// Returns the pairs at `indices`, in their order; an index may repeat, and T stays.
    ///
    /// # Panics
    /// When there is no such pair.
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            sources: indices.iter().map(|&index| Arc::clone(&self.sources[index])).collect(),
            answers: self.answers.select(indices),
        }
    }

    /// Returns the pairs that teach a reverse model `p(source | answer)`: answers without their ends as sources, and the
    /// last turn of each source, by `turn_end`, with an end as answer. Pairs of an empty answer are left out.
    pub fn reversed(&self, turn_end: Option<u32>) -> Self {
        let answers = self.answers.iter().map(|answer| without_end(answer, Some(END)));
        let kept = answers.zip(&self.sources).filter(|(answer, _)| !answer.is_empty());
        let (sources, turns): (Vec<Source>, Vec<&[u32]>) =
            kept.map(|(answer, source)| (Source::from(answer), last_turn(source, turn_end))).unzip();
        Self::new(sources, with_ends(&turns))
    }

    /// Counts the pairs that stand in `other` too, as far as the vocabulary can tell: those with an unknown token are
    /// never counted.
    pub fn repeated_in(&self, other: &Self) -> usize {
        let known: HashSet<_, FixedState> = other.known().collect();
        self.known().filter(|pair| known.contains(pair)).count()
    }

    /// Iterates over the pairs without unknown tokens.
    fn known(&self) -> impl Iterator<Item = (&[u32], &[u32])> {
        let all = self.sources.iter().map(|source| &**source).zip(self.answers.iter());
        all.filter(|(source, answer)| !source.contains(&UNKNOWN) && !answer.contains(&UNKNOWN))
    }
}

/// Returns the last turn of a source.
pub fn last_turn(source: &[u32], turn_end: Option<u32>) -> &[u32] {
    let end = source.iter().rposition(|&token| Some(token) == turn_end);
    &source[end.map_or(0, |end| end + 1)..]
}

/// Arranges sentences as a rectangle, each followed by [`END`].
pub(super) fn with_ends<S: AsRef<[u32]>>(sentences: &[S]) -> Sequences {
    let ended = |sentence: &S| -> Vec<u32> { sentence.as_ref().iter().copied().chain([END]).collect() };
    let ended: Vec<Vec<u32>> = sentences.iter().map(ended).collect();
    Sequences::of_rows(&ended, ended.iter().map(Vec::len).max().unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::words::EOU;
    use ndarray::array;

    fn three() -> Pairs {
        let answers = Sequences::new(array![[7, 8, END], [9, END, 0], [END, 0, 0]], vec![3, 2, 1]);
        Pairs::new(vec![[5, EOU, 6, 7].into(), [9].into(), [5].into()], answers)
    }

    #[test]
    fn a_reversed_pair_answers_with_the_last_turn() {
        let reversed = three().reversed(Some(EOU));
        assert_eq!(reversed.sources, [Source::from([7, 8]), Source::from([9])]);
        assert_eq!(reversed.answers, Sequences::new(array![[6, 7, END], [9, END, 0]], vec![3, 2]));
        assert_eq!(three().reversed(None).answers.sentence(0), [5, EOU, 6, 7, END]);
    }

    #[test]
    fn repeated_pairs_are_those_with_the_same_source_and_answer() {
        let other = three().select(&[1, 1, 0]);
        assert_eq!((three().repeated_in(&other), other.repeated_in(&three())), (2, 3));
        let unknown = Pairs::new(vec![[UNKNOWN].into()], with_ends(&[[7]]));
        assert_eq!(unknown.repeated_in(&unknown), 0);
    }

    #[test]
    #[should_panic(expected = "a source has tokens")]
    fn a_source_is_never_empty() {
        Pairs::new(vec![[].into()], with_ends(&[[7]]));
    }
}
