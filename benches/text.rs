//! SeqGAN at the sizes of the authors' code: vocabulary 5,000, 32 values each, 20 tokens, batch 64, twelve filter
//! widths. The ids say how much of an epoch is timed. Each unit stands beside its matrix products alone, made in large blocks on all threads:
//! the least that the machine needs for them. `scripts/bench_all.sh` prints the ratios.

use std::hint::black_box;
use std::sync::OnceLock;

use criterion::{BatchSize, Bencher, Criterion, criterion_group, criterion_main};
use irgan::data::sentences::Sequences;
use irgan::game::RewardSource;
use irgan::math::gemm::{bfloat16_level, matmul};
use irgan::math::parallel::{on_pool, ordered_map};
use irgan::memory::keep_freed;
use irgan::nn::{Clip, Filters, Initializer, Learner, OptimizerConfig, Parameters, Precision};
use irgan::policy_gradient::{Baseline, BaselineState, Reduction, policy_gradient};
use irgan::seed::Stream;
use irgan::text::judges::{CnnJudge, Judge};
use irgan::text::models::{RecurrentModel, oracle_shape};
use irgan::text::{Credit, CreditedReward, RewardForm, TextConfig, TextPreset};
use ndarray::Array2;

#[global_allocator]
static ALLOCATOR: irgan::memory::LargePages = irgan::memory::LargePages; // as the programs do

const BATCH: usize = 64;
const SIZE: &str = "V5000-H32-T20";
/// Filters, F.
const FILTERS: usize = 1720;

/// Rows, inputs and outputs of a product, and how often it is made.
type Product = ([usize; 3], usize);

/// Makes `products` by blocks of rows on all threads.
fn multiply(products: &[Product]) -> impl Fn() + use<> {
    const BLOCK: usize = 256;
    let matrix = |rows, columns| Array2::from_shape_fn((rows, columns), |(i, j)| ((i + 7 * j) as f32).sin());
    let mut blocks = vec![];
    for &([rows, inputs, outputs], times) in products {
        let all = rows * times;
        let operands = std::sync::Arc::new((matrix(BLOCK, inputs), matrix(inputs, outputs)));
        blocks.extend((0..all.div_ceil(BLOCK)).map(|b| (operands.clone(), BLOCK.min(all - b * BLOCK))));
    }
    move || {
        ordered_map(blocks.len(), |b| {
            let (operands, rows) = &blocks[b];
            black_box(matmul(operands.0.slice(ndarray::s![..*rows, ..]), operands.1.view()));
        });
    }
}

/// Products of the generator's loss and gradient on a batch: the cell's gates and the output, forward and twice backward.
fn likelihood_products() -> [Product; 2] {
    [([20 * BATCH, 64, 128], 3), ([20 * BATCH, 32, 5000], 3)]
}

/// Products of the discriminator's loss and gradient on a batch: every width's windows and both matrices of the highway.
fn discriminator_products() -> Vec<Product> {
    let network = TextConfig::preset(TextPreset::Authors).discriminator.network;
    let windows = network
        .filters
        .iter()
        .map(|&Filters { width, count }| ([BATCH * (21 - width), width * network.embedding, count], 3));
    windows.chain([([BATCH, FILTERS, FILTERS], 6)]).collect()
}

/// Products of a step of the generator: the tokens of all rollouts, the highway over all of their sentences, and the gradient.
fn step_products() -> Vec<Product> {
    let rollouts = BATCH * 16;
    let drawn = rollouts * (1..20).sum::<usize>();
    let of_draws = [([drawn, 64, 128], 1), ([drawn, 32, 5000], 1)];
    let of_judge = ([rollouts * 19, FILTERS, FILTERS], 2);
    of_draws.into_iter().chain([of_judge]).chain(likelihood_products()).collect()
}

fn generator(seed: u64) -> RecurrentModel {
    RecurrentModel::new(&oracle_shape(5000, 20), Initializer::Normal(0.1), &mut Stream::new(seed).rng())
}

fn batch(sentences: &Sequences, step: usize) -> Sequences {
    let rows: Vec<usize> = (step * BATCH..(step + 1) * BATCH).collect();
    sentences.select(&rows)
}

fn likelihood(criterion: &mut Criterion) {
    keep_freed(); // as the programs do
    let generator = generator(1);
    let real = generator.draw(10 * BATCH, Stream::new(2));
    let config = OptimizerConfig { learning_rate: 0.01, clip: Clip::Norm(5.0), ..Default::default() };
    let mut learner = Learner::new(generator.clone(), config);
    let weights = Array2::from_elem((BATCH, 20), 1.0 / (20 * BATCH) as f32);
    let mut group = criterion.benchmark_group("text");
    group.sample_size(10);
    group.bench_function(format!("mle/10 of 156 batches/{SIZE}-B64"), |bench| {
        bench.iter(|| {
            for step in 0..10 {
                let mut seen = learner.gradient(&batch(&real, step), weights.view(), None);
                learner.update(&mut seen.gradient);
            }
        });
    });
    let alone = multiply(&likelihood_products().map(|(shape, times)| (shape, 10 * times)));
    group.bench_function(format!("mle products alone/10 of 156 batches/{SIZE}-B64"), |bench| {
        bench.iter(&alone);
    });
    group.bench_function(format!("draw/1000 of 10000 sentences/{SIZE}"), |bench| {
        bench.iter(|| black_box(generator.draw(1000, Stream::new(3))));
    });
    group.bench_function(format!("nll/640 sentences/{SIZE}"), |bench| bench.iter(|| generator.nll(&real)));
    group.finish();
}

fn adversarial(criterion: &mut Criterion) {
    let generator = generator(1);
    let config = TextConfig::preset(TextPreset::Authors);
    let network = &config.discriminator.network;
    let discriminator = CnnJudge::new(network, 5000, 20, &mut Stream::new(4).rng());
    let mut gradient = discriminator.zeros_like();
    let learner = Learner::new(discriminator, config.discriminator.optimizer);
    let sentences = generator.draw(10 * BATCH, Stream::new(5));
    let labels: Vec<bool> = (0..BATCH).map(|i| i % 2 == 0).collect();
    let mut group = criterion.benchmark_group("text");
    group.sample_size(10);
    let mut epoch = |bench: &mut Bencher<'_>, by: Precision| {
        // Every pass begins anew: a network that knows the ten batches by heart has gradients that no training has.
        let new = || {
            let mut learner = learner.clone();
            *learner.model_mut() = learner.model().clone().learning_in(by);
            learner
        };
        let pass = |learner: &mut Learner<CnnJudge>| {
            on_pool(|| {
                for step in 0..10 {
                    let mut rng = Stream::new(6).at(step as u64).rng();
                    learner.gradient(&batch(&sentences, step), &labels, &mut rng, &mut gradient);
                    learner.update(&mut gradient);
                }
            });
        };
        bench.iter_batched_ref(new, pass, BatchSize::PerIteration);
    };
    let name = format!("10 of 313 batches/{SIZE}-F1720-B64");
    group.bench_function(format!("discriminator/{name}"), |bench| epoch(bench, Precision::F32));
    if let Some(level) = bfloat16_level() {
        group.bench_function(format!("discriminator by {level}/{name}"), |bench| {
            epoch(bench, Precision::Bf16);
        });
    }
    let ten: Vec<Product> =
        discriminator_products().iter().map(|&(shape, times)| (shape, 10 * times)).collect();
    let alone = multiply(&ten);
    group.bench_function(
        format!("discriminator products alone/10 of 313 batches/{SIZE}-F1720-B64"),
        |bench| {
            bench.iter(&alone);
        },
    );
    let baseline = BaselineState::new(Baseline::None);
    let mut judge =
        Judge::Cnn { learner: Box::new(learner), precision: Precision::F32, prepared: OnceLock::new() };
    let mut step = |bench: &mut Bencher<'_>, by: Precision| {
        bench.iter(|| {
            if let Judge::Cnn { precision, prepared, .. } = &mut judge {
                (*precision, *prepared) = (by, OnceLock::new()); // its preparation is part of the step
            }
            judge.freeze(Stream::new(1));
            let reward = CreditedReward {
                team: irgan::team::Team::ALONE,
                judge: &judge,
                credit: Credit::Rollouts,
                rollout: None,
                rollouts: 16,
                control: RewardSource::Discriminator,
                form: RewardForm::default(),
                entropy: 0.0,
            };
            let contexts = [(); BATCH];
            policy_gradient(&generator, &reward, &contexts[..], &baseline, Reduction::Sum, 1, Stream::new(7))
        });
    };
    let name = format!("64 x 16 rollouts x 19 prefixes/{SIZE}-F1720");
    group.bench_function(format!("g-step/{name}"), |bench| step(bench, Precision::F32));
    if let Some(level) = bfloat16_level() {
        group.bench_function(format!("g-step by {level}/{name}"), |bench| step(bench, Precision::Bf16));
    }
    let alone = multiply(&step_products());
    group.bench_function(
        format!("g-step products alone/64 x 16 rollouts x 19 prefixes/{SIZE}-F1720"),
        |bench| {
            bench.iter(&alone);
        },
    );
    group.finish();
}

criterion_group!(benches, likelihood, adversarial);
criterion_main!(benches);
