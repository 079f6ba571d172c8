//! Actor–critic: `Q(s, a)` of every next token, learned by temporal differences beside the generator (Bahdanau et al., “An
//! actor-critic algorithm for sequence prediction”, ICLR 2017; Pfau and Vinyals, 2016).
//!
//! The critic is a second network of the generator's shape, whose output for a token is the expected judgement when that token is
//! next and a delayed generator β writes the rest. In the state s before token a of a drawn sentence it learns
//!
//! - `Q(s, a) → D(sentence)` where a is the last token;
//! - `Q(s, a) → Σ_b β(b | s′) Q′(s′, b)` elsewhere, with s′ the state after a and Q′ the target network, which follows Q slowly.
//!
//! # Differences from the paper
//! The actor's gradient takes Q of the tokens that were drawn, as it takes those of rollouts, and not a sum over all tokens: Q of
//! tokens that are never drawn is not learned, for which the paper has a penalty.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::judges::SentenceScorer;
use super::models::{LanguageModel, Reading as _, RecurrentModel, trimmed};
use crate::data::sentences::Sequences;
use crate::error::{Error, Result, require};
use crate::math::parallel::ordered_map;
use crate::math::simd;
use crate::nn::{Learner, OptimizerConfig, Parameters, impl_parameters};

/// Settings of a critic.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CriticConfig {
    /// Learning rate of Adam.
    pub learning_rate: f32,
    /// Share of the old target network that is kept after a step.
    pub target_rate: f32,
    /// Steps of the critic before a step of the generator, each on sentences of its own.
    pub steps: usize,
    /// Steps of the critic before the first step of the generator.
    pub pretrain: usize,
}

impl Default for CriticConfig {
    fn default() -> Self {
        Self { learning_rate: 3e-3, target_rate: 0.9, steps: 2, pretrain: 200 }
    }
}

impl CriticConfig {
    /// Checks every setting.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn validate(&self) -> Result<()> {
        let Self { learning_rate, target_rate, steps, pretrain } = *self;
        require(learning_rate.is_finite() && learning_rate > 0.0, || {
            format!("`adversarial.critic.learning-rate` must be above 0, found {learning_rate}")
        })?;
        require((0.0..1.0).contains(&target_rate), || {
            format!(
                "`adversarial.critic.target-rate` must lie from 0 to below 1, where the target would never move, found {target_rate}"
            )
        })?;
        require((1..=1 << 20).contains(&steps) && pretrain <= 1 << 20, || {
            "`adversarial.critic.steps` must lie in 1 to 1048576, and `adversarial.critic.pretrain` not above"
                .into()
        })
    }
}

/// Critic of a generator `M`, with its target network.
#[derive(Clone, Debug)]
pub struct Critic<M> {
    learner: Learner<M>,
    target: M,
    target_rate: f32,
}

impl_parameters!(M: Parameters, Critic<M> { "critic": learner, "target": target });

impl<M: Parameters> Critic<M> {
    /// Makes a critic of a `network` that has learned nothing: its logits are the values of the tokens.
    pub fn new(network: M, config: &CriticConfig) -> Self {
        let optimizer = OptimizerConfig { learning_rate: config.learning_rate, ..OptimizerConfig::default() };
        Self {
            target: network.clone(),
            learner: Learner::new(network, optimizer),
            target_rate: config.target_rate,
        }
    }
}

impl Critic<RecurrentModel> {
    /// Makes one step against the squared temporal differences of `sentences`, which `writer` drew and whose judgements are
    /// `rewards: [B]`, and lets the target network follow. Returns the mean squared difference of a token before the step.
    ///
    /// # Errors
    /// When it is not finite.
    pub fn learn(&mut self, writer: &RecurrentModel, sentences: &Sequences, rewards: &[f32]) -> Result<f64> {
        let targets = self.targets(writer, sentences, rewards);
        let share = 1.0 / sentences.token_count().max(1) as f32;
        let network = self.learner.model();
        let all = |_, _| true;
        let (mut gradient, losses) =
            network.gradient_by((sentences, sentences), None, all, |lane, gradient| {
                let mut d_logits = network.projection().logits(lane.hidden);
                let mut loss = 0.0;
                for (mut row, &(sentence, step)) in d_logits.rows_mut().into_iter().zip(lane.places) {
                    let action = lane.sentences.tokens()[[sentence, step]] as usize;
                    let difference = row[action] - targets[[lane.first + sentence, step]];
                    row.fill(0.0);
                    row[action] = 2.0 * difference * share;
                    loss += f64::from(difference).powi(2);
                }
                (network.projection().backward_logits(lane.hidden, d_logits.view(), gradient), loss)
            });
        self.learner.update(&mut gradient);
        let rate = self.target_rate;
        for (mut target, now) in self.target.tensors_mut().into_iter().zip(self.learner.model().tensors()) {
            target.values.zip_mut_with(&now.values, |a, &b| *a = rate * *a + (1.0 - rate) * b);
        }
        let loss = losses.iter().sum::<f64>() * f64::from(share);
        match loss.is_finite() {
            true => Ok(loss),
            false => Err(Error::NonFinite(
                "the critic's values are no longer finite; lower `adversarial.critic.learning-rate`".into(),
            )),
        }
    }

    /// Returns what the value of every token learns: `[B, T]`, 0 beyond each sentence's end.
    fn targets(&self, writer: &RecurrentModel, sentences: &Sequences, rewards: &[f32]) -> Array2<f32> {
        let contexts = vec![(); sentences.len()];
        let tokens = trimmed(sentences);
        let (of_writer, of_target) = (
            LanguageModel::read(writer, &contexts, tokens),
            LanguageModel::read(&self.target, &contexts, tokens),
        );
        let longest = tokens.ncols();
        let after = ordered_map(longest.saturating_sub(1), |step| {
            let values = LanguageModel::logits(&self.target, &of_target.state(step + 1));
            let mut policy = LanguageModel::logits(writer, &of_writer.state(step + 1));
            let expectation =
                |(mut policy, values): (ndarray::ArrayViewMut1<'_, f32>, ndarray::ArrayView1<'_, f32>)| {
                    simd::softmax(policy.as_slice_mut().expect("rows are contiguous"));
                    let terms = policy.iter().zip(values).filter(|(pi, _)| **pi > 0.0);
                    terms.map(|(&pi, &value)| f64::from(pi) * f64::from(value)).sum::<f64>() as f32
                };
            policy.rows_mut().into_iter().zip(values.rows()).map(expectation).collect::<Vec<_>>()
        });
        let lengths = sentences.lengths();
        Array2::from_shape_fn(sentences.tokens().raw_dim(), |(row, step)| match lengths[row] as usize {
            length if step + 1 < length => after[step][row],
            length if step + 1 == length => rewards[row],
            _ => 0.0,
        })
    }
}

/// The reward of a token is its Q.
impl<M: LanguageModel> SentenceScorer<M> for Critic<M> {
    /// Returns Q of the last token of every sentence.
    fn score(&self, contexts: &[M::Context], sentences: &Sequences) -> Vec<f32> {
        let values = self.values(contexts, sentences);
        let last = |(row, &length): (usize, &u32)| values[[row, (length as usize).saturating_sub(1)]];
        sentences.lengths().iter().enumerate().map(last).collect()
    }

    fn score_tokens(&self, _: &M, contexts: &[M::Context], sentences: &Sequences) -> Option<Array2<f32>> {
        Some(self.values(contexts, sentences))
    }
}

impl<M: LanguageModel> Critic<M> {
    /// Returns Q of every token: `[B, T]`; from a sentence's end on, that of its last token.
    fn values(&self, contexts: &[M::Context], sentences: &Sequences) -> Array2<f32> {
        let network: &M = &self.learner;
        let tokens = trimmed(sentences);
        let reading = network.read(contexts, tokens);
        let columns = ordered_map(tokens.ncols(), |step| {
            let logits = network.logits(&reading.state(step));
            let of_row =
                |(row, logits): (usize, ndarray::ArrayView1<'_, f32>)| logits[tokens[[row, step]] as usize];
            logits.rows().into_iter().enumerate().map(of_row).collect::<Vec<_>>()
        });
        Array2::from_shape_fn(sentences.tokens().raw_dim(), |(row, step)| {
            columns[step.min((sentences.lengths()[row] as usize).saturating_sub(1))][row]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Initializer;
    use crate::seed::Stream;
    use crate::text::models::oracle_shape;

    const VOCABULARY: usize = 3;
    const STEPS: usize = 3;

    fn network(deviation: f32, seed: u64) -> RecurrentModel {
        let shape = oracle_shape(VOCABULARY, STEPS);
        RecurrentModel::new(&shape, Initializer::Normal(deviation), &mut Stream::new(seed).rng())
    }

    /// A judgement without structure.
    fn judgement(sentence: &[u32]) -> f32 {
        (sentence.iter().fold(5, |sum, &token| (31 * sum + 7 * token + 3) % 97)) as f32 / 97.0
    }

    fn all() -> Sequences {
        let count = VOCABULARY.pow(STEPS as u32);
        let token =
            |row: usize, step: usize| (row / VOCABULARY.pow((STEPS - 1 - step) as u32) % VOCABULARY) as u32;
        Sequences::fixed(Array2::from_shape_fn((count, STEPS), |(row, step)| token(row, step)))
    }

    /// Q of every prefix of every sentence by enumeration: `E[judgement | prefix]`, `[27, 3]`.
    fn exact(generator: &RecurrentModel) -> Array2<f64> {
        let sentences = all();
        let log_pi = generator.log_probabilities(&sentences);
        let likelihood: Vec<f64> = log_pi.rows().into_iter().map(|row| f64::from(row.sum()).exp()).collect();
        let rows: Vec<&[u32]> = sentences.iter().collect();
        Array2::from_shape_fn((rows.len(), STEPS), |(row, step)| {
            let same = |other: &usize| rows[*other][..=step] == rows[row][..=step];
            let with: Vec<usize> = (0..rows.len()).filter(same).collect();
            let mass: f64 = with.iter().map(|&other| likelihood[other]).sum();
            with.iter().map(|&other| likelihood[other] * f64::from(judgement(rows[other]))).sum::<f64>()
                / mass
        })
    }

    #[test]
    fn temporal_differences_come_to_the_expected_judgement_of_every_prefix() {
        let generator = network(0.4, 1);
        let expected = exact(&generator);
        let spread = expected.iter().map(|q| (q - 0.5).abs()).fold(0.0, f64::max);
        let config = CriticConfig { learning_rate: 0.02, ..CriticConfig::default() };
        let mut critic = Critic::new(network(0.1, 2), &config);
        let error = |critic: &Critic<RecurrentModel>| {
            let found = critic.values(&[(); 27], &all());
            found.iter().zip(&expected).map(|(q, e)| (f64::from(*q) - e).abs()).fold(0.0, f64::max)
        };
        assert!(spread > 0.3 && error(&critic) > 0.5, "there is something to learn");
        for step in 0..500 {
            let sentences = generator.draw(64, Stream::new(3).at(step));
            let rewards: Vec<f32> = sentences.iter().map(judgement).collect();
            critic.learn(&generator, &sentences, &rewards).expect("finite");
        }
        assert!(error(&critic) < 0.08, "{}", error(&critic));
    }

    #[test]
    fn only_the_last_token_learns_the_judgement_and_others_the_value_of_the_next_state() {
        let (writer, critic) = (network(0.4, 1), Critic::new(network(0.3, 2), &CriticConfig::default()));
        let sentences = Sequences::new(ndarray::arr2(&[[0, 1, 2], [2, 1, 0]]), vec![3, 2]);
        let targets = critic.targets(&writer, &sentences, &[0.25, 0.75]);
        assert_eq!((targets[[0, 2]], targets[[1, 1]], targets[[1, 2]]), (0.25, 0.75, 0.0));
        // Σ_b β(b | 0) Q′(0, b), by the three sentences that continue.
        let next = Sequences::fixed(ndarray::arr2(&[[0, 0, 0], [0, 1, 0], [0, 2, 0]]));
        let (log_beta, q) = (writer.log_probabilities(&next), critic.values(&[(); 3], &next));
        let expected: f32 = (0..3).map(|b| log_beta[[b, 1]].exp() * q[[b, 1]]).sum();
        assert!((targets[[0, 0]] - expected).abs() < 1e-6, "{}, expected {expected}", targets[[0, 0]]);
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let usual = CriticConfig::default();
        usual.validate().expect("usual settings");
        for wrong in [
            CriticConfig { learning_rate: 0.0, ..usual },
            CriticConfig { target_rate: 1.0, ..usual },
            CriticConfig { steps: 0, ..usual },
        ] {
            wrong.validate().expect_err("out of range");
        }
    }
}
