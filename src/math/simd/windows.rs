//! Sums over the windows of a text, token by token, and their running maxima.

use half::bf16;

use super::level::{Kernel, arch, run_at};

/// A response of a token as it is stored.
pub trait Response: Copy {
    /// Returns the number.
    fn value(self) -> f32;
}

impl Response for f32 {
    #[inline(always)]
    fn value(self) -> f32 {
        self
    }
}

impl Response for bf16 {
    #[inline(always)]
    fn value(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }
}

/// Adds the responses of one token to the sums of the windows that contain it, and keeps the maxima of those that it ends.
///
/// `places` are the places of a window that the token takes in windows that count, and `rows: [places, F]` its responses there.
/// A window holds k places, and its sum before this token is in row `step − place` mod k of `before: [k, F]`; that of a window
/// which begins here is 0. Sums of windows with more places to come are put into the same rows of `after: [k, F]`; those of
/// complete windows raise the maxima `best: [F]`.
///
/// # Panics
/// When a shape does not fit.
pub fn feed_windows<R: Response>(
    (step, width): (usize, usize),
    places: std::ops::Range<usize>,
    rows: &[R],
    before: Option<&[f32]>,
    after: &mut [f32],
    best: &mut [f32],
) {
    let count = best.len();
    assert!(places.end <= width.min(step + 1), "a token has as many places as came before it");
    assert!(rows.len() == places.len() * count && after.len() == width * count, "a row a place");
    assert!(before.is_none_or(|before| before.len() == after.len()), "a row a place");
    run_at(arch(), Feed { step, width, places, rows, before, after, best });
}

struct Feed<'a, R> {
    step: usize,
    width: usize,
    places: std::ops::Range<usize>,
    rows: &'a [R],
    before: Option<&'a [f32]>,
    after: &'a mut [f32],
    best: &'a mut [f32],
}

impl<R: Response> Kernel for Feed<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { step, width, places, rows, before, after, best } = self;
        let count = best.len();
        for (place, row) in places.zip(rows.chunks_exact(count.max(1))) {
            let start = (step - place) % width * count;
            let after = &mut after[start..start + count];
            let before = before.map(|before| &before[start..start + count]);
            // Loops: a closure may be compiled without the level's instructions.
            match (place == 0, place + 1 == width, before) {
                (true, true, _) => {
                    for (best, new) in best.iter_mut().zip(row) {
                        keep(best, new.value());
                    }
                }
                (true, false, _) => {
                    for (after, new) in after.iter_mut().zip(row) {
                        *after = new.value();
                    }
                }
                (false, true, before) => {
                    for ((best, sum), new) in best.iter_mut().zip(before.unwrap_or(after)).zip(row) {
                        keep(best, sum + new.value());
                    }
                }
                (false, false, None) => {
                    for (after, new) in after.iter_mut().zip(row) {
                        *after += new.value();
                    }
                }
                (false, false, Some(before)) => {
                    for ((after, sum), new) in after.iter_mut().zip(before).zip(row) {
                        *after = sum + new.value();
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn keep(best: &mut f32, value: f32) {
    *best = if value > *best { value } else { *best };
}
