//! Fresh networks over feature vectors, and boosted trees.

use super::VectorScorer;
use super::pools::FeaturePools;
use crate::ranking::{Method, Source, TrainConfig};
use crate::seed::Stream;
#[cfg(feature = "trees")]
use crate::{error::Result, event::Listener, game::Checkpoints, ranking::fit::Fitted};

/// Source of scorers of so many features.
pub(super) struct VectorSource<'a> {
    pub config: &'a TrainConfig,
    pub features: usize,
    /// Training and held-out pools of trees; none where they are not to be had.
    pub trees: Option<(&'a FeaturePools, &'a FeaturePools)>,
}

impl Source<VectorScorer> for VectorSource<'_> {
    fn fresh(&self, stream: Stream) -> VectorScorer {
        VectorScorer::Network(self.config.scorer.network(self.features, stream))
    }

    fn has(&self, method: Method) -> bool {
        !method.is_closed_form() && (self.trees.is_some() || !method.is_trees())
    }

    #[cfg(feature = "trees")]
    fn boosted(
        &self,
        method: Method,
        stream: Stream,
        checkpoints: &Checkpoints,
        listener: &mut dyn Listener,
    ) -> Result<Option<Fitted<VectorScorer>>> {
        let boosted =
            |pools| super::trees::boosted(method, pools, self.config, stream, checkpoints, listener);
        self.trees.map(boosted).transpose()
    }
}
