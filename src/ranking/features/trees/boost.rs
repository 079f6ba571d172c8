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

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::features::RankingSet;
    use crate::event::Silent;
    use crate::ranking::features::{FeatureRanker, train};
    use crate::ranking::{Extras, Player, Preset, Ranker as _, ScorerConfig, Trained};

    const BOTH: [Method; 2] = [Method::LambdaMart, Method::XeNdcg];

    /// Queries of twelve documents with three features, relevant where exactly one of the first two is above ½: no weights of a
    /// linear scorer tell them.
    fn set(queries: usize, seed: u64) -> RankingSet {
        let mut rng = Stream::new(seed).named("test data").rng();
        let features = Array2::from_shape_simple_fn((12 * queries, 3), || rng.random_range(0.0..1.0f32));
        let grade = |row: ndarray::ArrayView1<'_, f32>| i8::from((row[0] > 0.5) != (row[1] > 0.5));
        let grades: Vec<i8> = features.rows().into_iter().map(grade).collect();
        RankingSet::from_rows(features.view(), &grades, &vec![12; queries]).expect("they fit")
    }

    fn config(method: Method) -> TrainConfig {
        let mut config = TrainConfig::preset(Preset::Ours, method);
        config.scorer = ScorerConfig { hidden: vec![], ..Default::default() };
        (config.trees.num_trees, config.trees.num_leaves, config.trees.learning_rate) = (40, 7, 0.2);
        config
    }

    fn trained(config: &TrainConfig, baselines: &[Method]) -> Trained {
        let extras = Extras { baselines: baselines.to_vec(), ..Default::default() };
        train(config, &extras, set(60, 1), set(60, 2), &mut Silent).expect("something to learn from")
    }

    #[test]
    fn trees_score_as_the_crate_does_to_the_bit() {
        for method in BOTH {
            let pools = FeaturePools::new(set(30, 1));
            let settings = config(method).trees;
            let mut grown = Grown::new(method, &pools, &settings, Stream::new(1)).expect("valid settings");
            grown.grow(15).expect("it trains");
            grown.grow(8).expect("it trains");
            let other = set(20, 2);
            let rows: Vec<f32> = other.features().iter().copied().collect();
            let data = DMatrix::from_dense_vec(rows, 240, 3).expect("a rectangle");
            let model = grown.model.as_ref().expect("it has grown");
            assert_eq!((grown.nodes.len(), model.num_trees()), (23, 23));
            let scores = Trees::new(&grown.nodes).expect("whole trees").scores(other.features());
            assert!(scores.iter().any(|score| *score != scores[0]));
            assert_eq!(scores, model.predict_margin(&data, ..23).expect("a known width").as_slice());
        }
    }

    #[test]
    fn trees_rank_what_no_linear_scorer_ranks() {
        for method in BOTH {
            let found = trained(&config(method), &[Method::Listnet]);
            let linear =
                found.contenders.iter().find(|row| row.method == Method::Listnet).expect("it was asked for");
            assert!(
                found.value() > 0.95 && linear.values[0] < 0.8,
                "{method}: {} {}",
                found.value(),
                linear.values[0]
            );
            // The value is that of the model's own scores of the validation queries.
            let scores = found.model.score(&set(60, 2), Player::Single).expect("three features");
            let measured = set(60, 2).measure(&"nDCG@10".parse().expect("a measure"), &scores);
            assert_eq!(found.value(), measured);
            let row = &found.contenders[0];
            assert!(row.step <= 40 && row.step.is_multiple_of(5), "{}", row.step);
        }
    }

    #[test]
    fn fewer_trees_are_kept_when_more_rank_no_better() {
        let mut config = config(Method::LambdaMart);
        (config.trees.num_trees, config.trees.early_stopping_rounds) = (13, 100);
        let all = trained(&config, &[]).contenders[0].clone();
        assert!([5, 10, 13].contains(&all.step), "{}", all.step);
        config.trees.num_trees = all.step;
        assert_eq!(trained(&config, &[]).contenders[0].values, all.values);
        (config.trees.num_trees, config.trees.early_stopping_rounds) = (1_000_000, 20); // far too many for a test
        config.trees.num_leaves = 2;
        assert!(trained(&config, &[]).contenders[0].step < 10_000);
    }

    #[test]
    fn trees_correct_a_prior() {
        let mut config = config(Method::LambdaMart);
        config.choice.prior = Some("1".into());
        config.choice.prior_weights = vec![0.5];
        config.choice.decays = vec![];
        let found = trained(&config, &[]);
        let scores = found.model.score(&set(60, 2), Player::Single).expect("three features");
        assert_eq!(found.value(), set(60, 2).measure(&"nDCG@10".parse().expect("a measure"), &scores));
        config.choice.prior = None;
        let without = trained(&config, &[]).model.score(&set(60, 2), Player::Single).expect("three features");
        assert_ne!(scores, without);
        assert!(found.value() > 0.95, "{}", found.value());
    }

    #[test]
    fn trees_have_the_same_bits_on_any_number_of_threads_and_after_a_saving() {
        for method in BOTH {
            let on = |threads: usize| -> FeatureRanker {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
                pool.install(|| trained(&config(method), &[]).model)
            };
            let one = on(1);
            assert_eq!(one, on(3));
            let folder = tempfile::tempdir().expect("a temporary folder");
            one.save(folder.path()).expect("the folder is writable");
            assert_eq!(FeatureRanker::load(folder.path()).expect("just saved"), one);
        }
    }
}
