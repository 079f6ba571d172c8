//! Parallel work that is divided by the data, never by the number of threads, so that sums keep their order.

use std::ops::Range;
use std::sync::Mutex;

use rayon::prelude::*;

/// Groups consecutive items of `lengths` rows into chunks of about `target_rows` rows, returned as ranges of items.
///
/// A chunk ends with the item that brings it to `target_rows` rows. Every item is in exactly one chunk, including items
/// without rows.
///
/// ```
/// use irgan::math::parallel::chunks_by_rows;
///
/// assert_eq!(chunks_by_rows([3, 4, 0, 9, 1].into_iter(), 6), [0..2, 2..4, 4..5]);
/// ```
pub fn chunks_by_rows(lengths: impl Iterator<Item = usize>, target_rows: usize) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let (mut start, mut end, mut rows) = (0, 0, 0);
    for length in lengths {
        end += 1;
        rows += length;
        if rows >= target_rows {
            chunks.push(start..end);
            (start, rows) = (end, 0);
        }
    }
    if start < end {
        chunks.push(start..end);
    }
    chunks
}

/// Computes `[f(0), …, f(n − 1)]` on rayon's threads and collects the results in order.
///
/// A single item, or a pool of a single thread, is computed on the calling thread.
///
/// ```
/// use irgan::math::parallel::ordered_map;
///
/// assert_eq!(ordered_map(4, |i| i * i), [0, 1, 4, 9]);
/// ```
pub fn ordered_map<T: Send>(n: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let results: Vec<Mutex<Option<T>>> = (0..n).map(|_| Mutex::new(None)).collect();
    for_each(n, &|i| {
        let result = f(i);
        *results[i].lock().expect("every item has a place of its own") = Some(result);
    });
    let taken = results.into_iter().map(|result| result.into_inner().ok().flatten());
    taken.map(|result| result.expect("every item was computed")).collect()
}

/// Runs `work` on one of rayon's threads, for a loop of many short steps: a parallel part of it starts there at once and wakes
/// one thread less.
pub fn on_pool<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::scope(|_| work())
}

/// Calls `work` with every number below `n`. Not generic: rayon's machinery is compiled once, not for every caller.
fn for_each(n: usize, work: &(dyn Fn(usize) + Sync)) {
    if n <= 1 || rayon::current_num_threads() == 1 {
        (0..n).for_each(work);
    } else {
        (0..n).into_par_iter().with_max_len(1).for_each(work);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_every_item_once() {
        let lengths = [5, 0, 0, 7, 100, 1, 1, 1, 0];
        for target in [0, 1, 2, 8, 1000] {
            let chunks = chunks_by_rows(lengths.into_iter(), target);
            let items: Vec<usize> = chunks.iter().cloned().flatten().collect();
            assert_eq!(items, (0..lengths.len()).collect::<Vec<_>>(), "target {target}");
        }
        assert!(chunks_by_rows(std::iter::empty(), 8).is_empty());
    }

    #[test]
    fn chunks_close_at_the_target() {
        // 5+0+0+7 = 12 ≥ 8; 100 ≥ 8; the rest never reaches 8.
        assert_eq!(chunks_by_rows([5, 0, 0, 7, 100, 1, 1].into_iter(), 8), [0..4, 4..5, 5..7]);
    }

    #[test]
    fn order_survives_any_number_of_threads() {
        let expected: Vec<usize> = (0..1000).map(|i| i * i).collect();
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool");
            assert_eq!(pool.install(|| ordered_map(1000, |i| i * i)), expected, "{threads} threads");
        }
        assert!(ordered_map(0, |i| i).is_empty());
    }
}
