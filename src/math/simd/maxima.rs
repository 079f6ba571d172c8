//! Running maxima, for the maximum of a convolution over time.

use super::level::{Kernel, arch, run_at};

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
