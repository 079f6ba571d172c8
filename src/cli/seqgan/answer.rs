//! `seqgan answer`: answers of a trained model to the lines of a file.

use std::path::PathBuf;

use clap::Args;

use super::beam::BeamArgs;
use super::effects;
use crate::cli::args::output::tell_replaced;
use crate::cli::console::{print, print_text};
use crate::data::pairs::{Source, read_sources};
use crate::error::Result;
use crate::evaluation::Table;
use crate::evaluation::table::{Cell, Format};
use crate::files::output::write_output;
use crate::seed::Stream;
use crate::text::models::EncoderDecoder;
use crate::text::pairs::{Answering, MutualSearch, PairModel, Search, System, Way};
use crate::text::{Beam, Decoding};

/// Answer the lines of a file with a model that was trained on pairs
///
/// One line a source, with tabs between several answers; an empty line has an empty answer. The turns of a conversation
/// are parted by `__eou__`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan answer --model runs/chat --input lines.txt
  seqgan answer --model runs/chat --input lines.txt --temperature 0.8 --nucleus 0.9 -n 3
  seqgan answer --model runs/chat --input lines.txt --beam 20 --mutual 0.5
  seqgan answer --model runs/chat --input lines.txt --beam 8 --groups 4 --length-norm mean -n 4
  seqgan answer --model runs/chat --input lines.txt --systems --format markdown")]
pub struct AnswerArgs {
    /// Folder of the run
    #[arg(long)]
    model: PathBuf,
    /// File of sources, one a line (- for standard input)
    #[arg(long)]
    input: PathBuf,
    #[command(flatten)]
    search: SearchArgs,
    /// Answers to each source
    #[arg(short, default_value_t = 1)]
    n: usize,
    /// Print a table: a line a source, a column a system
    #[arg(long, conflicts_with_all = ["system", "n"])]
    systems: bool,
    /// Format of the table of --systems
    #[arg(long, value_enum, default_value_t, requires = "systems")]
    format: Format,
    /// Write to this file instead of standard output (-), compressed if it ends in .gz or .zst
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Flags of the search for answers.
#[derive(Clone, Debug, Args)]
pub(super) struct SearchArgs {
    /// System that answers [default: the last that was trained]
    #[arg(long)]
    system: Option<System>,
    /// Search with a beam of this width [default: 5, unless answers are drawn]
    #[arg(long)]
    beam: Option<usize>,
    #[command(flatten)]
    beam_settings: BeamArgs,
    /// Take the likeliest token always
    #[arg(long, conflicts_with_all = ["beam", "temperature", "top_k", "nucleus"])]
    greedy: bool,
    /// Sort the beam's list by log p(answer | source) + LAMBDA · log p(source | answer), with the model of
    /// `seqgan train --reverse-model`
    #[arg(long, value_name = "LAMBDA", conflicts_with_all = ["greedy", "temperature", "top_k", "nucleus"])]
    mutual: Option<f64>,
    /// Draw, with the logits divided by this
    #[arg(long, conflicts_with = "beam")]
    temperature: Option<f32>,
    /// Draw from this many of the likeliest tokens only
    #[arg(long, conflicts_with = "beam")]
    top_k: Option<usize>,
    /// Draw from the smallest set of likeliest tokens with this share of the mass only
    #[arg(long, conflicts_with = "beam")]
    nucleus: Option<f32>,
    /// Seed of the draws
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl SearchArgs {
    /// Returns the search for `count` answers, checked.
    pub fn answering(&self, count: usize) -> Result<Answering> {
        let draws = self.temperature.is_some() || self.top_k.is_some() || self.nucleus.is_some();
        let temperature = if self.greedy { 0.0 } else { self.temperature.unwrap_or(1.0) };
        let search = match draws || self.greedy {
            true => Search::Draw(Decoding { temperature, top_k: self.top_k, top_p: self.nucleus }),
            false => Search::Beam(self.beam_settings.beam(self.beam.unwrap_or(Beam::default().width))?),
        };
        let answering = Answering { search, count };
        answering.validate()?;
        effects::of_answers(draws);
        effects::of_beam(matches!(search, Search::Beam(_)), self.beam_settings.are_diverse());
        Ok(answering)
    }

    /// Returns the ways in which `model` finds `count` answers, checked.
    pub fn answerer<'a>(&self, model: &'a PairModel, answering: Answering) -> Result<Answerer<'a>> {
        let mutual = match (self.mutual, answering.search) {
            (Some(weight), Search::Beam(beam)) => Some(model.mutual(beam, weight)?),
            _ => None,
        };
        Ok(Answerer { answering, mutual })
    }

    /// Returns the system that answers, where one is named.
    pub fn system(&self) -> Option<System> {
        self.system
    }

    /// Returns the stream of the draws.
    pub fn stream(&self) -> Stream {
        Stream::new(self.seed).named("answer")
    }
}

/// Way in which the systems of a model answer.
pub(super) struct Answerer<'a> {
    answering: Answering,
    mutual: Option<MutualSearch<'a, EncoderDecoder>>,
}

impl Answerer<'_> {
    fn way(&self) -> Way<'_, EncoderDecoder> {
        self.mutual.as_ref().map_or(Way::Alone(self.answering.search), Way::Mutual)
    }

    /// Returns the answers of a system to each source.
    pub fn answers(&self, system: &EncoderDecoder, sources: &[Source], stream: Stream) -> Vec<Vec<Vec<u32>>> {
        self.way().answers(system, sources, self.answering.count, stream)
    }
}

/// Runs the command.
pub fn run(args: &AnswerArgs) -> Result<()> {
    let answering = args.search.answering(args.n)?;
    let model = PairModel::load(&args.model)?.of_known_words();
    let answerer = args.search.answerer(&model, answering)?;
    let longest = model.shape().source_steps;
    let lines = read_sources(&args.input, &model.vocabulary, longest)?;
    lines.remarks(longest).iter().for_each(|remark| note!("{}: {remark}", args.input.display()));
    let sources: Vec<Source> = lines.sources.iter().flatten().map(|found| found.source.clone()).collect();
    if args.systems {
        return write(args, &table(&model, &sources, &answerer, args.search.stream()).render(args.format));
    }
    let (_, system) = model.system(args.search.system())?;
    let mut found = answerer.answers(system, &sources, args.search.stream()).into_iter();
    let mut text = String::new();
    for line in &lines.sources {
        if line.is_some() {
            let answers = found.next().expect("one list a source");
            text +=
                &answers.iter().map(|answer| model.vocabulary.decode(answer)).collect::<Vec<_>>().join("\t");
        }
        text.push('\n');
    }
    write(args, &text)
}

/// Returns the table of all systems: that of maximum likelihood twice, as the search says and drawn.
fn table(model: &PairModel, sources: &[Source], answerer: &Answerer<'_>, stream: Stream) -> Table {
    let drawn = Answering { search: Search::Draw(Decoding::default()), count: 1 };
    let mut columns = vec![];
    for (system, network) in &model.systems {
        let found = answerer.answers(network, sources, stream);
        columns.push((format!("{system}, {}", answerer.way()), found));
        if *system == System::Mle && answerer.answering.search != drawn.search {
            let found = drawn.answers(network, sources, stream);
            columns.push((format!("{system}, {}", drawn.search), found));
        }
    }
    let header = std::iter::once("source".to_owned()).chain(columns.iter().map(|(name, _)| name.clone()));
    let mut table = Table::new(header);
    for (row, source) in sources.iter().enumerate() {
        let answers = columns.iter().map(|(_, found)| model.vocabulary.decode(&found[row][0]));
        let cells = std::iter::once(model.vocabulary.decode(source)).chain(answers);
        table.row(cells.map(|text| Cell::from(text.as_str())));
    }
    table
}

/// Writes the answers.
fn write(args: &AnswerArgs, text: &str) -> Result<()> {
    match &args.out {
        Some(path) if path.as_os_str() != "-" => {
            tell_replaced(path);
            write_output(path, |writer| writer.write_all(text.as_bytes()))
        }
        _ if args.systems && args.format.is_for_programs() => print(text),
        _ => print_text(text),
    }
}
