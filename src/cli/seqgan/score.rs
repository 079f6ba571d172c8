//! `seqgan score`: how likely a trained generator finds given sentences.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::console::print;
use crate::data::words::UNKNOWN;
use crate::error::{Error, Result};
use crate::evaluation::table::{Cell, Format, Table};
use crate::evaluation::text::perplexity;
use crate::files::count::counted;
use crate::files::lines::{for_each_line, utf8};
use crate::text::{TextModel, Which, log_likelihoods};

/// Score sentences by a trained generator: log-likelihood and perplexity of each
///
/// Every line of the file is a sentence and has a row. The log-likelihood, in nats, is that of its tokens and of its end;
/// the perplexity is that of one token. A word that the model does not know is scored as its unknown word.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan score --model runs/captions test.txt
  seqgan score --model runs/captions --format json test.txt
  seqgan score --model runs/captions -")]
pub struct ScoreArgs {
    /// Folder of the run
    #[arg(long)]
    model: PathBuf,
    /// File of sentences, also .gz and .zst; `-` for standard input
    file: PathBuf,
    /// The generator after the adversarial phase or after maximum likelihood, the ensemble, or what was distilled from it
    #[arg(long, value_enum, default_value_t)]
    which: Which,
    /// Format of the table
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Lines and tokens of a line that are scored; a row of the table takes about 500 bytes.
const MOST_LINES: usize = 1_000_000;

/// Runs the command.
pub fn run(args: &ScoreArgs) -> Result<()> {
    let model = TextModel::load(&args.model)?;
    let generator = model.get(args.which)?;
    let (texts, sentences) = read(&model, &args.file)?;
    if sentences.is_empty() {
        return Err(Error::data(&args.file, "no sentence to score"));
    }
    let unknown = model.vocabulary.as_ref().map(|_| UNKNOWN);
    let mut table = Table::new(
        ["line", "tokens", "unknown", "log-likelihood", "perplexity", "sentence"].map(String::from),
    );
    let (mut tokens, mut total, mut unknowns) = (0, 0.0, 0);
    let likelihoods = log_likelihoods(generator, &sentences);
    for ((text, sentence), likelihood) in texts.iter().zip(&sentences).zip(likelihoods) {
        let count = sentence.len();
        let unknown = sentence.iter().filter(|&&token| Some(token) == unknown).count();
        let numbers = [Cell::count(table.len() + 1), Cell::count(count), Cell::count(unknown)];
        let scores = [Cell::score(likelihood), Cell::score(perplexity(-likelihood / count as f64))];
        table.row(numbers.into_iter().chain(scores).chain([Cell::from(text.as_str())]));
        (tokens, total, unknowns) = (tokens + count, total + likelihood, unknowns + unknown);
    }
    note!(
        "{}: {}, {} with the ends, {unknowns} unknown; perplexity {:.4}",
        args.file.display(),
        counted(sentences.len(), "sentence"),
        counted(tokens, "token"),
        perplexity(-total / tokens as f64)
    );
    print(&table.render(args.format))
}

/// Returns the lines of a file, and each as the model reads it.
fn read(model: &TextModel, path: &Path) -> Result<(Vec<String>, Vec<Vec<u32>>)> {
    let (mut texts, mut sentences) = (vec![], vec![]);
    for_each_line(path, |number, bytes, _| {
        if number > MOST_LINES {
            let message = format!("more than {MOST_LINES} lines; divide the file");
            return Err(Error::data(path, message));
        }
        let line = utf8(path, number, bytes)?;
        sentences.push(model.read_sentence(path, number, line)?);
        texts.push(line.to_owned());
        Ok(())
    })?;
    Ok((texts, sentences))
}
