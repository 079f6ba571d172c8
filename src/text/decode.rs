//! From a distribution over sentences to sentences: sampling, temperature, top-k, nucleus, greedy, beam.

use ndarray::Array2;

use super::models::Generator;
use crate::data::sentences::Sequences;
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::math::sampling::sample_cdf;
use crate::math::simd;
use crate::nn::State;
use crate::seed::Stream;

/// Log-probabilities below this are those of tokens that are never written.
const NEVER: f32 = -1e6;

/// How sentences are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decoding {
    /// The logits are divided by it; below 1 the likelier tokens gain. 0: always the likeliest (greedy).
    pub temperature: f32,
    /// Only this many of the likeliest tokens may be drawn (Fan et al., 2018).
    pub top_k: Option<usize>,
    /// Only the smallest set of likeliest tokens with this share of the mass may be drawn (nucleus; Holtzman et
    /// al., 2020).
    pub top_p: Option<f32>,
}

impl Default for Decoding {
    fn default() -> Self {
        Self { temperature: 1.0, top_k: None, top_p: None }
    }
}

impl Decoding {
    /// Checks the settings.
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

    /// Leaves in `logits` what may be drawn; everything else becomes −∞.
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
}

impl Generator {
    /// Draws one sentence after each of `prefixes`; sentence i uses the stream `stream.at(i)`.
    pub fn decode(&self, prefixes: &[&[u32]], decoding: &Decoding, stream: Stream) -> Sequences {
        if decoding.temperature > 0.0 && decoding.top_k.is_none() && decoding.top_p.is_none() {
            return self.at_temperature(decoding.temperature).complete(prefixes, stream);
        }
        let sentences =
            ordered_map(prefixes.len(), |i| self.decode_one(prefixes[i], decoding, stream.at(i as u64)));
        sequences(&sentences, self.shape().steps)
    }

    fn decode_one(&self, prefix: &[u32], decoding: &Decoding, stream: Stream) -> Vec<u32> {
        let mut rng = stream.rng();
        let mut sentence: Vec<u32> = vec![];
        let mut state = self.start(1);
        let mut last = self.shape().start;
        while sentence.len() < self.shape().steps {
            state = self.advance(&[last], &state);
            last = match prefix.get(sentence.len()) {
                Some(&given) => given,
                None => {
                    let mut logits =
                        self.projection().logits(state.hidden.view()).into_raw_vec_and_offset().0;
                    if decoding.temperature == 0.0 {
                        likeliest(&logits)
                    } else {
                        logits.iter_mut().for_each(|z| *z /= decoding.temperature);
                        decoding.restrict(&mut logits);
                        simd::softmax(&mut logits);
                        sample_cdf(&logits, &mut rng) as u32
                    }
                }
            };
            sentence.push(last);
            if Some(last) == self.shape().end {
                break;
            }
        }
        sentence
    }

    /// The `width` likeliest sentences after `prefix` that a beam of that width finds, with their
    /// log-probabilities, likeliest first. Finished sentences stay in the beam.
    pub fn beam(&self, prefix: &[u32], width: usize) -> Vec<(Vec<u32>, f64)> {
        let width = width.max(1);
        let end = self.shape().end;
        let mut beam: Vec<(Vec<u32>, f64, State)> = vec![(vec![], 0.0, self.start(1))];
        for step in 0..self.shape().steps {
            let mut next: Vec<(usize, Option<u32>, f64)> = vec![]; // parent, token, log-probability
            let mut states = vec![];
            for (parent, (sentence, score, state)) in beam.iter().enumerate() {
                if sentence.last().is_some_and(|&last| Some(last) == end) {
                    states.push(state.clone());
                    next.push((parent, None, *score));
                    continue;
                }
                let last = sentence.last().copied().unwrap_or(self.shape().start);
                let state = self.advance(&[last], state);
                let mut log_p = self.projection().logits(state.hidden.view()).into_raw_vec_and_offset().0;
                simd::log_softmax(&mut log_p);
                states.push(state);
                match prefix.get(step) {
                    Some(&given) => next.push((parent, Some(given), *score)),
                    None => {
                        let mut order: Vec<usize> = (0..log_p.len()).collect();
                        let best = width.min(order.len());
                        order.select_nth_unstable_by(best - 1, |&a, &b| {
                            log_p[b].total_cmp(&log_p[a]).then(a.cmp(&b))
                        });
                        order.truncate(best);
                        // With few tokens, a wide beam would reach those that are never written.
                        order.retain(|&token| log_p[token] > NEVER);
                        let with =
                            |token: usize| (parent, Some(token as u32), score + f64::from(log_p[token]));
                        next.extend(order.into_iter().map(with));
                    }
                }
            }
            next.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
            next.truncate(width);
            let finished = next.iter().all(|(_, token, _)| token.is_none());
            beam = next
                .into_iter()
                .map(|(parent, token, score)| {
                    let mut sentence = beam[parent].0.clone();
                    sentence.extend(token);
                    (sentence, score, states[parent].clone())
                })
                .collect();
            if finished {
                break;
            }
        }
        beam.into_iter().map(|(sentence, score, _)| (sentence, score)).collect()
    }
}

fn likeliest(logits: &[f32]) -> u32 {
    let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]).then(b.cmp(&a)));
    best.expect("a vocabulary has tokens") as u32
}

/// Sentences of at most `steps` tokens as a rectangle.
pub(super) fn sequences(sentences: &[Vec<u32>], steps: usize) -> Sequences {
    let mut tokens = Array2::zeros((sentences.len(), steps));
    for (mut row, sentence) in tokens.rows_mut().into_iter().zip(sentences) {
        row.iter_mut().zip(sentence).for_each(|(to, &from)| *to = from);
    }
    Sequences::new(tokens, sentences.iter().map(|s| s.len() as u32).collect())
}
