//! Names of presets.

/// Named starting points for a configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Preset {
    /// Our own settings, chosen on validation data.
    #[default]
    Ours,
    /// The settings of the IRGAN authors' LETOR code.
    Authors,
}
