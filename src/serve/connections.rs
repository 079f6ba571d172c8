//! Connections of the service: taken, bounded in number and time, and ended in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::config::Limits;
use super::guard::Gate;
use super::router::router;
use super::service::Shared;
use super::signals::{Asked, Signals};
use crate::error::{Error, Result};

/// Time after which a connection takes no further request: one that never reads its answers ends then, too.
const LONGEST_CONNECTION: Duration = Duration::from_secs(300);
/// Most bytes of the first line and the headers of a request.
const LARGEST_HEAD: usize = 16 << 10;
/// Most headers of a request.
const MOST_HEADERS: usize = 64;

/// Serves until a signal ends it, and returns the signal's number.
///
/// # Errors
/// When the address cannot be listened at.
pub(super) async fn run(service: Shared, listening: impl FnOnce(SocketAddr)) -> Result<i32> {
    let asked = SocketAddr::new(service.config.host, service.config.port);
    let failed = |source| Error::io(format!("http://{asked}"), "listen", source);
    let mut signals = Signals::listen().map_err(failed)?;
    let listener = TcpListener::bind(asked).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let gate = Gate::new(address, service.config.token.clone());
    let (stop, stopped) = watch::channel(());
    let limits = service.config.limits;
    let accepting = tokio::spawn(accept(listener, router(service.clone(), gate), limits, stopped));
    listening(address);
    let signal = loop {
        match signals.next().await {
            Asked::End(signal) => break signal,
            Asked::Reload => {
                let service = service.clone();
                // On a thread of its own: those for requests may all be at work.
                std::thread::spawn(move || service.reload());
            }
        }
    };
    drop(stop);
    tokio::select! {
        _ = accepting => {}
        () = ended_again(&mut signals) => {}
    }
    Ok(signal)
}

/// Waits for a second signal to end.
async fn ended_again(signals: &mut Signals) {
    while !matches!(signals.next().await, Asked::End(_)) {}
}

/// Takes connections until `stopped`, and then waits for those that are open.
async fn accept(listener: TcpListener, router: Router, limits: Limits, mut stopped: watch::Receiver<()>) {
    let (room, mut open) = (Arc::new(Semaphore::new(limits.connections)), JoinSet::new());
    loop {
        while open.try_join_next().is_some() {}
        let taken = async {
            let permit = room.clone().acquire_owned().await.expect("the semaphore is never closed");
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            taken = taken => taken,
            _ = stopped.changed() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (router, stopped) = (router.clone(), stopped.clone());
                open.spawn(async move {
                    serve(stream, router, limits, stopped).await;
                    drop(permit);
                });
            }
            // One connection that broke at once, or no room for files: others may go better.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// Answers the requests of a connection.
async fn serve(stream: TcpStream, router: Router, limits: Limits, mut stopped: watch::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.timeout)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.changed() => {}
        () = sleep(LONGEST_CONNECTION) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(limits.timeout, connection).await;
}
