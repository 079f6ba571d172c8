//! The layers of text models at the sizes of SeqGAN: a generator of V 5,000, E = H = 32, T 20, B 64, and the
//! convolutional discriminator with its 1,720 filters.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use irgan::memory::keep_freed;
use irgan::nn::{
    CellKind, Filters, Highway, Initializer, Parameters, Precision, Projection, Recurrent, TextConvolution,
};
use irgan::seed::Stream;
use ndarray::{Array2, Array3};
use rand::Rng as _;

#[global_allocator]
static ALLOCATOR: irgan::memory::LargePages = irgan::memory::LargePages; // as the programs do

const VOCABULARY: usize = 5000;
const STEPS: usize = 20;
const BATCH: usize = 64;
/// E = H.
const HIDDEN: usize = 32;
/// Rows of a batch, one a token.
const ROWS: usize = BATCH * STEPS;
/// D of the discriminator.
const SIZE: usize = 64;
/// Sentences scored by rollouts between two changes of the discriminator.
const SENTENCES: usize = 512;
const WIDTHS: [usize; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20];
const COUNTS: [usize; 12] = [100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160];

fn matrix(rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |(i, j)| ((i * columns + j) as f32 * 0.618).sin())
}

fn tokens(count: usize) -> Vec<u32> {
    let mut rng = Stream::new(1).named("tokens").rng();
    (0..count).map(|_| rng.random_range(0..VOCABULARY as u32)).collect()
}

fn recurrent(criterion: &mut Criterion) {
    keep_freed(); // as the programs do
    let mut group = criterion.benchmark_group("recurrent");
    group.sample_size(10);
    let (x, d_h) = (matrix(ROWS, HIDDEN), matrix(ROWS, HIDDEN));
    let size = format!("B{BATCH}-T{STEPS}-E{HIDDEN}-H{HIDDEN}");
    for (name, kind) in [("lstm", CellKind::Lstm), ("gru", CellKind::Gru)] {
        let layer = Recurrent::new(kind, HIDDEN, HIDDEN, Initializer::Normal(0.1), &mut Stream::new(1).rng());
        group.bench_function(format!("{name}-forward/{size}"), |bench| {
            bench.iter_batched(|| x.clone(), |x| layer.forward(x, BATCH), BatchSize::LargeInput);
        });
        let (cache, mut gradient) = (layer.forward(x.clone(), BATCH), layer.zeros_like());
        group.bench_function(format!("{name}-backward/{size}"), |bench| {
            bench.iter(|| layer.backward(&cache, d_h.view(), &mut gradient));
        });
    }
    group.finish();
}

fn vocabulary(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("projection");
    group.sample_size(10);
    let mut rng = Stream::new(2).rng();
    let layer = Projection::new(HIDDEN, VOCABULARY, Initializer::Normal(0.1), &mut rng);
    let (hidden, actions, weights) = (matrix(ROWS, HIDDEN), tokens(ROWS), vec![1.0; ROWS]);
    let uniforms: Vec<f64> = (0..ROWS).map(|_| rng.random()).collect();
    let size = format!("N{ROWS}-H{HIDDEN}-V{VOCABULARY}");
    let mut gradient = layer.zeros_like();
    group.bench_function(format!("backward/{size}"), |bench| {
        bench.iter(|| layer.backward(hidden.view(), &actions, &weights, &mut gradient));
    });
    group.bench_function(format!("draw-1/{size}"), |bench| {
        bench.iter(|| layer.draw(hidden.view(), 1, &uniforms));
    });
    group.bench_function(format!("log-probabilities/{size}"), |bench| {
        bench.iter(|| layer.log_probabilities(hidden.view(), &actions));
    });
    group.finish();
}

fn convolution(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("convolution");
    group.sample_size(10);
    let filters: Vec<Filters> =
        WIDTHS.into_iter().zip(COUNTS).map(|(width, count)| Filters { width, count }).collect();
    let layer =
        TextConvolution::new(&filters, SIZE, Initializer::Normal(0.1), 0.1, &mut Stream::new(3).rng());
    let features = layer.features();
    let x = Array3::from_shape_fn((BATCH, STEPS, SIZE), |(b, t, d)| {
        (((b * STEPS + t) * SIZE + d) as f32 * 0.618).sin()
    });
    let lengths = [STEPS as u32; SENTENCES];
    let size = format!("B{BATCH}-T{STEPS}-D{SIZE}-F{features}");
    group.bench_function(format!("forward/{size}"), |bench| {
        bench.iter_batched(|| x.clone(), |x| layer.forward(x, &lengths[..BATCH]), BatchSize::LargeInput);
    });
    let (y, cache) = layer.forward(x.clone(), &lengths[..BATCH]);
    let (d_y, mut gradient) = (matrix(BATCH, features), layer.zeros_like());
    group.bench_function(format!("backward/{size}"), |bench| {
        bench.iter_batched(
            || d_y.clone(),
            |d_y| layer.backward(&cache, &y, d_y, &mut gradient),
            BatchSize::LargeInput,
        );
    });
    let embedding = matrix(VOCABULARY, SIZE);
    group.bench_function(format!("table/V{VOCABULARY}-D{SIZE}-F{features}"), |bench| {
        bench.iter_with_large_drop(|| layer.table(embedding.view(), Precision::F32));
    });
    let (table, tokens) = (layer.table(embedding.view(), Precision::F32), tokens(SENTENCES * STEPS));
    let tokens = Array2::from_shape_vec((SENTENCES, STEPS), tokens).expect("one token a place");
    group.bench_function(format!("features-by-table/B{SENTENCES}-T{STEPS}-F{features}"), |bench| {
        bench.iter(|| layer.features_by_table(&table, tokens.view(), &lengths));
    });
    // Rollouts: sixteen sentences that begin alike, and another sixteen.
    let rollouts = Array2::from_shape_fn((SENTENCES, STEPS), |(row, step)| match step < STEPS / 2 {
        true => tokens[[row / 16, step]],
        false => tokens[[row, step]],
    });
    group.bench_function(
        format!("features-by-table of rollouts/B{SENTENCES}-T{STEPS}-F{features}"),
        |bench| {
            bench.iter(|| layer.features_by_table(&table, rollouts.view(), &lengths));
        },
    );
    group.finish();
}

fn highway(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("highway");
    group.sample_size(10);
    let features: usize = COUNTS.iter().sum();
    let layer = Highway::new(features, -2.0, Initializer::Xavier, &mut Stream::new(4).rng());
    let (x, d_y) = (matrix(BATCH, features), matrix(BATCH, features));
    group.bench_function(format!("forward/B{BATCH}-F{features}"), |bench| {
        bench.iter_batched(|| x.clone(), |x| layer.forward(x), BatchSize::LargeInput);
    });
    let (cache, mut gradient) = (layer.forward(x.clone()).1, layer.zeros_like());
    group.bench_function(format!("backward/B{BATCH}-F{features}"), |bench| {
        bench.iter(|| layer.backward(&cache, d_y.view(), &mut gradient));
    });
    group.finish();
}

criterion_group!(benches, recurrent, vocabulary, convolution, highway);
criterion_main!(benches);
