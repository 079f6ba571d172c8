//! `irgan search`.

mod engine;
mod page;
mod signs;

use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::engine::{Engine, TopicEngine};
use self::page::JsonLine;
use super::effects;
use crate::cli::args::output::refuse_to_replace;
use crate::cli::console::{is_silent, print};
use crate::cli::team::team;
use crate::data::documents::{Topic, TopicIds, read_topics};
use crate::error::{Error, Result};
use crate::evaluation::table::{self, Cell, Table};
use crate::evaluation::write_run;
use crate::files::count::counted;
use crate::files::json_file;
use crate::files::output::write_output;
use crate::ranking::Player;
use crate::retrieval::{Bm25, Feedback, Hit, HitRecord, Scoring, SearchConfig, TopicHits, WeightedQuery};

/// Search an index: one query on the terminal, or a file of them into a TREC run
///
/// A query is a list of words: quotes, signs and names of fields in it have no meaning. With --model the hits are those of
/// the trained ranker, over the index that it was trained on or another --index.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan search --index idx \"boundary layer control\"
  irgan search --model runs/text \"boundary layer control\"
  irgan search --index idx --queries topics.tsv -k 1000 --out bm25.run
  irgan search --index idx --queries topics.tsv --k1 0.9 --b 0.4 --feedback --out rm3.run
  irgan search --index idx --format json \"boundary layer control\"")]
pub struct SearchArgs {
    /// Folder of the index [default with --model: the one that the model was trained on]
    #[arg(long, required_unless_present = "model")]
    index: Option<PathBuf>,
    /// Rank by this trained model of texts (as `irgan rank` does)
    #[arg(
        long,
        conflicts_with_all = ["field", "score", "k1", "b", "mu", "lambda", "feedback", "feedback_documents",
            "feedback_terms", "feedback_original"]
    )]
    model: Option<PathBuf>,
    /// Player of the model that ranks [default: the one chosen on the validation data]
    #[arg(long, requires = "model")]
    player: Option<Player>,
    /// Query to search for
    #[arg(required_unless_present = "queries", conflicts_with = "queries")]
    query: Option<String>,
    /// File of queries: `id<TAB>text`, JSONL, SMART or TREC; - reads standard input
    #[arg(long)]
    queries: Option<PathBuf>,
    /// Ids of the queries in the run
    #[arg(long, default_value = "as-written", requires = "queries")]
    query_ids: TopicIds,
    /// Run file to write [default: standard output]
    #[arg(long, requires = "queries")]
    out: Option<PathBuf>,
    /// Replace the run file that is there
    #[arg(long, requires = "out")]
    force: bool,
    /// Last column of the run [default: the name of the score or of the ranker]
    #[arg(long)]
    tag: Option<String>,
    /// Form of the hits
    #[arg(long, default_value = "text")]
    format: Format,
    /// Number of documents for each query
    #[arg(short, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    k: u32,
    /// Search only this field [default: all texts]
    #[arg(long)]
    field: Option<String>,
    /// Score that ranks documents
    #[arg(long, default_value = "bm25")]
    score: Score,
    #[command(flatten)]
    parameters: Parameters,
}

/// Form of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines with the words of the query marked; a TREC run for --queries
    Text,
    /// An array of hits
    Json,
    /// Comma-separated values with a header
    Csv,
    /// Tab-separated values with a header
    Tsv,
}

impl Format {
    /// Returns the form of a table, where hits are one.
    fn of_table(self) -> Option<table::Format> {
        match self {
            Self::Csv => Some(table::Format::Csv),
            Self::Tsv => Some(table::Format::Tsv),
            Self::Text | Self::Json => None,
        }
    }
}

/// The scores a search may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Score {
    /// BM25
    Bm25,
    /// A language model with Dirichlet smoothing
    LmDirichlet,
    /// A language model with Jelinek–Mercer smoothing
    LmJm,
    /// Term frequency by inverse document frequency
    TfIdf,
}

/// Parameters of the scores and of feedback.
#[derive(Debug, Args)]
struct Parameters {
    /// BM25: saturation of the term frequency
    #[arg(long, default_value_t = Bm25::default().k1, help_heading = "Parameters")]
    k1: f32,
    /// BM25: share of the length normalisation
    #[arg(long, default_value_t = Bm25::default().b, help_heading = "Parameters")]
    b: f32,
    /// Dirichlet: pseudo-count of the collection
    #[arg(long, default_value_t = 1000.0, help_heading = "Parameters")]
    mu: f32,
    /// Jelinek–Mercer: share of the collection
    #[arg(long, default_value_t = 0.4, help_heading = "Parameters")]
    lambda: f32,
    /// Grow the query by the first documents found, and search again (RM3)
    #[arg(long, help_heading = "Parameters")]
    feedback: bool,
    /// Feedback: documents taken for relevant
    #[arg(long, default_value_t = Feedback::default().documents, help_heading = "Parameters")]
    feedback_documents: usize,
    /// Feedback: terms taken from them
    #[arg(long, default_value_t = Feedback::default().terms, help_heading = "Parameters")]
    feedback_terms: usize,
    /// Feedback: share of the query itself
    #[arg(long, default_value_t = Feedback::default().original, help_heading = "Parameters")]
    feedback_original: f32,
}

/// Runs the command.
pub fn run(args: &SearchArgs) -> Result<()> {
    if let Some(out) = &args.out {
        refuse_to_replace(out, args.force)?;
    }
    if args.model.is_none() {
        let score = args.score.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned());
        effects::of_search(&score, args.parameters.feedback, args.queries.is_some());
    } else {
        effects::of_shown_hits(args.queries.is_some());
    }
    if team().size() > 1 && args.queries.is_none() {
        let message = "several processes share the topics of a search: expected --queries, not a query";
        return Err(Error::Config(message.into()));
    }
    match (&args.query, &args.queries) {
        (Some(text), _) => args.show(&args.engine()?, text),
        (None, Some(queries)) => {
            let (engine, topics) = (args.topic_engine()?, read_topics(queries, args.query_ids)?);
            args.write(&engine.name(), &topics, &engine.search_all(&topics)?)
        }
        _ => Err(Error::Config("expected a query, or --queries".into())),
    }
}

impl SearchArgs {
    /// Opens what searches.
    fn engine(&self) -> Result<Engine> {
        match (&self.model, &self.index) {
            (Some(model), index) => Engine::by_ranker(model, index.as_deref(), self.player, self.k as usize),
            (None, Some(index)) => Engine::by_score(index, &self.config()?),
            _ => Err(Error::Config("expected --index or --model".into())),
        }
    }

    /// Opens what searches many topics.
    fn topic_engine(&self) -> Result<TopicEngine> {
        match (&self.model, &self.index) {
            (Some(model), index) => {
                TopicEngine::by_ranker(model, index.as_deref(), self.player, self.k as usize)
            }
            (None, Some(index)) => TopicEngine::by_score(index, &self.config()?),
            _ => Err(Error::Config("expected --index or --model".into())),
        }
    }

    /// Writes what the engine `name` found as a run, and warns of topics that have no line in it.
    fn write(&self, name: &str, topics: &[Topic], found: &TopicHits<'_>) -> Result<()> {
        if is_silent() {
            return Ok(()); // the first process writes
        }
        let out = self.out.as_deref().unwrap_or(Path::new("-"));
        let bytes = match self.format {
            Format::Text => trec_run(self.tag.as_deref().unwrap_or(name), topics, found)?,
            Format::Json => json_lines(topics, found)?.into_bytes(),
            Format::Csv | Format::Tsv => {
                let format = self.format.of_table().unwrap_or_default();
                table_of_hits(topics, found).render(format).into_bytes()
            }
        };
        write_output(out, |writer| writer.write_all(&bytes))?;
        let mut empty =
            topics.iter().zip(&found.hits).filter(|(_, hits)| hits.is_empty()).map(|(topic, _)| &topic.id);
        if let Some(first) = empty.next() {
            let count = 1 + empty.count();
            warning!(
                "queries that find nothing: {count}, the first is {first}: no term of theirs is indexed"
            );
        }
        if out.as_os_str() != "-" {
            note!("{}: {}", out.display(), counted(topics.len(), "query"));
        }
        Ok(())
    }

    /// Prints the best documents for one query.
    fn show(&self, engine: &Engine, text: &str) -> Result<()> {
        let signs = signs::signs(text, &engine.index().fields());
        if !signs.is_empty() {
            let signs = signs.join(", ");
            warning!("read as plain words: {signs} (a query is a list of words; --field searches one field)");
        }
        let found = engine.find(text)?;
        if self.format == Format::Json {
            let hits: Vec<HitRecord> =
                (1..).zip(&found).map(|(rank, found)| HitRecord::new(rank, found)).collect();
            return print(&(json_file::text(&hits)? + "\n"));
        }
        if let Some(format) = self.format.of_table() {
            return print(&page::table(&found).render(format));
        }
        if found.is_empty() {
            let query = WeightedQuery::parse(engine.index(), text);
            let terms = query.terms().join(", ");
            note!(
                "nothing found: {} ({terms})",
                if query.is_empty() { "no term to search for" } else { "no document has these terms" }
            );
        }
        let colour =
            stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        print(&page::page(&found, colour))
    }

    /// Settings of the search. Every parameter is checked, whether the chosen score uses it or not.
    fn config(&self) -> Result<SearchConfig> {
        let Parameters { k1, b, mu, lambda, .. } = self.parameters;
        let bm25 = Scoring::Bm25(Bm25 { k1, b });
        let (dirichlet, jm) = (Scoring::LmDirichlet { mu }, Scoring::LmJelinekMercer { lambda });
        let feedback = Feedback {
            documents: self.parameters.feedback_documents,
            terms: self.parameters.feedback_terms,
            original: self.parameters.feedback_original,
        };
        let checks = [bm25, dirichlet, jm].map(Scoring::validate).into_iter();
        checks.chain([feedback.validate()]).collect::<Result<()>>()?;
        let scoring = match self.score {
            Score::Bm25 => bm25,
            Score::LmDirichlet => dirichlet,
            Score::LmJm => jm,
            Score::TfIdf => Scoring::TfIdf,
        };
        let feedback = self.parameters.feedback.then_some(feedback);
        Ok(SearchConfig { field: self.field.clone(), scoring, feedback, k: self.k as usize })
    }
}

/// Returns the hits of all topics as a TREC run.
fn trec_run(tag: &str, topics: &[Topic], found: &TopicHits<'_>) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for (topic, hits) in topics.iter().zip(&found.hits) {
        let documents: Vec<_> = hits.iter().map(|hit| (found.id(hit.document), hit.score)).collect();
        write_run(&mut lines, &topic.id, &documents, tag)?;
    }
    Ok(lines)
}

/// Returns the hits of all topics as rows.
fn table_of_hits(topics: &[Topic], found: &TopicHits<'_>) -> Table {
    let mut table = Table::new(["query", "rank", "id", "score"]);
    for (topic, hits) in topics.iter().zip(&found.hits) {
        for (rank, hit) in (1..).zip(hits) {
            let id = Cell::from(found.id(hit.document));
            table.row([Cell::from(topic.id.as_str()), Cell::count(rank), id, Cell::score(hit.score.into())]);
        }
    }
    table
}

/// Returns the hits of all topics as a JSON array.
fn json_lines(topics: &[Topic], found: &TopicHits<'_>) -> Result<String> {
    let mut lines = vec![];
    for (topic, hits) in topics.iter().zip(&found.hits) {
        let line = |(rank, hit): (usize, &Hit)| JsonLine {
            query: topic.id.clone(),
            rank,
            id: found.id(hit.document).to_owned(),
            score: hit.score,
        };
        lines.extend((1..).zip(hits).map(line));
    }
    Ok(json_file::text(&lines)? + "\n")
}
