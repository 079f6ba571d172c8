//! `irgan serve`.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::cli::args::session::quoted;
use crate::cli::console::print;
use crate::cli::flags::with_flags;
use crate::data::documents::{Assessments, TopicIds, read_topics};
use crate::error::Result;
use crate::evaluation::Pooling;
use crate::ranking::Player;
use crate::serve::{Limits, ServeConfig, Voice, serve};

/// Serve a page and JSON: search, rank, recommend, and judge documents by hand
///
/// The page shows the hits of BM25 beside those of a trained ranker, with their moves and causes. With --judgements it also
/// collects grades: each is on disk before it is answered, and `irgan train` learns from the file. SIGHUP loads index and
/// models anew; SIGTERM and Ctrl-C end the service when open requests are answered.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan serve --index idx
  irgan serve --index idx --model runs/text --recommender runs/mf --port 8080
  irgan serve --index idx --judgements qrels.txt --queries topics.tsv
  irgan serve --index idx --host 0.0.0.0      # with the secret in IRGAN_TOKEN")]
pub struct ServeArgs {
    /// Folder of the index
    #[arg(long)]
    index: PathBuf,
    /// Folder of a trained ranker: of texts, shown beside BM25, or of feature vectors, for POST /rank
    #[arg(long)]
    model: Option<PathBuf>,
    /// Player of the model that ranks [default: the one chosen on the validation data]
    #[arg(long, requires = "model")]
    player: Option<Player>,
    /// Folder of a trained recommender, for GET /recommend
    #[arg(long)]
    recommender: Option<PathBuf>,
    #[command(flatten)]
    judging: JudgingArgs,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Flags of judging.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
struct JudgingArgs {
    /// File of judgements (TREC qrels) to append to; made when missing, with the judged queries in NAME.topics.tsv beside it
    #[arg(long, value_name = "FILE")]
    judgements: Option<PathBuf>,
    /// Queries to judge, beside those that are typed: `id<TAB>text`, JSONL, SMART or TREC
    #[arg(long, requires = "judgements")]
    queries: Option<PathBuf>,
    /// Ids of the queries in the judgements
    #[arg(long, default_value = "as-written", requires = "queries")]
    query_ids: TopicIds,
    /// Number of first documents of each ranking that are judged
    #[arg(long, default_value_t = Pooling::default().depth, requires = "judgements")]
    pool_depth: usize,
    /// Number of documents drawn at random from the rest of both rankings, to be judged too
    #[arg(long, default_value_t = Pooling::default().random, requires = "judgements")]
    pool_random: usize,
    /// Seed of the random documents and of the order of judging
    #[arg(long, default_value_t = Pooling::default().seed, requires = "judgements")]
    seed: u64,
    /// Show judgements, and take none
    #[arg(long)]
    read_only: bool,
}

/// Flags of the address.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
struct NetworkArgs {
    /// Address to listen at; one that other machines reach needs --token
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Port to listen at; 0: any that is free
    #[arg(long, default_value_t = 7700)]
    port: u16,
    /// Secret of 16 or more signs that every request must name; better in the environment, where others do not see it
    #[arg(long, env = "IRGAN_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// Flags of the limits of requests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Most characters of a query
    #[arg(long, default_value_t = Limits::default().query)]
    max_query: usize,
    /// Most documents or items of an answer
    #[arg(long, default_value_t = Limits::default().k)]
    max_k: usize,
    /// Most bytes of a request's body
    #[arg(long, default_value_t = Limits::default().body)]
    max_body: usize,
    /// Most requests that are answered at a time; others get the status 503
    #[arg(long, default_value_t = Limits::default().requests)]
    max_requests: usize,
    /// Most open connections; others wait
    #[arg(long, default_value_t = Limits::default().connections)]
    max_connections: usize,
    /// Seconds in which a request must arrive, and in which it must be answered
    #[arg(long, default_value_t = Limits::default().timeout.as_secs(), value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

/// Runs the command.
pub fn run(args: ServeArgs) -> Result<()> {
    let config = args.config()?;
    if !config.host.is_loopback() && config.token.is_some() {
        warning!(
            "other machines may reach this service at {}: token and answers cross the network in clear; put a proxy with TLS before it",
            config.host
        );
    }
    serve(config, |address| {
        let _ = print(&format!("listening on http://{address}\n")); // a reader that left misses the line alone
    })
}

impl ServeArgs {
    /// Returns the settings of these flags, with the queries read.
    fn config(self) -> Result<ServeConfig> {
        let commands = self.commands();
        let JudgingArgs { judgements, queries, query_ids, pool_depth, pool_random, seed, read_only } =
            self.judging;
        let topics = queries.as_deref().map(|path| read_topics(path, query_ids)).transpose()?;
        let NetworkArgs { host, port, token } = self.network;
        Ok(ServeConfig {
            index: self.index,
            model: self.model,
            player: self.player,
            recommender: self.recommender,
            judgements,
            topics: topics.unwrap_or_default(),
            pooling: Pooling { depth: pool_depth, random: pool_random, seed },
            read_only,
            host,
            port,
            token,
            limits: self.limits.limits(),
            voice: Voice {
                note: |message| note!("{message}"),
                warning: |message| warning!("{message}"),
                explained: with_flags,
                commands,
            },
        })
    }

    /// Returns what makes the commands that train on the judgements and serve the result.
    fn commands(&self) -> Box<dyn Fn() -> Vec<String> + Send + Sync> {
        let word = |path: &Path| quoted(&path.to_string_lossy());
        let Some(judgements) = &self.judging.judgements else { return Box::new(Vec::new) };
        let (index, qrels) = (word(&self.index), word(judgements));
        let topics = word(&Assessments::topics_beside(judgements));
        let queries = self.judging.queries.as_deref().map(|path| format!(" --queries {}", word(path)));
        let ids = (self.judging.query_ids == TopicIds::ByPosition).then_some(" --query-ids by-position");
        let more = queries.unwrap_or_default() + ids.unwrap_or_default();
        Box::new(move || {
            let run = free_run();
            vec![
                format!(
                    "irgan train --pairwise --index {index} --queries {topics} --qrels {qrels} --out {run}"
                ),
                format!("irgan serve --index {index} --model {run} --judgements {qrels}{more}"),
            ]
        })
    }
}

/// Returns the next free folder for a run.
fn free_run() -> String {
    let name = |number: u32| format!("runs/judged-{number}");
    (1..).map(name).find(|name| !Path::new(name).exists()).expect("not all names are taken")
}

impl LimitArgs {
    fn limits(&self) -> Limits {
        Limits {
            query: self.max_query,
            k: self.max_k,
            body: self.max_body,
            requests: self.max_requests,
            connections: self.max_connections,
            timeout: Duration::from_secs(self.timeout),
        }
    }
}
