//! The convolutional discriminator over source and answer.

use super::PairClassifier;
use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::game::{Divergence, JudgeStatistics};
use crate::nn::impl_parameters;
use crate::seed::Rng;
use crate::text::judges::{CnnJudge, CnnShape};
use ndarray::Array2;

/// A convolutional classifier of pairs: it reads the source and then the answer as one sequence, whose tokens have vectors
/// of their own on either side, so that filters know which side they look at.
#[derive(Clone, Debug, PartialEq)]
pub struct PairCnn {
    network: CnnJudge,
    vocabulary: u32,
    source_steps: usize,
}

impl PairCnn {
    /// Makes a network with random weights for a vocabulary, sources of up to `source_steps` tokens and answers of up to
    /// `steps`.
    pub fn new(
        shape: &CnnShape,
        vocabulary: usize,
        source_steps: usize,
        steps: usize,
        rng: &mut Rng,
    ) -> Self {
        let network = CnnJudge::new(shape, 2 * vocabulary, source_steps + steps, rng);
        Self { network, vocabulary: vocabulary as u32, source_steps }
    }

    /// Returns the network as one whose real answers are real with `1 − share` only, while it learns.
    #[must_use]
    pub fn smoothing(self, share: f32) -> Self {
        Self { network: self.network.smoothing(share), ..self }
    }

    /// Returns the network as one that minimises a divergence.
    #[must_use]
    pub fn minimising(self, divergence: Divergence) -> Self {
        Self { network: self.network.minimising(divergence), ..self }
    }

    /// Returns source and answer as one sequence: the tokens of answers lie V above those of sources.
    fn joined(&self, sources: &[Source], answers: &Sequences) -> Sequences {
        let steps = self.source_steps + answers.steps();
        let mut tokens = Array2::zeros((answers.len(), steps));
        let mut lengths = vec![];
        for ((mut row, source), answer) in tokens.rows_mut().into_iter().zip(sources).zip(answers.iter()) {
            let source = &source[source.len().saturating_sub(self.source_steps)..];
            let shifted = answer.iter().map(|&token| token + self.vocabulary);
            row.iter_mut().zip(source.iter().copied().chain(shifted)).for_each(|(to, token)| *to = token);
            lengths.push((source.len() + answer.len()) as u32);
        }
        Sequences::new(tokens, lengths)
    }
}

impl PairClassifier for PairCnn {
    fn divergence(&self) -> Divergence {
        self.network.divergence()
    }

    fn gradient(
        &self,
        sources: &[Source],
        answers: &Sequences,
        real: &[bool],
        rng: &mut Rng,
        gradient: &mut Self,
    ) -> JudgeStatistics {
        self.network.gradient(&self.joined(sources, answers), real, rng, &mut gradient.network)
    }

    fn judgements(&self, sources: &[Source], answers: &Sequences) -> Vec<f32> {
        self.network.judgements(&self.joined(sources, answers), None)
    }
}

impl_parameters!(PairCnn { "": network });
