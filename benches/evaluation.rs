//! Evaluation of a run that is in memory: parsing, ranking and measures.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use irgan::evaluation::{Measure, Options, Qrels, RunFile, evaluate};

/// Judgements and a run for `queries × documents`, scores descending or in a fixed scatter.
fn files(queries: u32, documents: u32, sorted: bool) -> (Vec<u8>, Vec<u8>) {
    let (mut qrels, mut run) = (String::new(), String::new());
    for query in 0..queries {
        for document in 0..documents {
            let id = (u64::from(query) * 7919 + u64::from(document) * 104_729) % 1_000_003;
            let place = if sorted { document } else { document * 389 % documents };
            let score = 20.0 - f64::from(place) * 0.0137;
            writeln!(run, "{query} Q0 D{id} {} {score:.4} bench", document + 1).unwrap();
            if document % 20 == 3 {
                writeln!(qrels, "{query} 0 D{id} {}", document / 20 % 4).unwrap();
            }
        }
    }
    (qrels.into_bytes(), run.into_bytes())
}

fn evaluation(criterion: &mut Criterion) {
    let measures: Vec<Measure> =
        ["nDCG@10", "P@10", "AP", "RR", "R@1000"].map(|name| name.parse().unwrap()).to_vec();
    let mut group = criterion.benchmark_group("evaluate");
    for (name, sorted) in [("sorted", true), ("unsorted", false)] {
        let (qrels, run) = files(100, 1000, sorted);
        group.throughput(Throughput::Bytes(run.len() as u64));
        let qrels = Qrels::from_bytes("qrels", qrels).unwrap();
        let run = RunFile::from_bytes("run", run);
        group.bench_function(BenchmarkId::new(name, "100x1000"), |bencher| {
            bencher.iter(|| {
                evaluate(black_box(&qrels), black_box(&run), &measures, &Options::default()).unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, evaluation);
criterion_main!(benches);
