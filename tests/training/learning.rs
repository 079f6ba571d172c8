//! On data with a known teacher every method learns, and a control does not look like learning.

use crate::support::{network, taught};
use irgan::Result;
use irgan::event::{Event, Listener, Silent};
use irgan::game::{RewardSource, Schedule};
use irgan::nn::{Activation, Learner, OptimizerConfig, Parameters, Rule};
use irgan::policy_gradient::{Baseline, BaselineState, Estimator};
use irgan::ranking::{
    Candidates, ComparisonRow, Extras, FeaturePools, FitConfig, GeneratorConfig, Init, Method, Mode, Player,
    RankCredit, RewardShape, RewardTable, Scorer, ScorerConfig, Snapshot, TrainConfig, Trained,
    generator_gradient, train,
};
use irgan::seed::Stream;

const BASELINES: [Method; 6] =
    [Method::Mle, Method::Listnet, Method::Ranknet, Method::Lambdarank, Method::Rns, Method::Dns];

fn config(method: Method) -> TrainConfig {
    let optimizer = OptimizerConfig { learning_rate: 0.01, ..Default::default() };
    TrainConfig {
        method,
        scorer: ScorerConfig { hidden: vec![8], ..Default::default() },
        schedule: Schedule { rounds: 5, d_epochs: 2, g_epochs: 2, ..Default::default() },
        fit: FitConfig { optimizer, epochs: 30, batch: 4, ..Default::default() },
        ..Default::default()
    }
}

fn run(config: &TrainConfig, baselines: &[Method]) -> Result<Trained> {
    let extras = Extras { baselines: baselines.to_vec(), ..Default::default() };
    train(config, &extras, taught(12, 60, 5, 1), taught(12, 60, 5, 2), &mut Silent)
}

fn value(trained: &Trained, player: Player, state: Snapshot) -> f64 {
    let of = |c: &&ComparisonRow| c.player == player && c.state == state;
    trained.contenders.iter().find(of).expect("a contender").values[0]
}

#[test]
fn every_baseline_beats_its_start() {
    let trained = run(&config(Method::Mle), &BASELINES[1..]).expect("training succeeds");
    let untrained =
        TrainConfig { fit: FitConfig { epochs: 0, ..config(Method::Mle).fit }, ..config(Method::Mle) };
    let start = run(&untrained, &BASELINES[1..]).expect("training succeeds");
    for (learned, start) in trained.contenders.iter().zip(&start.contenders) {
        let (learned, start, method) = (learned.values[0], start.values[0], learned.method);
        // A random network ranks at nDCG@10 ≈ 0.1 to 0.5; a linear teacher can be followed to 1.
        assert!(learned > 0.85 && learned > start + 0.2, "{method}: {start} to {learned}");
    }
}

#[test]
fn irgan_ends_at_its_start_or_above() {
    for method in [Method::IrganPairwise, Method::IrganPointwise] {
        for seed in [1, 2, 3] {
            let mut config = TrainConfig { seed, ..config(method) };
            config.fit.epochs = 4; // starts that leave room
            let trained = run(&config, &[]).expect("training succeeds");
            assert_eq!(trained.failure, None);
            for player in [Player::G, Player::D, Player::Both] {
                let (start, end) =
                    (value(&trained, player, Snapshot::Start), value(&trained, player, Snapshot::Best));
                assert!(end >= start, "{method}, seed {seed}, {player}: {start} to {end}");
            }
        }
    }
}

#[test]
fn irgan_learns_from_random_weights() {
    for (method, estimator) in
        [(Method::IrganPairwise, Estimator::Exact), (Method::IrganPointwise, Estimator::Sampled)]
    {
        let mut config = config(method);
        config.generator.init = Init::None;
        config.discriminator.init = Init::None;
        config.generator.estimator = estimator;
        config.generator.teacher = 0.0; // by the discriminator's reward alone
        config.generator.optimizer.learning_rate = 0.02;
        config.discriminator.optimizer.learning_rate = 0.02;
        config.schedule = Schedule { rounds: 20, d_epochs: 3, g_epochs: 3, ..Default::default() };
        config.patience = 20;
        let trained = run(&config, &[]).expect("training succeeds");
        for player in [Player::G, Player::D] {
            let (start, end) =
                (value(&trained, player, Snapshot::Start), value(&trained, player, Snapshot::Best));
            assert!(end > start + 0.15, "{method} {player}: {start} to {end}");
        }
    }
}

#[test]
fn a_measure_teaches_the_generator_without_a_discriminator() {
    for (reward, credit) in
        [("nDCG@10", RankCredit::RewardToGo), ("AP", RankCredit::WholeRanking), ("RR", RankCredit::PlRank)]
    {
        let mut config = config(Method::IrganPairwise).for_measure();
        config.choice.decays.clear();
        config.generator.init = Init::None;
        config.generator.reward = reward.parse().expect("a measure");
        config.generator.metric.credit = credit;
        config.generator.batch = 4;
        config.generator.optimizer.learning_rate = 0.03;
        config.schedule.rounds = 12;
        config.patience = 12;
        config.measure = reward.to_owned();
        let trained = run(&config, &[]).expect("training succeeds");
        let (start, end) =
            (value(&trained, Player::G, Snapshot::Start), value(&trained, Player::G, Snapshot::Best));
        assert!(end > start + 0.15, "{reward}: {start} to {end}");
        assert!(trained.contenders.iter().all(|row| row.player == Player::G), "no discriminator");
        let error = trained.model.score(&taught(2, 30, 5, 4), Player::Both).expect_err("one player");
        assert!(error.to_string().contains("it has: g"), "{error}");
    }
}

#[test]
fn a_measure_that_no_query_can_earn_is_refused() {
    let mut config = config(Method::IrganPairwise);
    config.generator.reward = "AP(rel=2)".parse().expect("a measure");
    let error = run(&config, &[]).expect_err("all grades are 0 or 1").to_string();
    assert!(error.contains("no training query has a document of grade 2"), "{error}");
    config.generator.reward = "AP".parse().expect("a measure");
    config.generator.metric.credit = RankCredit::PlRank;
    config.generator.metric.rankings = 4096; // 4096 · 61 · 60 weights of 60 documents at 60 ranks: 14,991,360, and those of 70 are too many
    run(&TrainConfig { schedule: Schedule { rounds: 0, ..config.schedule }, ..config.clone() }, &[])
        .expect("they fit");
    let extras = Extras::default();
    let error = train(&config, &extras, taught(3, 70, 5, 1), taught(12, 60, 5, 2), &mut Silent)
        .expect_err("too many");
    assert!(error.to_string().contains("fewer `generator.metric.rankings`"), "{error}");
}

/// Collects the generator's validation measure of every round.
#[derive(Default)]
struct Rounds(Vec<f64>);

impl Listener for Rounds {
    fn event(&mut self, event: &Event<'_>) {
        if event.phase == "adversarial" || event.phase == "constant reward" {
            let g = event.metrics.iter().find(|(name, _)| *name == "g").expect("the generator's measure");
            self.0.push(g.1);
        }
    }
}

#[test]
fn a_constant_reward_moves_nothing() {
    let mut config = config(Method::IrganPairwise);
    config.choice.decays.clear();
    config.generator = GeneratorConfig {
        init: Init::None,
        reward: RewardSource::Constant.into(),
        entropy: 0.0,
        teacher: 0.0,
        estimator: Estimator::Exact,
        baseline: Baseline::Expected,
        optimizer: OptimizerConfig { learning_rate: 0.1, weight_decay: 0.0, ..Default::default() },
        ..Default::default()
    };
    let mut rounds = Rounds::default();
    let (training, valid) = (taught(12, 60, 5, 1), taught(12, 60, 5, 2));
    let trained =
        train(&config, &Extras::default(), training, valid, &mut rounds).expect("training succeeds");
    let start = value(&trained, Player::G, Snapshot::Start);
    assert_eq!(rounds.0, vec![start; 5]); // to the bit, after every round
    // The same steps with the discriminator's reward do move it.
    config.generator.reward = RewardSource::Discriminator.into();
    let (training, valid) = (taught(12, 60, 5, 1), taught(12, 60, 5, 2));
    let mut rounds = Rounds::default();
    train(&config, &Extras::default(), training, valid, &mut rounds).expect("training succeeds");
    assert!(rounds.0.iter().all(|&g| g != start), "{:?}", rounds.0);
}

#[test]
fn one_exact_step_raises_the_expected_reward() {
    let pools = FeaturePools::new(taught(6, 40, 5, 3));
    let queries = [0, 1, 2, 3, 4, 5];
    for (mode, shape) in [(Mode::Pairwise, RewardShape::Paper), (Mode::Pointwise, RewardShape::Code)] {
        let judge = network(&[5, 8, 1], Activation::Tanh, 0.0, 1);
        let rules = (mode.into(), shape, RewardSource::Discriminator);
        let rewards = RewardTable::new(&judge, &pools, &queries, rules, Stream::new(1));
        for baseline in [Baseline::None, Baseline::Expected] {
            let scorer = network(&[5, 8, 1], Activation::Tanh, 0.0, 2);
            let config = GeneratorConfig { temperature: 0.5, baseline, ..Default::default() };
            let state = BaselineState::new(baseline);
            let step = |scorer: &_, seed| {
                let stream = Stream::new(seed);
                generator_gradient(scorer, &pools, &rewards, &queries, &config, &state, stream)
                    .expect("queries")
            };
            let mut before = step(&scorer, 1);
            let sgd = OptimizerConfig { rule: Rule::Sgd, learning_rate: 0.05, ..Default::default() };
            // To first order the reward rises by η ‖∇‖²; half of that allows for curvature.
            let rise = 0.5 * 0.05 * before.gradient.squared_norm();
            let mut learner = Learner::new(scorer, sgd);
            learner.update(&mut before.gradient);
            let after = step(&learner, 2).diagnostics.reward;
            assert!(rise > 0.0 && after > before.diagnostics.reward + rise, "{mode:?} {baseline}");
        }
    }
}

fn assert_finite(trained: &Trained) {
    for player in [Player::G, Player::D, Player::Both] {
        let scores = trained.model.score(&taught(2, 30, 5, 4), player).expect("the player exists");
        assert!(scores.iter().all(|score| score.is_finite()), "{player}");
    }
}

#[test]
fn an_exploding_learning_rate_keeps_the_best_finite_round() {
    let explode =
        OptimizerConfig { rule: Rule::Sgd, learning_rate: 1e30, weight_decay: 0.01, ..Default::default() };
    for method in [Method::IrganPairwise, Method::IrganPointwise] {
        for (estimator, hidden) in
            [(Estimator::Exact, vec![8]), (Estimator::Sampled, vec![8]), (Estimator::Sampled, vec![])]
        {
            for player in ["generator", "discriminator"] {
                let mut config = config(method);
                config.scorer.hidden = hidden.clone();
                config.fit.epochs = 2;
                config.generator.estimator = estimator;
                config.generator.batch = 2; // several steps before the weights are looked at
                config.discriminator.batch = 16;
                match player {
                    "generator" => config.generator.optimizer = explode,
                    _ => config.discriminator.optimizer = explode,
                }
                let trained = run(&config, &[]).expect("what was learned before is kept");
                let message = trained.failure.as_deref().expect("the failure is reported");
                assert!(message.contains("round 1") && message.contains(player), "{message}");
                assert!(message.contains("learning rate"), "{message}");
                assert_finite(&trained);
            }
        }
    }
}

#[test]
fn an_exploding_baseline_is_reported_and_costs_nothing_else() {
    for method in BASELINES {
        let mut config = config(method);
        config.fit.optimizer = OptimizerConfig {
            rule: Rule::Sgd,
            learning_rate: 1e30,
            weight_decay: 0.01,
            ..Default::default()
        };
        let message = run(&config, &[]).expect("the start is kept").failure.expect("it is reported");
        assert!(message.contains(&method.to_string()) && message.contains("epoch 1"), "{message}");
        // Beside another method it is a warning, and that method's work is kept.
        let mut config = config.clone();
        config.method = Method::IrganPairwise;
        (config.generator.init, config.discriminator.init) = (Init::None, Init::None);
        let trained = run(&config, &[method]).expect("the game is kept");
        assert!(
            trained.failure.is_none() && trained.warnings[0].contains("epoch 1"),
            "{:?}",
            trained.warnings
        );
    }
}

#[test]
fn scores_of_a_network_do_not_depend_on_the_batch() {
    let pools = FeaturePools::new(taught(4, 37, 5, 3));
    let scorer = network(&[5, 8, 1], Activation::Tanh, 0.0, 2);
    let together = scorer.score(&pools, Candidates::Pools(&[0, 1, 2, 3]));
    let apart: Vec<f32> = (0..4).flat_map(|q| scorer.score(&pools, Candidates::Pools(&[q]))).collect();
    assert_eq!(together, apart); // to the bit: validation and ranking agree
    assert_eq!(scorer.count(), 5 * 8 + 8 + 8 + 1);
}
