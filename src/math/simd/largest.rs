//! The largest few of many values.

use super::level::{Kernel, LANES, arch, run_at};

/// Number of values of which one comparison says whether any counts.
const STRIP: usize = 4 * LANES;

/// Returns the `count` largest of `values` with their places, largest first, equal ones by place; NaN is none.
///
/// ```
/// assert_eq!(irgan::math::simd::largest(&[1.0, 3.0, 3.0, 2.0], 3), [(1, 3.0), (2, 3.0), (3, 2.0)]);
/// ```
pub fn largest(values: &[f32], count: usize) -> Vec<(u32, f32)> {
    let mut best = Best { places: Vec::with_capacity(count + 1), count, least: f32::NEG_INFINITY };
    for (number, strip) in values.chunks(STRIP).enumerate() {
        if run_at(arch(), AnyAbove(strip, best.least)) {
            best.offer(number * STRIP, strip);
        }
    }
    best.places
}

struct Best {
    places: Vec<(u32, f32)>,
    count: usize,
    least: f32, // value that must be exceeded
}

impl Best {
    /// Takes those of `values`, which begin at place `first`, that are among the largest so far.
    fn offer(&mut self, first: usize, values: &[f32]) {
        for (place, &value) in (first..).zip(values) {
            if value > self.least {
                let at = self.places.partition_point(|&(_, other)| other >= value);
                self.places.insert(at, (place as u32, value));
                self.places.truncate(self.count);
                if self.places.len() == self.count {
                    self.least = self.places.last().map_or(f32::INFINITY, |&(_, least)| least);
                }
            }
        }
    }
}

/// Says whether any value is above the bound.
struct AnyAbove<'a>(&'a [f32], f32);

impl Kernel for AnyAbove<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> bool {
        let mut above = [0u32; LANES];
        let (chunks, tail) = self.0.as_chunks::<LANES>();
        for chunk in chunks {
            for i in 0..LANES {
                above[i] |= u32::from(chunk[i] > self.1);
            }
        }
        above.iter().any(|&above| above > 0) || tail.iter().any(|&value| value > self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_values_come_first_and_ties_by_place() {
        let values = [1.0, 3.0, f32::NAN, 3.0, -1.0, 2.0, f32::NEG_INFINITY];
        assert_eq!(largest(&values, 3), [(1, 3.0), (3, 3.0), (5, 2.0)]);
        assert_eq!(largest(&values, 9).len(), 5);
        assert!(largest(&values, 0).is_empty() && largest(&[], 3).is_empty());
    }

    #[test]
    fn many_values_are_sorted_as_by_a_sort() {
        for length in [15, 16, 64, 65, 1000] {
            let values: Vec<f32> = (0..length).map(|i| ((i * 7919) % 97) as f32).collect();
            let mut all: Vec<(u32, f32)> = (0..).zip(values.iter().copied()).collect();
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            assert_eq!(largest(&values, 7), all[..7], "{length}");
        }
    }
}
