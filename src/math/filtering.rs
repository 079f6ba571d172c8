//! Minimal filtering: convolutions of five taps over positions, four outputs for eight multiplications instead of twenty
//! (Toom, 1963; Cook, 1966; Winograd, 1980; Lavin and Gray, CVPR 2016).
//!
//! Four neighbouring outputs are coefficients of a product of polynomials, known by its values at the points 0, ±1, ±2, ±½ and ∞:
//! `y = Aᵀ [(G w) ⊙ (Bᵀ x)]`, with a window `x: [8]` of inputs, taps `w: [5]` and `y: [4]`. With I inputs and O outputs a
//! position, `⊙` is one matrix product of `[windows, I]` and `[I, O]` at each of the eight points. The gradients are the
//! transposed transforms around the same products. Sums differ from those of a plain convolution by some roundings of 32 bits.
//!
//! S sentences, T positions, C channels; a sentence has `⌈T / 4⌉` windows, and zeros beyond its ends.

use super::simd::{Kernel, LANES, arch, run_at};

/// Number of taps of a filter.
pub const TAPS: usize = 5;
/// Number of points at which products are taken.
pub const POINTS: usize = 8;
/// Number of outputs of a window.
const OUTPUTS: usize = 4;
/// Number of positions of a window before its first output.
const BEFORE: usize = TAPS / 2;
/// Factors of the taps' values at ±1, ±2 and ±½, which make `Bᵀ` a matrix of short binary numbers.
const FACTORS: [f32; 3] = [-2.0 / 9.0, 1.0 / 90.0, 32.0 / 45.0];

/// Values of some rows of one block of channels.
type Rows<const N: usize> = [[f32; LANES]; N];

/// Returns the number of windows of a sentence of `steps` positions.
pub fn windows_of(steps: usize) -> usize {
    steps.div_ceil(OUTPUTS)
}

/// Computes `Bᵀ x` of every window: `points: [8, S · windows, C]` from `x: [S, T, C]`, of which only values count whose
/// `gate: [S, T, C]` is above 0.
///
/// # Panics
/// When the lengths do not fit.
pub fn windows(x: &[f32], gate: &[f32], (steps, channels): (usize, usize), points: &mut [f32]) {
    assert_eq!(x.len(), gate.len(), "one gate a value");
    run_at(arch(), Windows { x, gate, place: Place::new(x.len(), points.len(), steps, channels), points });
}

/// Computes the transpose of [`windows`]: the gradient `d_x: [S, T, C]` from that of the points, `[8, S · windows, C]`.
///
/// # Panics
/// When the lengths do not fit.
pub fn windows_transposed(points: &[f32], gate: &[f32], (steps, channels): (usize, usize), d_x: &mut [f32]) {
    assert_eq!(d_x.len(), gate.len(), "one gate a value");
    let place = Place::new(d_x.len(), points.len(), steps, channels);
    run_at(arch(), WindowsTransposed { points, gate, place, d_x });
}

/// Computes `Aᵀ m + bias` of every window: `y: [S, T, C]` from the products `points: [8, S · windows, C]`, with `bias: [C]`.
///
/// # Panics
/// When the lengths do not fit.
pub fn outputs(points: &[f32], bias: &[f32], steps: usize, y: &mut [f32]) {
    run_at(arch(), Outputs { points, bias, place: Place::new(y.len(), points.len(), steps, bias.len()), y });
}

/// Computes the transpose of [`outputs`]: the gradient of the products, `points: [8, S · windows, C]`, from `d_y: [S, T, C]`.
///
/// # Panics
/// When the lengths do not fit.
pub fn outputs_transposed(d_y: &[f32], (steps, channels): (usize, usize), points: &mut [f32]) {
    let place = Place::new(d_y.len(), points.len(), steps, channels);
    run_at(arch(), OutputsTransposed { d_y, place, points });
}

/// Computes `G w`, the values `points: [8, N]` of N filters of `taps: [5, N]`.
///
/// # Panics
/// When the lengths do not fit.
pub fn taps(taps: &[f32], points: &mut [f32]) {
    assert_eq!(taps.len() * POINTS, points.len() * TAPS, "8 points for 5 taps");
    run_at(arch(), Taps { taps, points });
}

/// Computes the transpose of [`taps`] and adds it: the gradient of `taps: [5, N]` from that of the `points: [8, N]`.
///
/// # Panics
/// When the lengths do not fit.
pub fn add_taps_transposed(points: &[f32], taps: &mut [f32]) {
    assert_eq!(taps.len() * POINTS, points.len() * TAPS, "8 points for 5 taps");
    run_at(arch(), TapsTransposed { points, taps });
}

/// Places of sentences, windows and channels in the slices.
#[derive(Clone, Copy)]
struct Place {
    sentences: usize,
    steps: usize,
    channels: usize,
    windows: usize, // of a sentence
}

impl Place {
    fn new(values: usize, points: usize, steps: usize, channels: usize) -> Self {
        let (sentences, windows) = (values / (steps * channels).max(1), windows_of(steps));
        assert_eq!(values, sentences * steps * channels, "whole sentences");
        assert_eq!(points, POINTS * sentences * windows * channels, "8 points a window");
        Self { sentences, steps, channels, windows }
    }

    /// Number of values of one point.
    #[inline(always)]
    fn plane(self) -> usize {
        self.sentences * self.windows * self.channels
    }

    /// Start of row `row` of `window` in the values, where it is within the sentence.
    #[inline(always)]
    fn value(self, sentence: usize, window: usize, row: usize, before: usize) -> Option<usize> {
        let step = (window * OUTPUTS + row).checked_sub(before).filter(|&step| step < self.steps)?;
        Some((sentence * self.steps + step) * self.channels)
    }
}

/// Calls `$body` with the sentence, the window, the start of its row in a plane, and each block of channels.
macro_rules! each_block {
    ($place:expr, |$sentence:ident, $window:ident, $row:ident, $block:ident, $width:ident| $body:block) => {
        for $sentence in 0..$place.sentences {
            for $window in 0..$place.windows {
                let $row = ($sentence * $place.windows + $window) * $place.channels;
                let whole = $place.channels / LANES * LANES;
                for $block in (0..whole).step_by(LANES) {
                    let $width = LANES; // known when it is compiled, unlike that of the rest
                    $body
                }
                if whole < $place.channels {
                    let ($block, $width) = (whole, $place.channels - whole);
                    $body
                }
            }
        }
    };
}

/// Reads `width` values; the rest is 0.
#[inline(always)]
fn read(values: &[f32], width: usize, into: &mut [f32; LANES]) {
    match values.first_chunk::<LANES>() {
        Some(values) if width == LANES => *into = *values,
        _ => into[..width].copy_from_slice(&values[..width]),
    }
}

/// Writes the first `width` values.
#[inline(always)]
fn write(values: &[f32; LANES], width: usize, into: &mut [f32]) {
    match into.first_chunk_mut::<LANES>() {
        Some(into) if width == LANES => *into = *values,
        _ => into[..width].copy_from_slice(&values[..width]),
    }
}

struct Windows<'a> {
    x: &'a [f32],
    gate: &'a [f32],
    place: Place,
    points: &'a mut [f32],
}

impl Kernel for Windows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { x, gate, place, points } = self;
        each_block!(place, |sentence, window, row, block, width| {
            let mut d: Rows<POINTS> = [[0.0; LANES]; POINTS];
            for (position, d) in d.iter_mut().enumerate() {
                if let Some(start) = place.value(sentence, window, position, BEFORE) {
                    let mut open = [0.0; LANES];
                    read(&x[start + block..], width, d);
                    read(&gate[start + block..], width, &mut open);
                    for l in 0..LANES {
                        d[l] = if open[l] > 0.0 { d[l] } else { 0.0 };
                    }
                }
            }
            let mut out: Rows<POINTS> = [[0.0; LANES]; POINTS];
            for l in 0..LANES {
                out[0][l] = d[0][l] - d[6][l] + 5.25 * (d[4][l] - d[2][l]);
                out[7][l] = d[7][l] - d[1][l] + 5.25 * (d[3][l] - d[5][l]);
                let (even, odd) = (d[2][l] + d[6][l] - 4.25 * d[4][l], d[1][l] + d[5][l] - 4.25 * d[3][l]);
                (out[1][l], out[2][l]) = (even + odd, even - odd);
                let even = d[6][l] + 0.25 * d[2][l] - 1.25 * d[4][l];
                let odd = 0.5 * d[1][l] - 2.5 * d[3][l] + 2.0 * d[5][l];
                (out[3][l], out[4][l]) = (even + odd, even - odd);
                let even = d[6][l] + 4.0 * d[2][l] - 5.0 * d[4][l];
                let odd = 2.0 * d[1][l] - 2.5 * d[3][l] + 0.5 * d[5][l];
                (out[5][l], out[6][l]) = (even + odd, even - odd);
            }
            for (point, out) in out.iter().enumerate() {
                write(out, width, &mut points[point * place.plane() + row + block..]);
            }
        });
    }
}

struct WindowsTransposed<'a> {
    points: &'a [f32],
    gate: &'a [f32],
    place: Place,
    d_x: &'a mut [f32],
}

impl Kernel for WindowsTransposed<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { points, gate, place, d_x } = self;
        d_x.fill(0.0);
        each_block!(place, |sentence, window, row, block, width| {
            let mut w: Rows<POINTS> = [[0.0; LANES]; POINTS];
            for (point, w) in w.iter_mut().enumerate() {
                read(&points[point * place.plane() + row + block..], width, w);
            }
            let mut out: Rows<POINTS> = [[0.0; LANES]; POINTS];
            for l in 0..LANES {
                let (s1, t1) = (w[1][l] + w[2][l], w[1][l] - w[2][l]);
                let (s2, t2) = (w[3][l] + w[4][l], w[3][l] - w[4][l]);
                let (s3, t3) = (w[5][l] + w[6][l], w[5][l] - w[6][l]);
                out[0][l] = w[0][l];
                out[1][l] = t1 + 0.5 * t2 + 2.0 * t3 - w[7][l];
                out[2][l] = s1 + 0.25 * s2 + 4.0 * s3 - 5.25 * w[0][l];
                out[3][l] = 5.25 * w[7][l] - 4.25 * t1 - 2.5 * (t2 + t3);
                out[4][l] = 5.25 * w[0][l] - 4.25 * s1 - 1.25 * s2 - 5.0 * s3;
                out[5][l] = t1 + 2.0 * t2 + 0.5 * t3 - 5.25 * w[7][l];
                out[6][l] = s1 + s2 + s3 - w[0][l];
                out[7][l] = w[7][l];
            }
            for (position, out) in out.iter().enumerate() {
                if let Some(start) = place.value(sentence, window, position, BEFORE) {
                    let mut sum = [0.0; LANES];
                    read(&d_x[start + block..], width, &mut sum);
                    for l in 0..LANES {
                        sum[l] += out[l];
                    }
                    write(&sum, width, &mut d_x[start + block..]);
                }
            }
        });
        for (d, &gate) in d_x.iter_mut().zip(gate) {
            *d = if gate > 0.0 { *d } else { 0.0 };
        }
    }
}

struct Outputs<'a> {
    points: &'a [f32],
    bias: &'a [f32],
    place: Place,
    y: &'a mut [f32],
}

impl Kernel for Outputs<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { points, bias, place, y } = self;
        each_block!(place, |sentence, window, row, block, width| {
            let mut m: Rows<POINTS> = [[0.0; LANES]; POINTS];
            for (point, m) in m.iter_mut().enumerate() {
                read(&points[point * place.plane() + row + block..], width, m);
            }
            let mut shift = [0.0; LANES];
            read(&bias[block..], width, &mut shift);
            let mut out: Rows<OUTPUTS> = [[0.0; LANES]; OUTPUTS];
            for l in 0..LANES {
                let (s1, t1) = (m[1][l] + m[2][l], m[1][l] - m[2][l]);
                let (s2, t2) = (m[3][l] + m[4][l], m[3][l] - m[4][l]);
                let (s3, t3) = (m[5][l] + m[6][l], m[5][l] - m[6][l]);
                out[0][l] = m[0][l] + s1 + s2 + s3 + shift[l];
                out[1][l] = t1 + 2.0 * t2 + 0.5 * t3 + shift[l];
                out[2][l] = s1 + 4.0 * s2 + 0.25 * s3 + shift[l];
                out[3][l] = t1 + 8.0 * t2 + 0.125 * t3 + m[7][l] + shift[l];
            }
            for (position, out) in out.iter().enumerate() {
                if let Some(start) = place.value(sentence, window, position, 0) {
                    write(out, width, &mut y[start + block..]);
                }
            }
        });
    }
}

struct OutputsTransposed<'a> {
    d_y: &'a [f32],
    place: Place,
    points: &'a mut [f32],
}

impl Kernel for OutputsTransposed<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { d_y, place, points } = self;
        each_block!(place, |sentence, window, row, block, width| {
            let mut y: Rows<OUTPUTS> = [[0.0; LANES]; OUTPUTS];
            for (position, y) in y.iter_mut().enumerate() {
                if let Some(start) = place.value(sentence, window, position, 0) {
                    read(&d_y[start + block..], width, y);
                }
            }
            let mut out: Rows<POINTS> = [[0.0; LANES]; POINTS];
            for l in 0..LANES {
                (out[0][l], out[7][l]) = (y[0][l], y[3][l]);
                let (even, odd) = (y[0][l] + y[2][l], y[1][l] + y[3][l]);
                (out[1][l], out[2][l]) = (even + odd, even - odd);
                let (even, odd) = (y[0][l] + 4.0 * y[2][l], 2.0 * y[1][l] + 8.0 * y[3][l]);
                (out[3][l], out[4][l]) = (even + odd, even - odd);
                let (even, odd) = (y[0][l] + 0.25 * y[2][l], 0.5 * y[1][l] + 0.125 * y[3][l]);
                (out[5][l], out[6][l]) = (even + odd, even - odd);
            }
            for (point, out) in out.iter().enumerate() {
                write(out, width, &mut points[point * place.plane() + row + block..]);
            }
        });
    }
}

struct Taps<'a> {
    taps: &'a [f32],
    points: &'a mut [f32],
}

impl Kernel for Taps<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { taps, points } = self;
        let count = taps.len() / TAPS;
        let [one, two, half] = FACTORS;
        for n in 0..count {
            let g = |tap: usize| taps[tap * count + n];
            let (even, odd) = (one * (g(0) + g(2) + g(4)), one * (g(1) + g(3)));
            points[n] = g(0);
            (points[count + n], points[2 * count + n]) = (even + odd, even - odd);
            let (even, odd) = (two * (g(0) + 4.0 * g(2) + 16.0 * g(4)), two * (2.0 * g(1) + 8.0 * g(3)));
            (points[3 * count + n], points[4 * count + n]) = (even + odd, even - odd);
            let (even, odd) =
                (half * (g(0) + 0.25 * g(2) + 0.0625 * g(4)), half * (0.5 * g(1) + 0.125 * g(3)));
            (points[5 * count + n], points[6 * count + n]) = (even + odd, even - odd);
            points[7 * count + n] = g(4);
        }
    }
}

struct TapsTransposed<'a> {
    points: &'a [f32],
    taps: &'a mut [f32],
}

impl Kernel for TapsTransposed<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { points, taps } = self;
        let count = taps.len() / TAPS;
        let [one, two, half] = FACTORS;
        for n in 0..count {
            let p = |point: usize| points[point * count + n];
            let (s1, t1) = (one * (p(1) + p(2)), one * (p(1) - p(2)));
            let (s2, t2) = (two * (p(3) + p(4)), two * (p(3) - p(4)));
            let (s3, t3) = (half * (p(5) + p(6)), half * (p(5) - p(6)));
            taps[n] += p(0) + s1 + s2 + s3;
            taps[count + n] += t1 + 2.0 * t2 + 0.5 * t3;
            taps[2 * count + n] += s1 + 4.0 * s2 + 0.25 * s3;
            taps[3 * count + n] += t1 + 8.0 * t2 + 0.125 * t3;
            taps[4 * count + n] += s1 + 16.0 * s2 + 0.0625 * s3 + p(7);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without a pattern in −1..1.
    fn numbers(count: usize, salt: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 7919 + salt * 104_729) % 1999) as f32 / 999.5 - 1.0).collect()
    }

    /// Convolution of each channel with its own filter, by its definition.
    fn plain(x: &[f32], w: &[f32], (steps, channels): (usize, usize)) -> Vec<f64> {
        let mut y = vec![0.0; x.len()];
        for (i, y) in y.iter_mut().enumerate() {
            let (sentence, step, c) = (i / (steps * channels), i / channels % steps, i % channels);
            for tap in 0..TAPS {
                if let Some(at) = (step + tap).checked_sub(2).filter(|&at| at < steps) {
                    let x = x[(sentence * steps + at) * channels + c];
                    *y += f64::from(x) * f64::from(w[tap * channels + c]);
                }
            }
        }
        y
    }

    /// Convolution of each channel with its own filter, and the gradient of `⟨d_y, y⟩` at the inputs and at the taps.
    fn filtered(
        x: &[f32],
        w: &[f32],
        d_y: &[f32],
        (steps, channels): (usize, usize),
    ) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
        let open = vec![1.0; x.len()];
        let plane = x.len() / (steps * channels) * windows_of(steps) * channels;
        let (mut at, mut weight, mut d_points) =
            (vec![0.0; 8 * plane], vec![0.0; 8 * channels], vec![0.0; 8 * plane]);
        windows(x, &open, (steps, channels), &mut at);
        taps(w, &mut weight);
        outputs_transposed(d_y, (steps, channels), &mut d_points);
        let weight_of = |i: usize| i / plane * channels + i % channels;
        let products: Vec<f32> = at.iter().enumerate().map(|(i, at)| at * weight[weight_of(i)]).collect();
        let d_at: Vec<f32> = d_points.iter().enumerate().map(|(i, d)| d * weight[weight_of(i)]).collect();
        let mut d_weight = vec![0.0; 8 * channels];
        d_points.iter().zip(&at).enumerate().for_each(|(i, (d, at))| d_weight[weight_of(i)] += d * at);
        let (mut y, mut d_x, mut d_w) = (vec![0.0; x.len()], vec![0.0; x.len()], vec![0.0; w.len()]);
        outputs(&products, &vec![0.0; channels], steps, &mut y);
        windows_transposed(&d_at, &open, (steps, channels), &mut d_x);
        add_taps_transposed(&d_weight, &mut d_w);
        (y, d_x, d_w)
    }

    fn dot(a: &[f32], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(&a, b)| f64::from(a) * b).sum()
    }

    #[test]
    fn outputs_are_those_of_a_plain_convolution_and_gradients_its_transposes() {
        for (sentences, steps, channels) in [(1, 1, 1), (2, 3, 2), (1, 4, 16), (3, 9, 17), (2, 32, 40)] {
            let (shape, count) = ((steps, channels), sentences * steps * channels);
            let (x, w, d_y) = (numbers(count, 1), numbers(5 * channels, 2), numbers(count, 3));
            let (y, d_x, d_w) = filtered(&x, &w, &d_y, shape);
            for (i, (y, expected)) in y.iter().zip(plain(&x, &w, shape)).enumerate() {
                assert!((f64::from(*y) - expected).abs() < 2e-5, "{shape:?}, {i}: {y}, expected {expected}");
            }
            // ⟨d_y, W x⟩ is linear in each value, so that its slope is its value at a unit vector.
            for i in (0..count).step_by(5) {
                let mut unit = vec![0.0; count];
                unit[i] = 1.0;
                let expected = dot(&d_y, &plain(&unit, &w, shape));
                assert!((f64::from(d_x[i]) - expected).abs() < 2e-5, "{shape:?}, input {i}");
            }
            for i in 0..5 * channels {
                let mut unit = vec![0.0; 5 * channels];
                unit[i] = 1.0;
                let expected = dot(&d_y, &plain(&x, &unit, shape));
                assert!((f64::from(d_w[i]) - expected).abs() < 1e-4, "{shape:?}, tap {i}");
            }
        }
    }

    #[test]
    fn closed_gates_count_as_zeros() {
        let (x, gate) = (numbers(48, 4), numbers(48, 5));
        let zeroed: Vec<f32> = x.iter().zip(&gate).map(|(x, g)| if *g > 0.0 { *x } else { 0.0 }).collect();
        let (mut gated, mut plain) = (vec![0.0; 8 * 2 * 6], vec![0.0; 8 * 2 * 6]);
        windows(&x, &gate, (8, 6), &mut gated);
        windows(&zeroed, &[1.0; 48], (8, 6), &mut plain);
        assert_eq!(gated, plain);
        let mut d_x = vec![9.0; 48];
        windows_transposed(&numbers(96, 6), &gate, (8, 6), &mut d_x);
        assert!(d_x.iter().zip(&gate).all(|(d, gate)| *gate > 0.0 || *d == 0.0));
    }
}
