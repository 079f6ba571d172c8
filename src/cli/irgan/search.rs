//! `irgan search`.

use std::fmt::Write as _;
use std::io::{IsTerminal, stdout};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::console::print;
use crate::data::documents::{Topic, TopicIds, read_topics};
use crate::error::{Error, Result};
use crate::evaluation::write_run;
use crate::files::atomic::write_atomically;
use crate::math::parallel::ordered_map;
use crate::retrieval::{Bm25, Feedback, Hit, Query, Scoring, Snippet, TextIndex};

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
    /// What to search for
    #[arg(required_unless_present = "queries", conflicts_with = "queries")]
    query: Option<String>,
    /// A file of queries: `id<TAB>text`, JSONL or SMART
    #[arg(long, requires = "out")]
    queries: Option<PathBuf>,
    /// How the queries are called
    #[arg(long, default_value = "as-written", requires = "queries")]
    query_ids: TopicIds,
    /// The run file to write
    #[arg(long, requires = "queries")]
    out: Option<PathBuf>,
    /// Last column of the run [default: the name of the score]
    #[arg(long)]
    tag: Option<String>,
    /// Documents a query
    #[arg(short, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    k: u32,
    /// Search only this field [default: all texts]
    #[arg(long)]
    field: Option<String>,
    /// The score
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
    let search = Search::new(args)?;
    match (&args.query, &args.queries, &args.out) {
        (Some(text), ..) => search.show(text),
        (None, Some(queries), Some(out)) => {
            let topics = read_topics(queries, args.query_ids)?;
            search.write(&topics, out, args.tag.as_deref())
        }
        _ => Err(Error::Config("expected a query, or --queries with --out".into())),
    }
}

/// An open index and how it is searched.
struct Search {
    index: TextIndex,
    field: usize,
    scoring: Scoring,
    feedback: Option<Feedback>,
    k: usize,
}

impl Search {
    fn new(args: &SearchArgs) -> Result<Self> {
        let Parameters { k1, b, mu, lambda, feedback_original, .. } = args.parameters;
        let within = |name: &str, value: f32, low: f32, high: f32| match (low..=high).contains(&value) {
            true => Ok(()),
            false => Err(Error::Config(format!("--{name} must lie in {low} to {high}"))),
        };
        within("k1", k1, 0.0, 1000.0)?;
        within("b", b, 0.0, 1.0)?;
        within("mu", mu, 1e-3, 1e9)?;
        within("lambda", lambda, 1e-3, 1.0)?;
        within("feedback-original", feedback_original, 0.0, 1.0)?;
        let index = TextIndex::open(&args.index)?;
        let field = match &args.field {
            None => 0,
            Some(name) => index.fields().iter().position(|field| field == name).ok_or_else(|| {
                Error::Config(format!("--field {name}: the index has {}", index.fields().join(", ")))
            })?,
        };
        let scoring = match args.score {
            Score::Bm25 => Scoring::Bm25(Bm25 { k1, b }),
            Score::LmDirichlet => Scoring::LmDirichlet { mu },
            Score::LmJm => Scoring::LmJelinekMercer { lambda },
            Score::TfIdf => Scoring::TfIdf,
        };
        let feedback = args.parameters.feedback.then_some(Feedback {
            documents: args.parameters.feedback_documents,
            terms: args.parameters.feedback_terms,
            original: feedback_original,
        });
        Ok(Self { index, field, scoring, feedback, k: args.k as usize })
    }

    fn hits(&self, query: &Query) -> Result<Vec<Hit>> {
        let Some(feedback) = &self.feedback else {
            return self.index.search(query, self.field, self.scoring, self.k);
        };
        let first = self.index.search(query, self.field, self.scoring, feedback.documents)?;
        let grown = feedback.grow(&self.index, query, &first)?;
        self.index.search(&grown, self.field, self.scoring, self.k)
    }

    /// Writes a run; a query in which nothing can be found has no line in it.
    fn write(&self, topics: &[Topic], out: &std::path::Path, tag: Option<&str>) -> Result<()> {
        let tag = tag.map_or_else(|| self.name(), ToOwned::to_owned);
        let lines = ordered_map(topics.len(), |i| {
            let hits = self.hits(&Query::parse(&self.index, &topics[i].text))?;
            let documents: Vec<_> = hits.iter().map(|hit| (self.index.id(hit.document), hit.score)).collect();
            let mut lines = Vec::new();
            write_run(&mut lines, &topics[i].id, &documents, &tag)?;
            Ok(lines)
        });
        let lines: Vec<Vec<u8>> = lines.into_iter().collect::<Result<_>>()?;
        write_atomically(out, |writer| lines.iter().try_for_each(|part| writer.write_all(part)))?;
        let empty: Vec<_> =
            topics.iter().zip(&lines).filter(|(_, l)| l.is_empty()).map(|(t, _)| t.id.as_str()).collect();
        if let Some(first) = empty.first() {
            warning!(
                "{} queries find nothing, the first is {first}: no term of theirs is indexed",
                empty.len()
            );
        }
        note!("{}: {} queries", out.display(), topics.len());
        Ok(())
    }

    fn name(&self) -> String {
        let growing = if self.feedback.is_some() { "-rm3" } else { "" };
        format!("{}{growing}", self.scoring)
    }

    /// Prints the best documents with the words of the query highlighted.
    fn show(&self, text: &str) -> Result<()> {
        let query = Query::parse(&self.index, text);
        let hits = self.hits(&query)?;
        if hits.is_empty() {
            let terms = query.terms().join(", ");
            note!(
                "nothing found: {} ({terms})",
                if query.is_empty() { "no term to search for" } else { "no document has these terms" }
            );
            return Ok(());
        }
        let colour =
            stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let mut page = String::new();
        for (rank, hit) in (1..).zip(&hits) {
            let texts = self.index.texts(hit.document)?;
            let title = texts.iter().find(|(name, _)| *name == "title").map_or("", |(_, text)| text.as_str());
            let title = self.index.snippets(&query, &[title], 100)?.swap_remove(0);
            let rest: Vec<&str> =
                texts.iter().filter(|(name, _)| *name != "title").map(|(_, text)| text.as_str()).collect();
            let snippets = self.index.snippets(&query, &rest, 200)?;
            let best = snippets.iter().max_by_key(|snippet| snippet.words.len());
            let _ = writeln!(
                page,
                "{rank:>3}  {:.3}  {}  {}",
                hit.score,
                self.index.id(hit.document),
                marked(&title, colour)
            );
            if let Some(snippet) = best.filter(|snippet| !snippet.text.trim().is_empty()) {
                let _ = writeln!(page, "     {}", marked(snippet, colour));
            }
        }
        print(&page)
    }
}

/// The text on one line, with the query's words in bold, or in brackets where there is no colour.
fn marked(snippet: &Snippet, colour: bool) -> String {
    let (open, close) = if colour { ("\u{1b}[1m", "\u{1b}[0m") } else { ("[", "]") };
    // Control characters of a document have no business on a terminal.
    let plain = |part: &str| part.replace(char::is_control, " ");
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
