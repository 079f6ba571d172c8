//! `irgan search`.

use std::fmt::Write as _;
use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::effects;
use crate::cli::console::print;
use crate::data::documents::{Topic, TopicIds, read_topics};
use crate::error::{Error, Result};
use crate::files::printable;
use crate::retrieval::{
    Bm25, Feedback, FoundDocument, Scoring, SearchConfig, Searcher, Snippet, WeightedQuery,
};

/// Search an index: one query on the terminal, or a file of them into a TREC run
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan search --index idx \"boundary layer control\"
  irgan search --index idx --queries topics.tsv -k 1000 --out bm25.run
  irgan search --index idx --queries topics.tsv --k1 0.9 --b 0.4 --feedback --out rm3.run")]
pub struct SearchArgs {
    /// Folder of the index
    #[arg(long)]
    index: PathBuf,
    /// Query to search for
    #[arg(required_unless_present = "queries", conflicts_with = "queries")]
    query: Option<String>,
    /// File of queries: `id<TAB>text`, JSONL or SMART
    #[arg(long, requires = "out")]
    queries: Option<PathBuf>,
    /// Ids of the queries in the run
    #[arg(long, default_value = "as-written", requires = "queries")]
    query_ids: TopicIds,
    /// Run file to write
    #[arg(long, requires = "queries")]
    out: Option<PathBuf>,
    /// Last column of the run [default: the name of the score]
    #[arg(long)]
    tag: Option<String>,
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
    let score = args.score.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned());
    effects::of_search(&score, args.parameters.feedback, args.queries.is_some());
    let searcher = Searcher::open(&args.index, &args.config()?)?;
    match (&args.query, &args.queries, &args.out) {
        (Some(text), ..) => show(&searcher, text),
        (None, Some(queries), Some(out)) => {
            let topics = read_topics(queries, args.query_ids)?;
            write(&searcher, &topics, out, args.tag.as_deref())
        }
        _ => Err(Error::Config("expected a query, or --queries with --out".into())),
    }
}

impl SearchArgs {
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

/// Writes a run file and warns of topics that have no line in it.
fn write(searcher: &Searcher, topics: &[Topic], out: &Path, tag: Option<&str>) -> Result<()> {
    let tag = tag.map_or_else(|| searcher.to_string(), ToOwned::to_owned);
    let empty = searcher.write_run(topics, out, &tag)?;
    if let Some(first) = empty.first() {
        let count = empty.len();
        warning!("{count} queries find nothing, the first is {}: no term of theirs is indexed", first.id);
    }
    note!("{}: {} queries", out.display(), topics.len());
    Ok(())
}

/// Prints the best documents with the words of the query highlighted.
fn show(searcher: &Searcher, text: &str) -> Result<()> {
    let found = searcher.find(text)?;
    if found.is_empty() {
        let query = WeightedQuery::parse(searcher.index(), text);
        let terms = query.terms().join(", ");
        note!(
            "nothing found: {} ({terms})",
            if query.is_empty() { "no term to search for" } else { "no document has these terms" }
        );
        return Ok(());
    }
    let colour = stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut page = String::new();
    for (rank, FoundDocument { id, score, title, passage }) in (1..).zip(&found) {
        let _ = writeln!(page, "{rank:>3}  {score:.3}  {}  {}", printable(id), marked(title, colour));
        if let Some(passage) = passage {
            let _ = writeln!(page, "     {}", marked(passage, colour));
        }
    }
    print(&page)
}

/// Puts a snippet on one line with the query's words in bold or, without `colour`, in brackets.
fn marked(snippet: &Snippet, colour: bool) -> String {
    let (open, close) = if colour { ("\u{1b}[1m", "\u{1b}[0m") } else { ("[", "]") };
    let plain = |part: &str| printable(&part.replace(char::is_whitespace, " ")).into_owned();
    let (mut text, mut end) = (String::new(), 0);
    for word in &snippet.words {
        text += &plain(&snippet.text[end..word.start]);
        text += open;
        text += &plain(&snippet.text[word.clone()]);
        text += close;
        end = word.end;
    }
    text += &plain(&snippet.text[end..]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
