//! A page and a service over HTTP: searches of an index by BM25 and by a trained ranker side by side, rankings, recommendations, and
//! judgements by hand.
//!
//! | module | holds |
//! |---|---|
//! | [`ServeConfig`], [`Limits`] | the files that are served, the address, the limits |
//! | `models` | the index and the models, which a signal replaces as a whole |
//! | `service` | what all requests share, and the work that they hand to threads of their own |
//! | `router`, `guard`, `metrics` | routes, and what every request passes: token, host, origin, limits, counters |
//! | `connections`, `signals` | connections with their time-outs, and the signals that end them or load anew |
//! | `api` | answers in JSON |
//! | `page` | answers in HTML, which work without a script |
//!
//! Handlers hold no logic of their own: [`Finder`](crate::ranking::documents::Finder) searches and explains,
//! [`Pooling`](crate::evaluation::Pooling) chooses the documents to judge, and [`Assessments`](crate::data::documents::Assessments)
//! keeps the judgements.

mod answer;
mod api;
mod config;
mod connections;
mod guard;
mod judging;
mod metrics;
mod models;
mod page;
mod parameters;
mod router;
mod service;
mod signals;

use std::net::SocketAddr;

pub use config::{Limits, ServeConfig, Voice};
pub use router::ROUTES;

use self::service::Service;
use crate::error::{Error, Result};

/// Serves until SIGINT or SIGTERM ends it; `listening` is told the address when connections are taken.
///
/// SIGHUP loads the index and the models anew; requests that are being answered keep those that they began with. Connections that are
/// open when the end is asked for may finish their request within [`Limits::timeout`]; a second signal ends the process at once.
///
/// # Errors
/// When a setting is out of range, a file cannot be read or written, or the address is taken; [`Error::Interrupted`] when a signal
/// ended the service.
pub fn serve(config: ServeConfig, listening: impl FnOnce(SocketAddr)) -> Result<()> {
    config.validate()?;
    let service = Service::open(config)?;
    // Work is done by as many threads as there are processors; the others only wait for the network.
    let workers = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(workers)
        .enable_all()
        .build()
        .map_err(|source| Error::io("the network", "begin to use", source))?;
    let signal = runtime.block_on(connections::run(service, listening))?;
    runtime.shutdown_background(); // nobody waits for what is still computed
    Err(Error::Interrupted { signal })
}
