//! Beam search: the likeliest sentences of a language model.

use super::models::LanguageModel;
use crate::math::simd;

/// Log-probabilities below this are those of tokens that are never written.
const NEVER: f32 = -1e6;

/// A sentence in the beam.
struct Hypothesis<S> {
    tokens: Vec<u32>,
    score: f64, // log-probability
    state: S,
}

/// A step from a sentence of the beam.
struct Extension {
    parent: usize,
    token: Option<u32>, // none: the parent is finished
    score: f64,
}

/// Finds the likeliest sentences after `prefix` with a beam of `width`, with their log-probabilities, likeliest first.
///
/// Finished sentences stay in the beam.
///
/// ```
/// use irgan::text::beam_search;
/// use irgan::text::models::{oracle_shape, random_oracle};
///
/// let model = random_oracle(&oracle_shape(50, 6), 1);
/// let found = beam_search(&model, &(), &[7], 4);
/// assert_eq!(found.len(), 4);
/// assert!(found[0].1 >= found[1].1 && found[0].0[0] == 7);
/// ```
pub fn beam_search<M: LanguageModel>(
    model: &M,
    context: &M::Context,
    prefix: &[u32],
    width: usize,
) -> Vec<(Vec<u32>, f64)> {
    let width = width.max(1);
    let limits = model.limits();
    let state = model.start(std::slice::from_ref(context));
    let mut beam = vec![Hypothesis { tokens: vec![], score: 0.0, state }];
    for step in 0..limits.steps {
        let mut next: Vec<Extension> = vec![];
        let mut states = vec![];
        for (parent, Hypothesis { tokens, score, state }) in beam.iter().enumerate() {
            if tokens.last().is_some_and(|&last| Some(last) == limits.end) {
                states.push(state.clone());
                next.push(Extension { parent, token: None, score: *score });
                continue;
            }
            let last = tokens.last().copied().unwrap_or(limits.start);
            let state = model.advance(&[last], state);
            match prefix.get(step) {
                Some(&given) => next.push(Extension { parent, token: Some(given), score: *score }),
                None => {
                    let mut log_p = model.logits(&state).into_raw_vec_and_offset().0;
                    simd::log_softmax(&mut log_p);
                    next.extend(likeliest(&log_p, width).into_iter().map(|token| Extension {
                        parent,
                        token: Some(token as u32),
                        score: score + f64::from(log_p[token]),
                    }));
                }
            }
            states.push(state);
        }
        next.sort_by(|a, b| {
            b.score.total_cmp(&a.score).then(a.parent.cmp(&b.parent)).then(a.token.cmp(&b.token))
        });
        next.truncate(width);
        let finished = next.iter().all(|extension| extension.token.is_none());
        let extended = |Extension { parent, token, score }| {
            let mut tokens = beam[parent].tokens.clone();
            tokens.extend(token);
            Hypothesis { tokens, score, state: states[parent].clone() }
        };
        beam = next.into_iter().map(extended).collect();
        if finished {
            break;
        }
    }
    beam.into_iter().map(|hypothesis| (hypothesis.tokens, hypothesis.score)).collect()
}

/// Returns the `count` likeliest tokens, in no order, without those that are never written.
fn likeliest(log_p: &[f32], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..log_p.len()).collect();
    let best = count.min(order.len());
    order.select_nth_unstable_by(best - 1, |&a, &b| log_p[b].total_cmp(&log_p[a]).then(a.cmp(&b)));
    order.truncate(best);
    // With few tokens, a wide beam would reach those that are never written.
    order.retain(|&token| log_p[token] > NEVER);
    order
}
