//! Sums over the windows of a text, token by token, and their running maxima.

use super::level::{Kernel, arch, run_at};

/// Adds the responses of one token to the sums of the windows that contain it, and keeps the maxima of those that it ends.
///
/// `places` are the places of a window that the token takes in windows that count, and `rows: [places, F]` its responses there.
/// A window holds k places, and its sum before this token is in row `step − place` mod k of `before: [k, F]`; that of a window
/// which begins here is 0. Sums of windows with more places to come are put into the same rows of `after: [k, F]`; those of
/// complete windows raise the maxima `best: [F]`.
///
/// # Panics
/// When a shape does not fit.
pub fn feed_windows(
    (step, width): (usize, usize),
    places: std::ops::Range<usize>,
    rows: &[f32],
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

struct Feed<'a> {
    step: usize,
    width: usize,
    places: std::ops::Range<usize>,
    rows: &'a [f32],
    before: Option<&'a [f32]>,
    after: &'a mut [f32],
    best: &'a mut [f32],
}

impl Kernel for Feed<'_> {
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
                    for (best, &new) in best.iter_mut().zip(row) {
                        keep(best, new);
                    }
                }
                (true, false, _) => after.copy_from_slice(row),
                (false, true, before) => {
                    for ((best, sum), new) in best.iter_mut().zip(before.unwrap_or(after)).zip(row) {
                        keep(best, sum + new);
                    }
                }
                (false, false, None) => {
                    for (after, new) in after.iter_mut().zip(row) {
                        *after += new;
                    }
                }
                (false, false, Some(before)) => {
                    for ((after, sum), new) in after.iter_mut().zip(before).zip(row) {
                        *after = sum + new;
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
