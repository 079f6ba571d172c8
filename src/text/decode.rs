//! Decoding: sentences from a language model by sampling, temperature, top-k, nucleus, or greedily.

use ndarray::Array2;

use super::models::{LanguageModel, SentenceLimits};
use crate::data::sentences::Sequences;
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::math::sampling::sample_cdf;
use crate::math::simd;
use crate::seed::{Rng, Stream};

/// Settings of drawing sentences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decoding {
    /// Divisor of the logits; below 1 the likelier tokens gain. 0 always chooses the likeliest token (greedy).
    pub temperature: f32,
    /// Number of the likeliest tokens that may be drawn (Fan et al., 2018); `None` for all.
    pub top_k: Option<usize>,
    /// Share of the mass whose smallest set of likeliest tokens may be drawn (nucleus; Holtzman et al., 2020); `None`
    /// for all.
    pub top_p: Option<f32>,
}

impl Default for Decoding {
    fn default() -> Self {
        Self { temperature: 1.0, top_k: None, top_p: None }
    }
}

impl Decoding {
    /// Checks the settings.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn validate(&self) -> Result<()> {
        let fail = |message: String| Err(Error::Config(message));
        let temperature = self.temperature;
        if !(temperature == 0.0 || (0.01..=100.0).contains(&temperature)) {
            return fail(format!("temperature {temperature}: expected 0 (greedy), or 0.01 to 100"));
        }
        if self.top_k == Some(0) {
            return fail("top-k must be at least 1".into());
        }
        match self.top_p {
            Some(share) if !(share > 0.0 && share <= 1.0) => {
                fail(format!("top-p {share}: expected above 0, at most 1"))
            }
            _ => Ok(()),
        }
    }

    /// Sets the `logits: [V]` of tokens that may not be drawn to −∞.
    fn restrict(&self, logits: &mut [f32]) {
        if self.top_k.is_none() && self.top_p.is_none() {
            return;
        }
        let mut order: Vec<usize> = (0..logits.len()).collect();
        order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]).then(a.cmp(&b)));
        let mut keep = self.top_k.unwrap_or(order.len()).min(order.len());
        if let Some(share) = self.top_p {
            let mut probabilities = logits.to_vec();
            simd::softmax(&mut probabilities);
            let (mut mass, mut count) = (0.0, 0);
            while count < keep && mass < f64::from(share) {
                mass += f64::from(probabilities[order[count]]);
                count += 1;
            }
            keep = count.max(1);
        }
        order[keep..].iter().for_each(|&token| logits[token] = f32::NEG_INFINITY);
    }

    /// Chooses a token from `logits: [V]`.
    fn choose(&self, mut logits: Vec<f32>, rng: &mut Rng) -> u32 {
        if self.temperature == 0.0 {
            return likeliest(&logits);
        }
        logits.iter_mut().for_each(|z| *z /= self.temperature);
        self.restrict(&mut logits);
        simd::softmax(&mut logits);
        sample_cdf(&logits, rng) as u32
    }
}

/// Draws one sentence for each of `contexts`, after each of `prefixes`; sentence i uses the stream `stream.at(i)`.
///
/// ```
/// use irgan::seed::Stream;
/// use irgan::text::models::{oracle_shape, random_oracle};
/// use irgan::text::{Decoding, decode};
///
/// let model = random_oracle(&oracle_shape(50, 6), 1);
/// let greedy = Decoding { temperature: 0.0, ..Decoding::default() };
/// let sentences = decode(&model, &[(), ()], &[&[7], &[7, 8]], &greedy, Stream::new(1));
/// assert_eq!(sentences.sentence(0)[0], 7);
/// assert_eq!(sentences.sentence(1)[..2], [7, 8]);
/// ```
pub fn decode<M: LanguageModel>(
    model: &M,
    contexts: &[M::Context],
    prefixes: &[&[u32]],
    decoding: &Decoding,
    stream: Stream,
) -> Sequences {
    if decoding.temperature > 0.0 && decoding.top_k.is_none() && decoding.top_p.is_none() {
        return model.at_temperature(decoding.temperature).complete(contexts, prefixes, stream);
    }
    let sentences = ordered_map(prefixes.len(), |i| {
        decode_one(model, &contexts[i..=i], prefixes[i], decoding, stream.at(i as u64))
    });
    rectangle(&sentences, model.limits().steps)
}

/// Draws the sentence of one context.
fn decode_one<M: LanguageModel>(
    model: &M,
    context: &[M::Context],
    prefix: &[u32],
    decoding: &Decoding,
    stream: Stream,
) -> Vec<u32> {
    let SentenceLimits { steps, start, end } = model.limits();
    let mut rng = stream.rng();
    let mut sentence: Vec<u32> = vec![];
    let mut state = model.start(context);
    let mut last = start;
    while sentence.len() < steps {
        state = model.advance(&[last], &state);
        last = match prefix.get(sentence.len()) {
            Some(&given) => given,
            None => decoding.choose(model.logits(&state).into_raw_vec_and_offset().0, &mut rng),
        };
        sentence.push(last);
        if Some(last) == end {
            break;
        }
    }
    sentence
}

fn likeliest(logits: &[f32]) -> u32 {
    let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]).then(b.cmp(&a)));
    best.expect("a vocabulary has tokens") as u32
}

/// Arranges sentences of at most `steps` tokens as a rectangle.
fn rectangle(sentences: &[Vec<u32>], steps: usize) -> Sequences {
    let mut tokens = Array2::zeros((sentences.len(), steps));
    for (mut row, sentence) in tokens.rows_mut().into_iter().zip(sentences) {
        row.iter_mut().zip(sentence).for_each(|(to, &from)| *to = from);
    }
    Sequences::new(tokens, sentences.iter().map(|s| s.len() as u32).collect())
}
