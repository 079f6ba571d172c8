//! Adversarial ranking on the command line.
fn main() -> std::process::ExitCode {
    irgan::cli::irgan()
}
