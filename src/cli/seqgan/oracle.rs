//! `seqgan oracle`: a random language model, sentences drawn from it, and what sentences score under it.

use std::path::{Path, PathBuf};

use clap::Args;
use ndarray::Array2;
use rand::Rng as _;

use super::effects;
use crate::cli::args::session::quoted;
use crate::cli::console::print_text;
use crate::data::sentences::{Sequences, read_id_sequences, write_id_sequences};
use crate::error::{Error, Result};
use crate::runs::{FolderKind, RunDir};
use crate::seed::Stream;
use crate::text::models::{RecurrentModel, load_oracle, oracle_shape, random_oracle, save_oracle};

/// Make an oracle (an LSTM with random weights from N(0, 1)) and draw sentences from it; or score sentences under one
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan oracle --out oracle
  seqgan oracle --vocab 1000 --steps 40 --seed 7 --sentences 20000 --out long
  seqgan oracle --oracle oracle --nll oracle/real.txt --nll mine.txt")]
pub struct OracleArgs {
    /// Seed of the weights and of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of tokens of the vocabulary
    #[arg(long, default_value_t = 5000)]
    vocab: usize,
    /// Number of tokens of a sentence
    #[arg(long, default_value_t = 20)]
    steps: usize,
    /// Number of sentences in each of real.txt, valid.txt and test.txt
    #[arg(long, default_value_t = 10_000)]
    sentences: usize,
    /// Folder to make
    #[arg(long, required_unless_present = "oracle")]
    out: Option<PathBuf>,
    /// Write into --out even when an oracle is there
    #[arg(long)]
    force: bool,
    /// Score the oracle's own sentences and random tokens under this oracle, instead of making one
    #[arg(long, value_name = "DIR", conflicts_with_all = ["vocab", "out", "force"])]
    oracle: Option<PathBuf>,
    /// Score these sentences (ids) too
    #[arg(long, value_name = "FILE", requires = "oracle")]
    nll: Vec<PathBuf>,
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
    match (&args.oracle, &args.out) {
        (Some(folder), _) => look(args, folder),
        (None, Some(out)) => make(args, out),
        (None, None) => Err(Error::Config("--out names the folder to make".into())),
    }
}

fn sentences(args: &OracleArgs) -> Stream {
    Stream::new(args.seed).named("oracle sentences")
}

fn make(args: &OracleArgs, out: &Path) -> Result<()> {
    let kind = &FolderKind::ORACLE;
    if kind.made(out) && !args.force {
        return Err(Error::Config(format!(
            "{}: an oracle is already there; choose another --out, or --force to write over it",
            out.display()
        )));
    }
    let _folder = RunDir::create(out, true, kind)?; // an oracle may stand beside other files
    let oracle = random_oracle(&oracle_shape(args.vocab, args.steps), args.seed);
    save_oracle(out, &oracle)?;
    for name in ["real", "valid", "test"] {
        let drawn = oracle.draw(args.sentences, sentences(args).named(name));
        write_id_sequences(out.join(format!("{name}.txt")), &drawn)?;
    }
    print_text(&format!(
        "oracle in {}: {}\ntrain on it: seqgan train --oracle {}\n",
        out.display(),
        description(args, &oracle),
        quoted(&out.to_string_lossy())
    ))
}

fn look(args: &OracleArgs, folder: &Path) -> Result<()> {
    effects::of_oracle(folder);
    let oracle = load_oracle(folder, args.steps)?;
    let shape = oracle.shape();
    let mut text = format!("oracle in {}: {}\n", folder.display(), description(args, &oracle));
    let uniform = oracle.nll(&uniform(shape.vocabulary, shape.steps, args));
    text += &format!("random tokens: {uniform:.4}\n");
    for path in &args.nll {
        let real = read_id_sequences(path, shape.vocabulary, Some(shape.steps))?;
        text += &format!("{}: {:.4}\n", path.display(), oracle.nll(&real));
    }
    print_text(&text)
}

/// Draws sentences whose tokens are uniform.
fn uniform(vocabulary: usize, steps: usize, args: &OracleArgs) -> Sequences {
    let mut rng = sentences(args).named("uniform").rng();
    let draw = || rng.random_range(0..vocabulary as u32);
    Sequences::fixed(Array2::from_shape_simple_fn((args.sentences, steps), draw))
}

fn description(args: &OracleArgs, oracle: &RecurrentModel) -> String {
    let shape = oracle.shape();
    let floor = oracle.nll(&oracle.draw(args.sentences, sentences(args).named("test")));
    format!(
        "vocabulary {}, {} tokens a sentence, floor {floor:.4} nats a token",
        shape.vocabulary, shape.steps
    )
}
