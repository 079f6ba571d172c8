//! A discriminator that is a language model: `D(x) = σ(log p_φ(x) − log p_θ(x))`, with p_θ the generator.
//!
//! The generator's likelihood is known exactly, so the best discriminator needs only the other density; trained
//! by the logistic loss on real and drawn sentences, p_φ estimates it (noise-contrastive estimation, Gutmann and
//! Hyvärinen, 2010). Its log-ratio is a reward of every token, and the policy gradient that it pays goes down
//! the reverse divergence KL(p_θ ‖ p_φ) in each state.

use ndarray::Array2;

use super::Judge;
use crate::data::sentences::Sequences;
use crate::math::simd;
use crate::text::models::Generator;

/// Judges sentences by their log-likelihood under a language model.
#[derive(Clone, Copy, Debug)]
pub struct RivalJudge<'a> {
    /// The rival p_φ.
    pub rival: &'a Generator,
}

impl Judge for RivalJudge<'_> {
    /// Mean log-likelihood of a token.
    fn score(&self, sentences: &Sequences) -> Vec<f32> {
        let log_p = self.rival.log_probabilities(sentences);
        let rows = log_p.rows().into_iter().zip(sentences.lengths());
        rows.map(|(row, &length)| row.sum() / length.max(1) as f32).collect()
    }

    /// `log p_φ − log p_θ` of every token.
    fn score_tokens(&self, policy: &Generator, sentences: &Sequences) -> Option<Array2<f32>> {
        Some(self.rival.log_probabilities(sentences) - policy.log_probabilities(sentences))
    }
}

/// Weights of the sentences' log-likelihoods in the logistic loss of the rival, as [`Generator::gradient`]
/// takes them, `[B, T]`, and the share judged rightly: `(1 − D) / B` for real sentences, `−D / B` for drawn ones.
pub fn logistic_weights(
    rival: &Generator,
    generator: &Generator,
    sentences: &Sequences,
    real: &[bool],
) -> (Array2<f32>, f64) {
    let ratios = rival.log_probabilities(sentences) - generator.log_probabilities(sentences);
    let share = 1.0 / sentences.len().max(1) as f32;
    let mut weights = Array2::zeros(ratios.raw_dim());
    let mut right = 0.0;
    for ((mut weights, ratios), &real) in weights.rows_mut().into_iter().zip(ratios.rows()).zip(real) {
        let d = simd::sigmoid1(ratios.sum());
        right += f64::from(u8::from((d > 0.5) == real)) * f64::from(share);
        weights.fill(if real { (1.0 - d) * share } else { -d * share });
    }
    (weights, right)
}
