//! Reading LETOR files: bytes a second of a plain file in the page cache, one core.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use irgan::data::features::letor;
use irgan::data::features::letor::LetorOptions;
use irgan::data::features::normalize::{Normalization, Normalizer};
use irgan::data::features::planted::{Planted, PlantedConfig};

fn reading(criterion: &mut Criterion) {
    let config = PlantedConfig { queries: 100, documents: 1000, features: 46, ..Default::default() };
    let train = Planted::generate(&config).expect("a valid size").train;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("train.txt");
    letor::write(&path, &train).expect("the folder is writable");
    let bytes = std::fs::metadata(&path).expect("just written").len();

    let mut group = criterion.benchmark_group("letor");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("read/100x1000x46", |bench| {
        bench.iter(|| letor::read(&path, &LetorOptions::default()).expect("a valid file"));
    });
    group.throughput(Throughput::Elements((train.documents() * train.feature_count()) as u64));
    for kind in [Normalization::QueryMinmax, Normalization::QueryZscore, Normalization::Log1p] {
        let normalizer = Normalizer::fit(kind, &train);
        group.bench_function(format!("normalise {kind:?}/100x1000x46"), |bench| {
            bench.iter_batched(
                || train.clone(),
                |set| normalizer.apply(set).expect("its own training data"),
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
