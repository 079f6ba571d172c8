//! Measures of answers and conversations: length, repetition, dull replies, and how long a conversation stays alive.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::NO_MATCH;

/// Share of its words that a turn must have in common with its speaker's turn before to be a loop (Li et al., 2016).
pub const LOOP_SHARE: f64 = 0.8;

/// Returns the mean number of tokens of sentences; 0 without sentences.
pub fn mean_length<S: AsRef<[u32]>>(sentences: &[S]) -> f64 {
    let tokens: usize = sentences.iter().map(|sentence| sentence.as_ref().len()).sum();
    tokens as f64 / sentences.len().max(1) as f64
}

/// Returns the perplexity of a mean negative log-likelihood in nats.
pub fn perplexity(nll: f64) -> f64 {
    nll.exp()
}

/// Returns the share of n-grams of sentences that stood earlier in the same sentence; 0 without n-grams.
///
/// An n-gram with an unknown word repeats none.
///
/// ```
/// use irgan::evaluation::text::repetition;
///
/// // Of the pairs (1,2) (2,1) (1,2) | (1,2) only the third repeats one of its sentence.
/// assert_eq!(repetition(&[vec![1, 2, 1, 2], vec![1, 2]], 2), 0.25);
/// ```
pub fn repetition<S: AsRef<[u32]>>(sentences: &[S], n: usize) -> f64 {
    if n == 0 {
        return 0.0;
    }
    let (mut repeated, mut ngrams) = (0, 0usize);
    for sentence in sentences {
        let windows = sentence.as_ref().windows(n);
        ngrams += windows.len();
        let mut seen: HashSet<&[u32], FixedState> = HashSet::default();
        repeated += windows.filter(|window| !window.contains(&NO_MATCH) && !seen.insert(window)).count();
    }
    repeated as f64 / ngrams.max(1) as f64
}

/// Returns true for an answer that is one of the `dull` replies or begins with one.
pub fn is_dull<D: AsRef<[u32]>>(answer: &[u32], dull: &[D]) -> bool {
    dull.iter().any(|reply| !reply.as_ref().is_empty() && answer.starts_with(reply.as_ref()))
}

/// Returns the share of answers that are dull ([`is_dull`]); 0 without answers.
///
/// ```
/// use irgan::evaluation::text::dull_share;
///
/// // Equal, longer, another, and the reply without its end.
/// let answers = [vec![1, 2], vec![1, 2, 3], vec![2, 1], vec![1]];
/// assert_eq!(dull_share(&answers, &[[1, 2]]), 0.5);
/// ```
pub fn dull_share<S: AsRef<[u32]>, D: AsRef<[u32]>>(answers: &[S], dull: &[D]) -> f64 {
    let count = answers.iter().filter(|answer| is_dull(answer.as_ref(), dull)).count();
    count as f64 / answers.len().max(1) as f64
}

/// Returns the share of words that two turns have in common, of the longer one, each word as often as both have it; 0 when
/// both are empty.
pub fn common_words(a: &[u32], b: &[u32]) -> f64 {
    let mut counts: HashMap<u32, usize, FixedState> = HashMap::default();
    a.iter().filter(|&&word| word != NO_MATCH).for_each(|&word| *counts.entry(word).or_default() += 1);
    let common = b.iter().filter(|&word| match counts.get_mut(word) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    });
    common.count() as f64 / a.len().max(b.len()).max(1) as f64
}

/// Returns the number of turns of a conversation of two before it dies: before the first turn that is empty, is dull
/// ([`is_dull`]), or has more than [`LOOP_SHARE`] of its words in common with the same speaker's turn before, or with the
/// other's (Li et al., 2016, §4.2).
///
/// Turns alternate; the first is the source, which is never the end.
///
/// ```
/// use irgan::evaluation::text::turns_alive;
///
/// let dull: [[u32; 1]; 1] = [[9]];
/// assert_eq!(turns_alive(&[vec![1, 2], vec![3], vec![9, 1], vec![4]], &dull), 2);
/// assert_eq!(turns_alive(&[vec![1, 2], vec![3], vec![1, 2], vec![4]], &dull), 2); // a loop
/// assert_eq!(turns_alive(&[vec![1, 2], vec![3], vec![4, 5]], &dull), 3);
/// ```
///
/// # Differences from the paper
/// The paper compares a turn with its speaker's turn before; two speakers who echo each other are a loop here too.
pub fn turns_alive<S: AsRef<[u32]>, D: AsRef<[u32]>>(turns: &[S], dull: &[D]) -> usize {
    let ends = |at: &usize| {
        let turn = turns[*at].as_ref();
        let repeats = |back: usize| {
            at.checked_sub(back).is_some_and(|before| common_words(turns[before].as_ref(), turn) > LOOP_SHARE)
        };
        turn.is_empty() || is_dull(turn, dull) || repeats(1) || repeats(2)
    };
    (1..turns.len()).find(ends).unwrap_or(turns.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_stays_within_a_sentence_and_unknown_words_repeat_nothing() {
        assert_eq!(repetition(&[vec![1, 1, 1, 2], vec![1]], 1), 2.0 / 5.0);
        assert_eq!(repetition(&[vec![NO_MATCH, NO_MATCH, NO_MATCH]], 1), 0.0);
        assert_eq!((repetition(&[vec![1, 1]], 3), repetition(&[vec![1, 1]], 0)), (0.0, 0.0));
        assert_eq!(mean_length(&[vec![1, 1], vec![]]), 1.0);
        assert_eq!(mean_length::<Vec<u32>>(&[]), 0.0);
        assert!((perplexity(2.0f64.ln()) - 2.0).abs() < 1e-15);
    }

    #[test]
    fn common_words_are_a_share_of_the_longer_turn() {
        // 1 once and 2 of four words; unknown words are not in common.
        assert_eq!(common_words(&[1, 2, 3], &[2, 1, 1, 4]), 0.5);
        assert_eq!(common_words(&[NO_MATCH], &[NO_MATCH]), 0.0);
        assert_eq!(common_words(&[], &[]), 0.0);
    }

    #[test]
    fn more_than_four_fifths_in_common_is_a_loop() {
        let turn = |words: std::ops::Range<u32>| words.collect::<Vec<_>>();
        let dull: [[u32; 1]; 0] = [];
        // 4 of 5 words in common are not more than 80 %; 5 of 6 are.
        assert_eq!(turns_alive(&[turn(0..5), turn(50..52), turn(1..6)], &dull), 3);
        assert_eq!(turns_alive(&[turn(0..6), turn(50..52), turn(1..7)], &dull), 2);
        assert_eq!(turns_alive(&[turn(0..6), turn(0..6)], &dull), 1); // an echo
        assert_eq!(turns_alive(&[turn(0..6), vec![]], &dull), 1);
        assert_eq!(turns_alive::<Vec<u32>, [u32; 1]>(&[], &dull), 0);
    }

    #[test]
    fn an_empty_reply_on_the_list_is_none() {
        assert_eq!(dull_share(&[vec![1], vec![]], &[vec![]]), 0.0);
        assert_eq!(dull_share::<Vec<u32>, Vec<u32>>(&[], &[vec![1]]), 0.0);
    }
}
