//! `seqgan eval`: quality and diversity of a trained generator, or of sentences in files.

mod files;
mod lines;
mod pairs;
mod rows;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use self::files::Sources;
use self::pairs::PairMeasuring;
use self::rows::{half_against_half, measures_table};
use super::beam::BeamArgs;
use super::data::named_grammar;
use super::effects;
use crate::cli::args::same_files::tell_same_files;
use crate::cli::console::{print, print_text};
use crate::data::grammar::Grammar;
use crate::data::sentences::{Corpus, Sequences, WordReader, as_words, read_id_sequences};
use crate::data::words::{Level, Tokenizer, UNKNOWN};
use crate::error::{Error, Result};
use crate::evaluation::table::{Cell, Format, Table};
use crate::files::json_file;
use crate::math::sampling::subset;
use crate::report::results::{DataSummary, ReverseNll, TextResults};
use crate::seed::Stream;
use crate::text::models::{RecurrentModel, RecurrentShape, load_oracle};
use crate::text::pairs::PairModel;
use crate::text::wgan::LineModel;
use crate::text::{TextConfig, TextData, TextModel, reverse_nll};

/// Measure sentences: BLEU, self-BLEU, distinct-n and, of a trained generator, likelihood over temperatures
///
/// Of a model that answers sources, the reference is a file of pairs, and every system is measured: perplexity, BLEU of its
/// answers, distinct-n, length, and how often it fools an evaluator that is trained apart. Of a generator of lines
/// (--method wgan-gp or gan): the share of known words, and the divergence of n-grams.
///
/// With --model a trained generator draws the sentences; with --generated they come from files, one sentence a line, of
/// any system. A word that a model does not know, `<unk>`, matches nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan eval --model runs/captions --reference test.txt
  seqgan eval --model runs/captions --reference test.txt --references 500 --reverse --format markdown
  seqgan eval --model runs/oracle --reference oracle/test.txt --oracle oracle --temperatures 0.8,1.0
  seqgan eval --model runs/chat --reference test.tsv
  seqgan eval --generated leakgan.txt mine.txt --reference test.txt")]
pub struct EvalArgs {
    /// Folder of the run to measure
    #[arg(long, required_unless_present = "generated", conflicts_with = "generated")]
    model: Option<PathBuf>,
    /// Files of sentences to measure, of any system
    #[arg(long, value_name = "FILE", num_args = 1..)]
    generated: Vec<PathBuf>,
    /// File of sentences to compare with: text, ids for a model of ids, or pairs for a model of pairs
    #[arg(long)]
    reference: PathBuf,
    /// Kind of token of --generated: word, character or id
    #[arg(long, value_enum, default_value_t, conflicts_with = "model")]
    level: Level,
    /// Read --generated and --reference in lower case
    #[arg(long, requires = "generated")]
    lowercase: bool,
    /// Folder of the oracle that the sentences came from, for NLL_oracle
    #[arg(long, requires = "model")]
    oracle: Option<PathBuf>,
    /// Grammar of the sentences, for the share of grammatical ones: a file of rules, or arithmetic
    #[arg(long, value_name = "NAME|FILE", requires = "model")]
    cfg: Option<PathBuf>,
    /// Number of sentences drawn at each temperature
    #[arg(short, default_value_t = 10_000, conflicts_with = "generated")]
    n: usize,
    /// Temperatures to draw at
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "0.7,0.8,0.9,1.0,1.1,1.2",
        conflicts_with = "generated"
    )]
    temperatures: Vec<f32>,
    /// Compare with this many random references, as Texygen does with 500 [default: all]
    #[arg(long)]
    references: Option<usize>,
    /// Also train a new generator on drawn sentences and measure it on the references (reverse NLL)
    #[arg(long, requires = "model")]
    reverse: bool,
    /// Width of the beam that finds the answers of a model of pairs
    #[arg(long, default_value_t = 5, requires = "model")]
    beam: usize,
    #[command(flatten)]
    beam_settings: BeamArgs,
    /// Weight of the source's likelihood in answers by mutual information [default: 0.5, where the model was trained with
    /// --reverse-model or --judge reward]
    #[arg(long, value_name = "LAMBDA", requires = "model")]
    mutual: Option<f64>,
    /// Dull replies, one a line, that are counted and end a conversation of a model with itself [default: twelve English ones]
    #[arg(long, value_name = "FILE", requires = "model")]
    dull: Option<PathBuf>,
    /// Seed of the draws
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Format of the tables
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub fn run(args: &EvalArgs) -> Result<()> {
    if args.references == Some(0) {
        return Err(Error::Config("--references 0: expected 1 or more".into()));
    }
    check_draws(args)?;
    for generated in &args.generated {
        tell_same_files(&[("--reference", Some(&args.reference)), ("--generated", Some(generated))]);
    }
    match &args.model {
        Some(file) if file.is_file() => Err(Error::Config(format!(
            "--model {}: a file, not the folder of a run; sentences of any system are measured by --generated",
            file.display()
        ))),
        Some(folder) if PairModel::is_in(folder)? => {
            let &EvalArgs { ref reference, ref dull, beam, mutual, format, .. } = args;
            let (dull, stream, beam) = (dull.as_deref(), args.stream(), args.beam_settings.beam(beam)?);
            effects::of_beam(true, args.beam_settings.are_diverse());
            let asked = PairMeasuring { folder, reference, beam, mutual, dull, stream, format };
            pairs::measure(&asked, |count| args.chosen(count))
        }
        Some(folder) if LineModel::is_in(folder)? => {
            effects::of_line_evaluation()?;
            lines::measure(folder, &args.reference, args.n, args.stream(), args.format)
        }
        Some(folder) => {
            effects::without_answers("on a model of sentences");
            of_model(args, folder)
        }
        None => {
            effects::without_answers("beside --generated: no answer is searched for");
            files::measure(&args.sources(), |count| args.chosen(count))
        }
    }
}

/// Refuses a number of sentences or a temperature that nothing can be drawn by.
fn check_draws(args: &EvalArgs) -> Result<()> {
    if args.n == 0 || args.n > 1 << 22 {
        return Err(Error::Config(format!("-n {}: expected 1 to {}", args.n, 1 << 22)));
    }
    if let Some(&bad) = args.temperatures.iter().find(|t| !(0.01..=100.0).contains(*t)) {
        return Err(Error::Config(format!("temperature {bad}: expected 0.01 to 100")));
    }
    Ok(())
}

/// Measures a trained generator.
fn of_model(args: &EvalArgs, folder: &Path) -> Result<()> {
    let model = TextModel::load(folder)?;
    let shape = model.generator.shape();
    let mut reference = references(&model, args)?;
    let stream = args.stream();
    if let Some(chosen) = args.chosen(reference.len()) {
        reference = reference.select(&chosen);
    }
    let data = TextData {
        train: reference.clone(),
        valid: reference.clone(),
        vocabulary_size: shape.vocabulary,
        steps: shape.steps,
        start: shape.start,
        end: shape.end,
        unknown: model.vocabulary.as_ref().map(|_| UNKNOWN),
        never: shape.never.clone(),
        oracle: args.oracle.as_ref().map(|folder| oracle(folder, shape, &reference)).transpose()?,
        grammar: args.cfg.as_deref().map(|cfg| grammar(cfg, &model)).transpose()?,
        vocabulary: model.vocabulary.clone(),
    };
    let generators = model.writers();
    let mut report =
        TextResults::of_generators(&generators, &data, &reference, &args.temperatures, args.n, stream);
    let mut reverse = vec![];
    if args.reverse {
        let config = TextConfig::default();
        for (name, generator) in &generators {
            let value = reverse_nll(*generator, shape, &reference, &config, args.n, stream.named("reverse"))?;
            reverse.push(ReverseNll { name: name.clone(), reverse_nll: value });
        }
    }
    if args.format == Format::Json {
        report.data = DataSummary {
            task: "evaluation".into(),
            training: folder.display().to_string(),
            validation: args.reference.display().to_string(),
        };
        report.reverse = reverse;
        return print(&(json_file::text(&report)? + "\n"));
    }
    if args.format.is_for_programs() {
        report.notes.iter().for_each(|line| note!("{line}"));
        return print(&report.table().render(args.format));
    }
    match args.format {
        Format::Text => print_text(&report.text())?,
        Format::Latex => print(&report.table().render(args.format))?,
        _ => print_text(&report.markdown())?,
    }
    print(&real_row(&args.real_words(&model, &reference)?).render(args.format))?;
    if !reverse.is_empty() {
        let mut table = Table::new(["generator", "reverse NLL"]);
        for ReverseNll { name, reverse_nll } in &reverse {
            table.row([Cell::from(name.as_str()), Cell::score(*reverse_nll)]);
        }
        print(&table.render(args.format))?;
    }
    Ok(())
}

impl EvalArgs {
    /// Returns the reference sentences in words of their own, so that none is unknown; `reference` as the model reads
    /// them.
    fn real_words(&self, model: &TextModel, reference: &Sequences) -> Result<Vec<Vec<u32>>> {
        let shape = model.generator.shape();
        let is_file = self.reference.as_os_str() != "-"; // standard input was read already
        let Some(vocabulary) = model.vocabulary.as_ref().filter(|_| is_file) else {
            return Ok(as_words(reference, shape.end, model.vocabulary.as_ref().map(|_| UNKNOWN)));
        };
        let mut words = WordReader::new(vocabulary.tokenizer()).read(&self.reference)?;
        words.retain(|sentence| (1..shape.steps).contains(&sentence.len()));
        Ok(match self.chosen(words.len()) {
            Some(chosen) => chosen.iter().map(|&place| words[place].clone()).collect(),
            None => words,
        })
    }

    /// Returns the files to measure, and how they are read.
    fn sources(&self) -> Sources<'_> {
        effects::of_files(self.references.is_some());
        let tokenizer = Tokenizer { level: self.level, lowercase: self.lowercase };
        Sources { generated: &self.generated, reference: &self.reference, tokenizer, format: self.format }
    }

    /// Returns the stream of everything drawn.
    fn stream(&self) -> Stream {
        Stream::new(self.seed).named("eval")
    }

    /// Returns the places of the references to compare with; `None` for all of `count`.
    fn chosen(&self, count: usize) -> Option<Vec<usize>> {
        let wanted = self.references.filter(|&wanted| wanted < count)?;
        Some(subset(count, wanted, &mut self.stream().named("references").rng()))
    }
}

fn oracle(folder: &Path, shape: &RecurrentShape, reference: &Sequences) -> Result<crate::text::Oracle> {
    let model: RecurrentModel = load_oracle(folder, shape.steps)?;
    let sizes = |shape: &RecurrentShape| (shape.vocabulary, shape.steps, shape.end);
    if sizes(model.shape()) != sizes(shape) {
        let message = format!(
            "an oracle of {} tokens and {} steps, but the model has {} and {}: it learnt from another one",
            model.shape().vocabulary,
            model.shape().steps,
            shape.vocabulary,
            shape.steps
        );
        return Err(Error::data(folder, message));
    }
    let floor = model.nll(reference);
    Ok(crate::text::Oracle { model, floor, test: reference.clone() })
}

/// Reads the grammar of the sentences of a model of words.
fn grammar(cfg: &Path, model: &TextModel) -> Result<Arc<Grammar>> {
    let grammar = named_grammar(cfg)?;
    let Some(vocabulary) = &model.vocabulary else {
        return Err(Error::Config(format!("--cfg {}: this model writes ids, not words", cfg.display())));
    };
    if grammar.tokens().iter().all(|token| vocabulary.id(token).is_none()) {
        let message = "the model knows no token of this grammar: it learnt other sentences";
        return Err(Error::data(cfg, message));
    }
    Ok(grammar)
}

fn references(model: &TextModel, args: &EvalArgs) -> Result<Sequences> {
    let shape = model.generator.shape();
    match &model.vocabulary {
        None => read_id_sequences(&args.reference, shape.vocabulary, Some(shape.steps)),
        Some(vocabulary) => {
            let corpus = Corpus::with_vocabulary(&args.reference, vocabulary, shape.steps - 1)?;
            note!("reference  {}: {}", args.reference.display(), corpus.report);
            Ok(corpus.sequences.with_steps(shape.steps))
        }
    }
}

/// Measures the references against each other: the score of real sentences.
fn real_row(words: &[Vec<u32>]) -> Table {
    let mut table = measures_table("real sentences");
    table.row(half_against_half("half against half", words));
    table
}
