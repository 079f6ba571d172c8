//! Brevity penalty of BLEU, and the reference length that it compares with (Papineni et al., 2002, §2.2).

/// Number of sentences of each length.
#[derive(Clone, Debug)]
pub(super) struct Lengths {
    /// Pairs (length, number of sentences), by ascending length.
    counts: Vec<(usize, usize)>,
}

impl Lengths {
    /// Counts the lengths of sentences, in tokens.
    pub(super) fn new(lengths: impl Iterator<Item = usize>) -> Self {
        let mut lengths: Vec<usize> = lengths.collect();
        lengths.sort_unstable();
        Self { counts: lengths.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect() }
    }

    /// Returns the length closest to `length`, the shorter of two equally close ones; `None` without sentences.
    pub(super) fn closest(&self, length: usize) -> Option<usize> {
        let place = self.counts.partition_point(|&(other, _)| other < length);
        nearer(length, self.at(place.checked_sub(1)), self.at(Some(place)))
    }

    /// Returns the length closest to `length` after one sentence of that very length is left out.
    pub(super) fn closest_to_member(&self, length: usize) -> Option<usize> {
        let place = self.counts.partition_point(|&(other, _)| other < length);
        match self.counts.get(place) {
            Some(&(same, 1)) if same == length => {
                nearer(length, self.at(place.checked_sub(1)), self.at(Some(place + 1)))
            }
            _ => self.closest(length),
        }
    }

    /// Returns the length at a place of the ascending list.
    fn at(&self, place: Option<usize>) -> Option<usize> {
        self.counts.get(place?).map(|&(length, _)| length)
    }
}

/// Returns the closer of a shorter and a longer length, the shorter one when both are equally close.
fn nearer(length: usize, shorter: Option<usize>, longer: Option<usize>) -> Option<usize> {
    shorter.into_iter().chain(longer).min_by_key(|other| other.abs_diff(length))
}

/// Returns the penalty `exp(1 − r / c)` of a hypothesis of c tokens, shorter than its closest reference of r; else 1.
pub(super) fn brevity_penalty(closest: usize, length: usize) -> f64 {
    if length > closest { 1.0 } else { (1.0 - closest as f64 / length as f64).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_of_two_closest_lengths_is_chosen() {
        let lengths = Lengths::new([13, 8, 11, 8].into_iter());
        let closest = |length| lengths.closest(length).expect("four sentences");
        // 12 is 1 from 11 and from 13; 10 is 2 from 8, 1 from 11.
        assert_eq!([0, 8, 9, 10, 12, 13, 99].map(closest), [8, 8, 8, 11, 11, 13, 13]);
        assert_eq!(Lengths::new(std::iter::empty()).closest(3), None);
    }

    #[test]
    fn a_member_is_left_out_once() {
        let lengths = Lengths::new([13, 8, 11, 8].into_iter());
        let closest = |length| lengths.closest_to_member(length).expect("three others");
        // There is another 8. Without 11: 8 is 3 away, 13 is 2. Without 13: 11.
        assert_eq!([8, 11, 13].map(closest), [8, 13, 11]);
        assert_eq!(Lengths::new([5].into_iter()).closest_to_member(5), None);
    }

    #[test]
    fn only_short_sentences_are_penalised() {
        assert_eq!(brevity_penalty(4, 5), 1.0);
        assert_eq!(brevity_penalty(5, 5), 1.0);
        // exp(1 − 6 / 4) = exp(−1 / 2)
        assert_eq!(brevity_penalty(6, 4), (-0.5f64).exp());
    }
}
