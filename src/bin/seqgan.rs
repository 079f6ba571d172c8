//! Adversarial text generation on the command line.
fn main() -> std::process::ExitCode {
    irgan::cli::seqgan()
}
