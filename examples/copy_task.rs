//! The copy task: can a model say again, token by token, the random sequence that it has read? A state of fixed size must
//! remember the whole source; attention looks it up (Bahdanau et al., 2015).
//!
//! ```sh
//! cargo run --release --example copy_task -- general 20 1500    # attention, length, updates
//! cargo run --release --example copy_task -- none 20 1500
//! ```
//!
//! Both networks see the same sequences. Prints the share of unseen sequences that greedy decoding copies without an error.

use irgan::data::pairs::Source;
use irgan::data::sentences::Sequences;
use irgan::nn::{AttentionKind, CellKind, Clip, Initializer, Learner, OptimizerConfig};
use irgan::seed::Stream;
use irgan::text::models::{EncoderDecoder, EncoderDecoderShape, EncoderKind, LanguageModel};
use irgan::text::{Decoding, decode};
use ndarray::Array2;
use rand::Rng as _;

/// Different symbols, tokens 2 to 9; token 0 starts and token 1 ends an answer.
const SYMBOLS: u32 = 8;
const BATCH: usize = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |place: usize, default: &str| arguments.get(place).map_or(default, |a| a).to_owned();
    let attention = match argument(1, "general").as_str() {
        "none" => AttentionKind::None,
        "dot" => AttentionKind::Dot,
        "general" => AttentionKind::General,
        "additive" => AttentionKind::Additive,
        other => panic!("attention {other}: expected none, dot, general or additive"),
    };
    let length: usize = argument(2, "20").parse().expect("a length");
    let updates: usize = argument(3, "1500").parse().expect("a number of updates");
    let seed: u64 = argument(4, "1").parse().expect("a seed");

    let shape = shape(attention, length);
    shape.validate().expect("a valid shape");
    let stream = Stream::new(seed);
    let model = EncoderDecoder::new(&shape, Initializer::Xavier, &mut stream.named("init").rng());
    let config = OptimizerConfig { learning_rate: 3e-3, clip: Clip::Norm(1.0), ..OptimizerConfig::default() };
    let mut learner = Learner::new(model, config);
    let weights = Array2::from_elem((BATCH, length + 1), 1.0 / (BATCH * (length + 1)) as f32);
    for update in 1..=updates {
        let left = (updates + 1 - update) as f32 / updates as f32;
        learner.set_learning_rate(config.learning_rate * left);
        let (sources, answers) = copies(BATCH, length, stream.named("train").at(update as u64));
        let mut step = learner.gradient(&sources, &answers, weights.view(), None);
        learner.update(&mut step.gradient);
        if update % 250 == 0 || update == updates {
            let (sources, answers) = copies(200, length, stream.named("test"));
            let share = exact(learner.model(), &sources, &answers);
            println!("update {update}: {:.4} nats a token, {:.1} % copied", step.loss, 100.0 * share);
        }
    }
}

fn shape(attention: AttentionKind, length: usize) -> EncoderDecoderShape {
    EncoderDecoderShape {
        vocabulary: 2 + SYMBOLS as usize,
        embedding: 32,
        hidden: 64,
        cell: CellKind::Gru,
        encoder: EncoderKind::Flat,
        bidirectional: true,
        attention,
        input_feeding: attention != AttentionKind::None,
        reverse_source: false,
        shared_embeddings: true,
        source_steps: length,
        steps: length + 1,
        start: 0,
        end: Some(1),
        never: vec![0],
        turn_end: None,
    }
}

/// Draws random sources of `length` symbols, and their answers: the same and the end.
fn copies(count: usize, length: usize, stream: Stream) -> (Vec<Source>, Sequences) {
    let mut rng = stream.rng();
    let mut tokens = Array2::from_elem((count, length + 1), 1);
    tokens
        .slice_mut(ndarray::s![.., ..length])
        .map_inplace(|token| *token = 2 + rng.random_range(0..SYMBOLS));
    let source = |row: ndarray::ArrayView1<'_, u32>| row.iter().take(length).copied().collect();
    (tokens.rows().into_iter().map(source).collect(), Sequences::fixed(tokens))
}

/// Returns the share of sources whose greedy answer is the expected one.
fn exact(model: &EncoderDecoder, sources: &[Source], answers: &Sequences) -> f64 {
    let greedy = Decoding { temperature: 0.0, ..Decoding::default() };
    let written = decode(model, sources, &vec![&[][..]; sources.len()], &greedy, Stream::new(0));
    let right = written.iter().zip(answers.iter()).filter(|(a, b)| a == b).count();
    right as f64 / sources.len() as f64
}
