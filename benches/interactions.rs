//! Recommendation on generated interactions: a round of the authors' schedule at the size of MovieLens-100k, and
//! generator epochs and ranking at 30,000 users × 40,000 items, 10⁶ pairs, rank 64.

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use irgan::data::interactions::planted::{PlantedInteractions, Stars};
use irgan::data::interactions::{Ids, Interactions};
use irgan::event::Silent;
use irgan::game::Checkpoints;
use irgan::game::{RewardSource, Schedule};
use irgan::nn::{Initializer, Learner};
use irgan::policy_gradient::{BaselineState, Estimator};
use irgan::ranking::interactions::{Factors, ItemPools, Recommender, RecommenderModel, preset};
use irgan::ranking::{
    GeneratorConfig, LiveReward, Method, Mode, Networks, Player, Preset, RewardShape, TrainConfig,
    Validation, generator_gradient, play,
};
use irgan::seed::Stream;

#[global_allocator]
static ALLOCATOR: irgan::memory::LargePages = irgan::memory::LargePages; // as the programs do

/// What generated users like, and a share of it that is held out.
fn planted(users: usize, items: usize, liked: usize, share: f64) -> (Interactions, Interactions) {
    let config = PlantedInteractions { users, items, liked, choice: 3, test: share, ..Default::default() };
    let (train, test) = config.generate().expect("a valid size");
    let ids =
        |prefix: &str, count: usize| Arc::new((0..count).map(|i| format!("{prefix}{i}")).collect::<Ids>());
    let (user_ids, item_ids) = (ids("u", users), ids("i", items));
    let positives = |ratings: &[Stars]| {
        let mut positives = vec![vec![]; users];
        for &(user, item, ..) in ratings.iter().filter(|&&(_, _, stars, _)| stars >= 4) {
            positives[user as usize].push(item);
        }
        Interactions::new(Arc::clone(&user_ids), Arc::clone(&item_ids), positives)
    };
    (positives(&train), positives(&test))
}

fn factors(data: &Interactions, rank: usize, seed: u64) -> Recommender {
    let rng = &mut Stream::new(seed).rng();
    let (users, items) = (data.users().len(), data.items().len());
    Recommender::Factors(Factors::new(users, items, rank, Initializer::Uniform(0.1), rng))
}

/// 100 d-epochs redrawn every 5, 50 g-epochs over all users, then a validation of both players.
fn authors_round(criterion: &mut Criterion) {
    irgan::memory::keep_freed();
    let (data, held) = planted(943, 1650, 59, 0.2);
    let pools = ItemPools::training(&data);
    let held_out = ItemPools::held_out(&data, &held, usize::MAX, Stream::new(1));
    let validation = Validation::new(&held_out, "nDCG@5".parse().expect("a measure"));
    let players = (factors(&data, 5, 1), factors(&data, 5, 2));
    let mut group = criterion.benchmark_group("interactions");
    group.sample_size(10);
    for estimator in [Estimator::Sampled, Estimator::Exact] {
        let authors = preset(Preset::Authors, Method::IrganPointwise);
        let config = TrainConfig {
            schedule: Schedule { rounds: 1, ..authors.schedule },
            generator: GeneratorConfig { estimator, ..authors.generator },
            ..authors
        };
        group.bench_function(format!("authors' round/943x1650x{}/{estimator:?}", data.count()), |bench| {
            bench.iter(|| {
                let (stream, nowhere) = (Stream::new(3), Checkpoints::default());
                play(
                    &config,
                    Mode::Pointwise,
                    players.clone(),
                    (&pools, &validation),
                    stream,
                    &nowhere,
                    &mut Silent,
                )
            });
        });
    }
    group.finish();
}

/// Generator epochs over all users in batches of 256, their updates included, and the ten best items of each user.
fn large(criterion: &mut Criterion) {
    let (data, _) = planted(30_000, 40_000, 34, 0.0);
    let pools = ItemPools::training(&data);
    let (generator, discriminator) = (factors(&data, 64, 1), factors(&data, 64, 2));
    let users: Vec<u32> = (0..30_000).collect();
    let mut group = criterion.benchmark_group("interactions");
    group.sample_size(10);
    for (name, candidates) in [("sampled-k 1024", 1024), ("softmax of all", 0)] {
        let config = GeneratorConfig { candidates, entropy: 0.0, ..Default::default() };
        let rewards = LiveReward {
            scorer: &discriminator,
            pools: &pools,
            rules: (Mode::Pointwise.into(), RewardShape::Paper, RewardSource::Discriminator),
            entropy: 0.0,
            stream: Stream::new(1),
        };
        let baseline = BaselineState::new(config.baseline);
        let mut learner = Learner::new(generator.clone(), config.optimizer);
        group.bench_function(format!("g-epoch/30000x40000x64x{}/{name}", data.count()), |bench| {
            bench.iter(|| {
                for (step, batch) in users.chunks(256).enumerate() {
                    let stream = Stream::new(2).at(step as u64);
                    let step = generator_gradient(
                        learner.model(),
                        &pools,
                        &rewards,
                        batch,
                        &config,
                        &baseline,
                        stream,
                    );
                    learner.update(&mut step.expect("a batch has users").gradient);
                }
            });
        });
    }
    let model = RecommenderModel::new(Networks::baseline(Method::Bpr, generator.clone()), data.clone());
    let unseen = ItemPools::unseen(&data, users.clone());
    group.bench_function("top 10/30000x40000x64", |bench| {
        bench.iter(|| model.top(&unseen, Player::Single, 10).expect("a ranker"));
    });
    group.finish();
}

criterion_group!(benches, authors_round, large);
criterion_main!(benches);
