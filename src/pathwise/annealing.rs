//! Temperature over a training.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, require};
use crate::files::serde_as_text;

/// Line from the temperature of the first step to that of the last: `5:1`, or `1` for the same all along.
///
/// ```
/// use irgan::pathwise::Annealing;
///
/// let annealing: Annealing = "5:1".parse()?;
/// assert_eq!((annealing.at(0.0), annealing.at(0.5), annealing.at(1.0)), (5.0, 3.0, 1.0));
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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

impl fmt::Display for Annealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        if from == to { write!(f, "{from}") } else { write!(f, "{from}:{to}") }
    }
}

impl FromStr for Annealing {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (from, to) = text.split_once(':').unwrap_or((text, text));
        let number = |text: &str| text.parse::<f32>().ok();
        let annealing = number(from).zip(number(to)).map(|(from, to)| Self { from, to });
        let annealing = annealing.ok_or_else(|| {
            Error::Config(format!("temperature `{text}`: expected a number, or FROM:TO such as 5:1"))
        })?;
        annealing.validate().map(|()| annealing)
    }
}

serde_as_text!(Annealing);

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
