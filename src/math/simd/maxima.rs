//! Running maxima, for the maximum of a convolution over time.

use super::level::{Kernel, LANES, arch, run_at};

/// Replaces every element of `best` that is exceeded by that of `values`, and sets its `winner` to `position`.
///
/// # Panics
/// When the lengths differ.
pub fn keep_maxima(values: &[f32], position: u16, best: &mut [f32], winner: &mut [u16]) {
    assert!(values.len() == best.len() && values.len() == winner.len(), "one value a maximum");
    run_at(arch(), KeepMaxima(values, position, best, winner));
}

struct KeepMaxima<'a>(&'a [f32], u16, &'a mut [f32], &'a mut [u16]);

impl Kernel for KeepMaxima<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self(values, position, best, winner) = self;
        for ((&value, best), winner) in values.iter().zip(best).zip(winner) {
            let better = value > *best;
            *best = if better { value } else { *best };
            *winner = if better { position } else { *winner };
        }
    }
}

/// Computes `y ← y + |x|`.
///
/// # Panics
/// When the lengths differ.
pub fn add_absolute(x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len(), "one sum a value");
    run_at(arch(), AddAbsolute(x, y));
}

struct AddAbsolute<'a>(&'a [f32], &'a mut [f32]);

impl Kernel for AddAbsolute<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (x, y) in self.0.iter().zip(self.1) {
            *y += x.abs();
        }
    }
}

/// Computes `y ← y + x²`.
///
/// # Panics
/// When the lengths differ.
pub fn add_squares(x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len(), "one sum a value");
    run_at(arch(), AddSquares(x, y));
}

struct AddSquares<'a>(&'a [f32], &'a mut [f32]);

impl Kernel for AddSquares<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (x, y) in self.0.iter().zip(self.1) {
            *y += x * x;
        }
    }
}

/// Computes `best_f ← max(best_f, max_p Σ_j table[j, tokens[p + j], f])`, with `table: [width, vocabulary, F]`.
///
/// j runs over the `width` places of a window and p over `positions`; places beyond the last token add nothing.
///
/// # Panics
/// When the table has another shape or a token is not in the vocabulary.
pub fn sum_rows_and_keep_maxima(
    table: &[f32],
    vocabulary: usize,
    tokens: &[u32],
    positions: usize,
    width: usize,
    best: &mut [f32],
) {
    assert!(table.len() == width * vocabulary * best.len(), "one row a place and token");
    assert!(tokens.iter().all(|&token| (token as usize) < vocabulary), "tokens of the vocabulary");
    run_at(arch(), SumRows { table, vocabulary, tokens, positions, width, best });
}

struct SumRows<'a> {
    table: &'a [f32],
    vocabulary: usize,
    tokens: &'a [u32],
    positions: usize,
    width: usize,
    best: &'a mut [f32],
}

/// Number of values summed in registers at a time.
const STRIP: usize = 4 * LANES;

impl Kernel for SumRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let features = self.best.len();
        for position in 0..self.positions {
            let mut first = 0;
            while first + STRIP <= features {
                self.strip::<STRIP>(position, first);
                first += STRIP;
            }
            while first + LANES <= features {
                self.strip::<LANES>(position, first);
                first += LANES;
            }
            while first < features {
                self.strip::<1>(position, first);
                first += 1;
            }
        }
    }
}

impl SumRows<'_> {
    #[inline(always)]
    fn strip<const N: usize>(&mut self, position: usize, first: usize) {
        let features = self.best.len();
        let mut sum = [0.0; N];
        for place in 0..self.width.min(self.tokens.len().saturating_sub(position)) {
            let token = self.tokens[position + place] as usize;
            let start = (place * self.vocabulary + token) * features + first;
            let row: &[f32; N] = self.table[start..start + N].try_into().expect("N values");
            for i in 0..N {
                sum[i] += row[i];
            }
        }
        let best: &mut [f32; N] = (&mut self.best[first..first + N]).try_into().expect("N values");
        for i in 0..N {
            best[i] = if sum[i] > best[i] { sum[i] } else { best[i] };
        }
    }
}
