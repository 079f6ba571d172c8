//! `irgan synth`: one file a kind of data.

mod answers;
mod args;
mod collection;
mod features;
mod interactions;

use super::effects;
use crate::error::Result;

use self::args::Kind;

pub use self::args::SynthArgs;

/// Runs the command.
pub fn run(args: &SynthArgs) -> Result<()> {
    effects::of_generated(args.kind.interactions);
    match args.kind {
        Kind { collection: true, .. } => collection::run(args),
        Kind { interactions: true, .. } => interactions::run(args),
        Kind { qa: true, .. } => answers::run(args),
        _ => features::run(args),
    }
}
