//! Replay buffer: draws of earlier rounds, that a discriminator is shown beside the fresh ones, so that it does not forget the
//! mistakes which the generator has left behind (for a refiner of images: Shrivastava et al., CVPR 2017, section 2.3).
//!
//! # Differences from the paper
//! The buffer has one place for every draw of a lesson, and after lesson n each place takes the new draw with probability 1/n, and
//! not half of them each time: so the places hold the draws of a lesson that is chosen uniformly among all before, and the memory
//! stays that of one lesson.

use ndarray::{Array1, Array2, ArrayView2, Zip};
use rand::Rng as _;

use crate::nn::impl_parameters;
use crate::seed::Stream;

/// Numbers that a row may hold exactly: those of tokens, lengths and documents.
pub const MOST_REPLAYED: usize = 1 << 24;

/// Draws of earlier lessons of a discriminator, one a place; part of the state of a game.
///
/// ```
/// use irgan::game::Replay;
/// use irgan::seed::Stream;
/// use ndarray::array;
///
/// let (first, second) = (array![[1.0], [2.0]], array![[3.0], [4.0]]);
/// let empty = Replay::new(2, 1); // 2 draws a lesson, a number each
/// assert_eq!(empty.mixed(first.view(), 0.9, Stream::new(1)), first); // nothing is remembered yet
/// let replay = empty.after(first.view(), Stream::new(1));
/// assert_eq!(replay.mixed(second.view(), 1.0, Stream::new(1)), first);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    places: Array2<f32>,  // [N, W]
    lessons: Array1<f32>, // [1], exact to 2²⁴
}

impl_parameters!(Replay { "places": places, "lessons": lessons });

impl Replay {
    /// Returns an empty buffer for lessons of N `draws` of W = `width` numbers each.
    pub fn new(draws: usize, width: usize) -> Self {
        Self { places: Array2::zeros((draws, width)), lessons: Array1::zeros(1) }
    }

    /// Returns a lesson's draws, of which each is, with probability `share`, that of its place: `fresh: [N, W]` gives `[N, W]`.
    ///
    /// # Panics
    /// When the shape is not that of the buffer.
    pub fn mixed(&self, fresh: ArrayView2<'_, f32>, share: f32, stream: Stream) -> Array2<f32> {
        let share = if self.lessons[0] > 0.0 { share } else { 0.0 };
        replaced(fresh, self.places.view(), share, stream.named("mixed"))
    }

    /// Returns the buffer after a lesson of `fresh: [N, W]` draws.
    ///
    /// # Panics
    /// When the shape is not that of the buffer.
    pub fn after(&self, fresh: ArrayView2<'_, f32>, stream: Stream) -> Self {
        let lessons = &self.lessons + 1.0;
        let places = replaced(self.places.view(), fresh, 1.0 / lessons[0], stream.named("kept"));
        Self { places, lessons }
    }
}

/// Returns `rows` of which each is, with probability `share`, that of `others` at the same place: `[N, W]`.
fn replaced(
    rows: ArrayView2<'_, f32>,
    others: ArrayView2<'_, f32>,
    share: f32,
    stream: Stream,
) -> Array2<f32> {
    assert_eq!(rows.dim(), others.dim(), "a place for every draw of a lesson");
    let mut rng = stream.rng();
    let mut rows = rows.to_owned();
    Zip::from(rows.rows_mut()).and(others.rows()).for_each(|mut row, other| {
        if rng.random::<f32>() < share {
            row.assign(&other);
        }
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_earlier_lesson_is_remembered_as_often() {
        let (draws, lessons) = (20_000, 5);
        let mut replay = Replay::new(draws, 2);
        for lesson in 1..=lessons {
            let fresh = Array2::from_shape_fn((draws, 2), |(_, column)| (lesson * 10 + column) as f32);
            replay = replay.after(fresh.view(), Stream::new(1).at(lesson as u64));
        }
        let fresh = Array2::from_elem((draws, 2), -1.0);
        let mixed = replay.mixed(fresh.view(), 0.4, Stream::new(2));
        let share = |value: f32| {
            let found = mixed.rows().into_iter().filter(|row| row[0] == value);
            found.inspect(|row| assert!(row[0] < 0.0 || row[1] == value + 1.0, "a draw stays whole")).count()
                as f64
                / draws as f64
        };
        // 0.6 are fresh, and 0.4 / 5 of each lesson; four deviations of √(p (1 − p) / N).
        let near = |found: f64, p: f64| (found - p).abs() < 4.0 * (p * (1.0 - p) / draws as f64).sqrt();
        assert!(near(share(-1.0), 0.6), "{}", share(-1.0));
        for lesson in 1..=lessons {
            let found = share(lesson as f32 * 10.0);
            assert!(near(found, 0.08), "lesson {lesson}: {found}");
        }
    }
}
