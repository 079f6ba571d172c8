//! State that all requests share, and the work that they hand to threads of their own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::answer::Failure;
use super::config::ServeConfig;
use super::metrics::Metrics;
use super::models::Models;
use crate::data::documents::Assessments;
use crate::error::Result;

/// State of the service.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) config: ServeConfig,
    pub(super) metrics: Metrics,
    /// Requests that may begin.
    pub(super) admission: Semaphore,
    models: RwLock<Arc<Models>>,
    loading: Mutex<()>, // one after the other, so that the last one loaded is the newest
    assessments: Option<Mutex<Assessments>>,
}

/// State of the service as handlers hold it.
pub(super) type Shared = Arc<Service>;

impl Service {
    /// Loads the index and the models, and opens the judgements.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub(super) fn open(config: ServeConfig) -> Result<Shared> {
        let models = Models::load(&config)?;
        (config.voice.note)(&models.summary());
        let mut assessments = None;
        if let Some(path) = &config.judgements {
            let (open, notices) = Assessments::open(path, config.topics.clone())?;
            notices.iter().for_each(|notice| (config.voice.warning)(notice));
            assessments = Some(Mutex::new(open));
        }
        let admission = Semaphore::new(config.limits.requests);
        let models = RwLock::new(Arc::new(models));
        let (metrics, loading) = (Metrics::default(), Mutex::new(()));
        Ok(Arc::new(Self { config, metrics, admission, models, loading, assessments }))
    }

    /// Returns the index and the models of now, which stay as long as they are held.
    pub(super) fn models(&self) -> Arc<Models> {
        self.models.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Loads the index and the models anew. When that fails the present ones stay; either is told.
    pub(super) fn reload(&self) {
        let _one = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = Models::load(&self.config);
        self.metrics.count_reload(loaded.is_ok());
        match loaded {
            Ok(models) => {
                (self.config.voice.note)(&format!("loaded anew: {}", models.summary()));
                *self.models.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(models);
            }
            Err(cause) => (self.config.voice.warning)(&format!("what was loaded before stays: {cause}")),
        }
    }

    /// Returns the judgements, or the failure of a service without them.
    pub(super) fn assessments(&self) -> Result<MutexGuard<'_, Assessments>, Failure> {
        let missing =
            || Failure::not_found(self.explained("nothing is judged here: expected `serve.judgements`"));
        let assessments = self.assessments.as_ref().ok_or_else(missing)?;
        Ok(assessments.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns true when there are judgements.
    pub(super) fn judges(&self) -> bool {
        self.assessments.is_some()
    }

    /// Returns the judgements to be changed, or the failure of a service that only reads.
    pub(super) fn changing(&self) -> Result<MutexGuard<'_, Assessments>, Failure> {
        match self.config.read_only {
            true => Err(Failure::forbidden("this service only reads: its judgements cannot be changed")),
            false => self.assessments(),
        }
    }

    /// Returns a message with the ways to set what it names.
    pub(super) fn explained(&self, message: &str) -> String {
        (self.config.voice.explained)(message)
    }
}

/// Does `work` on a thread for computations. It is given up, if it has not begun, when the request is.
///
/// # Errors
/// Those of the work; also when it panics.
pub(super) async fn work<T: Send + 'static>(
    service: &Shared,
    work: impl FnOnce(&Service, &Models) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    struct GivenUp<T>(JoinHandle<T>);
    impl<T> Drop for GivenUp<T> {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let (service, models) = (service.clone(), service.models());
    let mut task = GivenUp(tokio::task::spawn_blocking(move || work(&service, &models)));
    (&mut task.0)
        .await
        .unwrap_or_else(|_| Err(Failure::internal("the computation failed; please report this")))
}
