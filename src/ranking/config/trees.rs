//! Settings of boosted trees.

use serde::{Deserialize, Serialize};

use crate::error::{Result, require};

/// Settings of LambdaMART and XE-NDCG. The names are LightGBM's, without underscores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TreesConfig {
    /// Trees at most; validation data choose the number, in steps of 5.
    pub num_trees: usize,
    /// Leaves of a tree at most.
    pub num_leaves: usize,
    /// Factor of every tree's values.
    pub learning_rate: f32,
    /// Least sum of second derivatives over the documents in a leaf.
    pub min_sum_hessian_in_leaf: f32,
    /// Trees without a better validation measure before stopping.
    pub early_stopping_rounds: usize,
}

impl Default for TreesConfig {
    fn default() -> Self {
        Self {
            num_trees: 500,
            num_leaves: 15,
            learning_rate: 0.05,
            min_sum_hessian_in_leaf: 1.0,
            early_stopping_rounds: 100,
        }
    }
}

impl TreesConfig {
    /// Refuses trees that cannot be made.
    pub(in crate::ranking) fn validate(&self) -> Result<()> {
        require(self.num_trees >= 1, || "`trees.num-trees` must be 1 or more".into())?;
        require(self.num_leaves >= 2, || "`trees.num-leaves` must be 2 or more".into())?;
        require(self.num_trees.saturating_mul(self.num_leaves) <= MOST_LEAVES, || {
            format!(
                "all trees together have at most {MOST_LEAVES} leaves: lower `trees.num-trees` or `trees.num-leaves`"
            )
        })?;
        require(self.learning_rate > 0.0 && self.learning_rate <= 1.0, || {
            "`trees.learning-rate` must lie in (0, 1]".into()
        })?;
        require(self.early_stopping_rounds >= 1, || {
            "`trees.early-stopping-rounds` must be 1 or more".into()
        })?;
        let least = self.min_sum_hessian_in_leaf;
        require(least >= 0.0 && least.is_finite(), || {
            "`trees.min-sum-hessian-in-leaf` must not be negative".into()
        })
    }
}

/// Numbers of nodes are kept as f32, which counts to 2²⁴; a tree has one node less than twice its leaves.
const MOST_LEAVES: usize = 1 << 23;
