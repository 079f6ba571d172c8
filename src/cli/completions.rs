//! `irgan completions` and `seqgan completions`.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::cli::console::print;
use crate::error::Result;

/// Write a script that completes commands and flags in a shell
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Shell to complete in
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script for `program`.
pub fn run(args: &CompletionsArgs, mut program: Command) -> Result<()> {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    generate(args.shell, &mut program, name, &mut script);
    print(&String::from_utf8_lossy(&script))
}
