//! Decoding: sentences from a language model by sampling, temperature, top-k, nucleus, or greedily.

use super::models::{LanguageModel, SentenceLimits, keep_unfinished};
use crate::data::sentences::Sequences;
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::math::sampling::sample_cdf;
use crate::math::simd;
use crate::seed::{Rng, Stream};

/// Sentences drawn by one task.
const CHUNK: usize = 64;

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
        let mut most = self.top_k.unwrap_or(logits.len()).min(logits.len());
        let mut order = Order::new(logits);
        if let Some(share) = self.top_p {
            let mut probabilities = logits.to_vec();
            simd::softmax(&mut probabilities);
            let (mut mass, mut count) = (0.0, 0);
            while count < most && mass < f64::from(share) {
                mass += f64::from(probabilities[order.place(count)]);
                count += 1;
            }
            most = count.max(1);
        }
        let kept: Vec<(usize, f32)> =
            (0..most).map(|rank| order.place(rank)).map(|token| (token, logits[token])).collect();
        logits.fill(f32::NEG_INFINITY);
        kept.into_iter().for_each(|(token, logit)| logits[token] = logit);
    }

    /// Chooses a token from `logits: [V]`.
    fn choose(&self, logits: &mut [f32], rng: &mut Rng) -> u32 {
        if self.temperature == 0.0 {
            return likeliest(logits);
        }
        logits.iter_mut().for_each(|z| *z /= self.temperature);
        self.restrict(logits);
        simd::softmax(logits);
        sample_cdf(logits, rng) as u32
    }
}

/// Places of values by descending value, equal ones by place, sorted only as far as they are asked for.
struct Order {
    pairs: Vec<(f32, u32)>, // [V], values and their places
    sorted: usize,          // length of the sorted beginning
}

impl Order {
    fn new(values: &[f32]) -> Self {
        Self { pairs: values.iter().copied().zip(0..).collect(), sorted: 0 }
    }

    /// Returns the place of the value of a rank from 0.
    fn place(&mut self, rank: usize) -> usize {
        let descending = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        while rank >= self.sorted {
            let rest = &mut self.pairs[self.sorted..];
            let block = rest.len().min(64.max(self.sorted));
            if block < rest.len() {
                rest.select_nth_unstable_by(block, descending);
            }
            rest[..block].sort_unstable_by(descending);
            self.sorted += block;
        }
        self.pairs[rank].1 as usize
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
    let count = prefixes.len();
    let parts = ordered_map(count.div_ceil(CHUNK), |part| {
        let here = part * CHUNK..count.min((part + 1) * CHUNK);
        let rng = |i: usize| stream.at((here.start + i) as u64).rng();
        decode_chunk(model, &contexts[here.clone()], &prefixes[here.clone()], decoding, rng)
    });
    Sequences::of_rows(&parts.concat(), model.limits().steps)
}

/// Draws the sentences of one task as a batch, of which finished ones leave.
fn decode_chunk<M: LanguageModel>(
    model: &M,
    contexts: &[M::Context],
    prefixes: &[&[u32]],
    decoding: &Decoding,
    rng: impl Fn(usize) -> Rng,
) -> Vec<Vec<u32>> {
    let SentenceLimits { steps, start, end } = model.limits();
    let mut rngs: Vec<Rng> = (0..prefixes.len()).map(rng).collect();
    let mut sentences: Vec<Vec<u32>> = vec![vec![]; prefixes.len()];
    let mut active: Vec<usize> = (0..prefixes.len()).collect();
    let mut last = vec![start; prefixes.len()];
    let mut state = model.start(contexts);
    for step in 0..steps {
        state = model.advance(&last, &state);
        let mut logits = model.logits(&state);
        for ((&row, token), mut logits) in active.iter().zip(&mut last).zip(logits.rows_mut()) {
            let logits = logits.as_slice_mut().expect("rows are contiguous");
            *token = match prefixes[row].get(step) {
                Some(&given) => given,
                None => decoding.choose(logits, &mut rngs[row]),
            };
            sentences[row].push(*token);
        }
        keep_unfinished(end, &mut active, &mut last, &mut state);
        if active.is_empty() {
            break;
        }
    }
    sentences
}

fn likeliest(logits: &[f32]) -> u32 {
    let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]).then(b.cmp(&a)));
    best.expect("a vocabulary has tokens") as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_sorted_block_by_block() {
        let values: Vec<f32> = (0..500).map(|i| ((i * 7919) % 97) as f32).collect();
        let mut expected: Vec<usize> = (0..500).collect();
        expected.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
        let mut order = Order::new(&values);
        assert_eq!((0..500).map(|rank| order.place(rank)).collect::<Vec<_>>(), expected);
        assert_eq!(Order::new(&values).place(499), expected[499]);
    }

    #[test]
    fn restrictions_keep_the_likeliest_tokens() {
        let logits: Vec<f32> = [0.1f32, 0.4, 0.2, 0.3].iter().map(|p| p.ln()).collect();
        let kept = |top_k, top_p| {
            let mut logits = logits.clone();
            Decoding { temperature: 1.0, top_k, top_p }.restrict(&mut logits);
            (0..4).filter(|&token| logits[token] > f32::NEG_INFINITY).collect::<Vec<_>>()
        };
        assert_eq!(kept(Some(2), None), [1, 3]);
        assert_eq!(kept(None, Some(0.5)), [1, 3]); // 0.4, then 0.7 of the mass
        assert_eq!(kept(None, Some(0.75)), [1, 2, 3]);
        assert_eq!(kept(Some(1), Some(0.75)), [1]);
        assert_eq!(kept(Some(9), Some(1.0)).len(), 4);
    }
}
