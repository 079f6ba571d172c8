//! One draw of Gumbel-softmax at five temperatures.

use ndarray::Array2;

use super::lesson::{Lesson, line};
use crate::pathwise::RelaxedDraws;
use crate::report::plot::{Chart, Series};
use crate::seed::Stream;

const LOGITS: [f32; 6] = [1.2, 0.4, 0.0, -0.3, 0.7, -1.0];
const TEMPERATURES: [f32; 5] = [0.1, 0.5, 1.0, 2.0, 10.0];

/// Returns the draw by the noise of `stream`, relaxed at `temperature`.
fn draw(temperature: f32, stream: Stream) -> Vec<f32> {
    let logits = Array2::from_shape_fn((1, LOGITS.len()), |(_, token)| LOGITS[token]);
    let draws = RelaxedDraws::new(logits, temperature, std::slice::from_mut(&mut stream.rng()));
    draws.soft().row(0).to_vec()
}

/// Makes the section.
pub(super) fn lesson(stream: Stream) -> Lesson {
    let of = |(number, &temperature): (usize, &f32)| -> Series {
        let parts = draw(temperature, stream).into_iter().enumerate();
        let points = parts.map(|(token, part)| (token as f64 + 1.0, f64::from(part))).collect();
        line(number, &format!("τ {temperature}"), points)
    };
    Lesson {
        title: "A relaxed draw",
        text: "Gumbel noise makes of the logits a draw: the token of the largest sum is drawn with just its probability. In the place \
               of the largest, a softmax takes all of them: a function of the logits with a slope. Its temperature τ leads from \
               the drawn token alone (τ → 0) to all tokens in equal parts (τ → ∞). The noise is the same in all five draws."
            .into(),
        formulas: &["y = softmax((h + g) / τ), g = −log(−log u), u uniform in (0, 1); argmax(h + g) ~ softmax(h)."],
        charts: vec![Chart {
            title: "One draw at five temperatures".into(),
            caption: "Parts of six tokens, which add up to 1.".into(),
            x: "token",
            y: "part".into(),
            series: TEMPERATURES.iter().enumerate().map(of).collect(),
            dots: true,
            ..Chart::default()
        }],
        table: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colder_draws_are_more_whole() {
        let largest = |temperature| draw(temperature, Stream::new(6)).into_iter().fold(0.0, f32::max);
        let all = TEMPERATURES.map(largest);
        assert!(all.is_sorted_by(|a, b| a >= b), "{all:?}");
    }
}
