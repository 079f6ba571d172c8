//! `seqgan generate`: sentences of a trained generator.

use std::io::{IsTerminal as _, stdout};
use std::path::PathBuf;

use clap::Args;

use super::beam::BeamArgs;
use super::effects;
use crate::cli::args::output::tell_replaced;
use crate::cli::console::{print, print_text};
use crate::error::Result;
use crate::files::count::counted;
use crate::files::output::write_output;
use crate::seed::Stream;
use crate::text::wgan::LineModel;
use crate::text::{Decoding, Draws, TextModel, Which};

/// Write sentences with a trained generator
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan generate --model runs/captions -n 20
  seqgan generate --model runs/captions --temperature 0.8 --top-p 0.95 --prefix \"a man\"
  seqgan generate --model runs/captions --beam 8 --out best.txt
  seqgan generate --model runs/captions --beam 8 --groups 4 --length-norm mean")]
pub struct GenerateArgs {
    /// Folder of the run
    #[arg(long)]
    model: PathBuf,
    /// Number of sentences
    #[arg(short, default_value_t = 10)]
    n: usize,
    /// Divide the logits by this; 0 always takes the likeliest token
    #[arg(long, default_value_t = 1.0)]
    temperature: f32,
    /// Draw from this many of the likeliest tokens only
    #[arg(long)]
    top_k: Option<usize>,
    /// Draw from the smallest set of likeliest tokens with this share of the mass only
    #[arg(long)]
    top_p: Option<f32>,
    /// Take the likeliest token always
    #[arg(long, conflicts_with_all = ["beam", "top_k", "top_p", "temperature"])]
    greedy: bool,
    /// Search with a beam of this width instead of drawing, and print the likeliest sentences found
    #[arg(long, conflicts_with_all = ["top_k", "top_p", "temperature"])]
    beam: Option<usize>,
    #[command(flatten)]
    beam_settings: BeamArgs,
    /// Begin every sentence with this text
    #[arg(long, default_value = "")]
    prefix: String,
    /// The generator after the adversarial phase or after maximum likelihood, the ensemble, or what was distilled from it
    #[arg(long, value_enum, default_value_t)]
    which: Which,
    /// Seed of the draws
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write to this file instead of standard output (-), compressed if it ends in .gz or .zst
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Lines drawn at a time.
const CHUNK: usize = 4096;

/// Runs the command.
pub fn run(args: &GenerateArgs) -> Result<()> {
    let temperature = if args.greedy { 0.0 } else { args.temperature };
    let decoding = Decoding { temperature, top_k: args.top_k, top_p: args.top_p };
    let GenerateArgs { which, n: count, seed, .. } = *args;
    let draws = Draws { which, count, decoding, prefix: &args.prefix, seed };
    draws.validate()?;
    effects::of_generation(args.beam.is_none() && temperature > 0.0);
    effects::of_beam(args.beam.is_some(), args.beam_settings.are_diverse());
    if LineModel::is_in(&args.model)? {
        return lines(args);
    }
    let model = TextModel::load(&args.model)?;
    if let Some(width) = args.beam {
        let (generator, prefix) = (model.get(which)?, model.prefix(&args.prefix)?);
        let found = generator.searched(&prefix, &args.beam_settings.beam(width)?);
        if found.len() < args.n {
            note!("{} of {}: a beam of {width} ends with no more", found.len(), counted(args.n, "sentence"));
        }
        let lines = found.iter().take(args.n).map(|found| model.decode(&found.tokens));
        return write(args, lines.map(|line| line + "\n"));
    }
    let lines =
        |sentences: Vec<String>| sentences.into_iter().fold(String::new(), |text, line| text + &line + "\n");
    write(args, model.drawn(&draws)?.map(lines))
}

/// Writes lines of a generator of lines.
fn lines(args: &GenerateArgs) -> Result<()> {
    effects::of_line_generation()?;
    let model = LineModel::load(&args.model)?;
    let stream = Stream::new(args.seed).named("generate");
    let chunks = (0..args.n).step_by(CHUNK).enumerate().map(|(chunk, first)| {
        let lines = model.write(CHUNK.min(args.n - first), stream.at(chunk as u64));
        lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
    });
    write(args, chunks)
}

/// Writes texts as they are made.
fn write(args: &GenerateArgs, mut texts: impl Iterator<Item = String>) -> Result<()> {
    match &args.out {
        Some(path) if path.as_os_str() != "-" => {
            tell_replaced(path);
            write_output(path, |writer| texts.try_for_each(|text| writer.write_all(text.as_bytes())))
        }
        _ if stdout().is_terminal() => texts.try_for_each(|text| print_text(&text)),
        _ => texts.try_for_each(|text| print(&text)),
    }
}
