//! Sentences as a rectangle of token ids.

use ndarray::{Array2, ArrayView2, Axis, s};

use crate::evaluation::text::NO_MATCH;

/// Sentences as a rectangle of token ids: N sentences of at most T tokens each.
///
/// ```
/// use irgan::data::sentences::Sequences;
/// use ndarray::array;
///
/// let sequences = Sequences::new(array![[7, 8, 2], [9, 2, 0]], vec![3, 2]);
/// assert_eq!(sequences.sentence(1), [9, 2]);
/// assert_eq!((sequences.len(), sequences.steps(), sequences.token_count()), (2, 3, 5));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sequences {
    tokens: Array2<u32>, // [N, T], padded with 0 after the end
    lengths: Vec<u32>,   // [N]
}

impl Sequences {
    /// Makes sentences of `tokens: [N, T]`, 0 after each sentence's end, and `lengths: [N]`.
    ///
    /// # Panics
    /// When the shapes disagree, a length is beyond T, or what follows a sentence is not 0.
    pub fn new(tokens: Array2<u32>, lengths: Vec<u32>) -> Self {
        let (sentences, steps) = tokens.dim();
        assert_eq!(sentences, lengths.len(), "one length a sentence");
        for (row, &length) in tokens.rows().into_iter().zip(&lengths) {
            assert!(length as usize <= steps, "a sentence of {length} tokens in {steps} columns");
            assert!(row.iter().skip(length as usize).all(|&token| token == 0), "padding must be 0");
        }
        // Sentences are handed out as slices.
        let tokens =
            if tokens.is_standard_layout() { tokens } else { tokens.as_standard_layout().into_owned() };
        Self { tokens, lengths }
    }

    /// Makes sentences that all have length T; `tokens: [N, T]`.
    pub fn fixed(tokens: Array2<u32>) -> Self {
        let steps = u32::try_from(tokens.ncols()).expect("a sentence has fewer than 2^32 tokens");
        let lengths = vec![steps; tokens.nrows()];
        Self::new(tokens, lengths)
    }

    /// Arranges sentences of at most `steps` tokens in `steps` columns.
    ///
    /// # Panics
    /// When a sentence is longer.
    pub fn of_rows<S: AsRef<[u32]>>(sentences: &[S], steps: usize) -> Self {
        let mut tokens = Array2::zeros((sentences.len(), steps));
        for (mut row, sentence) in tokens.rows_mut().into_iter().zip(sentences) {
            row.iter_mut().zip(sentence.as_ref()).for_each(|(to, &from)| *to = from);
        }
        Self::new(tokens, sentences.iter().map(|sentence| sentence.as_ref().len() as u32).collect())
    }

    /// Returns a row of numbers for each sentence, its tokens padded with 0 and its length: `[N, T + 1]`.
    ///
    /// ```
    /// use irgan::data::sentences::Sequences;
    ///
    /// let sentences = Sequences::of(&[vec![7, 8], vec![9]]);
    /// assert_eq!(sentences.to_rows(), ndarray::array![[7.0, 8.0, 2.0], [9.0, 0.0, 1.0]]);
    /// assert_eq!(Sequences::of_number_rows(sentences.to_rows().view()), sentences);
    /// ```
    pub fn to_rows(&self) -> Array2<f32> {
        let number = |(row, column): (usize, usize)| match column == self.steps() {
            true => self.lengths[row] as f32,
            false => self.tokens[[row, column]] as f32,
        };
        Array2::from_shape_fn((self.len(), self.steps() + 1), number)
    }

    /// Returns the sentences of [`Sequences::to_rows`], exact for tokens below 2²⁴: `rows: [N, T + 1]`.
    ///
    /// # Panics
    /// When a row is none of a sentence.
    pub fn of_number_rows(rows: ArrayView2<'_, f32>) -> Self {
        let (tokens, lengths) = rows.split_at(Axis(1), rows.ncols() - 1);
        Self::new(tokens.mapv(|token| token as u32), lengths.iter().map(|&length| length as u32).collect())
    }

    /// Returns the number of sentences, N.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Returns true when there is no sentence.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// Returns the number of columns, T, even when no sentence reaches the last one.
    pub fn steps(&self) -> usize {
        self.tokens.ncols()
    }

    /// Returns the tokens of sentence `index`, without padding.
    ///
    /// # Panics
    /// When there is no such sentence.
    pub fn sentence(&self, index: usize) -> &[u32] {
        let row = self.tokens.row(index).to_slice().expect("rows are contiguous since `new`");
        &row[..self.lengths[index] as usize]
    }

    /// Iterates over the sentences, without padding.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> + Clone {
        (0..self.len()).map(|index| self.sentence(index))
    }

    /// Returns the tokens, padded with 0: `[N, T]`.
    pub fn tokens(&self) -> ArrayView2<'_, u32> {
        self.tokens.view()
    }

    /// Arranges sentences of any lengths as a rectangle, T being the longest, and 1 at least.
    ///
    /// ```
    /// use irgan::data::sentences::Sequences;
    ///
    /// let sentences = Sequences::of(&[vec![7, 8], vec![9]]);
    /// assert_eq!(sentences, Sequences::new(ndarray::array![[7, 8], [9, 0]], vec![2, 1]));
    /// ```
    pub fn of<S: AsRef<[u32]>>(sentences: &[S]) -> Self {
        let longest = sentences.iter().map(|sentence| sentence.as_ref().len()).max().unwrap_or(0);
        Self::of_rows(sentences, longest.max(1))
    }

    /// Returns the number of tokens of each sentence: `[N]`.
    pub fn lengths(&self) -> &[u32] {
        &self.lengths
    }

    /// Returns the sentences at `indices`, in their order; an index may repeat, and T stays.
    ///
    /// # Panics
    /// When there is no such sentence.
    pub fn select(&self, indices: &[usize]) -> Self {
        let lengths = indices.iter().map(|&index| self.lengths[index]).collect();
        Self { tokens: self.tokens.select(Axis(0), indices), lengths }
    }

    /// Returns the sentences in `steps` columns.
    ///
    /// # Panics
    /// When a sentence is longer.
    pub fn with_steps(&self, steps: usize) -> Self {
        let mut tokens = Array2::zeros((self.len(), steps));
        for (mut row, sentence) in tokens.rows_mut().into_iter().zip(self.iter()) {
            row.iter_mut().zip(sentence).for_each(|(to, &from)| *to = from);
        }
        assert!(self.lengths.iter().all(|&length| length as usize <= steps), "sentences fit");
        Self::new(tokens, self.lengths.clone())
    }

    /// Returns the sentences cut after at most `lengths: [N]` tokens; T stays.
    pub fn prefixes(&self, lengths: &[u32]) -> Self {
        let mut tokens = self.tokens.clone();
        let mut kept = Vec::with_capacity(lengths.len());
        for ((mut row, &length), &most) in tokens.rows_mut().into_iter().zip(lengths).zip(&self.lengths) {
            let length = length.min(most);
            row.slice_mut(s![length as usize..]).fill(0);
            kept.push(length);
        }
        Self::new(tokens, kept)
    }

    /// Returns the sentences, followed by those of `other`, which has the same T.
    ///
    /// # Panics
    /// When T differs.
    pub fn chain(&self, other: &Self) -> Self {
        let mut tokens = self.tokens.clone();
        tokens.append(Axis(0), other.tokens.view()).expect("sentences of one T");
        Self::new(tokens, [self.lengths.as_slice(), &other.lengths].concat())
    }

    /// Returns the number of tokens of all sentences.
    pub fn token_count(&self) -> usize {
        self.lengths.iter().map(|&length| length as usize).sum()
    }
}

/// Returns sentences as measures of text read them: without the token that ends them, and with [`NO_MATCH`] in the place
/// of the token `unknown`, which stands for any word that a vocabulary does not have.
///
/// ```
/// use irgan::data::sentences::{Sequences, as_words};
/// use irgan::evaluation::text::NO_MATCH;
///
/// let sentences = Sequences::new(ndarray::array![[7, 3, 2], [9, 2, 0]], vec![3, 2]);
/// assert_eq!(as_words(&sentences, Some(2), Some(3)), [vec![7, NO_MATCH], vec![9]]);
/// ```
pub fn as_words(sentences: &Sequences, end: Option<u32>, unknown: Option<u32>) -> Vec<Vec<u32>> {
    let word = |&token: &u32| if Some(token) == unknown { NO_MATCH } else { token };
    sentences.iter().map(|sentence| without_end(sentence, end).iter().map(word).collect()).collect()
}

/// Returns a sentence without the token that ends it.
///
/// ```
/// use irgan::data::sentences::without_end;
///
/// assert_eq!(without_end(&[7, 8, 2], Some(2)), [7, 8]);
/// assert_eq!(without_end(&[7, 8, 9], Some(2)), [7, 8, 9]);
/// ```
pub fn without_end(sentence: &[u32], end: Option<u32>) -> &[u32] {
    match sentence.split_last() {
        Some((last, rest)) if Some(*last) == end => rest,
        _ => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn three() -> Sequences {
        Sequences::new(array![[5, 6, 7], [8, 0, 0], [0, 0, 0]], vec![3, 1, 0])
    }

    #[test]
    fn sentences_have_their_own_lengths() {
        let sentences: Vec<Vec<u32>> = three().iter().map(<[u32]>::to_vec).collect();
        assert_eq!(sentences, [vec![5, 6, 7], vec![8], vec![]]);
        assert_eq!((three().steps(), three().token_count(), three().is_empty()), (3, 4, false));
    }

    #[test]
    fn a_selection_keeps_order_repeats_and_width() {
        let some = three().select(&[1, 0, 1]);
        assert_eq!(some, Sequences::new(array![[8, 0, 0], [5, 6, 7], [8, 0, 0]], vec![1, 3, 1]));
        assert_eq!((three().select(&[]).len(), three().select(&[]).steps()), (0, 3));
    }

    #[test]
    fn the_memory_layout_does_not_matter() {
        let turned = Sequences::fixed(array![[1, 2], [3, 4], [5, 6]].reversed_axes());
        assert_eq!(turned.sentence(1), [2, 4, 6]);
        assert_eq!(turned.select(&[1]).sentence(0), [2, 4, 6]);
    }

    #[test]
    #[should_panic(expected = "padding must be 0")]
    fn padding_is_zero() {
        Sequences::new(array![[5, 6]], vec![1]);
    }

    #[test]
    #[should_panic(expected = "3 tokens in 2 columns")]
    fn a_length_stays_within_its_row() {
        Sequences::new(array![[5, 6]], vec![3]);
    }
}
