//! Flags of a beam search, which every command that searches shares.

use clap::Args;

use crate::error::Result;
use crate::text::{Beam, LengthNorm};

/// Flags of a beam search beside its width.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct BeamArgs {
    /// Groups that share the width of the beam, of which each avoids the tokens of those before
    #[arg(long, default_value_t = Beam::default().groups)]
    groups: usize,
    /// Cost in nats of a token that a sentence of a group before has just chosen
    #[arg(long, default_value_t = Beam::default().diversity)]
    diversity: f64,
    /// Divisor of the log-probabilities that a beam compares: none, mean, or gnmt:ALPHA
    #[arg(long, default_value_t)]
    length_norm: LengthNorm,
}

impl BeamArgs {
    /// Returns the search with a beam of `width`, checked.
    pub fn beam(&self, width: usize) -> Result<Beam> {
        let Self { groups, diversity, length_norm: length } = *self;
        let beam = Beam { width, groups, diversity, length };
        beam.validate().map(|()| beam)
    }

    /// Returns true when the search is a diverse one.
    pub fn are_diverse(&self) -> bool {
        self.groups > 1
    }
}
