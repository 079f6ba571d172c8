//! Mixtures of tokens against whole tokens: a judge that looks at nothing but the largest part.

use ndarray::Array2;

use super::lesson::{Lesson, line};
use crate::pathwise::RelaxedDraws;
use crate::report::plot::{Chart, Level, Style};
use crate::seed::{Rng, Stream};

/// Tokens of the vocabulary.
const TOKENS: usize = 10;
/// Draws of each half: one that a judge of tokens learns from, one that it is measured on.
const DRAWS: usize = 2_000;
const TEMPERATURES: [f32; 7] = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// Returns the logits of the distribution that both sides draw from.
fn logits(count: usize) -> Array2<f32> {
    Array2::from_shape_fn((count, TOKENS), |(_, token)| (token as f32 * 0.9).sin())
}

/// Returns the accuracies of two judges of whole tokens against draws relaxed at `temperature`, on draws that chose nothing:
/// by the largest part of a mixture, and by its likeliest token.
fn accuracies(temperature: f32, stream: Stream) -> (f64, f64) {
    let draws = |name: &str| {
        let mut rngs: Vec<Rng> = (0..2 * DRAWS as u64).map(|row| stream.named(name).at(row).rng()).collect();
        RelaxedDraws::new(logits(2 * DRAWS), temperature, &mut rngs)
    };
    let (real, drawn) = (draws("real"), draws("drawn"));
    // The largest part of a whole token is 1: the judge calls real what has such a part, and is right about all that is real.
    let peak = |row: usize| drawn.soft().row(row).iter().copied().fold(0.0, f32::max);
    let told = (0..2 * DRAWS).filter(|&row| peak(row) < 1.0).count();
    let by_peak = (1.0 + told as f64 / (2 * DRAWS) as f64) / 2.0;
    (by_peak, by_token(real.tokens(), drawn.tokens()))
}

/// Returns the accuracy of the best judge that sees tokens alone: it calls a token real that was more often real than drawn
/// in the first halves, and is measured on the second.
fn by_token(real: &[u32], drawn: &[u32]) -> f64 {
    let counts = |tokens: &[u32]| {
        let mut counts = [0_usize; TOKENS];
        tokens[..DRAWS].iter().for_each(|&token| counts[token as usize] += 1);
        counts
    };
    let (real_counts, drawn_counts) = (counts(real), counts(drawn));
    let says_real = |token: u32| real_counts[token as usize] > drawn_counts[token as usize];
    let right = real[DRAWS..].iter().filter(|&&token| says_real(token)).count()
        + drawn[DRAWS..].iter().filter(|&&token| !says_real(token)).count();
    right as f64 / (2 * DRAWS) as f64
}

/// Makes the section.
pub(super) fn lesson(stream: Stream) -> Lesson {
    let found: Vec<(f64, (f64, f64))> = TEMPERATURES
        .iter()
        .enumerate()
        .map(|(number, &temperature)| {
            (f64::from(temperature).log10(), accuracies(temperature, stream.at(number as u64)))
        })
        .collect();
    let peaks = found.iter().map(|&(x, (peak, _))| (x, peak)).collect();
    let tokens = found.iter().map(|&(x, (_, token))| (x, token)).collect();
    Lesson {
        title: "A judge that reads no word",
        text: format!(
            "To give the judge something with a slope, a generator may hand over its softmax output in the place of a token. Here \
             both sides draw from one and the same distribution over {TOKENS} tokens: the generator is perfect. The real side shows \
             whole tokens, the generator the soft draw of which its token is the largest part. A judge that looks at nothing but \
             the size of the largest part tells them apart nearly always, unless the draws are all but whole; a judge that sees the \
             tokens is at chance, as it must be."
        ),
        formulas: &[
            "Real: onehot(a), a ~ π. Generated: y = softmax((h + g) / τ) with π = softmax(h); argmax y ~ π as well.",
        ],
        charts: vec![Chart {
            title: "Accuracy on draws that chose nothing".into(),
            caption: "0.5 is chance. At a low temperature the soft draws round to whole tokens.".into(),
            x: "log₁₀ of the temperature τ",
            y: "accuracy".into(),
            series: vec![line(0, "by the largest part", peaks), line(1, "by the token", tokens)],
            levels: vec![Level { name: "chance".into(), style: Style { colour: 2, dash: 2 }, value: 0.5 }],
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
    fn peakedness_gives_a_perfect_generator_away() {
        let (peak, token) = accuracies(1.0, Stream::new(3));
        assert!(peak > 0.99 && (token - 0.5).abs() < 0.03, "{peak} {token}");
        let (cold, _) = accuracies(0.01, Stream::new(4));
        assert!(cold < peak, "{cold}");
    }
}
