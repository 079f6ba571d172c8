//! Matrix products, element-wise kernels and draws, at the sizes that training uses.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use irgan::math::gemm::{Bfloat16Matrix, bfloat16_level};
use irgan::math::sampling::{Alias, Cdf, gumbel_top_k, sample_cdf, sample_logits, subset};
use irgan::math::{add_transposed_product, dot, gemm, simd};
use irgan::seed::Stream;
use ndarray::Array2;

/// Rows, inputs, outputs: LETOR, vocabulary, LSTM gates, QA-CNN, convolution.
const SHAPES: [(usize, usize, usize); 7] = [
    (8, 46, 46),
    (1000, 46, 46),
    (1000, 46, 1),
    (1024, 32, 5000),
    (64, 64, 256),
    (1216, 100, 500),
    (19456, 64, 128),
];

/// A function of every element, in place.
type Kernel = fn(&mut [f32]);

fn numbers(n: usize) -> Vec<f32> {
    (0..n).map(|i| (i as f32 * 0.618).sin() * 4.0).collect()
}

fn matrix(rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_vec((rows, columns), numbers(rows * columns)).expect("one number an element")
}

fn products(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gemm");
    for (rows, inputs, outputs) in SHAPES {
        let (x, w, mut y) = (matrix(rows, inputs), matrix(inputs, outputs), matrix(rows, outputs));
        let (mut d_x, mut d_w) = (matrix(rows, inputs), matrix(inputs, outputs));
        let shape = format!("{rows}x{inputs}x{outputs}");
        // Floating-point operations, shown as elements: Gelem/s are GFLOP/s.
        group.throughput(Throughput::Elements((2 * rows * inputs * outputs) as u64));
        group.bench_function(format!("forward/{shape}"), |bench| {
            bench.iter(|| gemm(1.0, x.view(), w.view(), 0.0, y.view_mut()));
        });
        group.bench_function(format!("weight-gradient/{shape}"), |bench| {
            bench.iter(|| add_transposed_product(x.view(), y.view(), d_w.view_mut()));
        });
        group.bench_function(format!("input-gradient/{shape}"), |bench| {
            bench.iter(|| gemm(1.0, y.view(), w.t(), 0.0, d_x.view_mut()));
        });
    }
    group.finish();
}

/// The highway of SeqGAN's discriminator, of as many sentences as are judged together.
fn rounded_products(criterion: &mut Criterion) {
    const SHAPE: (usize, usize, usize) = (1024, 1720, 3440);
    let (rows, inputs, outputs) = SHAPE;
    let (x, w, mut y) = (matrix(rows, inputs), matrix(inputs, outputs), matrix(rows, outputs));
    let mut group = criterion.benchmark_group("gemm");
    group.throughput(Throughput::Elements((2 * rows * inputs * outputs) as u64)).sample_size(20);
    group.bench_function(format!("f32/{rows}x{inputs}x{outputs}"), |bench| {
        bench.iter(|| gemm(1.0, x.view(), w.view(), 1.0, y.view_mut()));
    });
    if let (Some(level), Some(w)) = (bfloat16_level(), Bfloat16Matrix::new(w.view())) {
        group.bench_function(format!("{level}/{rows}x{inputs}x{outputs}"), |bench| {
            bench.iter(|| w.add_product(x.view(), y.view_mut()));
        });
    }
    group.finish();
}

fn elements(criterion: &mut Criterion) {
    const N: usize = 4096;
    let mut group = criterion.benchmark_group(format!("simd/{}", simd::simd_level()));
    group.throughput(Throughput::Elements(N as u64));
    let kernels: [(&str, Kernel); 8] = [
        ("exp", simd::exp),
        ("tanh", simd::tanh),
        ("sigmoid", simd::sigmoid),
        ("softplus", simd::softplus),
        ("ln", simd::ln),
        ("relu", simd::relu),
        ("softmax", simd::softmax),
        ("log_softmax", simd::log_softmax),
    ];
    let input = numbers(N);
    let mut values = input.clone();
    for (name, kernel) in kernels {
        // The copy keeps the inputs the same; it costs what `copy` alone shows.
        group.bench_function(format!("{name}/{N}"), |bench| {
            bench.iter(|| {
                values.copy_from_slice(&input);
                kernel(&mut values);
            });
        });
    }
    group.bench_function(format!("copy/{N}"), |bench| bench.iter(|| values.copy_from_slice(&input)));
    for length in [8, 120] {
        let count = N / length;
        let ends: Vec<usize> = (1..=count).map(|i| i * length).collect();
        group.bench_function(format!("softmax_segments/{count}x{length}"), |bench| {
            bench.iter(|| {
                values.copy_from_slice(&input);
                simd::softmax_segments(&mut values[..count * length], &ends);
            });
        });
    }
    group.bench_function(format!("dot/{N}"), |bench| bench.iter(|| dot(&input, &input)));
    group.bench_function(format!("sum/{N}"), |bench| bench.iter(|| simd::sum(&input)));
    group.bench_function(format!("log_sum_exp/{N}"), |bench| bench.iter(|| simd::log_sum_exp(&input)));
    group.finish();
}

fn draws(criterion: &mut Criterion) {
    const N: usize = 5000;
    let mut group = criterion.benchmark_group("sampling");
    let mut rng = Stream::new(1).rng();
    let logits = numbers(N);
    let mut weights = logits.clone();
    simd::softmax(&mut weights);
    let (cdf, alias) = (Cdf::new(weights.as_slice()), Alias::new(&weights));
    group.bench_function(format!("sample_cdf/{N}"), |bench| bench.iter(|| sample_cdf(&weights, &mut rng)));
    group.bench_function(format!("cdf/{N}"), |bench| bench.iter(|| cdf.sample(&mut rng)));
    group.bench_function(format!("alias/{N}"), |bench| bench.iter(|| alias.sample(&mut rng)));
    group.bench_function(format!("gumbel_top_5/{N}"), |bench| {
        bench.iter(|| gumbel_top_k(&logits, 5, &mut rng));
    });
    group.bench_function(format!("subset_5/{N}"), |bench| bench.iter(|| subset(N, 5, &mut rng)));
    for k in [1, 5] {
        group.bench_function(format!("sample_logits_{k}/{N}"), |bench| {
            bench.iter_batched(
                || logits.clone(),
                |mut logits| sample_logits(&mut logits, k, &mut rng),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, products, rounded_products, elements, draws);
criterion_main!(benches);
