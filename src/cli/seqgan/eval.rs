//! `seqgan eval`: quality and diversity of a trained generator.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::console::print;
use crate::data::sentences::{Corpus, Sequences, read_id_sequences, without_end};
use crate::error::{Error, Result};
use crate::evaluation::table::{Cell, Format, Table};
use crate::evaluation::text::{References, distinct_n, mean_bleu, self_bleu};
use crate::files::json_file;
use crate::report::results::{DataSummary, ReverseNll, TextResults};
use crate::seed::Stream;
use crate::text::models::{RecurrentModel, RecurrentShape, load_oracle};
use crate::text::{TextConfig, TextData, TextModel, reverse_nll};

/// Measure a trained generator: BLEU, self-BLEU, distinct-n, likelihood, over temperatures
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan eval --model runs/captions --reference test.txt
  seqgan eval --model runs/captions --reference test.txt --references 500 --reverse --format markdown
  seqgan eval --model runs/oracle --reference oracle/test.txt --oracle oracle --temperatures 0.8,1.0")]
pub struct EvalArgs {
    /// Folder of the run to measure
    #[arg(long)]
    model: PathBuf,
    /// File of sentences to compare with: text, or ids for a model of ids
    #[arg(long)]
    reference: PathBuf,
    /// Folder of the oracle that the sentences came from, for NLL_oracle
    #[arg(long)]
    oracle: Option<PathBuf>,
    /// Number of sentences drawn at each temperature
    #[arg(short, default_value_t = 10_000)]
    n: usize,
    /// Temperatures to draw at
    #[arg(long, value_delimiter = ',', default_value = "0.7,0.8,0.9,1.0,1.1,1.2")]
    temperatures: Vec<f32>,
    /// Compare with this many random references, as Texygen does with 500 [default: all]
    #[arg(long)]
    references: Option<usize>,
    /// Also train a new generator on drawn sentences and measure it on the references (reverse NLL)
    #[arg(long)]
    reverse: bool,
    /// Seed of the draws
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Format of the tables
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub fn run(args: &EvalArgs) -> Result<()> {
    if args.n == 0 || args.n > 1 << 22 {
        return Err(Error::Config(format!("-n {}: expected 1 to {}", args.n, 1 << 22)));
    }
    if let Some(&bad) = args.temperatures.iter().find(|t| !(0.01..=100.0).contains(*t)) {
        return Err(Error::Config(format!("temperature {bad}: expected 0.01 to 100")));
    }
    if args.references == Some(0) {
        return Err(Error::Config("--references 0: expected 1 or more".into()));
    }
    let model = TextModel::load(&args.model)?;
    let shape = model.generator.shape();
    let mut reference = references(&model, args)?;
    let stream = Stream::new(args.seed).named("eval");
    if let Some(count) = args.references.filter(|&count| count < reference.len()) {
        let chosen =
            crate::math::sampling::subset(reference.len(), count, &mut stream.named("references").rng());
        reference = reference.select(&chosen);
    }
    let data = TextData {
        train: reference.clone(),
        valid: reference.clone(),
        vocabulary_size: shape.vocabulary,
        steps: shape.steps,
        start: shape.start,
        end: shape.end,
        never: shape.never.clone(),
        oracle: args.oracle.as_ref().map(|folder| oracle(folder, shape, &reference)).transpose()?,
        vocabulary: model.vocabulary.clone(),
    };
    let generators = [("mle".to_owned(), &model.likelihood), ("gan".to_owned(), &model.generator)];
    let mut report =
        TextResults::of_generators(&generators, &data, &reference, &args.temperatures, args.n, stream);
    let mut reverse = vec![];
    if args.reverse {
        let config = TextConfig::default();
        for (name, generator) in &generators {
            let value = reverse_nll(generator, &reference, &config, args.n, stream.named("reverse"))?;
            reverse.push(ReverseNll { name: name.clone(), reverse_nll: value });
        }
    }
    if args.format == Format::Json {
        report.data = DataSummary {
            task: "evaluation".into(),
            training: args.model.display().to_string(),
            validation: args.reference.display().to_string(),
        };
        report.reverse = reverse;
        return print(&(json_file::text(&report)? + "\n"));
    }
    print(&if args.format == Format::Text { report.text() } else { report.markdown() })?;
    print(&real_row(&reference, &data).render(args.format))?;
    if !reverse.is_empty() {
        let mut table = Table::new(["generator", "reverse NLL"]);
        for ReverseNll { name, reverse_nll } in &reverse {
            table.row([Cell::from(name.as_str()), Cell::score(*reverse_nll)]);
        }
        print(&table.render(args.format))?;
    }
    Ok(())
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
fn real_row(reference: &Sequences, data: &TextData) -> Table {
    let plain: Vec<&[u32]> = reference.iter().map(|s| without_end(s, data.end)).collect();
    let half = plain.len() / 2;
    let (mine, others) = (&plain[..half], &plain[half..]);
    let bleu = mean_bleu(mine, &References::new(others, 5), 2..=5);
    let same = self_bleu(&plain, 2..=5);
    let names = (2..=5).map(|n| format!("BLEU-{n}")).chain((2..=5).map(|n| format!("self-BLEU-{n}")));
    let mut table = Table::new(
        ["real sentences".to_owned()]
            .into_iter()
            .chain(names)
            .chain(["distinct-1".into(), "distinct-2".into()]),
    );
    let values = bleu.into_iter().chain(same).chain([1, 2].map(|n| distinct_n(&plain, n)));
    table.row([Cell::from("half against half")].into_iter().chain(values.map(Cell::score)));
    table
}
