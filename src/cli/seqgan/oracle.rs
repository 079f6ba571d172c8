//! `seqgan oracle`: a random language model, and sentences drawn from it.

use std::path::PathBuf;

use clap::Args;

use crate::cli::eval::print;
use crate::error::{Error, Result};
use crate::seed::Stream;
use crate::text::{oracle_shape, random_oracle, save_oracle, write_id_sequences};

/// Make an oracle (an LSTM with random weights from N(0, 1)) and draw sentences from it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan oracle --out oracle
  seqgan oracle --vocab 1000 --steps 40 --seed 7 --sentences 20000 --out long")]
pub struct OracleArgs {
    /// Seed of the weights and of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of tokens
    #[arg(long, default_value_t = 5000)]
    vocab: usize,
    /// Tokens of a sentence
    #[arg(long, default_value_t = 20)]
    steps: usize,
    /// Sentences of each of real.txt, valid.txt and test.txt
    #[arg(long, default_value_t = 10_000)]
    sentences: usize,
    /// Folder to make
    #[arg(long)]
    out: PathBuf,
    /// Write into --out even when an oracle is there
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub fn run(args: &OracleArgs) -> Result<()> {
    let shape = oracle_shape(args.vocab, args.steps);
    shape.validate()?;
    if args.sentences == 0 || args.sentences > 1 << 24 {
        return Err(Error::Config(format!("--sentences {}: expected 1 to {}", args.sentences, 1 << 24)));
    }
    if args.sentences.saturating_mul(args.steps) > 1 << 30 {
        return Err(Error::Config(format!(
            "{} sentences of {} tokens: expected at most {} tokens; choose a smaller --sentences or --steps",
            args.sentences,
            args.steps,
            1 << 30
        )));
    }
    if args.out.join("oracle.toml").exists() && !args.force {
        return Err(Error::Config(format!(
            "{}: an oracle is already there; choose another --out, or --force to write over it",
            args.out.display()
        )));
    }
    let oracle = random_oracle(&shape, args.seed);
    save_oracle(&args.out, &oracle)?;
    let stream = Stream::new(args.seed).named("oracle sentences");
    let mut floor = 0.0;
    for name in ["real", "valid", "test"] {
        let drawn = oracle.draw(args.sentences, stream.named(name));
        floor = oracle.nll(&drawn);
        write_id_sequences(args.out.join(format!("{name}.txt")), &drawn)?;
    }
    print(&format!(
        "oracle in {}: vocabulary {}, {} tokens a sentence, floor {floor:.4} nats a token\n\
         train on it: seqgan train --oracle {}\n",
        args.out.display(),
        args.vocab,
        args.steps,
        args.out.display()
    ))
}
