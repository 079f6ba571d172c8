//! `irgan compare`: are runs better than a baseline by more than chance?

/// Compare runs with a baseline
#[derive(Clone, Debug, clap::Args)]
pub struct CompareArgs {}

/// Runs the command.
pub fn run(_: &CompareArgs) -> crate::Result<()> {
    Ok(())
}
