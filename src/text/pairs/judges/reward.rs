//! Hand-made rewards as a judge of pairs, and their sum over a conversation that the policy has with itself (Li et al.,
//! 2016, “Deep reinforcement learning for dialogue generation”).
//!
//! # Differences from the paper
//! Turns after the answer are the policy's likeliest, where the paper draws from its best candidates.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Array2;

use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::data::words::UNKNOWN;
use crate::text::hand_made::{DullReplies, HandMadeReward, RewardTerms, TermValues};
use crate::text::models::LanguageModel;
use crate::text::pairs::self_play::{Talk, greedy};

/// Hand-made reward, which stands still.
#[derive(Clone, Debug)]
pub struct RewardJudge<M> {
    /// Model of maximum likelihood, `p(answer | source)`.
    pub forward: M,
    /// Model of `p(source | answer)`.
    pub reverse: M,
    /// Dull replies.
    pub dull: DullReplies,
    /// Weights of the terms.
    pub terms: RewardTerms,
    /// Rules of conversations.
    pub talk: Talk,
    /// Turns of a conversation that are rewarded; a game sets them at the start of each of the generator's turns.
    pub turns: Arc<AtomicUsize>,
    /// Discount γ of the reward of each later turn.
    pub discount: f32,
}

impl<M: LanguageModel<Context = Source>> RewardJudge<M> {
    /// Returns the terms of every answer: `[N]`.
    pub fn values(&self, sources: &[Source], answers: &Sequences) -> Vec<TermValues> {
        let encode = |turns: &[Source]| -> Array2<f32> {
            // A model without vectors has no direction in which turns could differ.
            self.forward.context_vectors(turns).unwrap_or_else(|| Array2::ones((turns.len(), 1)))
        };
        let reward = HandMadeReward {
            terms: &self.terms,
            forward: &self.forward,
            reverse: Some(&self.reverse),
            dull: Some(&self.dull),
            encode: Some(&encode),
            turn_end: self.talk.turn_end,
            unknown: Some(UNKNOWN),
        };
        reward.values(sources, answers)
    }

    /// Returns `Σ λ R` of every answer alone: `[N]`.
    pub fn rewards(&self, sources: &[Source], answers: &Sequences) -> Vec<f32> {
        self.values(sources, answers).iter().map(|values| self.terms.total(values) as f32).collect()
    }

    /// Returns the discounted sum of the rewards of every answer and of the turns that `policy` goes on with: `[N]`.
    pub fn conversation(&self, policy: &M, sources: &[Source], answers: &Sequences) -> Vec<f32> {
        let mut total = self.rewards(sources, answers);
        let mut now = self.talk.next_all(sources, answers);
        let mut factor = 1.0;
        for _ in 1..self.turns.load(Ordering::Relaxed) {
            factor *= self.discount;
            let next = greedy(policy, &now);
            total.iter_mut().zip(self.rewards(&now, &next)).for_each(|(sum, reward)| *sum += factor * reward);
            now = self.talk.next_all(&now, &next);
        }
        total
    }
}
