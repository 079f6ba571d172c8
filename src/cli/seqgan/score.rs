//! `seqgan score`: how likely a trained generator finds given sentences.

use std::path::{Path, PathBuf};

use clap::Args;
use ndarray::Array2;

use crate::cli::console::print;
use crate::data::sentences::{MAX_LEN_LIMIT, Sequences};
use crate::data::words::UNKNOWN;
use crate::error::{Error, Result};
use crate::evaluation::table::{Cell, Format, Table};
use crate::evaluation::text::perplexity;
use crate::files::count::counted;
use crate::files::lines::{for_each_line, utf8};
use crate::text::{SentenceWriter, TextModel, Which};

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

/// Sentences scored at a time, and tokens of them with those that fill up the shorter ones.
const CHUNK: usize = 1024;
const CHUNK_TOKENS: usize = 1 << 20;

/// Lines and tokens of a line that are scored; a row of the table takes about 500 bytes.
const MOST_LINES: usize = 1_000_000;

/// A line as the model reads it, with the end of sentences that have one.
struct Sentence {
    text: String,
    tokens: Vec<u32>,
}

/// Runs the command.
pub fn run(args: &ScoreArgs) -> Result<()> {
    let model = TextModel::load(&args.model)?;
    let generator = model.get(args.which)?;
    let sentences = read(&model, &args.file)?;
    if sentences.is_empty() {
        return Err(Error::data(&args.file, "no sentence to score"));
    }
    let unknown = model.vocabulary.as_ref().map(|_| UNKNOWN);
    let mut table = Table::new(
        ["line", "tokens", "unknown", "log-likelihood", "perplexity", "sentence"].map(String::from),
    );
    let (mut tokens, mut total, mut unknowns) = (0, 0.0, 0);
    for (sentence, likelihood) in sentences.iter().zip(likelihoods(generator, &sentences)) {
        let count = sentence.tokens.len();
        let unknown = sentence.tokens.iter().filter(|&&token| Some(token) == unknown).count();
        let numbers = [Cell::count(table.len() + 1), Cell::count(count), Cell::count(unknown)];
        let scores = [Cell::score(likelihood), Cell::score(perplexity(-likelihood / count as f64))];
        table.row(numbers.into_iter().chain(scores).chain([Cell::from(sentence.text.as_str())]));
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

fn read(model: &TextModel, path: &Path) -> Result<Vec<Sentence>> {
    let shape = model.generator.shape();
    let mut sentences = vec![];
    for_each_line(path, |number, bytes, _| {
        if number > MOST_LINES {
            let message = format!("more than {MOST_LINES} lines; divide the file");
            return Err(Error::data(path, message));
        }
        let line = utf8(path, number, bytes)?;
        let tokens = match &model.vocabulary {
            Some(vocabulary) => {
                let words = vocabulary.tokenizer().split(line);
                vocabulary.encode(words.map_err(|cause| cause.in_file(path))?)
            }
            None => ids(line, shape.vocabulary).ok_or_else(|| {
                let expected = format!("token ids below {}", shape.vocabulary);
                Error::parse(path, number, expected, bytes)
            })?,
        };
        if tokens.len() > MAX_LEN_LIMIT {
            return Err(Error::parse(path, number, format!("at most {MAX_LEN_LIMIT} tokens"), bytes));
        }
        sentences
            .push(Sentence { text: line.to_owned(), tokens: tokens.into_iter().chain(shape.end).collect() });
        Ok(())
    })?;
    Ok(sentences)
}

fn ids(line: &str, vocabulary: usize) -> Option<Vec<u32>> {
    let id = |word: &str| word.parse::<u32>().ok().filter(|&id| (id as usize) < vocabulary);
    line.split_whitespace().map(id).collect()
}

/// Returns the log-likelihood of every sentence, in nats.
fn likelihoods(generator: &dyn SentenceWriter, sentences: &[Sentence]) -> Vec<f64> {
    let of_chunk = |chunk: &[Sentence]| {
        let longest = chunk.iter().map(|sentence| sentence.tokens.len()).max().unwrap_or(0);
        let mut tokens = Array2::zeros((chunk.len(), longest.max(1)));
        for (mut row, sentence) in tokens.rows_mut().into_iter().zip(chunk) {
            row.iter_mut().zip(&sentence.tokens).for_each(|(cell, &token)| *cell = token);
        }
        let lengths = chunk.iter().map(|sentence| sentence.tokens.len() as u32).collect();
        let each = generator.token_log_probabilities(&Sequences::new(tokens, lengths));
        each.rows()
            .into_iter()
            .map(|row| row.iter().map(|&value| f64::from(value)).sum())
            .collect::<Vec<f64>>()
    };
    chunks(sentences).flat_map(of_chunk).collect()
}

/// Returns parts of `sentences` that fit into memory at once, each of at least one sentence.
fn chunks(mut sentences: &[Sentence]) -> impl Iterator<Item = &[Sentence]> {
    std::iter::from_fn(move || {
        let mut longest = 0;
        let fits = |&(row, sentence): &(usize, &Sentence)| {
            longest = sentence.tokens.len().max(longest);
            row == 0 || (row + 1) * longest <= CHUNK_TOKENS
        };
        let count = sentences.iter().take(CHUNK).enumerate().take_while(fits).count();
        let (chunk, rest) = sentences.split_at(count);
        sentences = rest;
        (count > 0).then_some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_holds_few_long_sentences_or_many_short_ones() {
        let sentences = |lengths: &[usize]| -> Vec<Sentence> {
            let of_length = |&length: &usize| Sentence { text: String::new(), tokens: vec![0; length] };
            lengths.iter().map(of_length).collect()
        };
        let sizes =
            |lengths: &[usize]| -> Vec<usize> { chunks(&sentences(lengths)).map(<[_]>::len).collect() };
        assert_eq!(sizes(&[]), [] as [usize; 0]);
        assert_eq!(sizes(&[0; CHUNK + 1]), [CHUNK, 1]);
        assert_eq!(sizes(&[3, CHUNK_TOKENS / 2, 4, CHUNK_TOKENS + 1, 5]), [2, 1, 1, 1]);
    }
}
