//! Training on the planted benchmark of 784 queries × 1,000 documents × 46 features, one hidden
//! layer of 46: the g-epoch beside the matrix products it needs, the d-epoch, scoring, drawing.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use irgan::data::features::normalize::{Normalization, Normalizer};
use irgan::data::features::planted::{Planted, PlantedConfig};
use irgan::game::RewardSource;
use irgan::math::{gemm, parallel, simd};
use irgan::nn::{Activation, Initializer, Learner, Mlp, OptimizerConfig};
use irgan::policy_gradient::BaselineState;
use irgan::ranking::{
    Candidates, DrawFrom, ExampleLoss, FeaturePools, GeneratorConfig, Mode, NegativeSampler, Objective,
    Pools, RewardShape, RewardTable, Scorer, discriminator_epoch, draw_examples, generator_gradient,
    listwise_epoch,
};
use irgan::seed::Stream;
use ndarray::Array2;

#[global_allocator]
static ALLOCATOR: irgan::memory::LargePages = irgan::memory::LargePages; // as the programs do

const HIDDEN: usize = 46;
const SIZE: &str = "784x1000x46";

fn pools() -> FeaturePools {
    let config =
        PlantedConfig { queries: 784, documents: 1000, features: 46, observed: 0.2, ..Default::default() };
    let train = Planted::generate(&config).expect("a valid size").train;
    let normalizer = Normalizer::fit(Normalization::QueryMinmax, &train);
    FeaturePools::new(normalizer.apply(train).expect("its own training data"))
}

fn network(name: &str) -> Mlp {
    let stream = Stream::new(1).named(name);
    Mlp::new(&[46, HIDDEN, 1], Activation::Tanh, 0.0, Initializer::Xavier, &mut stream.rng())
}

/// The products of one exact g-epoch, query by query as the g-epoch makes them: `X W`, `h v`,
/// `Xᵀ d_h`, `hᵀ d_y`, `d_y vᵀ`.
fn products(pools: &FeaturePools, weight: &Array2<f32>, output: &Array2<f32>) {
    let parts = parallel::ordered_map(pools.queries(), |query| {
        let x = pools.set().query_features(query);
        let h = gemm::matmul(x, weight.view());
        let y = gemm::matmul(h.view(), output.view());
        let d_h = gemm::matmul(y.view(), output.t());
        let (mut d_weight, mut d_output) = (Array2::zeros(weight.dim()), Array2::zeros(output.dim()));
        gemm::add_transposed_product(x, d_h.view(), d_weight.view_mut());
        gemm::add_transposed_product(h.view(), y.view(), d_output.view_mut());
        (d_weight, d_output)
    });
    black_box(parts);
}

fn training(criterion: &mut Criterion) {
    irgan::memory::keep_freed();
    let pools = pools();
    let queries = pools.trainable();
    let (generator, discriminator) = (network("generator"), network("discriminator"));
    let rules = (Mode::Pairwise.into(), RewardShape::Paper, RewardSource::Discriminator);
    let rewards = RewardTable::new(&discriminator, &pools, &queries, rules, Stream::new(1));
    let config = GeneratorConfig::default();
    let baseline = BaselineState::new(config.baseline);

    let mut group = criterion.benchmark_group("ranking");
    group.sample_size(10);
    let (weight, output) = (Array2::from_elem((46, HIDDEN), 0.01), Array2::from_elem((HIDDEN, 1), 0.01));
    group.bench_function(format!("g-epoch products alone/{SIZE}"), |bench| {
        bench.iter(|| products(&pools, &weight, &output));
    });
    group.bench_function(format!("g-epoch exact/{SIZE}"), |bench| {
        bench.iter(|| {
            generator_gradient(&generator, &pools, &rewards, &queries, &config, &baseline, Stream::new(2))
        });
    });
    group.bench_function(format!("lambdarank products alone/{SIZE}"), |bench| {
        bench.iter(|| products(&pools, &weight, &output));
    });
    let mut learner = Learner::new(generator.clone(), OptimizerConfig::default());
    group.bench_function(format!("lambdarank epoch/{SIZE}"), |bench| {
        bench.iter(|| {
            let objective = Objective::LambdaRank;
            listwise_epoch(objective, &mut learner, &pools, &queries, queries.len(), Stream::new(2))
        });
    });
    let drawer = NegativeSampler::Softmax(&generator, 1.0, 0.0);
    let draw = || draw_examples(&drawer, &pools, &queries, DrawFrom::Lower, 1, Stream::new(3));
    group.bench_function(format!("redraw/{SIZE}"), |bench| bench.iter(draw));
    let examples = draw();
    let mut learner = Learner::new(discriminator.clone(), OptimizerConfig::default());
    group.bench_function(format!("d-epoch/{SIZE}/{} pairs", examples.len()), |bench| {
        bench.iter(|| {
            discriminator_epoch(&mut learner, &pools, &examples, ExampleLoss::PAIRWISE, 512, Stream::new(4))
        });
    });
    group.bench_function(format!("score/{SIZE}"), |bench| {
        bench
            .iter(|| parallel::ordered_map(784, |q| generator.score(&pools, Candidates::Pools(&[q as u32]))));
    });
    let ends: Vec<usize> = (1..=784).map(|q| 1000 * q).collect();
    let scores: Vec<f32> = (0..784_000).map(|i| ((i * 7919) % 1000) as f32 / 100.0).collect();
    group.bench_function("softmax by segment/784x1000", |bench| {
        bench.iter_batched_ref(
            || scores.clone(),
            |scores| simd::softmax_segments(scores, &ends),
            criterion::BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, training);
criterion_main!(benches);
