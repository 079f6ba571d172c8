//! Layers from the tokens of sentences to features, as they stand between two updates of a network.

use ndarray::Array2;

use crate::data::sentences::Sequences;
use crate::nn::{Embedding, Highway, Precision, RoundedHighway, TextConvolution, TokenTable};

/// A table of token responses is made up to this many values (0.5 GiB).
const LARGEST_TABLE: usize = 1 << 27;

/// Layers that are prepared once to judge many sentences: the responses of all tokens, and rounded weights.
#[derive(Debug, Default)]
pub struct PreparedLayers {
    table: Option<TokenTable>,
    highway: Option<RoundedHighway>,
}

impl PreparedLayers {
    /// Prepares layers; the table is left out where it would be larger than half a gibibyte.
    pub(super) fn new(
        embedding: &Embedding,
        convolution: &TextConvolution,
        highway: Option<&Highway>,
        precision: Precision,
    ) -> Self {
        let fits = embedding.dim().0 * convolution.responses() <= LARGEST_TABLE;
        Self {
            table: fits.then(|| convolution.table(embedding.weight(), precision)),
            highway: highway.filter(|_| !precision.is_single()).and_then(Highway::rounded),
        }
    }

    /// Returns the maxima over time of the sentences' windows, `[N, F]`; `None` without a table.
    pub(super) fn maxima(&self, convolution: &TextConvolution, sentences: &Sequences) -> Option<Array2<f32>> {
        let table = self.table.as_ref()?;
        Some(convolution.features_by_table(table, sentences.tokens(), sentences.lengths()))
    }

    /// Computes the highway `layer` of `features: [N, F]`.
    pub(super) fn pass_highway(&self, layer: &Highway, features: Array2<f32>) -> Array2<f32> {
        match &self.highway {
            Some(rounded) => rounded.predict(features),
            None => layer.predict(features),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng as _;

    use super::*;
    use crate::math::gemm::bfloat16_level;
    use crate::nn::Filters;
    use crate::seed::Stream;
    use crate::text::judges::{CnnJudge, CnnShape};

    #[test]
    fn judgements_in_16_bits_are_near_those_in_32() {
        if bfloat16_level().is_none() {
            assert!(!Precision::Bf16.is_available(), "a processor without such products is refused");
            return;
        }
        let filters = [1, 2, 3].map(|width| Filters { width, count: 30 }).to_vec();
        let shape = CnnShape {
            embedding: 16,
            filters,
            highway: true,
            dropout: 0.0,
            l2: 0.0,
            batch_norm: false,
            minibatch: None,
        };
        let mut rng = Stream::new(1).rng();
        let judge = CnnJudge::new(&shape, 50, 8, &mut rng);
        let sentences = Sequences::fixed(Array2::from_shape_simple_fn((1500, 8), || rng.random_range(0..50)));
        let prepared = judge.prepare(Precision::Bf16);
        let wanted = judge.judgements(&sentences, Some(&judge.prepare(Precision::F32)));
        let found = judge.judgements(&sentences, Some(&prepared));
        let most = wanted.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(0.0 < most && most < 5e-3, "{most}");
        // As alone, so in a group.
        let alone = judge.judgements(&sentences.select(&[3, 700]), Some(&prepared));
        assert_eq!(alone, [found[3], found[700]]);
    }
}
