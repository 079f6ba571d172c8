//! Names of presets.

use serde::Deserialize;

/// Named starting points for a configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Our own settings, chosen on validation data.
    #[default]
    Ours,
    /// The settings of the IRGAN authors' LETOR code.
    Authors,
}
