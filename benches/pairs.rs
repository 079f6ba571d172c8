//! An encoder–decoder at the sizes of `scripts/peer_seq2seq.py`: V 10,000, E = H = 256, sources and answers of 20 tokens,
//! batches of 64 pairs, general attention, without and with input feeding.
//!
//! What is measured is processor time, which a busy machine changes less than that of the clock; with
//! `RAYON_NUM_THREADS=1` it is the time of an idle one.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, criterion_group, criterion_main};
use irgan::data::pairs::Source;
use irgan::data::sentences::Sequences;
use irgan::nn::{AttentionKind, CellKind, Clip, Initializer, Learner, OptimizerConfig};
use irgan::seed::Stream;
use irgan::text::Beam;
use irgan::text::models::{EncoderDecoder, EncoderDecoderShape, EncoderKind, LanguageModel};
use ndarray::Array2;
use rand::Rng as _;

#[global_allocator]
static ALLOCATOR: irgan::memory::LargePages = irgan::memory::LargePages; // as the programs do

const VOCABULARY: u32 = 10_000;
const STEPS: usize = 20;
const BATCH: usize = 64;

/// Time that this process has computed, on all its threads.
struct ProcessorTime;

impl Measurement for ProcessorTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the call writes one `timespec`, which is borrowed mutably.
        unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }

    fn end(&self, start: Duration) -> Duration {
        self.start() - start
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn shape(input_feeding: bool) -> EncoderDecoderShape {
    EncoderDecoderShape {
        vocabulary: VOCABULARY as usize,
        embedding: 256,
        hidden: 256,
        cell: CellKind::Lstm,
        encoder: EncoderKind::Flat,
        bidirectional: false,
        attention: AttentionKind::General,
        input_feeding,
        reverse_source: false,
        shared_embeddings: false,
        source_steps: STEPS,
        steps: STEPS,
        start: 0,
        end: None,
        never: vec![0],
        turn_end: None,
    }
}

fn tokens(count: usize, seed: u64) -> Array2<u32> {
    let mut rng = Stream::new(seed).named("tokens").rng();
    Array2::from_shape_simple_fn((count, STEPS), || rng.random_range(1..VOCABULARY))
}

fn sources(count: usize) -> Vec<Source> {
    tokens(count, 1).rows().into_iter().map(|row| row.iter().copied().collect()).collect()
}

fn likelihood(criterion: &mut Criterion<ProcessorTime>) {
    // As the programs do.
    irgan::memory::keep_freed();
    let mut group = criterion.benchmark_group("pairs");
    group.sample_size(10);
    let (sources, answers) = (sources(10 * BATCH), Sequences::fixed(tokens(10 * BATCH, 2)));
    let weights = Array2::from_elem((BATCH, STEPS), 1.0 / (BATCH * STEPS) as f32);
    for fed in [false, true] {
        let model = EncoderDecoder::new(&shape(fed), Initializer::Normal(0.05), &mut Stream::new(3).rng());
        let config = OptimizerConfig { clip: Clip::Norm(5.0), ..OptimizerConfig::default() };
        let mut learner = Learner::new(model, config);
        group.bench_function(format!("mle/10 batches/{}", size(fed)), |bench| {
            bench.iter(|| {
                for first in (0..10 * BATCH).step_by(BATCH) {
                    let rows: Vec<usize> = (first..first + BATCH).collect();
                    let (sources, answers) = (&sources[first..first + BATCH], answers.select(&rows));
                    let mut step = learner.gradient(sources, &answers, weights.view(), None);
                    learner.update(&mut step.gradient);
                }
            });
        });
    }
    group.finish();
}

fn writing(criterion: &mut Criterion<ProcessorTime>) {
    let mut group = criterion.benchmark_group("pairs");
    group.sample_size(10);
    let sources = sources(1000);
    for fed in [false, true] {
        let model = EncoderDecoder::new(&shape(fed), Initializer::Normal(0.05), &mut Stream::new(3).rng());
        group.bench_function(format!("draw/1000 answers/{}", size(fed)), |bench| {
            bench.iter(|| black_box(model.draw(&sources, Stream::new(4))));
        });
        group.bench_function(format!("beam-5/100 answers/{}", size(fed)), |bench| {
            bench.iter(|| black_box(Beam::new(5).search(&model, &sources[..100], &[])));
        });
    }
    group.finish();
}

fn size(fed: bool) -> String {
    format!("V10000-E256-H256-T20-B64{}", if fed { "-fed" } else { "" })
}

fn criterion() -> Criterion<ProcessorTime> {
    Criterion::default().with_measurement(ProcessorTime)
}

criterion_group! { name = benches; config = criterion(); targets = likelihood, writing }
criterion_main!(benches);
