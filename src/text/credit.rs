//! Credit assignment: from a judgement of whole sentences to a reward of every token.
//!
//! `Q(t)` of a sentence is the expected judgement when its first t tokens stay and a rollout policy writes the rest
//! (equation 4 of the paper). It is estimated by Monte Carlo rollouts, or by judging the prefix itself; without credit
//! assignment every token receives the judgement of the whole sentence.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::judges::SentenceScorer;
use super::models::LanguageModel;
use super::policy::SentenceTrace;
use super::reward_form::RewardForm;
use super::rollouts::roll_out;
use crate::data::sentences::Sequences;
use crate::game::RewardSource;
use crate::policy_gradient::{Episodes, Reward};
use crate::seed::Stream;
use crate::team::Team;

/// Sentences whose rollouts advance together.
const CHUNK: usize = 8;

/// Way in which the judgement of a sentence becomes a reward of each token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Credit {
    /// Mean judgement of Monte Carlo rollouts from every prefix, as in the paper.
    #[default]
    Rollouts,
    /// Judgement of the prefix itself, by a discriminator that was trained on prefixes.
    Prefix,
    /// Judgement of the whole sentence, for every token.
    Sentence,
    /// The judge's own reward of each token, where it has one: the log-ratio of a language model.
    Token,
    /// Value Q of the token by a learned critic ([`Critic`](super::Critic)).
    Critic,
    /// The judge's own rewards of all tokens that may be next, by their probabilities ([`ExactReward`](super::ExactReward)).
    Exact,
}

/// Reward of a language model: a judge and a way to share its judgement out over the tokens.
pub struct CreditedReward<'a, M> {
    /// Judge of sentences.
    pub judge: &'a dyn SentenceScorer<M>,
    /// Way in which the judgement is shared out.
    pub credit: Credit,
    /// Model that writes the rest of a sentence; `None` for the policy itself.
    pub rollout: Option<&'a M>,
    /// Monte Carlo rollouts from each prefix, N.
    pub rollouts: usize,
    /// Processes that share the rollouts.
    pub team: Team,
    /// Source of the reward: the judge, or a placebo.
    pub control: RewardSource,
    /// Form of the reward that is made of a judgement.
    pub form: RewardForm,
    /// Weight α of the policy's entropy: every token earns `−α log π` more.
    pub entropy: f32,
}

impl<M> std::fmt::Debug for CreditedReward<'_, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CreditedReward({:?}, {} rollouts, {})", self.credit, self.rollouts, self.control)
    }
}

impl<M: LanguageModel> Reward<M> for CreditedReward<'_, M> {
    fn score(
        &self,
        policy: &M,
        contexts: &[<M as LanguageModel>::Context],
        episodes: &Episodes<SentenceTrace<M::Reading>>,
        stream: Stream,
    ) -> Array2<f32> {
        let sentences = &episodes.trace.sentences;
        let mut rewards = match self.control {
            // These do not depend on the judge: its work is spared.
            RewardSource::Constant | RewardSource::Random => Array2::zeros(sentences.tokens().raw_dim()),
            _ => self.values(policy, contexts, sentences, stream),
        };
        self.form.normalize(&mut rewards, &episodes.groups);
        // A placebo acts on the rewards of the batch at each step.
        for (step, mut column) in rewards.columns_mut().into_iter().enumerate() {
            let mut values = column.to_vec();
            self.control.apply(&mut values, stream.named("control").at(step as u64));
            column.iter_mut().zip(values).for_each(|(reward, value)| *reward = value);
        }
        if self.form == RewardForm::Sentigan || self.entropy > 0.0 {
            let log_pi = LanguageModel::log_probabilities(policy, contexts, sentences);
            rewards.zip_mut_with(&log_pi, |reward, &log_pi| {
                let share = if self.form == RewardForm::Sentigan { log_pi.exp() } else { 1.0 };
                *reward = *reward * share - self.entropy * log_pi;
            });
        }
        rewards
    }
}

impl<M: LanguageModel> CreditedReward<'_, M> {
    /// Returns Q of every prefix: `[B, T]`; from a sentence's end on, the judgement of the sentence.
    ///
    /// With [`Credit::Exact`] drawn tokens are rewarded as with [`Credit::Token`].
    ///
    /// # Panics
    /// With [`Credit::Token`] when the judge has no reward of each token; a critic, the judge of [`Credit::Critic`], has one.
    pub fn values(
        &self,
        policy: &M,
        contexts: &[M::Context],
        sentences: &Sequences,
        stream: Stream,
    ) -> Array2<f32> {
        if matches!(self.credit, Credit::Token | Credit::Exact | Credit::Critic) {
            let rewards = self.judge.score_tokens(policy, contexts, sentences);
            return rewards.expect("settings are checked: this judge has a reward of each token");
        }
        if self.credit == Credit::Prefix
            && let Some(mut judged) = self.judge.score_prefixes(contexts, sentences)
        {
            self.form.apply(judged.as_slice_mut().expect("standard layout"));
            return judged;
        }
        let whole = self.judged(contexts, sentences);
        let mut values = Array2::from_shape_fn(sentences.tokens().raw_dim(), |(row, _)| whole[row]);
        match self.credit {
            Credit::Sentence | Credit::Token | Credit::Exact | Credit::Critic => {}
            Credit::Prefix => self.judge_prefixes(contexts, sentences, &mut values),
            Credit::Rollouts => {
                let writer = self.rollout.unwrap_or(policy);
                self.judge_rollouts(writer, contexts, sentences, stream, &mut values);
            }
        }
        values
    }

    /// Returns the judgement of every sentence, in the form of the reward: `[N]`.
    fn judged(&self, contexts: &[M::Context], sentences: &Sequences) -> Vec<f32> {
        let mut judged = self.judge.score(contexts, sentences);
        self.form.apply(&mut judged);
        judged
    }

    /// Writes the judgement of every proper prefix into `values: [B, T]`.
    fn judge_prefixes(&self, contexts: &[M::Context], sentences: &Sequences, values: &mut Array2<f32>) {
        for step in 1..sentences.steps() {
            let prefixes = sentences.prefixes(&vec![step as u32; sentences.len()]);
            let judged = self.judged(contexts, &prefixes);
            for (row, &length) in sentences.lengths().iter().enumerate() {
                if step < length as usize {
                    values[[row, step - 1]] = judged[row];
                }
            }
        }
    }

    /// Writes the mean judgement of the rollouts of every proper prefix into `values: [B, T]`.
    fn judge_rollouts(
        &self,
        writer: &M,
        contexts: &[M::Context],
        sentences: &Sequences,
        stream: Stream,
        values: &mut Array2<f32>,
    ) {
        let parts = self.team.map(sentences.len().div_ceil(CHUNK), |part| {
            let first = part * CHUNK;
            let here = first..sentences.len().min(first + CHUNK);
            let rng = |row: usize, prefix: usize, rollout: usize| {
                stream.at((first + row) as u64).at(prefix as u64).at(rollout as u64).rng()
            };
            let begun = sentences.select(&here.clone().collect::<Vec<_>>());
            let completed = roll_out(writer, &contexts[here.clone()], &begun, self.rollouts, rng);
            let of_rollouts: Vec<M::Context> =
                completed.origins.iter().map(|&(row, _)| contexts[first + row].clone()).collect();
            let origins = completed.origins.iter().map(|&(row, prefix)| (row as u32, prefix as u32));
            (self.judged(&of_rollouts, &completed.sentences), origins.collect::<Vec<_>>())
        });
        for (part, (judged, origins)) in parts.into_iter().enumerate() {
            // Rollouts of one prefix follow each other.
            for (judged, origins) in judged.chunks(self.rollouts).zip(origins.chunks(self.rollouts)) {
                let (row, prefix) = origins[0];
                let mean = judged.iter().map(|&j| f64::from(j)).sum::<f64>() / judged.len() as f64;
                values[[part * CHUNK + row as usize, prefix as usize - 1]] = mean as f32;
            }
        }
    }
}
