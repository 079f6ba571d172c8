//! A discriminator that is a language model, the rival: `D(x) = σ(log p_φ(x) − log p_θ(x))`, with p_θ the generator.
//!
//! The generator's likelihood is known exactly, so the best discriminator needs only the other density; trained by the
//! logistic loss on real and drawn sentences, p_φ estimates it (noise-contrastive estimation, Gutmann and Hyvärinen,
//! 2010). Its log-ratio is a reward of every token, and the policy gradient of that reward descends the reverse
//! divergence KL(p_θ ‖ p_φ) in each state.

use ndarray::Array2;

use super::SentenceScorer;
use crate::data::sentences::Sequences;
use crate::game::{Divergence, JudgeStatistics};
use crate::math::simd;
use crate::nn::{Learner, Parameters};
use crate::text::models::LanguageModel;

/// Judges sentences by their log-likelihood under a language model, the rival p_φ.
#[derive(Clone, Copy, Debug)]
pub struct RivalScorer<'a, M>(pub &'a M);

impl<M, R> SentenceScorer<M> for RivalScorer<'_, R>
where
    M: LanguageModel,
    R: LanguageModel<Context = <M as LanguageModel>::Context>,
{
    /// Returns the mean log-likelihood of a token of every sentence.
    fn score(&self, contexts: &[<M as LanguageModel>::Context], sentences: &Sequences) -> Vec<f32> {
        let log_p = self.0.log_probabilities(contexts, sentences);
        let rows = log_p.rows().into_iter().zip(sentences.lengths());
        rows.map(|(row, &length)| row.sum() / length.max(1) as f32).collect()
    }

    /// Returns `log p_φ − log p_θ` of every token.
    fn score_tokens(
        &self,
        policy: &M,
        contexts: &[<M as LanguageModel>::Context],
        sentences: &Sequences,
    ) -> Option<Array2<f32>> {
        let rival = self.0.log_probabilities(contexts, sentences);
        Some(rival - LanguageModel::log_probabilities(policy, contexts, sentences))
    }
}

/// Returns the weights of the sentences' log-likelihoods in the logistic loss of the rival, as
/// [`LanguageModel::gradient`] takes them, and the share of sentences that are classified correctly.
///
/// The weights, `[B, T]`, are `(1 − D) / B` for real sentences and `−D / B` for drawn ones; `real: [B]`.
pub fn logistic_weights<M: LanguageModel>(
    rival: &M,
    generator: &M,
    contexts: &[M::Context],
    sentences: &Sequences,
    real: &[bool],
) -> (Array2<f32>, f64) {
    let log_p = |model: &M| LanguageModel::log_probabilities(model, contexts, sentences);
    let ratios = log_p(rival) - log_p(generator);
    let share = 1.0 / sentences.len().max(1) as f32;
    let mut weights = Array2::zeros(ratios.raw_dim());
    let mut right = 0.0;
    for ((mut weights, ratios), &real) in weights.rows_mut().into_iter().zip(ratios.rows()).zip(real) {
        let ratio = ratios.sum();
        right += f64::from(u8::from((simd::sigmoid1(ratio) > 0.5) == real)) * f64::from(share);
        weights.fill(-Divergence::LOGISTIC.derivative(ratio, real) * share);
    }
    (weights, right)
}

/// Passes once over `batches` of sentences with their contexts and labels, true for real ones, by the logistic loss of the
/// rival's log-ratio to the `generator`. Only the gradient of the loss is computed, not the loss.
pub(in crate::text) fn train_epoch<M: LanguageModel + Parameters>(
    rival: &mut Learner<M>,
    generator: &M,
    batches: impl Iterator<Item = (Vec<M::Context>, Sequences, Vec<bool>)>,
) -> JudgeStatistics {
    let (mut accuracy, mut count) = (0.0, 0.0);
    for (contexts, sentences, labels) in batches {
        let (weights, right) = logistic_weights(rival.model(), generator, &contexts, &sentences, &labels);
        let mut step = LanguageModel::gradient(rival.model(), &contexts, &sentences, weights.view(), None);
        rival.update(&mut step.gradient);
        accuracy += right;
        count += 1.0;
    }
    JudgeStatistics { accuracy: accuracy / count, loss: None, calibration: None }
}
