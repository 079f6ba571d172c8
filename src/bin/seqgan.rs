//! Adversarial text generation on the command line.

use irgan::memory::LargePages;

#[global_allocator]
static ALLOCATOR: LargePages = LargePages;

fn main() -> std::process::ExitCode {
    irgan::cli::seqgan()
}
