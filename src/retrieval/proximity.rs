//! Proximity of the terms of a query in a document.

/// Returns the length of the shortest span that holds a position of every list, counting both its ends.
///
/// Lists ascend. `None` when there are fewer than two lists or one of them is empty.
pub(super) fn smallest_window(lists: &[Vec<u32>]) -> Option<u32> {
    if lists.len() < 2 || lists.iter().any(Vec::is_empty) {
        return None;
    }
    let mut heads = vec![0; lists.len()];
    let mut best = u32::MAX;
    loop {
        let positions = heads.iter().zip(lists).map(|(&head, list)| list[head]);
        let (mut low, mut high, mut lowest) = (u32::MAX, 0, 0);
        for (list, position) in positions.enumerate() {
            if position < low {
                (low, lowest) = (position, list);
            }
            high = high.max(position);
        }
        best = best.min(high - low + 1);
        heads[lowest] += 1;
        if heads[lowest] == lists[lowest].len() {
            return Some(best);
        }
    }
}

/// Counts the positions of `first` that a position of `second` follows directly.
pub(super) fn adjacent(first: &[u32], second: &[u32]) -> u32 {
    first.iter().filter(|&&position| second.binary_search(&(position + 1)).is_ok()).count() as u32
}

/// Counts the positions of `first` with a position of `second` at most `reach` away, on either side.
pub(super) fn near(first: &[u32], second: &[u32], reach: u32) -> u32 {
    let close = |&&position: &&u32| {
        let next = second.partition_point(|&other| other < position.saturating_sub(reach));
        second.get(next).is_some_and(|&other| other <= position.saturating_add(reach))
    };
    first.iter().filter(close).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smallest_windows_hold_one_position_of_each_list() {
        assert_eq!(smallest_window(&[vec![1, 10], vec![4, 12], vec![11, 30]]), Some(3)); // 10 11 12
        assert_eq!(smallest_window(&[vec![5], vec![5]]), Some(1));
        assert_eq!(smallest_window(&[vec![5], vec![]]), None);
        assert_eq!(smallest_window(&[vec![5]]), None);
    }

    #[test]
    fn pairs_are_counted_as_by_hand() {
        assert_eq!(adjacent(&[1, 5, 9], &[2, 6, 8]), 2);
        assert_eq!(near(&[1, 50], &[9, 40], 8), 1);
        assert_eq!(near(&[1, 50], &[10, 41], 8), 0);
    }
}
