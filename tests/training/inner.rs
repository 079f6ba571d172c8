//! Inner cross-validation, priors, and fits to the end.

use irgan::data::features::RankingSet;
use irgan::data::features::planted::{Planted, PlantedConfig};
use irgan::event::Silent;
use irgan::ranking::features::{TrainingQueries, train_on};
use irgan::ranking::{
    ChoiceRule, Extras, Method, Player, Preset, Rank as _, Ranker as _, Snapshot, TrainConfig,
};

fn planted() -> RankingSet {
    let config = PlantedConfig { queries: 30, documents: 25, ..Default::default() };
    Planted::generate(&config).expect("a benchmark").train
}

/// The set with the grades, but for some noise, as a feature of the name `bm25`.
fn with_reference(set: RankingSet) -> RankingSet {
    let noise = |row: usize| ((row * 7919) % 101) as f32 / 60.0;
    let values: Vec<f32> =
        set.grades().iter().enumerate().map(|(row, &grade)| f32::from(grade.max(0)) + noise(row)).collect();
    set.without_features().with_feature("noise", &vec![0.0; values.len()]).with_feature("bm25", &values)
}

fn linear(method: Method) -> TrainConfig {
    let mut config = TrainConfig::preset(Preset::Ours, method);
    config.scorer.hidden = vec![];
    config.schedule.rounds = 2;
    config.fit.epochs = 5;
    config
}

fn trained(config: &TrainConfig, data: TrainingQueries) -> irgan::ranking::Trained {
    let extras = Extras { baselines: vec![Method::Mle], ..Default::default() };
    train_on(config, &extras, data, None, &mut Silent).expect("something to learn from")
}

#[test]
fn every_query_is_measured_once_and_in_the_order_of_the_set() {
    let set = planted();
    let found = trained(&linear(Method::IrganPairwise), set.clone().into());
    let names: Vec<&str> = set.queries().iter().map(|query| query.id.as_str()).collect();
    assert_eq!(found.queries, names);
    assert!(found.contenders.iter().all(|row| row.by_query.len() == names.len()));
    // A model that has not seen a query ranks it: the values are not those of a model that has.
    let mle = found.contenders.iter().find(|row| row.method == Method::Mle).expect("a baseline");
    let seen = set.measure_by_query(
        &"nDCG@10".parse().expect("a measure"),
        &found.baselines[0].score(&set, Player::Single).expect("features"),
    );
    assert!(mle.by_query.iter().zip(&seen).any(|(held_out, seen)| held_out.expect("judged") != *seen));
    assert!(mle.values[0] > 0.4, "{}", mle.values[0]);
}

#[test]
fn training_in_folds_is_the_same_again() {
    let config = linear(Method::IrganPairwise);
    let (a, b) = (trained(&config, planted().into()), trained(&config, planted().into()));
    assert_eq!(a.model, b.model);
    assert_eq!(a.contenders, b.contenders);
}

#[test]
fn the_prior_alone_ranks_as_its_feature_does_and_is_chosen_where_nothing_is_better() {
    let set = with_reference(planted());
    let data = TrainingQueries { references: vec!["bm25".into()], ..set.clone().into() };
    for weights in [vec![0.0], vec![1.0]] {
        let mut config = linear(Method::Mle);
        config.choice.prior_weights = weights;
        config.choice.rule = ChoiceRule::OneSe;
        // So strong a decay leaves nothing but the prior.
        config.choice.decays = vec![1e6];
        let found = trained(&config, data.clone());
        let prior =
            found.contenders.iter().find(|row| row.player == Player::Prior).expect("a row of the prior");
        assert_eq!(prior.state, Snapshot::Best);
        assert_eq!(found.model.chosen(), Player::Prior);
        let folder = tempfile::tempdir().expect("a temporary folder");
        found.model.save(folder.path()).expect("a writable folder");
        let model = irgan::ranking::features::FeatureRanker::load(folder.path()).expect("what was saved");
        assert_eq!(model, found.model);
        let ranked = model.rank(&set, None).expect("its own features");
        for (query, list) in set.queries().iter().zip(&ranked.queries) {
            let raw = &set.feature_scores(1)[query.rows.clone()];
            let order = |scores: Vec<f32>| {
                let mut order: Vec<usize> = (0..scores.len()).collect();
                order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
                order
            };
            let scores: Vec<f32> = list.candidates.iter().map(|candidate| candidate.1).collect();
            assert_eq!(order(scores), order(raw.to_vec()), "{}", query.id);
        }
    }
}

#[test]
fn documents_that_do_not_teach_are_ranked_and_measured() {
    let set = planted();
    let learned_from: Vec<bool> = (0..set.documents()).map(|row| row % 5 != 0).collect();
    let data = TrainingQueries { learned_from, ..set.clone().into() };
    let (part, whole) = (trained(&linear(Method::Mle), data), trained(&linear(Method::Mle), set.into()));
    assert_ne!(part.model, whole.model);
    assert_eq!(part.queries, whole.queries);
}

#[test]
fn one_query_is_too_little() {
    let one = planted().with_queries(&[0]);
    let found = train_on(&linear(Method::Mle), &Extras::default(), one.into(), None, &mut Silent);
    assert!(found.expect_err("one query").to_string().contains("at least 2 are needed"));
}
