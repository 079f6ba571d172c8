//! Distinct-n: the number of different n-grams divided by the number of n-grams (Li et al., 2016).
//!
//! An n-gram with an unknown word ([`NO_MATCH`]) is an n-gram, but not a different one: a sample of unknown words alone
//! scores 0.
//!
//! N-grams are counted over the whole sample, so that the value falls as the sample grows: compare samples of one size.

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::NO_MATCH;

/// Returns the number of different n-grams divided by the number of n-grams of all sentences; 0 without n-grams.
///
/// ```
/// use irgan::evaluation::text::distinct_n;
///
/// // (1,2), (2,1), (1,2) and (2,1): 2 of 4 differ.
/// assert_eq!(distinct_n(&[vec![1, 2, 1, 2], vec![2, 1]], 2), 0.5);
/// ```
pub fn distinct_n<S: AsRef<[u32]>>(sentences: &[S], n: usize) -> f64 {
    if n == 0 {
        return 0.0;
    }
    let mut different: HashSet<&[u32], FixedState> = HashSet::default();
    let mut ngrams = 0usize;
    for sentence in sentences {
        let windows = sentence.as_ref().windows(n);
        ngrams += windows.len();
        different.extend(windows.filter(|window| !window.contains(&NO_MATCH)));
    }
    if ngrams == 0 { 0.0 } else { different.len() as f64 / ngrams as f64 }
}

/// Counts the different tokens of all sentences; unknown words are none.
///
/// ```
/// use irgan::evaluation::text::distinct_tokens;
///
/// assert_eq!(distinct_tokens(&[vec![7, 7], vec![8], vec![]]), 2);
/// ```
pub fn distinct_tokens<S: AsRef<[u32]>>(sentences: &[S]) -> usize {
    let tokens = sentences.iter().flat_map(|sentence| sentence.as_ref().iter().copied());
    tokens.filter(|&token| token != NO_MATCH).collect::<HashSet<u32, FixedState>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ngrams_do_not_cross_sentences() {
        // Tokens: 1 2 3 1 2 of which 3 differ. Pairs: (1,2) (2,3) | (1,2): 2 of 3. Triples: (1,2,3).
        let sentences = [vec![1, 2, 3], vec![1, 2]];
        assert_eq!(distinct_n(&sentences, 1), 3.0 / 5.0);
        assert_eq!(distinct_n(&sentences, 2), 2.0 / 3.0);
        assert_eq!(distinct_n(&sentences, 3), 1.0);
        assert_eq!(distinct_tokens(&sentences), 3);
    }

    #[test]
    fn unknown_words_are_not_different_ones() {
        // Tokens: 1, 2, 1 and two unknown ones, of which 2 differ. Pairs: (1,2), (2,?), (?,?), (?,1): 1 of 4.
        let sentence = [vec![1, 2, NO_MATCH, NO_MATCH, 1]];
        assert_eq!((distinct_n(&sentence, 1), distinct_n(&sentence, 2)), (2.0 / 5.0, 1.0 / 4.0));
        assert_eq!(distinct_tokens(&sentence), 2);
    }

    #[test]
    fn samples_without_ngrams_score_0() {
        assert_eq!(distinct_n(&[[1, 2]], 3), 0.0);
        assert_eq!(distinct_n(&[[1, 2]], 0), 0.0);
        assert_eq!(distinct_n(&[[0; 0]; 0], 1), 0.0);
        assert_eq!(distinct_tokens(&[[0; 0]; 0]), 0);
    }
}
