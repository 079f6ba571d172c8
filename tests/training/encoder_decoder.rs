//! An encoder–decoder goes through everything that takes a language model: maximum likelihood, rollouts, the policy
//! gradient, decoding; and attention is worth it.

use std::sync::Arc;

use irgan::data::pairs::Source;
use irgan::data::sentences::Sequences;
use irgan::game::RewardSource;
use irgan::nn::{AttentionKind, CellKind, Clip, Initializer, Learner, OptimizerConfig};
use irgan::policy_gradient::{Baseline, BaselineState, Reduction, policy_gradient};
use irgan::seed::Stream;
use irgan::text::judges::{RivalScorer, SentenceScorer};
use irgan::text::models::{EncoderDecoder, EncoderDecoderShape, EncoderKind, LanguageModel};
use irgan::text::{
    Credit, CreditedReward, Decoding, Examples, MleConfig, RewardForm, decode, fit_likelihood,
};
use ndarray::{Array2, array};
use rand::Rng as _;

fn shape(attention: AttentionKind, vocabulary: usize, hidden: usize, length: usize) -> EncoderDecoderShape {
    EncoderDecoderShape {
        vocabulary,
        embedding: hidden,
        hidden,
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

fn fresh(shape: &EncoderDecoderShape) -> EncoderDecoder {
    EncoderDecoder::new(shape, Initializer::Xavier, &mut Stream::new(1).rng())
}

fn learner(model: EncoderDecoder, learning_rate: f32) -> Learner<EncoderDecoder> {
    let config = OptimizerConfig { learning_rate, clip: Clip::Norm(1.0), ..OptimizerConfig::default() };
    Learner::new(model, config)
}

/// Random sources of `length` of eight symbols, and their answers: the same and the end.
fn copies(count: usize, length: usize, stream: Stream) -> (Vec<Source>, Sequences) {
    let mut rng = stream.rng();
    let mut tokens = Array2::from_elem((count, length + 1), 1);
    tokens.slice_mut(ndarray::s![.., ..length]).map_inplace(|token| *token = rng.random_range(2..10));
    let source = |row: ndarray::ArrayView1<'_, u32>| row.iter().take(length).copied().collect();
    (tokens.rows().into_iter().map(source).collect(), Sequences::fixed(tokens))
}

/// Trains to copy sources of `length` symbols and returns the share of unseen ones that greedy decoding copies.
fn copied(attention: AttentionKind, length: usize, updates: u64) -> f64 {
    let mut learner = learner(fresh(&shape(attention, 10, 32, length)), 1e-2);
    let weights = Array2::from_elem((32, length + 1), 1.0 / (32 * (length + 1)) as f32);
    for update in 0..updates {
        let (sources, answers) = copies(32, length, Stream::new(2).at(update));
        let mut step = learner.gradient(&sources, &answers, weights.view(), None);
        learner.update(&mut step.gradient);
    }
    let (sources, answers) = copies(200, length, Stream::new(3));
    let greedy = Decoding { temperature: 0.0, ..Decoding::default() };
    let written = decode(learner.model(), &sources, &vec![&[][..]; 200], &greedy, Stream::new(4));
    written.iter().zip(answers.iter()).filter(|(a, b)| a == b).count() as f64 / 200.0
}

/// The same at length 20 is examples/copy_task.rs.
#[test]
fn attention_copies_where_a_state_of_fixed_size_does_not() {
    let with = copied(AttentionKind::General, 8, 350);
    assert!(with >= 0.99, "with attention {with}");
    let without = copied(AttentionKind::None, 8, 350);
    assert!(without < 0.5, "without attention {without}");
}

/// Two sources; to the first belongs token 2, to the second token 3.
fn two_sources() -> [Source; 2] {
    [Arc::from([4, 5]), Arc::from([5, 5, 4])]
}

/// Share of the source's own token in an answer.
struct OwnTokens;

impl SentenceScorer<EncoderDecoder> for OwnTokens {
    fn score(&self, contexts: &[Source], sentences: &Sequences) -> Vec<f32> {
        let share = |(source, sentence): (&Source, &[u32])| {
            let own = if source.len() == 2 { 2 } else { 3 };
            sentence.iter().filter(|&&token| token == own).count() as f32 / 4.0
        };
        contexts.iter().zip(sentences.iter()).map(share).collect()
    }
}

fn credited(rollouts: usize) -> CreditedReward<'static, EncoderDecoder> {
    CreditedReward {
        team: irgan::team::Team::ALONE,
        judge: &OwnTokens,
        credit: Credit::Rollouts,
        rollout: None,
        rollouts,
        control: RewardSource::Discriminator,
        form: RewardForm::default(),
        entropy: 0.0,
    }
}

#[test]
fn the_policy_gradient_teaches_each_source_its_own_answers() {
    let mut learner = learner(fresh(&shape(AttentionKind::Dot, 6, 8, 3)), 0.02);
    let sources: Vec<Source> = (0..64).map(|i| two_sources()[i / 32].clone()).collect();
    let baseline = BaselineState::new(Baseline::LeaveOneOut);
    let judged = |model: &EncoderDecoder| {
        let drawn = model.draw(&sources, Stream::new(5));
        OwnTokens.score(&sources, &drawn).iter().sum::<f32>() / 64.0
    };
    let before = judged(learner.model());
    for step in 0..80 {
        let stream = Stream::new(4).at(step);
        let reward = credited(2);
        let mut step =
            policy_gradient(learner.model(), &reward, &sources[..], &baseline, Reduction::Mean, 2, stream);
        assert_eq!(step.diagnostics.contexts, 2, "one group a source");
        learner.update(&mut step.gradient);
    }
    let after = judged(learner.model());
    assert!(before < 0.4 && after > 0.9, "{before} before, {after} after");
}

/// Expected judgement of the answers that begin with `prefix`, by enumeration.
fn expected(model: &EncoderDecoder, source: &Source, prefix: &[u32]) -> f64 {
    if prefix.last() == Some(&1) || prefix.len() == 4 {
        let mut tokens = Array2::zeros((1, 4));
        tokens.iter_mut().zip(prefix).for_each(|(to, &from)| *to = from);
        let sentence = Sequences::new(tokens, vec![prefix.len() as u32]);
        return f64::from(OwnTokens.score(std::slice::from_ref(source), &sentence)[0]);
    }
    let mut state = model.start(std::slice::from_ref(source));
    for &token in [0].iter().chain(prefix) {
        state = model.advance(&[token], &state);
    }
    let logits = model.logits(&state).row(0).to_vec();
    let total: f64 = logits.iter().map(|&z| f64::from(z).exp()).sum();
    let next = |(token, &z): (usize, &f32)| {
        let p = f64::from(z).exp() / total;
        if p == 0.0 { 0.0 } else { p * expected(model, source, &[prefix, &[token as u32]].concat()) }
    };
    logits.iter().enumerate().map(next).sum()
}

#[test]
fn monte_carlo_values_are_those_of_enumeration() {
    let model = fresh(&shape(AttentionKind::Additive, 6, 8, 3)).at_temperature(0.3);
    let sentences = Sequences::new(array![[2, 4, 3, 1], [3, 3, 1, 0]], vec![4, 3]);
    let found = credited(4000).values(&model, &two_sources(), &sentences, Stream::new(6));
    for (row, sentence) in sentences.iter().enumerate() {
        for end in 1..=sentence.len() {
            let value = expected(&model, &two_sources()[row], &sentence[..end]);
            let estimate = f64::from(found[[row, end - 1]]);
            // A judgement lies in [0, 1]: σ ≤ 0.5 / √4000 = 0.008, four of them.
            assert!((estimate - value).abs() < 0.032, "{row}, {end}: {estimate}, enumerated {value}");
        }
    }
    let rival = RivalScorer(&model);
    let judge: &dyn SentenceScorer<EncoderDecoder> = &rival;
    let ratio = CreditedReward { judge, credit: Credit::Token, ..credited(1) };
    let zero = ratio.values(&model, &two_sources(), &sentences, Stream::new(7));
    assert!(zero.iter().all(|&r| r == 0.0), "the log-ratio of equal models");
}

#[test]
fn maximum_likelihood_learns_what_each_source_says() {
    // A source says which of two equally frequent first tokens comes: ln 2 nats less than without it.
    let sources: Vec<Source> = (0..200).map(|i| two_sources()[i % 2].clone()).collect();
    let tokens = Array2::from_shape_fn((200, 4), |(i, step)| if step == 0 { 2 + i as u32 % 2 } else { 1 });
    let tokens = Array2::from_shape_fn((200, 4), |(i, step)| if step < 2 { tokens[[i, step]] } else { 0 });
    let answers = Sequences::new(tokens, vec![2; 200]);
    let examples = Examples { contexts: &sources, sentences: &answers };
    let settings = MleConfig {
        epochs: 12,
        batch: 32,
        optimizer: OptimizerConfig { learning_rate: 0.03, ..OptimizerConfig::default() },
        ..MleConfig::default()
    };
    let model = fresh(&shape(AttentionKind::None, 6, 8, 3));
    let model =
        fit_likelihood(model, examples, examples, &settings, Stream::new(8), |_| Ok(())).expect("finite");
    let nll = LanguageModel::nll(&model, &sources, &answers);
    assert!(nll < 0.05, "{nll} nats a token; not knowing the source costs 0.35");
}
