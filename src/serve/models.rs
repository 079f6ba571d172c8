//! The index and the models that are served, which are replaced as a whole.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::config::ServeConfig;
use crate::data::documents::Topic;
use crate::error::{Error, Result};
use crate::evaluation::Pooling;
use crate::event::Silent;
use crate::ranking::documents::{Finder, Reranker};
use crate::ranking::features::FeatureRanker;
use crate::ranking::interactions::{self, RecommenderModel, has_npy};
use crate::ranking::kind_of;

/// Everything that answers requests: loaded together, and dropped when no request uses it any more.
#[derive(Debug)]
pub(super) struct Models {
    /// The index, searched by BM25 and by a trained ranker of texts.
    pub(super) finder: Finder,
    /// A ranker of feature vectors.
    pub(super) vectors: Option<FeatureRanker>,
    /// A recommender.
    pub(super) recommender: Option<RecommenderModel>,
    pooling: Pooling,
    pools: Mutex<HashMap<String, Arc<Vec<String>>>>, // by the id of the query
}

impl Models {
    /// Loads the files of `config`.
    ///
    /// # Errors
    /// When one cannot be read, or a model is of a kind that is not served.
    pub(super) fn load(config: &ServeConfig) -> Result<Self> {
        let (mut texts, mut vectors) = (None, None);
        if let Some(model) = config.model.as_deref() {
            let is_recommender = has_npy(model) || kind_of(model)? == RecommenderModel::KIND;
            if is_recommender {
                return Err(Error::data(model, "a recommender; expected it as `serve.recommender`"));
            }
            if Reranker::is_in(model) {
                texts = Some(model);
            } else if kind_of(model)? == FeatureRanker::KIND {
                vectors = Some(FeatureRanker::load(model)?);
            } else {
                let kind = kind_of(model)?;
                return Err(Error::data(
                    model,
                    format!("a model of {kind} is not served; `irgan rank` ranks by it"),
                ));
            }
        }
        let finder = Finder::open(&config.index, texts, config.player)?;
        let recommender = config.recommender.as_deref();
        let recommender =
            recommender.map(|folder| interactions::load(folder, None, &mut Silent)).transpose()?;
        Ok(Self { finder, vectors, recommender, pooling: config.pooling, pools: Mutex::default() })
    }

    /// Returns the documents to judge for a query, which are searched for once.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn pool(&self, topic: &Topic) -> Result<Arc<Vec<String>>> {
        if let Some(pool) = self.known_pool(&topic.id) {
            return Ok(pool);
        }
        let pool = Arc::new(self.finder.judging_pool(&topic.id, &topic.text, self.pooling)?);
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(pools.entry(topic.id.clone()).or_insert(pool).clone())
    }

    /// Returns the documents to judge for a query when they were searched for before.
    pub(super) fn known_pool(&self, query: &str) -> Option<Arc<Vec<String>>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner).get(query).cloned()
    }

    /// Describes what is loaded, on one line.
    pub(super) fn summary(&self) -> String {
        let index = self.finder.index();
        let mut parts = vec![format!("{}: {} documents", index.folder().display(), index.documents())];
        parts.extend(self.finder.ranker().map(|ranker| format!("ranker {}", ranker.name())));
        parts.extend(self.vectors.as_ref().map(|_| "a ranker of feature vectors".to_owned()));
        parts.extend(self.recommender.as_ref().map(|_| "a recommender".to_owned()));
        parts.join(", ")
    }
}
