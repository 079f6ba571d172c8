//! Settings of the service.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::data::documents::Topic;
use crate::error::{Error, Result, require};
use crate::evaluation::Pooling;
use crate::ranking::Player;

/// Files that are served, and the address that they are served at.
#[derive(Debug)]
pub struct ServeConfig {
    /// Folder of the index.
    pub index: PathBuf,
    /// Folder of a trained ranker: of texts, whose hits stand beside BM25's, or of feature vectors.
    pub model: Option<PathBuf>,
    /// Player of the ranker; without one, the one that validation data chose.
    pub player: Option<Player>,
    /// Folder of a recommender.
    pub recommender: Option<PathBuf>,
    /// File that judgements are appended to; without one nothing can be judged.
    pub judgements: Option<PathBuf>,
    /// Queries to judge, beside those that are typed.
    pub topics: Vec<Topic>,
    /// Plan of the documents that are judged.
    pub pooling: Pooling,
    /// Refuses every judgement: those that are there are shown.
    pub read_only: bool,
    /// Address to listen at.
    pub host: IpAddr,
    /// Port to listen at; 0: any that is free.
    pub port: u16,
    /// Secret that every request must name; needed for an address that other machines reach.
    pub token: Option<String>,
    /// Limits of requests.
    pub limits: Limits,
    /// Voice of the program.
    pub voice: Voice,
}

/// Limits of what a request may ask for, and of how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most characters of a query.
    pub query: usize,
    /// Most documents or items of an answer.
    pub k: usize,
    /// Most bytes of a request's body.
    pub body: usize,
    /// Most requests that are answered at a time; others are told to come again.
    pub requests: usize,
    /// Most open connections; others wait.
    pub connections: usize,
    /// Time in which a request must have arrived, and in which it must be answered.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            query: 1000,
            k: 1000,
            body: 1 << 20,
            requests: 64,
            connections: 1024,
            timeout: Duration::from_secs(30),
        }
    }
}

/// Functions by which the service speaks to its user, as a program shows messages.
pub struct Voice {
    /// Tells what is going on.
    pub note: fn(&str),
    /// Tells what the user may not expect.
    pub warning: fn(&str),
    /// Adds to a message how the settings that it names are set.
    pub explained: fn(&str) -> String,
    /// Returns the commands, one a line, that train on the judgements and serve the result.
    pub commands: Box<dyn Fn() -> Vec<String> + Send + Sync>,
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Voice")
    }
}

/// Least length of a token in bytes: shorter ones can be guessed.
const SHORTEST_TOKEN: usize = 16;

impl ServeConfig {
    /// Refuses settings that do not go together.
    ///
    /// # Errors
    /// When an address that others reach has no token, a token is short, or a limit is 0.
    pub fn validate(&self) -> Result<()> {
        let Limits { query, k, body, requests, connections, timeout } = self.limits;
        if !self.host.is_loopback() && self.token.is_none() {
            let message = format!(
                "`serve.host` {}: other machines may reach this address, so that every request must name a secret: expected \
                 `serve.token`",
                self.host
            );
            return Err(Error::Config(message));
        }
        if let Some(token) = &self.token {
            let printable = token.bytes().all(|byte| byte.is_ascii_graphic());
            require(token.len() >= SHORTEST_TOKEN && printable, || {
                format!(
                    "`serve.token`: expected {SHORTEST_TOKEN} or more letters, digits and signs, without blanks"
                )
            })?;
        }
        let least = [query, k, body, requests, connections].into_iter().min().unwrap_or(0);
        require(least > 0 && !timeout.is_zero(), || "a limit of 0 lets no request through".into())?;
        let Pooling { depth, random, .. } = self.pooling;
        require((1..=1000).contains(&depth) && random <= 1000, || {
            "pools: expected 1 to 1000 first documents of each ranking and at most 1000 random ones".into()
        })?;
        require(self.topics.is_empty() || self.judgements.is_some(), || {
            "queries to judge need a file of judgements: expected `serve.judgements`".into()
        })
    }
}
