//! The command line: typed arguments become a configuration, one library call and a report.

use std::process::ExitCode;

/// The `irgan` program.
pub fn irgan() -> ExitCode {
    ExitCode::SUCCESS
}

/// The `seqgan` program.
pub fn seqgan() -> ExitCode {
    ExitCode::SUCCESS
}
