//! A language model with a context, for tests: a table of the next token given a class and the token before.

use ndarray::{Array2, Array3, ArrayView2};

use super::{BatchState, LanguageModel, LikelihoodGradient, SentenceLimits, read_by_steps};
use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::math::simd;
use crate::nn::{Parameters, Tensor, TensorMut};
use crate::policy_gradient::reinforce_grad;
use crate::seed::Stream;

/// Logits of the next token for each class and last token: `[C, V, V]`. The context of a sentence is its class.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::text) struct ClassTable {
    pub logits: Array3<f32>,
    pub steps: usize,
}

/// Class and last token of every sentence.
#[derive(Clone, Debug)]
pub(in crate::text) struct ClassState(Vec<(usize, u32)>);

impl BatchState for ClassState {
    fn select(&self, rows: &[usize]) -> Self {
        Self(rows.iter().map(|&row| self.0[row]).collect())
    }

    fn append(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }
}

impl LanguageModel for ClassTable {
    type Context = usize;
    type State = ClassState;
    type Reading = Vec<ClassState>;
    type Gradient = Self;

    fn limits(&self) -> SentenceLimits {
        SentenceLimits { steps: self.steps, start: 0, end: None }
    }

    fn start(&self, contexts: &[usize]) -> ClassState {
        ClassState(contexts.iter().map(|&class| (class, 0)).collect())
    }

    fn advance(&self, tokens: &[u32], state: &ClassState) -> ClassState {
        ClassState(state.0.iter().zip(tokens).map(|(&(class, _), &token)| (class, token)).collect())
    }

    fn logits(&self, state: &ClassState) -> Array2<f32> {
        let vocabulary = self.logits.dim().2;
        let rows = &state.0;
        Array2::from_shape_fn((rows.len(), vocabulary), |(row, token)| {
            self.logits[[rows[row].0, rows[row].1 as usize, token]]
        })
    }

    fn read(&self, contexts: &[usize], tokens: ArrayView2<'_, u32>) -> Vec<ClassState> {
        read_by_steps(self, contexts, tokens)
    }

    fn gradient(
        &self,
        contexts: &[usize],
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        _dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient<Self> {
        let (mut gradient, mut loss) = (self.zeros_like(), 0.0);
        for (row, sentence) in sentences.iter().enumerate() {
            let mut last = 0;
            for (step, &token) in sentence.iter().enumerate() {
                let here = ndarray::s![contexts[row], last as usize, ..];
                let mut log_p = self.logits.slice(here).to_vec();
                simd::log_softmax(&mut log_p);
                let mut d = vec![0.0; log_p.len()];
                let weight = std::iter::once(weights[[row, step]]);
                loss += reinforce_grad(&log_p, &[token], weight, 1.0, &mut d);
                gradient.logits.slice_mut(here).zip_mut_with(&ndarray::aview1(&d), |into, d| *into += d);
                last = token;
            }
        }
        LikelihoodGradient { gradient, loss }
    }

    fn at_temperature(&self, temperature: f32) -> Self {
        Self { logits: &self.logits / temperature, steps: self.steps }
    }
}

impl Parameters for ClassTable {
    fn tensors(&self) -> Vec<Tensor<'_>> {
        vec![Tensor { name: "logits".into(), values: self.logits.view().into_dyn() }]
    }

    fn tensors_mut(&mut self) -> Vec<TensorMut<'_>> {
        vec![TensorMut { name: "logits".into(), values: self.logits.view_mut().into_dyn() }]
    }
}

/// A language model whose context is a source, for tests: a table whose class is the last token of the source.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::text) struct BySource {
    pub table: ClassTable,
    pub end: Option<u32>,
}

fn classes(sources: &[Source]) -> Vec<usize> {
    sources.iter().map(|source| *source.last().expect("a source has tokens") as usize).collect()
}

impl LanguageModel for BySource {
    type Context = Source;
    type State = ClassState;
    type Reading = Vec<ClassState>;
    type Gradient = ClassTable;

    fn limits(&self) -> SentenceLimits {
        SentenceLimits { end: self.end, ..self.table.limits() }
    }

    fn start(&self, contexts: &[Source]) -> ClassState {
        self.table.start(&classes(contexts))
    }

    fn advance(&self, tokens: &[u32], state: &ClassState) -> ClassState {
        self.table.advance(tokens, state)
    }

    fn logits(&self, state: &ClassState) -> Array2<f32> {
        self.table.logits(state)
    }

    fn read(&self, contexts: &[Source], tokens: ArrayView2<'_, u32>) -> Vec<ClassState> {
        self.table.read(&classes(contexts), tokens)
    }

    fn gradient(
        &self,
        contexts: &[Source],
        sentences: &Sequences,
        weights: ArrayView2<'_, f32>,
        dropout: Option<(f32, Stream)>,
    ) -> LikelihoodGradient<ClassTable> {
        self.table.gradient(&classes(contexts), sentences, weights, dropout)
    }

    fn at_temperature(&self, temperature: f32) -> Self {
        Self { table: self.table.at_temperature(temperature), end: self.end }
    }
}
