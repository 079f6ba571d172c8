//! LambdaMART (Burges, 2010) and XE-NDCG (Bruch, WWW 2021) by the crate hessboost.

use hessboost::config::GrowPolicy;
use hessboost::error::HessboostError;
use hessboost::objective::Objective;
use hessboost::prelude::{BoostedModel, DMatrix, Trainer, TrainingParams, TreeMethod};
use hessboost::tree::RegTree;
use rand::Rng as _;

use super::{TreeNode, Trees};
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::game::Checkpoints;
use crate::ranking::features::{FeaturePools, VectorScorer};
use crate::ranking::fit::Fitted;
use crate::ranking::{Method, TrainConfig, TreesConfig, Validation};
use crate::seed::Stream;

/// Trees between two measurements.
const STEP: usize = 5;
/// Trees that are grown in one go: between two of them a training can be interrupted.
const CHUNK: usize = 100;

/// Trains trees on the documents of `pools`, and keeps as many as are best on those of `held_out`.
///
/// # Errors
/// When the training is interrupted.
pub fn boosted(
    method: Method,
    (pools, held_out): (&FeaturePools, &FeaturePools),
    config: &TrainConfig,
    stream: Stream,
    checkpoints: &Checkpoints,
    listener: &mut dyn Listener,
) -> Result<Fitted<VectorScorer>> {
    let validation = Validation::new(held_out, config.measure()?);
    let most = config.trees.num_trees;
    let mut grown = Grown::new(method, pools, &config.trees, stream)?;
    let features = held_out.set().features();
    let mut scores = held_out.prior().map_or_else(|| vec![0.0; features.nrows()], <[f32]>::to_vec);
    let (mut best, mut done) = ((f64::NEG_INFINITY, 0), 0);
    let is_over = |best: usize, done: usize| {
        done == most || (done > 0 && done >= best.saturating_add(config.trees.early_stopping_rounds))
    };
    while !is_over(best.1, done) {
        if done == grown.nodes.len() {
            checkpoints.check_interrupt()?; // nothing is kept of it: it is made again
            grown.grow(CHUNK.min(most - done))?;
        }
        let next = (done + STEP).min(grown.nodes.len());
        Trees::new(&grown.nodes[done..next])?.add_scores(features, &mut scores);
        done = next;
        let value = validation.value(&scores);
        let (phase, metrics) = (method.to_string(), [("valid", value)]);
        listener.event(&Event { phase: &phase, step: done, of: most, metrics: &metrics });
        if value > best.0 {
            best = (value, done);
        }
    }
    let kept = if best.1 == 0 { done } else { best.1 };
    let of = |count: usize| Ok(VectorScorer::Trees(Trees::new(&grown.nodes[..count])?));
    Ok(Fitted { scorer: of(kept)?, last: of(done)?, epoch: kept, epochs: done, value: best.0, failure: None })
}

/// Trees that grow.
struct Grown {
    data: DMatrix,
    settings: TrainingParams,
    model: Option<BoostedModel>,
    nodes: Vec<Vec<TreeNode>>,
}

impl Grown {
    fn new(method: Method, pools: &FeaturePools, config: &TreesConfig, stream: Stream) -> Result<Self> {
        let settings = settings(method, config, stream).map_err(refused)?;
        Ok(Self { data: matrix(pools)?, settings, model: None, nodes: vec![] })
    }

    /// Adds `count` trees.
    fn grow(&mut self, count: usize) -> Result<()> {
        let trainer = Trainer::new(&self.settings, &self.data, count);
        let trainer = match &self.model {
            Some(model) => trainer.init_model(model),
            None => trainer,
        };
        let model = trainer.train().map_err(refused)?.model;
        self.nodes.extend(model.trees()[self.nodes.len()..].iter().map(nodes));
        self.model = Some(model);
        Ok(())
    }
}

/// Returns the settings of the crate; threads are those of the program.
fn settings(
    method: Method,
    config: &TreesConfig,
    stream: Stream,
) -> std::result::Result<TrainingParams, HessboostError> {
    TrainingParams::builder()
        .objective(match method {
            Method::XeNdcg => Objective::RankXendcg,
            _ => Objective::RankNdcg(Default::default()),
        })
        .tree_method(TreeMethod::Hist)
        .grow_policy(GrowPolicy::LossGuide)
        .unlimited_depth()
        .max_leaves(config.num_leaves)
        .eta(config.learning_rate.into())
        .min_child_weight(config.min_sum_hessian_in_leaf.into())
        .base_score(0.0)
        .seed(stream.rng().random())
        .build()
}

/// Returns the documents of `pools` with their grades, 0 where there is none, and their priors.
fn matrix(pools: &FeaturePools) -> Result<DMatrix> {
    let set = pools.set();
    let grades: Vec<f32> = set.grades().iter().map(|&grade| grade.max(0).into()).collect();
    let sizes: Vec<usize> = set.queries().iter().map(|query| query.rows.len()).collect();
    let values: Vec<f32> = set.features().iter().copied().collect();
    let made = DMatrix::from_dense_vec(values, grades.len(), set.feature_count())
        .and_then(|data| data.with_labels(&grades)?.with_group_sizes(&sizes))
        .and_then(|data| match pools.prior() {
            Some(prior) => data.with_base_margin(prior),
            None => Ok(data),
        });
    made.map_err(refused)
}

/// Returns the nodes of a tree.
fn nodes(tree: &RegTree) -> Vec<TreeNode> {
    let node = |node: &hessboost::tree::Node| match node.is_leaf() {
        true => TreeNode::Leaf(node.leaf_value),
        false => TreeNode::Split {
            feature: node.split_feature as usize,
            threshold: node.split_cond,
            children: [node.left as usize, node.right as usize],
        },
    };
    tree.nodes().iter().map(node).collect()
}

/// Turns an error of the crate into one of ours.
fn refused(error: HessboostError) -> Error {
    Error::Unfit(format!("boosted trees: {error}"))
}
