//! The mediator of cooperative training (Lu et al., “CoT”, ICML 2019): a language model `m` trained by the likelihood of real and
//! drawn sentences alike, so that it estimates their mixture `(p + π) / 2`.
//!
//! The generator descends `KL(π ‖ m)` in every state that it visits, of all next tokens and without draws of them (their equation
//! 8): that is [`ExactReward`](crate::text::ExactReward), whose judge is the mediator. At the best mediator the sum over sentences
//! of that divergence and of the real sentences' own is the Jensen–Shannon divergence.
//!
//! # Differences from the paper
//! A mediator is first trained on the real sentences alone, as a rival is; in the paper it begins with random weights.

use ndarray::Array2;

use crate::data::sentences::Sequences;
use crate::game::JudgeStatistics;
use crate::nn::Learner;
use crate::text::models::RecurrentModel;

/// Passes once over `batches` of sentences with their labels, true for real ones, by their likelihood. The accuracy is that of the
/// discriminator that the mediator implies: a sentence is real where `m > π`, which is where `p > π` if m is the mixture.
pub(super) fn train_epoch(
    mediator: &mut Learner<RecurrentModel>,
    generator: &RecurrentModel,
    batches: impl Iterator<Item = (Sequences, Vec<bool>)>,
) -> JudgeStatistics {
    let (mut accuracy, mut loss, mut count, mut tokens) = (0.0, 0.0, 0.0, 0.0);
    for (sentences, labels) in batches {
        let ratios = mediator.log_probabilities(&sentences) - generator.log_probabilities(&sentences);
        let right = ratios.rows().into_iter().zip(&labels).filter(|(row, real)| (row.sum() > 0.0) == **real);
        accuracy += right.count() as f64;
        let here = sentences.token_count().max(1);
        let weights = Array2::from_elem(sentences.tokens().raw_dim(), 1.0 / here as f32);
        let mut step = mediator.model().gradient(&sentences, weights.view(), None);
        mediator.update(&mut step.gradient);
        loss += step.loss * here as f64;
        tokens += here as f64;
        count += labels.len() as f64;
    }
    JudgeStatistics { accuracy: accuracy / count, loss: Some(loss / tokens), calibration: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::OptimizerConfig;
    use crate::text::models::{oracle_shape, random_oracle};

    #[test]
    fn a_mediator_comes_to_the_mixture_of_real_and_drawn_sentences() {
        // One token out of 3: real ones are 0 and 1 in a ratio of 3 to 1, drawn ones always 2.
        let generator = random_oracle(&oracle_shape(3, 1), 1);
        let tokens = ndarray::arr2(&[[0], [0], [0], [1], [2], [2], [2], [2]]);
        let labels: Vec<bool> = (0..8).map(|row| row < 4).collect();
        let config = OptimizerConfig { learning_rate: 0.05, ..OptimizerConfig::default() };
        let mut mediator = Learner::new(random_oracle(&oracle_shape(3, 1), 2), config);
        let mut seen = JudgeStatistics::default();
        for _ in 0..400 {
            let batch = std::iter::once((Sequences::fixed(tokens.clone()), labels.clone()));
            seen = train_epoch(&mut mediator, &generator, batch);
        }
        let each = Sequences::fixed(ndarray::arr2(&[[0], [1], [2]]));
        let m = mediator.log_probabilities(&each).mapv(f32::exp);
        for (found, expected) in m.iter().zip([0.375, 0.125, 0.5]) {
            assert!((found - expected).abs() < 0.01, "{m}");
        }
        // −Σ m ln m
        let entropy = -(0.375 * 0.375f64.ln() + 0.125 * 0.125f64.ln() + 0.5 * 0.5f64.ln());
        assert!((seen.loss.unwrap() - entropy).abs() < 0.01, "{seen:?}");
    }
}
