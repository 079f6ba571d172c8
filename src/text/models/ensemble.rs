//! An ensemble of language models, which writes by the mean of their distributions: in every state
//! `p(a) = 1/M Σ_m p_m(a)`.
//!
//! Averaging several models of maximum likelihood is the plainest way to a better one, and so the control of whatever
//! else promises the same.

use ndarray::{Array2, ArrayView2, Axis};

use super::language_model::{
    BatchState, LanguageModel, LikelihoodGradient, Reading, SentenceLimits, at_quantile, log_probabilities_of,
};
use crate::data::sentences::Sequences;
use crate::math::parallel::ordered_map;
use crate::math::simd;
use crate::nn::{Parameters, impl_parameters};
use crate::seed::Stream;

/// Sentences scored by one task.
const CHUNK: usize = 128;
/// Mean probabilities below this are computed from logarithms.
const TINY: f32 = 1e-30;

/// Language models of the same vocabulary and limits as one: its distribution is the mean of theirs.
///
/// ```
/// use irgan::seed::Stream;
/// use irgan::text::models::{Ensemble, LanguageModel, oracle_shape, random_oracle};
///
/// let members: Vec<_> = (1..=3).map(|seed| random_oracle(&oracle_shape(10, 4), seed)).collect();
/// let sentences = members[0].draw(50, Stream::new(7));
/// let nll = |model: &_| LanguageModel::nll(model, &[(); 50], &sentences);
/// let mean = members.iter().map(nll).sum::<f64>() / 3.0;
/// // The logarithm is concave: the ensemble is never worse than its members are on average.
/// assert!(Ensemble::new(members).nll(&[(); 50], &sentences) <= mean);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble<M> {
    members: Vec<M>,
    temperature: f32,
}

impl<M: LanguageModel> Ensemble<M> {
    /// Makes an ensemble of `members`.
    ///
    /// # Panics
    /// Without a member, or when their limits differ.
    pub fn new(members: Vec<M>) -> Self {
        let limits = members.first().expect("an ensemble has a member").limits();
        assert!(members.iter().all(|member| member.limits() == limits), "members have the same limits");
        Self { members, temperature: 1.0 }
    }

    /// Returns the members.
    pub fn members(&self) -> &[M] {
        &self.members
    }

    /// Computes `log 1/M Σ_m p_m` of every next token, at temperature 1: `[B, V]`.
    fn log_mean(&self, state: &OfMembers<M::State>) -> Array2<f32> {
        let logs: Vec<Array2<f32>> = self.each(state, |member, state| {
            let mut log_p = member.logits(state);
            log_p.rows_mut().into_iter().for_each(|row| simd::log_softmax(contiguous(row)));
            log_p
        });
        log_mean_exp(logs)
    }

    /// Calls `each` with every member and its state.
    fn each<S, T>(&self, states: &OfMembers<S>, each: impl Fn(&M, &S) -> T) -> Vec<T> {
        self.members.iter().zip(&states.0).map(|(member, state)| each(member, state)).collect()
    }
}

fn contiguous(row: ndarray::ArrayViewMut1<'_, f32>) -> &mut [f32] {
    row.into_slice().expect("rows are contiguous")
}

/// Computes `log 1/M Σ_m exp(logs_m)`, value by value; `logs` are M arrays of one shape.
fn log_mean_exp(logs: Vec<Array2<f32>>) -> Array2<f32> {
    let count = logs.len() as f32;
    let mut sum = Array2::zeros(logs[0].raw_dim());
    for log in &logs {
        let mut p = log.as_standard_layout().into_owned();
        simd::exp(p.as_slice_mut().expect("standard layout"));
        sum += &p;
    }
    let mut out = sum.mapv(|sum: f32| (sum / count).max(TINY));
    simd::ln(out.as_slice_mut().expect("standard layout"));
    for (at, &sum) in sum.indexed_iter().filter(|(_, sum)| **sum < count * TINY) {
        // Too small for a sum of probabilities, such as that of a token that is never written.
        let largest = logs.iter().map(|log| log[at]).fold(f32::NEG_INFINITY, f32::max);
        let shifted: f32 = logs.iter().map(|log| (log[at] - largest).exp()).sum();
        out[at] = if sum.is_nan() { sum } else { largest + (shifted / count).ln() };
    }
    out
}

/// States, or readings, of all members.
#[derive(Clone, Debug)]
pub struct OfMembers<S>(Vec<S>);

impl<S: BatchState> BatchState for OfMembers<S> {
    fn select(&self, rows: &[usize]) -> Self {
        Self(self.0.iter().map(|state| state.select(rows)).collect())
    }

    fn append(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| mine.append(theirs));
    }
}

impl<R: Reading> Reading for OfMembers<R> {
    type State = OfMembers<R::State>;

    fn state(&self, step: usize) -> Self::State {
        OfMembers(self.0.iter().map(|reading| reading.state(step)).collect())
    }
}

impl<M: LanguageModel<Gradient = M> + Parameters> LanguageModel for Ensemble<M> {
    type Context = M::Context;
    type State = OfMembers<M::State>;
    type Reading = OfMembers<M::Reading>;
    type Gradient = Self;

    fn limits(&self) -> SentenceLimits {
        self.members[0].limits()
    }

    fn start(&self, contexts: &[M::Context]) -> Self::State {
        OfMembers(self.members.iter().map(|member| member.start(contexts)).collect())
    }

    fn advance(&self, tokens: &[u32], state: &Self::State) -> Self::State {
        OfMembers(self.each(state, |member, state| member.advance(tokens, state)))
    }

    fn logits(&self, state: &Self::State) -> Array2<f32> {
        let mut logits = self.log_mean(state);
        if self.temperature != 1.0 {
            logits /= self.temperature;
        }
        logits
    }

    fn read(&self, contexts: &[M::Context], tokens: ArrayView2<'_, u32>) -> Self::Reading {
        OfMembers(self.members.iter().map(|member| member.read(contexts, tokens)).collect())
    }

    /// Computes the gradients of all members: that of member m is its own with the weights `w p_m(a) / Σ_n p_n(a)`.
    ///
    /// # Panics
    /// At another temperature than 1.
    fn gradient(
        &self,
        contexts: &[M::Context],
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient<Self> {
        assert!(self.temperature == 1.0, "an ensemble learns at temperature 1");
        let each = |member: &M| member.log_probabilities(contexts, sentences);
        let logs: Vec<Array2<f32>> = self.members.iter().map(each).collect();
        let mean = log_mean_exp(logs.clone());
        let loss = -mean.iter().zip(&weights).map(|(&l, &w)| f64::from(l) * f64::from(w)).sum::<f64>();
        let count = self.members.len() as f32;
        let of_member = |(m, (member, log)): (usize, (&M, &Array2<f32>))| {
            let share = (log - &mean).mapv(|ratio| ratio.exp() / count);
            let dropout = dropout.map(|(share, stream)| (share, stream.at(m as u64)));
            member.gradient(contexts, sentences, (&weights * &share).view(), dropout).gradient
        };
        let members = self.members.iter().zip(&logs).enumerate().map(of_member).collect();
        LikelihoodGradient { gradient: Self { members, temperature: 1.0 }, loss }
    }

    fn at_temperature(&self, temperature: f32) -> Self {
        Self { temperature: self.temperature * temperature, ..self.clone() }
    }

    fn next_tokens(&self, state: &Self::State, draws: usize, uniforms: &[f64]) -> Vec<u32> {
        let mut mass = match self.temperature {
            1.0 => self.each(state, |member, state| member.logits(state)),
            _ => vec![self.logits(state)],
        };
        mass.iter_mut().for_each(|z| z.rows_mut().into_iter().for_each(|row| simd::softmax(contiguous(row))));
        let mean = mass.into_iter().reduce(|sum, p| sum + p).expect("an ensemble has a member");
        let rows = mean.rows().into_iter().zip(uniforms.chunks(draws.max(1)));
        rows.flat_map(|(row, uniforms)| {
            let row = row.to_slice().expect("rows are contiguous");
            uniforms.iter().map(|&uniform| at_quantile(row, uniform)).collect::<Vec<_>>()
        })
        .collect()
    }

    fn log_probabilities(&self, contexts: &[M::Context], sentences: &Sequences) -> Array2<f32> {
        let count = sentences.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let here = part * CHUNK..count.min((part + 1) * CHUNK);
            let sentences = sentences.select(&here.clone().collect::<Vec<_>>());
            let contexts = &contexts[here];
            if self.temperature != 1.0 {
                return log_probabilities_of(self, contexts, &sentences);
            }
            let each = |member: &M| member.log_probabilities(contexts, &sentences);
            let mut mean = log_mean_exp(self.members.iter().map(each).collect());
            let lengths = sentences.lengths().iter();
            mean.rows_mut().into_iter().zip(lengths).for_each(|(mut row, &length)| {
                row.iter_mut().skip(length as usize).for_each(|beyond| *beyond = 0.0);
            });
            mean
        });
        let mut out = Array2::zeros((0, sentences.steps()));
        parts.iter().for_each(|part| out.append(Axis(0), part.view()).expect("one width"));
        out
    }
}

impl_parameters!(M: Parameters, Ensemble<M> { "members": members });
