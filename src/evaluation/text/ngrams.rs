//! Map from the n-grams of a set of sentences to values.
//!
//! The key of an n-gram is the number of the (n − 1)-gram of its first tokens, found before, together with its last
//! token. Keys are therefore exact and of 8 bytes for every n, and an n-gram with an unknown beginning is never looked up.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::NO_MATCH;

/// Map from every n-gram of 1 to `max_n` tokens of the added sentences to a value.
#[derive(Clone, Debug)]
pub(super) struct NGrams<V> {
    max_n: usize,
    /// N-grams of n tokens at place n − 1; as many places as the longest sentence has tokens, at most `max_n`.
    orders: Vec<Order<V>>,
}

/// All n-grams of one n.
#[derive(Clone, Debug)]
struct Order<V> {
    /// Map from (number of the first n − 1 tokens, last token) to the number of the n-gram.
    numbers: HashMap<(u32, u32), u32, FixedState>,
    /// Value of every n-gram, by number.
    values: Vec<V>,
}

impl<V: Default> NGrams<V> {
    /// Makes an empty map for n-grams of up to `max_n` tokens.
    pub(super) fn new(max_n: usize) -> Self {
        Self { max_n, orders: Vec::new() }
    }

    /// Calls `update(value, count)` for every different n-gram of a sentence, with the number of its occurrences there.
    ///
    /// The value of a new n-gram starts from the default. N-grams with an unknown word, [`NO_MATCH`], are not added.
    pub(super) fn add(&mut self, sentence: &[u32], mut update: impl FnMut(&mut V, u32)) {
        let mut windows = Windows::new(sentence);
        for place in 0..self.max_n.min(sentence.len()) {
            if place == self.orders.len() {
                self.orders.push(Order { numbers: HashMap::default(), values: Vec::new() });
            }
            let order = &mut self.orders[place];
            windows.lengthen(|key| (key.1 != NO_MATCH).then(|| order.number(key)));
            for (number, count) in windows.counts() {
                update(&mut order.values[number as usize], count);
            }
        }
    }
}

impl<V> NGrams<V> {
    /// Returns the clipped matches of a sentence: at place n − 1 the sum of min(count in the sentence, `limit` of the
    /// value) over its different n-grams. Places at the end are missing where nothing matches.
    pub(super) fn matches(&self, sentence: &[u32], limit: impl Fn(&V) -> u32) -> Vec<usize> {
        let mut windows = Windows::new(sentence);
        let clipped = |order: &Order<V>| {
            windows.lengthen(|key| order.numbers.get(&key).copied());
            let value = |number| &order.values[number as usize];
            windows.counts().map(|(number, count)| count.min(limit(value(number))) as usize).sum()
        };
        self.orders.iter().map(clipped).take_while(|&matched| matched > 0).collect()
    }
}

impl<V: Default> Order<V> {
    /// Returns the number of an n-gram; a new one gets the next number.
    fn number(&mut self, key: (u32, u32)) -> u32 {
        let next = u32::try_from(self.values.len()).expect("2³² different n-grams would take over 50 GB");
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.values.push(V::default());
        }
        number
    }
}

/// Known n-grams of a sentence, for n = 1, 2, … in turn.
struct Windows<'a> {
    sentence: &'a [u32],
    /// Length of the windows.
    n: usize,
    /// Position of the first token and number of each window.
    open: Vec<(usize, u32)>,
    numbers: Vec<u32>,
}

impl<'a> Windows<'a> {
    fn new(sentence: &'a [u32]) -> Self {
        // A window of length 0 opens before every token; its number is never used.
        let open = (0..sentence.len()).map(|start| (start, 0)).collect();
        Self { sentence, n: 0, open, numbers: Vec::with_capacity(sentence.len()) }
    }

    /// Lengthens every window by a token; drops those that reach the end or that `find` does not know.
    fn lengthen(&mut self, mut find: impl FnMut((u32, u32)) -> Option<u32>) {
        self.open.retain_mut(|(start, number)| {
            let last = self.sentence.get(*start + self.n);
            let longer = last.and_then(|&last| find((*number, last)));
            *number = longer.unwrap_or_default();
            longer.is_some()
        });
        self.n += 1;
    }

    /// Iterates over (number, occurrences in the sentence) of each different n-gram.
    fn counts(&mut self) -> impl Iterator<Item = (u32, u32)> {
        self.numbers.clear();
        self.numbers.extend(self.open.iter().map(|&(_, number)| number));
        self.numbers.sort_unstable();
        let count = |run: &[u32]| u32::try_from(run.len()).unwrap_or(u32::MAX);
        self.numbers.chunk_by(|a, b| a == b).map(move |run| (run[0], count(run)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the total count of every n-gram of the sentences.
    fn totals(max_n: usize, sentences: &[&[u32]]) -> NGrams<u32> {
        let mut ngrams = NGrams::new(max_n);
        for sentence in sentences {
            ngrams.add(sentence, |total: &mut u32, count| *total += count);
        }
        ngrams
    }

    #[test]
    fn ngrams_are_counted() {
        let ngrams = totals(3, &[&[7, 8, 7, 8], &[8, 7]]);
        let sorted = |place: usize| {
            let mut totals = ngrams.orders[place].values.clone();
            totals.sort_unstable();
            totals
        };
        // 7 and 8 stand three times each; (7,8) twice, (8,7) twice; (7,8,7) and (8,7,8) once.
        assert_eq!([sorted(0), sorted(1), sorted(2)], [vec![3, 3], vec![2, 2], vec![1, 1]]);
    }

    #[test]
    fn matches_are_clipped() {
        let ngrams = totals(4, &[&[1, 2, 3]]);
        // 1 and 2 stand twice but match once; (1,2) the same; (2,1) and (1,2,1) are unknown.
        assert_eq!(ngrams.matches(&[1, 2, 1, 2], |&total| total), [2, 1]);
        assert_eq!(ngrams.matches(&[1, 2, 3, 4], |&total| total), [3, 2, 1]);
        assert!(ngrams.matches(&[1, 2], |_| 0).is_empty());
    }

    #[test]
    fn orders_are_bounded_by_the_longest_sentence() {
        assert_eq!(totals(usize::MAX, &[&[1, 2], &[], &[3]]).orders.len(), 2);
        assert!(totals(0, &[&[1, 2]]).orders.is_empty());
        assert!(totals(3, &[]).matches(&[1], |&total| total).is_empty());
    }
}
