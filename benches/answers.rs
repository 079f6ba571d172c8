//! QA-CNN at the paper's sizes: pools of 100 answers of 40 words scored for 8 questions, E 100, widths 1, 2, 3 and 5
//! with 500 filters each; beside it the rate of the GEMM alone. Throughput is in floating-point operations.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use irgan::data::answers::{Answer, AnswerSet, Question};
use irgan::math::{gemm::matmul, parallel::ordered_map};
use irgan::nn::{Embedding, Filters, Initializer, Parameters};
use irgan::ranking::answers::{AnswerConfig, AnswerPools, AnswerScorer, Lexicon};
use irgan::ranking::{Candidates, Scorer};
use irgan::seed::Stream;
use ndarray::Array2;
use rand::Rng as _;

const QUESTIONS: usize = 8;
const POOL: usize = 100;
const WORDS: usize = 40;
const VOCABULARY: u32 = 5000;
const WIDTHS: [usize; 4] = [1, 2, 3, 5];

fn config() -> AnswerConfig {
    let filters = WIDTHS.map(|width| Filters { width, count: 500 }).to_vec();
    AnswerConfig { min_count: 1, embedding: 100, filters, dropout: 0.0, ..AnswerConfig::default() }
}

fn set() -> AnswerSet {
    let mut rng = Stream::new(1).rng();
    let mut text = |words: usize| -> String {
        (0..words).map(|_| format!("w{} ", rng.random_range(0..VOCABULARY))).collect()
    };
    let question = |_| {
        let answers = (0..POOL).map(|a| Answer { text: text(WORDS), right: a == 0 }).collect();
        Question { text: text(8), answers }
    };
    AnswerSet::new((0..QUESTIONS).map(question).collect())
}

/// Operations of the convolutions: each text once, two a multiplication and addition.
fn operations() -> u64 {
    let of_text =
        |words: usize| -> usize { WIDTHS.map(|w| (words + 1 - w) * w * 100 * 500 * 2).iter().sum() };
    (QUESTIONS * (POOL * of_text(WORDS) + of_text(8))) as u64
}

fn answers(criterion: &mut Criterion) {
    let (set, config) = (set(), config());
    let lexicon = Lexicon::build(&set, config.min_count);
    let pools = AnswerPools::new(&set, &lexicon, &config, None);
    let words = lexicon.vocabulary().len();
    let embedding = Embedding::new(words, 100, Initializer::Uniform(0.25), &mut Stream::new(2).rng());
    let scorer = AnswerScorer::new(&config, embedding, Stream::new(3));
    let queries: Vec<u32> = (0..QUESTIONS as u32).collect();

    let mut group = criterion.benchmark_group("answers");
    group.sample_size(10);
    let size = format!("Q{QUESTIONS}-D{POOL}-T{WORDS}-E100-F2000");
    group.throughput(Throughput::Elements(operations()));
    group.bench_function(format!("score/{size}"), |b| {
        b.iter(|| scorer.score_pools(&pools, black_box(&queries)));
    });
    group.bench_function(format!("train-step/{size}"), |b| {
        let d_scores = vec![0.1; QUESTIONS * POOL];
        let mut gradient = scorer.zeros_like();
        b.iter(|| {
            let (_, cache) = scorer.forward(&pools, Candidates::Pools(&queries), &mut Stream::new(4).rng());
            scorer.backward(&cache, &d_scores, &mut gradient);
        });
    });

    // 32 products of the shape, shared out as the scorer's texts are.
    let (a, b) = (matrix(1216, 100), matrix(100, 500));
    group.throughput(Throughput::Elements(32 * 2 * 1216 * 100 * 500));
    group.bench_function("gemm/1216x100x500", |bench| {
        bench.iter(|| ordered_map(32, |_| matmul(a.view(), black_box(b.view()))[[0, 0]]));
    });
    group.finish();
}

fn matrix(rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |(i, j)| ((i * columns + j) as f32 * 0.618).sin())
}

criterion_group!(benches, answers);
criterion_main!(benches);
