//! Boosted trees that are trained. Needs the feature `trees`.

use hessboost::config::GrowPolicy;
use hessboost::objective::Objective;
use hessboost::prelude::{DMatrix, Trainer, TrainingParams, TreeMethod};
use ndarray::{Array2, ArrayView1};
use rand::Rng as _;

use irgan::data::features::RankingSet;
use irgan::data::features::normalize::Normalization;
use irgan::event::Silent;
use irgan::ranking::features::{FeatureRanker, train};
use irgan::ranking::{Extras, Method, Player, Preset, Ranker as _, ScorerConfig, TrainConfig, Trained};
use irgan::seed::Stream;

const BOTH: [Method; 2] = [Method::LambdaMart, Method::XeNdcg];
const DOCUMENTS: usize = 12; // of a query

/// Queries of twelve documents with three features, relevant where exactly one of the first two is above ½: no weights of a
/// linear scorer tell them.
fn set(queries: usize, seed: u64) -> RankingSet {
    let mut rng = Stream::new(seed).named("test data").rng();
    let features = Array2::from_shape_simple_fn((DOCUMENTS * queries, 3), || rng.random_range(0.0..1.0f32));
    let grade = |row: ArrayView1<'_, f32>| i8::from((row[0] > 0.5) != (row[1] > 0.5));
    let grades: Vec<i8> = features.rows().into_iter().map(grade).collect();
    RankingSet::from_rows(features.view(), &grades, &vec![DOCUMENTS; queries]).expect("they fit")
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

/// Returns the documents of a set as the crate takes them.
fn matrix(set: &RankingSet) -> DMatrix {
    let rows: Vec<f32> = set.features().iter().copied().collect();
    let grades: Vec<f32> = set.grades().iter().map(|&grade| grade.into()).collect();
    let sizes = vec![DOCUMENTS; set.queries().len()];
    let data = DMatrix::from_dense_vec(rows, grades.len(), 3).and_then(|data| data.with_labels(&grades));
    data.and_then(|data| data.with_group_sizes(&sizes)).expect("a rectangle")
}

#[test]
fn trees_score_as_the_crate_does_to_the_bit() {
    let mut config = config(Method::LambdaMart);
    // More trees than are grown in one go.
    (config.trees.num_trees, config.trees.early_stopping_rounds) = (130, 130);
    config.trees.learning_rate = 0.01;
    config.normalization = Normalization::None;
    let found = trained(&config, &[]);
    let settings = TrainingParams::builder()
        .objective(Objective::RankNdcg(Default::default()))
        .tree_method(TreeMethod::Hist)
        .grow_policy(GrowPolicy::LossGuide)
        .unlimited_depth()
        .max_leaves(config.trees.num_leaves)
        .eta(config.trees.learning_rate.into())
        .min_child_weight(config.trees.min_sum_hessian_in_leaf.into())
        .base_score(0.0)
        .build()
        .expect("valid settings");
    let learnt = matrix(&set(60, 1));
    let model = Trainer::new(&settings, &learnt, config.trees.num_trees).train().expect("it trains").model;
    let other = set(20, 3);
    let kept = found.contenders[0].step;
    assert!(kept > 100, "{kept}");
    let expected = model.predict_margin(&matrix(&other), ..kept).expect("a known width");
    let scores = found.model.score(&other, Player::Single).expect("three features");
    assert!(scores.iter().any(|score| *score != scores[0]));
    assert_eq!(scores, expected.as_slice());
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
