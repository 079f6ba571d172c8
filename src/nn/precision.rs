//! Precision of the numbers that a layer is computed with.

use serde::{Deserialize, Serialize};

use crate::math::gemm::bfloat16_level;

/// Precision of the numbers that are multiplied; sums are of 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32 bits, of which 24 are the mantissa.
    #[default]
    F32,
    /// 16 bits with the exponents of 32, of which 8 are the mantissa (bfloat16).
    Bf16,
}

impl Precision {
    /// Returns true for 32 bits.
    pub fn is_single(&self) -> bool {
        *self == Self::F32
    }

    /// Returns true when the processor multiplies such numbers.
    pub fn is_available(self) -> bool {
        self.is_single() || bfloat16_level().is_some()
    }
}
