//! Bags of models that differ by seed.

use irgan::data::features::RankingSet;
use irgan::event::Silent;
use irgan::game::RewardSource;
use irgan::ranking::features::{FeatureRanker, TrainingQueries, train_on};
use irgan::ranking::{Extras, Method, Player, Preset, Ranker as _, Snapshot, TrainConfig, Trained};

use crate::support::{assert_close, taught};

fn config(bag: usize) -> TrainConfig {
    let mut config = TrainConfig { bag, ..TrainConfig::preset(Preset::Ours, Method::IrganPairwise) };
    config.scorer.hidden = vec![4];
    config.schedule.rounds = 3;
    config.fit.epochs = 6;
    config.choice.folds = 3;
    config
}

fn trained(config: &TrainConfig, valid: Option<RankingSet>) -> Trained {
    let extras = Extras {
        baselines: vec![Method::Mle, Method::Dns],
        controls: vec![RewardSource::Constant],
        measures: vec!["AP".parse().expect("a measure")],
        ..Default::default()
    };
    let data = TrainingQueries { references: vec!["bm25".into()], ..set().into() };
    train_on(config, &extras, data, valid, &mut Silent).expect("something to learn from")
}

/// Twelve queries with a reference of the name `bm25`, whose values tell the grade and some noise.
fn set() -> RankingSet {
    let set = taught(12, 15, 4, 1);
    let noise = |row: usize| ((row * 7919) % 101) as f32 / 40.0;
    let values: Vec<f32> =
        set.grades().iter().enumerate().map(|(row, &grade)| f32::from(grade.max(0)) + noise(row)).collect();
    set.without_features().with_feature("bm25", &values).with_feature("noise", &vec![0.5; values.len()])
}

/// Scores standardised within the query to mean 0 and deviation 1, in f64.
fn standardised(set: &RankingSet, scores: &[f32]) -> Vec<f64> {
    let of_query = |query: &irgan::data::features::Query| {
        let own: Vec<f64> = scores[query.rows.clone()].iter().map(|&score| f64::from(score)).collect();
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        let deviation = (own.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / own.len() as f64).sqrt();
        own.into_iter()
            .map(|x| if deviation > 0.0 { (x - mean) / deviation } else { 0.0 })
            .collect::<Vec<_>>()
    };
    set.queries().iter().flat_map(of_query).collect()
}

#[test]
fn a_bag_is_saved_in_one_folder_and_scores_by_the_mean_of_its_models() {
    let bag = trained(&config(3), None);
    let folder = tempfile::tempdir().expect("a temporary folder");
    bag.model.save(folder.path()).expect("a writable folder");
    let loaded = FeatureRanker::load(folder.path()).expect("what was saved");
    assert_eq!(loaded, bag.model);
    assert_eq!(loaded.models(), 3);
    // The first model is what a single training makes, and the others stand in folders of their own.
    let first = trained(&config(1), None).model;
    let others =
        [2, 3].map(|n| FeatureRanker::load(&folder.path().join(format!("bag/{n}"))).expect("a model"));
    assert!(others[0] != others[1] && others[0] != first);
    let set = set();
    for player in [Player::G, Player::D, Player::Both, Player::Prior, Player::Each] {
        let own = |model: &FeatureRanker| {
            let player = if player == Player::Each { model.chosen() } else { player };
            standardised(&set, &model.score(&set, player).expect("features"))
        };
        let [a, b, c] = [&first, &others[0], &others[1]].map(own);
        let together = bag.model.score(&set, player).expect("features");
        for (row, &score) in together.iter().enumerate() {
            assert_close(f64::from(score), (a[row] + b[row] + c[row]) / 3.0, 1e-4, &player.to_string());
        }
    }
    assert!(first.score(&set, Player::Each).expect_err("one model").to_string().contains("no player `each`"));
    std::fs::remove_dir_all(folder.path().join("bag/3")).expect("a folder");
    assert!(FeatureRanker::load(folder.path()).is_err(), "a part is missing");
}

#[test]
fn rows_of_a_bag_are_of_every_query_and_in_the_order_of_the_set() {
    let (set, found) = (set(), trained(&config(2), None));
    let names: Vec<&str> = set.queries().iter().map(|query| query.id.as_str()).collect();
    assert_eq!(found.queries, names);
    // The prior is the same to every model: so is its row.
    let prior = found.contenders.iter().find(|row| row.player == Player::Prior).expect("a row of the prior");
    let measure = "nDCG@10".parse().expect("a measure");
    let expected = set.measure_by_query(&measure, &set.feature_scores(0));
    for (value, expected) in prior.by_query.iter().zip(expected) {
        assert_eq!(value.expect("judged"), expected);
    }
    let single = trained(&config(1), None);
    let like = |row: &irgan::ranking::ComparisonRow| (row.method, row.player, row.state);
    let own = found.contenders.iter().filter(|row| row.player != Player::Each).map(like);
    let states: Vec<_> = single.contenders.iter().map(|row| (row.method, row.state)).collect();
    assert_eq!(own.map(|(method, _, state)| (method, state)).collect::<Vec<_>>(), states[..]);
    assert!(found.contenders.iter().all(|row| row.values.len() == 2 && row.by_query.len() == names.len()));
    assert_eq!(found.baselines.iter().map(FeatureRanker::models).collect::<Vec<_>>(), [2, 2]);
    assert!(found.value().is_finite(), "the chosen player has a row");
    assert_eq!(found.controls.len(), 1);
}

#[test]
fn with_validation_data_every_model_chooses_by_them() {
    let valid = set().with_queries(&[0, 2, 5, 7]);
    let found = trained(&config(2), Some(valid.clone()));
    assert_eq!(found.queries.len(), 4);
    // All models see these queries, so the row is what the saved bag comes to on them.
    let measure = "nDCG@10".parse().expect("a measure");
    for player in [Player::G, Player::D, Player::Both] {
        let row = found.contenders.iter().find(|row| (row.player, row.state) == (player, Snapshot::Best));
        let scores = found.model.score(&valid, player).expect("features");
        assert_close(row.expect("a row").values[0], valid.measure(&measure, &scores), 1e-6, "validation");
    }
}

#[test]
fn a_bag_has_the_same_bits_on_any_number_of_threads() {
    let on = |threads: usize| {
        let pool =
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        pool.install(|| trained(&config(2), None))
    };
    let (one, four) = (on(1), on(4));
    assert!(one.model == four.model && one.baselines == four.baselines, "weights differ");
    assert_eq!(one.contenders, four.contenders);
}
