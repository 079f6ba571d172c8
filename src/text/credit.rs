//! From a judgement of whole sentences to a reward of every token (REGS, reward for every generation step).
//!
//! `Q(t)` of a sentence is the expected judgement when its first t tokens stay and a rollout policy writes
//! the rest (equation 4 of the paper): by Monte Carlo, by judging the prefix itself, or, without credit
//! assignment, the sentence's own judgement at every step.

use ndarray::{Array2, s};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::judges::Judge;
use super::judges::prefixes;
use super::models::keep_unfinished;
use super::models::{Generator, SentenceTrace};
use crate::data::sentences::Sequences;
use crate::game::RewardControl;
use crate::math::parallel::ordered_map;
use crate::policy_gradient::{Episodes, Reward};
use crate::seed::{Rng, Stream};

/// Sentences whose rollouts advance together.
const CHUNK: usize = 8;

/// How a sentence's judgement becomes a reward of each token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Credit {
    /// Mean judgement of Monte Carlo rollouts from every prefix, as in the paper.
    #[default]
    Rollouts,
    /// The judgement of the prefix itself, by a discriminator that was trained on prefixes.
    Prefix,
    /// The judgement of the whole sentence, for every token.
    Sentence,
    /// The judge's own reward of each token, where it has one: the rival's log-ratio.
    Token,
}

/// The reward of a generator: a judge and a way to share its judgement out over the tokens.
#[derive(Clone, Copy)]
pub struct CreditedReward<'a> {
    /// Who judges.
    pub judge: &'a dyn Judge,
    /// How the judgement is shared out.
    pub credit: Credit,
    /// Who writes the rest of a sentence; the generator itself when there is none.
    pub rollout: Option<&'a Generator>,
    /// Monte Carlo rollouts from each prefix, N.
    pub rollouts: usize,
    /// The discriminator's reward, or a control.
    pub control: RewardControl,
}

impl std::fmt::Debug for CreditedReward<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CreditedReward({:?}, {} rollouts, {})", self.credit, self.rollouts, self.control)
    }
}

impl Reward<Generator> for CreditedReward<'_> {
    fn score(
        &self,
        policy: &Generator,
        _context: &usize,
        episodes: &Episodes<SentenceTrace>,
        stream: Stream,
    ) -> Array2<f32> {
        let sentences = &episodes.trace.sentences;
        let mut rewards = match self.control {
            // These do not depend on the judge: its work is spared.
            RewardControl::Constant | RewardControl::Random => Array2::zeros(sentences.tokens().raw_dim()),
            _ => self.values(policy, sentences, stream),
        };
        // Controls act on the sentences' rewards at each step: those of one state's choices.
        for (step, mut column) in rewards.columns_mut().into_iter().enumerate() {
            let mut values = column.to_vec();
            self.control.apply(&mut values, stream.named("control").at(step as u64));
            column.iter_mut().zip(values).for_each(|(reward, value)| *reward = value);
        }
        rewards
    }
}

impl CreditedReward<'_> {
    /// Q of every prefix: `[B, T]`; from a sentence's end on, its own judgement.
    pub fn values(&self, policy: &Generator, sentences: &Sequences, stream: Stream) -> Array2<f32> {
        if self.credit == Credit::Token {
            let rewards = self.judge.score_tokens(policy, sentences);
            return rewards.expect("settings are checked: this judge has a reward of each token");
        }
        let whole = self.judge.score(sentences);
        let steps = sentences.steps();
        let mut values = Array2::from_shape_fn((sentences.len(), steps), |(row, _)| whole[row]);
        match self.credit {
            Credit::Sentence | Credit::Token => {}
            Credit::Prefix => {
                for step in 1..steps {
                    let cut = prefixes(sentences, &vec![step as u32; sentences.len()]);
                    let judged = self.judge.score(&cut);
                    for (row, &length) in sentences.lengths().iter().enumerate() {
                        if step < length as usize {
                            values[[row, step - 1]] = judged[row];
                        }
                    }
                }
            }
            Credit::Rollouts => {
                let writer = self.rollout.unwrap_or(policy);
                let parts = ordered_map(sentences.len().div_ceil(CHUNK), |part| {
                    let rows: Vec<usize> = (part * CHUNK..sentences.len().min((part + 1) * CHUNK)).collect();
                    let rng = |row: usize, prefix: usize, rollout: usize| {
                        stream.at(rows[row] as u64).at(prefix as u64).at(rollout as u64).rng()
                    };
                    let completed = complete(writer, &sentences.select(&rows), self.rollouts, rng);
                    (self.judge.score(&completed.sentences), completed.origins)
                });
                for (part, (judged, origins)) in parts.into_iter().enumerate() {
                    // Rollouts of one prefix follow each other.
                    for (judged, origins) in judged.chunks(self.rollouts).zip(origins.chunks(self.rollouts)) {
                        let (row, prefix) = origins[0];
                        let mean = judged.iter().map(|&j| f64::from(j)).sum::<f64>() / judged.len() as f64;
                        values[[part * CHUNK + row, prefix - 1]] = mean as f32;
                    }
                }
            }
        }
        values
    }
}

/// Completions of every prefix of some sentences, and the (sentence, prefix length) each came from.
struct Completed {
    sentences: Sequences,
    origins: Vec<(usize, usize)>,
}

/// Completes every true prefix of `sentences` `rollouts` times. The states of the prefixes come from one
/// reading; all rollouts advance together.
fn complete(
    writer: &Generator,
    sentences: &Sequences,
    rollouts: usize,
    rng: impl Fn(usize, usize, usize) -> Rng,
) -> Completed {
    let end = writer.shape().end;
    let steps = sentences.steps();
    let read = writer.read(sentences.tokens());
    let prefix_rows = |prefix: usize| {
        let lengths = sentences.lengths().iter().enumerate();
        lengths.filter(move |&(_, &length)| prefix < length as usize).map(|(row, _)| row).collect::<Vec<_>>()
    };
    let mut origins = vec![];
    for prefix in 1..steps {
        for row in prefix_rows(prefix) {
            origins.extend(std::iter::repeat_n((row, prefix), rollouts));
        }
    }
    let mut tokens = Array2::zeros((origins.len(), steps));
    for (mut out, &(row, prefix)) in tokens.rows_mut().into_iter().zip(&origins) {
        out.slice_mut(s![..prefix]).assign(&sentences.tokens().slice(s![row, ..prefix]));
    }
    let mut lengths = vec![steps as u32; origins.len()];
    let mut rngs: Vec<Rng> =
        origins.iter().enumerate().map(|(i, &(row, prefix))| rng(row, prefix, i % rollouts.max(1))).collect();

    let (mut active, mut last): (Vec<usize>, Vec<u32>) = (vec![], vec![]);
    let mut state = writer.start(0);
    let mut started = 0;
    for step in 1..steps {
        // Older rollouts read their last token and write one more.
        if !active.is_empty() {
            state = writer.advance(&last, &state);
            let uniforms: Vec<f64> = active.iter().map(|&i| rngs[i].random()).collect();
            last = writer.projection().draw(state.hidden.view(), 1, &uniforms);
        }
        // Those of this prefix write their first: several draws from one distribution.
        let rows = prefix_rows(step);
        let fresh: Vec<usize> = (started..started + rows.len() * rollouts).collect();
        started += fresh.len();
        let uniforms: Vec<f64> = fresh.iter().map(|&i| rngs[i].random()).collect();
        let base = read.state(step).select(&rows);
        last.extend(writer.projection().draw(base.hidden.view(), rollouts, &uniforms));
        let repeated: Vec<usize> = (0..fresh.len()).map(|i| i / rollouts.max(1)).collect();
        state.append(&base.select(&repeated));
        active.extend(fresh);

        for (&i, &token) in active.iter().zip(&last) {
            tokens[[i, step]] = token;
            if Some(token) == end {
                lengths[i] = step as u32 + 1;
            }
        }
        keep_unfinished(end, &mut active, &mut last, &mut state);
    }
    Completed { sentences: Sequences::new(tokens, lengths), origins }
}
