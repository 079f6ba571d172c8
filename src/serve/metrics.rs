//! Counters of the service, as Prometheus reads them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::models::Models;

/// Upper bounds of the buckets of times, in seconds.
const BOUNDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

/// Counters of the service.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    routes: Mutex<BTreeMap<String, Route>>,
    in_flight: AtomicU64,
    judgements: AtomicU64,
    reloads: [AtomicU64; 2], // failed, done
}

/// Counters of a route.
#[derive(Debug, Default)]
struct Route {
    by_status: BTreeMap<u16, u64>,
    buckets: [u64; BOUNDS.len()], // each without those below
    seconds: f64,
}

impl Metrics {
    /// Counts a request that was answered, by its route.
    pub(super) fn count(&self, route: &str, status: u16, time: Duration) {
        let seconds = time.as_secs_f64();
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let route = routes.entry(route.to_owned()).or_default();
        *route.by_status.entry(status).or_default() += 1;
        route.seconds += seconds;
        if let Some(bucket) = BOUNDS.iter().position(|&bound| seconds <= bound) {
            route.buckets[bucket] += 1;
        }
    }

    /// Counts a request that is being answered, until what is returned is dropped.
    pub(super) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    /// Counts a judgement that was made or taken back.
    pub(super) fn count_judgement(&self) {
        self.judgements.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts that index and models were loaded anew, or could not be.
    pub(super) fn count_reload(&self, done: bool) {
        self.reloads[usize::from(done)].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns all counters in Prometheus's text format.
    pub(super) fn text(&self, models: &Models) -> String {
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, String)]| {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in samples {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        };
        let plain = |value: u64| vec![(String::new(), value.to_string())];
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (mut requests, mut times) = (vec![], String::new());
        for (name, route) in &*self.routes.lock().unwrap_or_else(PoisonError::into_inner) {
            for (status, count) in &route.by_status {
                requests.push((format!("{{route=\"{name}\",status=\"{status}\"}}"), count.to_string()));
            }
            route.write_times(name, &mut times);
        }
        family("irgan_requests_total", "counter", "Requests that were answered.", &requests);
        family(
            "irgan_requests_in_flight",
            "gauge",
            "Requests that are being answered.",
            &plain(count(&self.in_flight)),
        );
        let [failed, done] = &self.reloads;
        let reloads = [("failed", failed), ("done", done)]
            .map(|(outcome, counter)| (format!("{{outcome=\"{outcome}\"}}"), count(counter).to_string()));
        family("irgan_reloads_total", "counter", "Times that index and models were loaded anew.", &reloads);
        let judgements = plain(count(&self.judgements));
        family("irgan_judgements_total", "counter", "Judgements that were made or taken back.", &judgements);
        let documents = plain(models.finder.index().documents() as u64);
        family("irgan_index_documents", "gauge", "Documents of the index.", &documents);
        if let Some(bytes) = resident() {
            family("process_resident_memory_bytes", "gauge", "Memory of the process.", &plain(bytes));
        }
        text + "# HELP irgan_request_seconds Time until a request was answered.\n# TYPE irgan_request_seconds histogram\n"
            + &times
    }
}

impl Route {
    fn write_times(&self, name: &str, text: &mut String) {
        let all: u64 = self.by_status.values().sum();
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().zip(self.buckets) {
            below += count;
            let _ = writeln!(text, "irgan_request_seconds_bucket{{route=\"{name}\",le=\"{bound}\"}} {below}");
        }
        let _ = writeln!(text, "irgan_request_seconds_bucket{{route=\"{name}\",le=\"+Inf\"}} {all}");
        let _ = writeln!(text, "irgan_request_seconds_sum{{route=\"{name}\"}} {}", self.seconds);
        let _ = writeln!(text, "irgan_request_seconds_count{{route=\"{name}\"}} {all}");
    }
}

/// Request that is being answered.
pub(super) struct InFlight<'a>(&'a Metrics);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns the memory of this process in bytes, where the system tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}
