//! The same seed gives the same bits: across runs, and on 1, 2 and 4 threads.

use crate::support::taught;
use irgan::data::features::RankingSet;
use irgan::event::Silent;
use irgan::game::{RewardSource, Schedule};
use irgan::policy_gradient::{Baseline, Estimator};
use irgan::ranking::features::FeatureRanker;
use irgan::ranking::{
    DiscriminatorConfig, Extras, FitConfig, GeneratorConfig, Method, MetricConfig, Player, RankCredit,
    Ranker, ScorerConfig, TrainConfig, Trained, train,
};

/// 6 queries of 600 documents: several chunks of work in every batch.
fn data() -> (RankingSet, RankingSet) {
    (taught(6, 600, 5, 1), taught(3, 600, 5, 2))
}

fn config(method: Method) -> TrainConfig {
    TrainConfig {
        method,
        scorer: ScorerConfig { hidden: vec![8], dropout: 0.2, ..Default::default() },
        schedule: Schedule { rounds: 2, d_epochs: 2, g_epochs: 2, ..Default::default() },
        fit: FitConfig { epochs: 3, batch: 4, ..Default::default() },
        generator: GeneratorConfig { batch: 4, ..Default::default() },
        discriminator: DiscriminatorConfig { batch: 1100, ..Default::default() }, // more than one chunk
        ..Default::default()
    }
}

fn run(config: &TrainConfig, baselines: &[Method], threads: usize) -> Trained {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
    let (training, valid) = data();
    let extras = Extras {
        baselines: baselines.to_vec(),
        controls: vec![RewardSource::Shuffled],
        measures: vec!["AP".parse().expect("a measure")],
        ..Default::default()
    };
    pool.install(|| train(config, &extras, training, valid, &mut Silent)).expect("training succeeds")
}

/// Values of all contenders as bits.
fn bits(trained: &Trained) -> Vec<Vec<u64>> {
    trained.contenders.iter().map(|c| c.values.iter().map(|v| v.to_bits()).collect()).collect()
}

fn assert_same(a: &Trained, b: &Trained, what: &str) {
    assert_eq!(bits(a), bits(b), "{what}");
    assert!(a.contenders == b.contenders, "{what}: best rounds differ");
    assert!(a.model == b.model && a.baselines == b.baselines, "{what}: weights differ");
}

fn assert_deterministic(config: &TrainConfig, baselines: &[Method]) {
    let one = run(config, baselines, 1);
    assert_same(&one, &run(config, baselines, 1), "two runs");
    for threads in [2, 4] {
        assert_same(&one, &run(config, baselines, threads), &format!("{threads} threads"));
    }
    let other = run(&TrainConfig { seed: config.seed + 1, ..config.clone() }, baselines, 1);
    assert!(one.model != other.model, "another seed, the same model");
}

#[test]
fn exact_estimator() {
    for method in [Method::IrganPairwise, Method::IrganPointwise] {
        assert_deterministic(&config(method), &[]);
    }
}

#[test]
fn sampled_estimator() {
    for (method, baseline) in
        [(Method::IrganPairwise, Baseline::LeaveOneOut), (Method::IrganPointwise, Baseline::Moving(0.9))]
    {
        let mut config = config(method);
        config.generator.estimator = Estimator::Sampled;
        config.generator.baseline = baseline;
        config.generator.candidates = 300;
        config.generator.teacher = 0.5;
        assert_deterministic(&config, &[]);
    }
}

#[test]
fn a_measure_as_the_reward() {
    for (reward, credit, mix) in [
        ("nDCG@10", RankCredit::RewardToGo, 0.0),
        ("AP", RankCredit::WholeRanking, 0.3),
        ("P@5", RankCredit::PlRank, 0.3),
    ] {
        let mut config = config(Method::IrganPairwise);
        config.generator.reward = reward.parse().expect("a measure");
        config.generator.metric = MetricConfig { rankings: 4, credit, mix };
        config.generator.candidates = 300;
        assert_deterministic(&config, &[]);
    }
}

#[test]
fn baselines() {
    let all = [Method::Mle, Method::Listnet, Method::Ranknet, Method::Lambdarank, Method::Rns, Method::Dns];
    assert_deterministic(&config(Method::Mle), &all[1..]);
}

#[test]
fn a_saved_model_scores_to_the_same_bits() {
    let (_, valid) = data();
    let folder = tempfile::tempdir().expect("a temporary folder");
    for method in [Method::IrganPairwise, Method::Mle] {
        let model = run(&config(method), &[], 2).model;
        model.save(folder.path()).expect("the folder is writable");
        let loaded = FeatureRanker::load(folder.path()).expect("just saved");
        assert!(loaded == model);
        let players: &[Player] =
            if method == Method::Mle { &[Player::Single] } else { &[Player::G, Player::D, Player::Both] };
        for &player in players {
            let bits = |model: &FeatureRanker| -> Vec<u32> {
                let scores = model.score(&valid, player).expect("the player exists");
                scores.into_iter().map(f32::to_bits).collect()
            };
            assert_eq!(bits(&model), bits(&loaded), "{method} {player}");
        }
    }
}
