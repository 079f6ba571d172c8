//! Temperature over a training.

use serde::{Deserialize, Serialize};

use crate::error::{Result, require};

/// Line from the temperature of the first step to that of the last.
///
/// ```
/// use irgan::pathwise::Annealing;
///
/// let annealing = Annealing { from: 5.0, to: 1.0 };
/// assert_eq!((annealing.at(0.0), annealing.at(0.5), annealing.at(1.0)), (5.0, 3.0, 1.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Annealing {
    /// Temperature of the first step.
    pub from: f32,
    /// Temperature of the last step.
    pub to: f32,
}

impl Default for Annealing {
    fn default() -> Self {
        Self { from: 1.0, to: 1.0 }
    }
}

impl Annealing {
    /// Returns the temperature when this `share` of the steps is made.
    pub fn at(&self, share: f64) -> f32 {
        self.from + (self.to - self.from) * share as f32
    }

    /// Checks both temperatures.
    ///
    /// # Errors
    /// When one does not lie in 0.01 to 100.
    pub fn validate(&self) -> Result<()> {
        for temperature in [self.from, self.to] {
            require((0.01..=100.0).contains(&temperature), || {
                format!("a temperature of relaxed draws must lie in 0.01 to 100, found {temperature}")
            })?;
        }
        Ok(())
    }
}
