//! Shape of the convolutional judge.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::nn::{Filters, MinibatchSize};

/// Shape and regularisation of the network of a [`CnnJudge`](super::CnnJudge).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CnnShape {
    /// Values of a token's vector, D.
    pub embedding: usize,
    /// Number of filters of each width; those wider than a sentence are left out.
    pub filters: Vec<Filters>,
    /// True when a highway layer follows the convolutions.
    pub highway: bool,
    /// Share of features dropped while training.
    pub dropout: f32,
    /// Weight of half the squared norm of the output layer in the loss.
    pub l2: f32,
    /// True when the maxima over time are normalised over a batch.
    #[serde(default)]
    pub batch_norm: bool,
    /// Features that compare the sentences of a batch, where there are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minibatch: Option<MinibatchSize>,
}

impl CnnShape {
    /// Returns the filters that fit into sentences of `steps` tokens; where none does, some of one token.
    pub(in crate::text::judges) fn fitting_filters(&self, steps: usize) -> Vec<Filters> {
        let filters: Vec<Filters> = self.filters.iter().copied().filter(|f| f.width <= steps).collect();
        if filters.is_empty() { vec![Filters { width: 1, count: 64 }] } else { filters }
    }

    /// Returns true when a sentence is seen beside others: a batch has two at least.
    pub fn compares(&self) -> bool {
        self.batch_norm || self.minibatch.is_some()
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// When a size is out of range.
    pub fn validate(&self) -> Result<()> {
        let fail = |message: &str| Err(Error::Config(message.into()));
        let features = self.filters.iter().fold(0usize, |sum, f| sum.saturating_add(f.count));
        if !(1..=1 << 14).contains(&self.embedding) || !(1..=1 << 14).contains(&features) {
            return fail("the discriminator's embedding and filters: expected 1 to 16384 of each");
        }
        if self.filters.iter().any(|f| f.width == 0 || f.count == 0) {
            return fail("filters have a width and a count of at least 1");
        }
        let mut widths: Vec<_> = self.filters.iter().map(|f| f.width).collect();
        widths.sort_unstable();
        if let Some(pair) = widths.windows(2).find(|pair| pair[0] == pair[1]) {
            let message = format!(
                "`discriminator.network.filters`: width {} is given twice; give it once, with the sum of the counts",
                pair[0]
            );
            return Err(Error::Config(message));
        }
        if !(0.0..1.0).contains(&self.dropout) || !(0.0..=1e6).contains(&self.l2) {
            return fail("the discriminator's dropout lies in [0, 1), its l2 in [0, 1e6]");
        }
        Ok(())
    }
}
