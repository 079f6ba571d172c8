//! Work without the lock of the interpreter, and trainings that Ctrl-C stops.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use irgan::event::{Event, Listener};
use irgan::game::{Checkpoints, Interrupt};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{panicked, raised};

/// Time between two looks at the signals that came.
const LOOK: Duration = Duration::from_millis(50);
/// Time that a training has to stop by itself after Ctrl-C; one in the middle of a longer step ends behind the caller's back.
const GRACE: Duration = Duration::from_millis(700);

/// Outcome of work that may have panicked.
type Outcome<T> = Result<irgan::Result<T>, Box<dyn Any + Send>>;

/// Runs `work` without the lock of the interpreter.
pub(crate) fn released<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> irgan::Result<T> + Send,
) -> PyResult<T> {
    let outcome = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    finished(py, outcome)
}

/// Writes a model into `folder` by `save`, in the place of one that is there only with `force`.
pub(crate) fn saved(
    py: Python<'_>,
    folder: &Path,
    force: bool,
    save: impl FnOnce() -> irgan::Result<()> + Send,
) -> PyResult<()> {
    released(py, || {
        if !force {
            irgan::files::refuse_model(folder)?;
        }
        save()
    })
}

fn finished<T>(py: Python<'_>, outcome: Outcome<T>) -> PyResult<T> {
    match outcome {
        Ok(outcome) => outcome.map_err(|error| raised(py, &error)),
        Err(panic) => Err(panicked(py, &*panic)),
    }
}

/// News of a training for the thread that called it.
enum News<T> {
    Event { phase: String, step: usize, of: usize, metrics: Vec<(String, f64)> },
    Note(String),
    Warning(String),
    End(Outcome<T>),
}

/// Listener that passes everything on to the thread of the caller.
struct Reporter<T>(Sender<News<T>>);

impl<T> Reporter<T> {
    /// Sends news; a caller who was interrupted has left, and hears nothing.
    fn send(&self, news: News<T>) {
        let _ = self.0.send(news);
    }
}

impl<T> Listener for Reporter<T> {
    fn event(&mut self, event: &Event<'_>) {
        let metrics = event.metrics.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        self.send(News::Event { phase: event.phase.to_owned(), step: event.step, of: event.of, metrics });
    }

    fn note(&mut self, message: &str) {
        self.send(News::Note(message.to_owned()));
    }

    fn warning(&mut self, message: &str) {
        self.send(News::Warning(message.to_owned()));
    }
}

/// Trains on a thread of its own, while this one passes events, notes and warnings on to the methods of `watcher`.
///
/// Ctrl-C, or an exception of the watcher, stops the training at its next step, and is raised within a second in any case.
pub(crate) fn trained<T: Send + 'static>(
    py: Python<'_>,
    watcher: &Bound<'_, PyAny>,
    work: impl FnOnce(&Checkpoints, &mut dyn Listener) -> irgan::Result<T> + Send + 'static,
) -> PyResult<T> {
    let interrupt = Interrupt::default();
    let checkpoints = Checkpoints::only_interrupted(interrupt.clone());
    let (sender, mut receiver) = channel();
    let training = move || {
        let mut reporter = Reporter(sender);
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&checkpoints, &mut reporter)));
        reporter.send(News::End(outcome));
    };
    thread::Builder::new().name("irgan".into()).spawn(training).map_err(PyOSError::new_err)?;
    let mut stopped: Option<(PyErr, Instant)> = None;
    loop {
        let (news, back) = next(py, receiver);
        receiver = back;
        let heard = match news {
            Some(News::End(outcome)) => {
                return match stopped {
                    Some((cause, _)) => Err(cause),
                    None => finished(py, outcome),
                };
            }
            Some(news) if stopped.is_none() => tell(watcher, news),
            _ => Ok(()),
        };
        if let Err(cause) = heard.and_then(|()| py.check_signals()) {
            interrupt.request();
            stopped.get_or_insert((cause, Instant::now()));
        }
        if let Some((cause, since)) = stopped.take() {
            if since.elapsed() >= GRACE {
                return Err(cause);
            }
            stopped = Some((cause, since));
        }
    }
}

/// Waits a while for news, without the lock of the interpreter.
fn next<T: Send>(py: Python<'_>, receiver: Receiver<News<T>>) -> (Option<News<T>>, Receiver<News<T>>) {
    py.detach(move || match receiver.recv_timeout(LOOK) {
        Ok(news) => (Some(news), receiver),
        Err(RecvTimeoutError::Timeout) => (None, receiver),
        Err(RecvTimeoutError::Disconnected) => {
            unreachable!("a training sends its end before it drops the channel")
        }
    })
}

/// Passes news on to the watcher.
fn tell<T>(watcher: &Bound<'_, PyAny>, news: News<T>) -> PyResult<()> {
    match news {
        News::Event { phase, step, of, metrics } => {
            let named = PyDict::new(watcher.py());
            metrics.into_iter().try_for_each(|(name, value)| named.set_item(name, value))?;
            watcher.call_method1("event", (phase, step, of, named))
        }
        News::Note(message) => watcher.call_method1("note", (message,)),
        News::Warning(message) => watcher.call_method1("warning", (message,)),
        News::End(_) => return Ok(()),
    }
    .map(|_| ())
}
