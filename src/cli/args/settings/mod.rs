//! Flags that change a training configuration; shared by `train`, `cv` and `sweep`.
//!
//! One struct a help heading, each with its `apply`: a flag that is given replaces its setting.

mod choice;
mod file;
mod game;
mod models;
mod set;

use std::path::PathBuf;

use clap::Args;

use self::choice::ChoiceFlags;
pub(in crate::cli) use self::file::{overlaid, print_config};
use self::game::{GradientFlags, PlayerFlags, ScheduleFlags};
use self::models::{BaselineFlags, NetworkFlags};
pub(in crate::cli) use self::set::set;
use crate::error::Result;
use crate::ranking::{Method, Preset, Task, TrainConfig};

/// Method that is trained, and its settings. Flags win over `--config`, which wins over `--preset`.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// IRGAN with a pairwise discriminator (the default)
    #[arg(long, group = "what")]
    pairwise: bool,
    /// IRGAN with a pointwise discriminator
    #[arg(long, group = "what")]
    pointwise: bool,
    /// Train this method
    #[arg(long, group = "what", ignore_case = true)]
    method: Option<Method>,
    /// Start from named settings
    #[arg(long, default_value = "ours", help_heading = "Settings")]
    preset: Preset,
    /// Read settings from a TOML file, such as the config.toml of an earlier run
    #[arg(long, help_heading = "Settings")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Seed of every random stream
    #[arg(long, help_heading = "Settings")]
    seed: Option<u64>,
    /// Number of models that differ by seed, of which the mean of the scores ranks; on feature vectors and texts [default: 1]
    #[arg(long, value_name = "K", help_heading = "Settings")]
    bag: Option<usize>,
    /// Validation measure that chooses epochs and rounds
    #[arg(long, help_heading = "Settings")]
    measure: Option<String>,
    #[command(flatten)]
    schedule: ScheduleFlags,
    #[command(flatten)]
    networks: NetworkFlags,
    #[command(flatten)]
    players: PlayerFlags,
    #[command(flatten)]
    gradient: GradientFlags,
    #[command(flatten)]
    baselines: BaselineFlags,
    #[command(flatten)]
    choice: ChoiceFlags,
}

impl Settings {
    /// Returns the configuration that these flags describe for `task`.
    pub(in crate::cli) fn resolve(&self, task: &dyn Task) -> Result<TrainConfig> {
        let method = match (self.pairwise, self.pointwise, self.method) {
            (true, ..) => Some(Method::IrganPairwise),
            (_, true, _) => Some(Method::IrganPointwise),
            (.., method) => method,
        };
        let method = match (method, &self.config) {
            (None, Some(path)) => file::method_of(path)?,
            (method, _) => method.unwrap_or_default(),
        };
        TrainConfig::changed(task.preset(self.preset, method), |preset| {
            let mut config = match &self.config {
                Some(path) => TrainConfig { method, ..overlaid(path, &preset)? },
                None => preset,
            };
            self.apply(&mut config);
            Ok(config)
        })
    }

    fn apply(&self, config: &mut TrainConfig) {
        set(&mut config.seed, self.seed);
        set(&mut config.bag, self.bag);
        set(&mut config.measure, self.measure.clone());
        self.schedule.apply(config);
        self.networks.apply(config);
        self.players.apply(config);
        self.gradient.apply(&mut config.generator);
        self.baselines.apply(config);
        self.choice.apply(config);
    }
}
