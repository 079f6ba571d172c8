//! Quality against diversity: a generator at several temperatures, and what maximum likelihood reaches at
//! the same quality (Caccia et al., 2018). A single number of a generator proves nothing: any temperature
//! below 1 buys quality with diversity.

use serde::{Deserialize, Serialize};

use super::{SentenceWriter, TextData};
use crate::data::sentences::Sequences;
use crate::evaluation::text::{References, distinct_n, distinct_tokens, mean_bleu, self_bleu, unknown_share};
use crate::files::json_file;
use crate::seed::Stream;

/// Measures of a generator at one temperature; those that do not apply are NaN.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Temperature.
    pub temperature: f32,
    /// Negative log-likelihood of drawn sentences under the oracle: quality, smaller is better.
    #[serde(deserialize_with = "json_file::number")]
    pub nll_oracle: f64,
    /// Negative log-likelihood of held-out sentences: coverage, smaller is better.
    #[serde(deserialize_with = "json_file::number")]
    pub nll_test: f64,
    /// BLEU-2 to -5 of drawn sentences against held-out ones: quality, larger is better.
    #[serde(deserialize_with = "json_file::array")]
    pub bleu: [f64; 4],
    /// Self-BLEU-2 to -5: sameness, smaller is more diverse.
    #[serde(deserialize_with = "json_file::array")]
    pub self_bleu: [f64; 4],
    /// Share of distinct words, and of distinct pairs of words, among all.
    #[serde(deserialize_with = "json_file::array")]
    pub distinct: [f64; 2],
    /// Number of distinct tokens.
    pub tokens: usize,
    /// Share of words that the model does not know among those drawn; they match nothing.
    #[serde(default = "not_measured", deserialize_with = "json_file::number")]
    pub unknown: f64,
    /// Share of grammatical sentences among those drawn, where the grammar is known.
    #[serde(
        default = "not_measured",
        deserialize_with = "json_file::number",
        skip_serializing_if = "is_not_measured"
    )]
    pub grammatical: f64,
    /// Entropy of the grammatical sentences, in nats, where the grammar is known.
    #[serde(
        default = "not_measured",
        deserialize_with = "json_file::number",
        skip_serializing_if = "is_not_measured"
    )]
    pub language_entropy: f64,
}

/// Value in the results of older versions.
fn not_measured() -> f64 {
    f64::NAN
}

fn is_not_measured(value: &f64) -> bool {
    value.is_nan()
}

/// Measures of a generator at several temperatures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Name of the generator.
    pub name: String,
    /// Measures in the order of temperatures.
    pub points: Vec<Point>,
}

/// Draws `count` sentences at each temperature, by the same `stream`, and measures them.
///
/// ```
/// use irgan::seed::Stream;
/// use irgan::text::models::{oracle_shape, random_oracle};
/// use irgan::text::{TextData, sweep};
///
/// let oracle = random_oracle(&oracle_shape(10, 4), 1);
/// let data = TextData::from_oracle(oracle.clone(), None, 50, 200, 1)?;
/// let curve = sweep("oracle", &oracle, &data, &data.valid, &[0.5, 1.0], 200, Stream::new(2));
/// // A lower temperature buys quality with diversity.
/// assert!(curve.points[0].nll_oracle < curve.points[1].nll_oracle);
/// assert!(curve.points[0].distinct[1] < curve.points[1].distinct[1]);
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn sweep(
    name: &str,
    generator: &dyn SentenceWriter,
    data: &TextData,
    held_out: &Sequences,
    temperatures: &[f32],
    count: usize,
    stream: Stream,
) -> Curve {
    let at = |&temperature: &f32| {
        let scaled = generator.scaled(temperature);
        measure(&*scaled, temperature, data, held_out, count, stream)
    };
    Curve { name: name.to_owned(), points: temperatures.iter().map(at).collect() }
}

fn measure(
    generator: &dyn SentenceWriter,
    temperature: f32,
    data: &TextData,
    held_out: &Sequences,
    count: usize,
    stream: Stream,
) -> Point {
    let drawn = generator.write(count, stream);
    let words = data.words(&drawn);
    let none = [f64::NAN; 4];
    let (bleu, same) = match data.oracle {
        Some(_) => (none, none),
        None => {
            let references = References::new(&data.words(held_out), 5);
            let four = |values: Vec<f64>| values.try_into().expect("four orders");
            (four(mean_bleu(&words, &references, 2..=5)), four(self_bleu(&words, 2..=5)))
        }
    };
    let language = data.grammatical(&drawn);
    Point {
        temperature,
        nll_oracle: data.oracle.as_ref().map_or(f64::NAN, |oracle| oracle.model.nll(&drawn)),
        nll_test: generator.token_nll(held_out),
        bleu,
        self_bleu: same,
        distinct: [distinct_n(&words, 1), distinct_n(&words, 2)],
        tokens: distinct_tokens(&words),
        unknown: data.unknown.map_or(f64::NAN, |_| unknown_share(&words)),
        grammatical: language.map_or(f64::NAN, |language| language.share),
        language_entropy: language.map_or(f64::NAN, |language| language.entropy),
    }
}

impl Curve {
    /// Returns the value of `y` where `x` has the value `at`, by linear interpolation between neighbouring temperatures;
    /// `None` outside the curve.
    pub fn matched(&self, x: impl Fn(&Point) -> f64, at: f64, y: impl Fn(&Point) -> f64) -> Option<f64> {
        self.points.windows(2).find_map(|pair| {
            let (from, to) = (x(&pair[0]), x(&pair[1]));
            let inside = (from <= at && at <= to) || (to <= at && at <= from);
            let share = if to == from { 0.0 } else { (at - from) / (to - from) };
            inside.then(|| y(&pair[0]) + share * (y(&pair[1]) - y(&pair[0])))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matching_interpolates_between_temperatures() {
        let point = |temperature: f32, nll_oracle, nll_test| Point {
            temperature,
            nll_oracle,
            nll_test,
            bleu: [0.0; 4],
            self_bleu: [0.0; 4],
            distinct: [0.0; 2],
            tokens: 0,
            unknown: 0.0,
            grammatical: f64::NAN,
            language_entropy: f64::NAN,
        };
        let curve = Curve {
            name: "mle".into(),
            points: vec![point(0.8, 8.0, 9.0), point(1.0, 9.0, 8.0), point(1.2, 9.5, 8.4)],
        };
        // A quarter of the way from 8 to 9: 9 − 0.25 · (9 − 8) = 8.75.
        assert_eq!(curve.matched(|p| p.nll_oracle, 8.25, |p| p.nll_test), Some(8.75));
        assert_eq!(curve.matched(|p| p.nll_oracle, 7.0, |p| p.nll_test), None);
    }
}
