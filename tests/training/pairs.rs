//! Answers learn from rewards: the policy gradient finds known best answers from a bad start, a planted error is found by
//! both ways to share a judgement out, and Monte Carlo rewards are those of full enumeration.

use std::time::Instant;

use irgan::data::pairs::{Pairs, Source};
use irgan::data::sentences::Sequences;
use irgan::data::words;
use irgan::game::RewardSource;
use irgan::nn::{AttentionKind, CellKind, Embedding, Initializer, Learner, OptimizerConfig, Parameters as _};
use irgan::policy_gradient::{Baseline, BaselineState, Reduction, policy_gradient};
use irgan::seed::{Rng, Stream};
use irgan::text::judges::SentenceScorer;
use irgan::text::models::{EncoderDecoder, EncoderDecoderShape, EncoderKind, LanguageModel};
use irgan::text::pairs::Evaluator;
use irgan::text::pairs::judges::{HierarchicalJudge, HierarchicalShape, PairClassifier};
use irgan::text::{Credit, CreditedReward, Examples, MleConfig, RewardForm, beam_search, fit_likelihood};
use ndarray::Array2;
use rand::Rng as _;

const END: u32 = 1;
/// Tokens of a source and of its answer without the end.
const LENGTH: usize = 3;

/// An encoder–decoder of `vocabulary` tokens, of which 0 is the start and 1 the end.
fn network(vocabulary: usize, hidden: usize, seed: u64) -> EncoderDecoder {
    let shape = EncoderDecoderShape {
        vocabulary,
        embedding: hidden,
        hidden,
        cell: CellKind::Gru,
        encoder: EncoderKind::Flat,
        bidirectional: true,
        attention: AttentionKind::General,
        input_feeding: false,
        reverse_source: false,
        shared_embeddings: true,
        source_steps: LENGTH,
        steps: LENGTH + 1,
        start: 0,
        end: Some(END),
        never: vec![0],
        turn_end: None,
    };
    EncoderDecoder::new(&shape, Initializer::Normal(0.3), &mut Stream::new(seed).rng())
}

/// The best answer: the source itself.
fn best(source: &Source) -> Vec<u32> {
    source.iter().copied().chain([END]).collect()
}

/// Sources of random words below `vocabulary`, with the best answers, of which a share has random words instead.
fn copies(count: usize, vocabulary: u32, corrupted: f64, rng: &mut Rng) -> Pairs {
    let word = |rng: &mut Rng| rng.random_range(2..vocabulary);
    let mut answers = vec![];
    let mut sources: Vec<Source> = vec![];
    for _ in 0..count {
        let source: Source = (0..LENGTH).map(|_| word(rng)).collect();
        let mut answer = best(&source);
        for token in &mut answer[..LENGTH] {
            if rng.random_bool(corrupted) {
                *token = word(rng);
            }
        }
        sources.push(source);
        answers.push(answer);
    }
    Pairs::new(sources, Sequences::of(&answers).with_steps(LENGTH + 1))
}

/// Share of the places at which an answer is the best one; a missing word is wrong.
struct Matches;

impl SentenceScorer<EncoderDecoder> for Matches {
    fn score(&self, sources: &[Source], answers: &Sequences) -> Vec<f32> {
        let one = |(source, answer): (&Source, &[u32])| {
            let best = best(source);
            let right = best.iter().zip(answer).filter(|(a, b)| a == b).count();
            right as f32 / best.len() as f32
        };
        sources.iter().zip(answers.iter()).map(one).collect()
    }
}

fn likely(start: EncoderDecoder, pairs: &Pairs, epochs: usize) -> EncoderDecoder {
    let examples = Examples { contexts: &pairs.sources, sentences: &pairs.answers };
    let optimizer = OptimizerConfig { learning_rate: 0.01, ..OptimizerConfig::default() };
    let settings =
        MleConfig { epochs, batch: 32, dropout: 0.0, patience: 0, optimizer, ..MleConfig::default() };
    fit_likelihood(start, examples, examples, &settings, Stream::new(11), |_| Ok(())).expect("finite")
}

/// Share of sources whose likeliest answer is the best one.
fn solved(model: &EncoderDecoder, pairs: &Pairs) -> f64 {
    let right = |source: &&Source| beam_search(model, source, &[], 2)[0].0 == best(source);
    pairs.sources.iter().filter(right).count() as f64 / pairs.len() as f64
}

#[test]
fn the_policy_gradient_finds_the_best_answers_from_a_bad_start() {
    let mut rng = Stream::new(1).rng();
    // 6 words. With 0.7 of the words random, a word is right with probability 0.3 + 0.7 / 6 = 0.42.
    let corrupted = copies(600, 8, 0.7, &mut rng);
    let clean = copies(60, 8, 0.0, &mut rng);
    let start = likely(network(8, 24, 2), &corrupted, 6);
    let drawn = |model: &EncoderDecoder| {
        let answers = model.draw(&clean.sources, Stream::new(3));
        Matches.score(&clean.sources, &answers).iter().sum::<f32>() / clean.len() as f32
    };
    let before = drawn(&start);
    assert!(before < 0.75, "a bad start: {before}");
    let optimizer = OptimizerConfig { learning_rate: 3e-3, ..OptimizerConfig::default() };
    let mut learner = Learner::new(start, optimizer);
    let baseline = BaselineState::new(Baseline::LeaveOneOut);
    for step in 0..250 {
        let stream = Stream::new(4).at(step);
        let mut rng = stream.named("sources").rng();
        let sources = copies(8, 8, 0.0, &mut rng).sources;
        let contexts: Vec<Source> = sources.iter().flat_map(|source| vec![source.clone(); 4]).collect();
        let control = RewardSource::Discriminator;
        let reward = CreditedReward {
            team: irgan::team::Team::ALONE,
            judge: &Matches,
            credit: Credit::Rollouts,
            rollout: None,
            rollouts: 2,
            control,
            form: RewardForm::default(),
            entropy: 0.0,
        };
        let groups = contexts.chunk_by(|a, b| a == b).count();
        let policy = learner.model();
        let mut step =
            policy_gradient(policy, &reward, &contexts[..], &baseline, Reduction::Mean, groups, stream);
        learner.update(&mut step.gradient);
    }
    let after = drawn(learner.model());
    let share = solved(learner.model(), &clean);
    assert!(after > 0.95 && share > 0.95, "{before} before, {after} after; {share} solved");
}

/// A judge that learnt to tell the best answers from those with one wrong word.
fn judge(prefixes: bool) -> HierarchicalJudge {
    let shape = HierarchicalShape { embedding: 24, hidden: 32, dropout: 0.0, ..HierarchicalShape::default() };
    let vectors = Embedding::new(6, shape.embedding, Initializer::Uniform(0.5), &mut Stream::new(5).rng());
    let network = HierarchicalJudge::new(&shape, &vectors, None, &mut Stream::new(5).rng());
    let optimizer = OptimizerConfig { learning_rate: 0.01, ..OptimizerConfig::default() };
    let mut learner = Learner::new(network, optimizer);
    for step in 0..900 {
        let mut rng = Stream::new(6).at(step).rng();
        let real = copies(32, 6, 0.0, &mut rng);
        let wrong = planted(&real, |rng| rng.random_range(0..LENGTH), &mut rng);
        let sources: Vec<Source> = real.sources.iter().chain(&real.sources).cloned().collect();
        let mut answers = real.answers.chain(&wrong);
        if prefixes {
            let lengths: Vec<u32> = (0..64).map(|_| rng.random_range(1..=LENGTH as u32 + 1)).collect();
            answers = answers.prefixes(&lengths);
        }
        let labels: Vec<bool> = (0..64).map(|i| i < 32).collect();
        let mut gradient = learner.model().zeros_like();
        learner.gradient(&sources, &answers, &labels, &mut rng, &mut gradient);
        learner.update(&mut gradient);
    }
    learner.into_model()
}

/// Best answers with one wrong word, at the place that `place` chooses.
fn planted(pairs: &Pairs, place: impl Fn(&mut Rng) -> usize, rng: &mut Rng) -> Sequences {
    let wrong = |answer: &[u32]| {
        let mut answer = answer.to_vec();
        let at = place(rng);
        answer[at] = 2 + (answer[at] - 2 + rng.random_range(1..4)) % 4;
        answer
    };
    let answers: Vec<Vec<u32>> = pairs.answers.iter().map(wrong).collect();
    Sequences::of(&answers)
}

/// P(real) of a network, of whole answers and of prefixes.
struct Judged(HierarchicalJudge);

impl SentenceScorer<EncoderDecoder> for Judged {
    fn score(&self, sources: &[Source], answers: &Sequences) -> Vec<f32> {
        self.0.judgements(sources, answers)
    }

    fn score_prefixes(&self, sources: &[Source], answers: &Sequences) -> Option<Array2<f32>> {
        self.0.prefix_judgements(sources, answers)
    }
}

/// Share of answers whose planted error, at `place`, has the lowest reward against the token before, with the seconds that
/// the rewards took.
fn found(judge: &Judged, writer: &EncoderDecoder, credit: Credit, place: usize) -> (f64, f64) {
    let mut rng = Stream::new(7).rng();
    let real = copies(100, 6, 0.0, &mut rng);
    let wrong = planted(&real, |_| place, &mut rng);
    let control = RewardSource::Discriminator;
    let reward = CreditedReward {
        team: irgan::team::Team::ALONE,
        judge,
        credit,
        rollout: Some(writer),
        rollouts: 16,
        control,
        form: RewardForm::default(),
        entropy: 0.0,
    };
    let started = Instant::now();
    let q = reward.values(writer, &real.sources, &wrong, Stream::new(8));
    let seconds = started.elapsed().as_secs_f64();
    let gains = |row: usize| {
        let gain = |step: usize| q[[row, step]] - if step == 0 { 0.5 } else { q[[row, step - 1]] };
        (0..=LENGTH).map(gain).collect::<Vec<f32>>()
    };
    let lowest = |row: &usize| {
        let gains = gains(*row);
        (0..gains.len()).min_by(|&a, &b| gains[a].total_cmp(&gains[b])) == Some(place)
    };
    ((0..100).filter(lowest).count() as f64 / 100.0, seconds)
}

#[test]
fn a_planted_error_gets_the_low_reward_under_both_credits() {
    let mut rng = Stream::new(9).rng();
    // A writer that mostly goes on rightly, as rollouts need it.
    let writer = likely(network(6, 24, 10), &copies(400, 6, 0.1, &mut rng), 20);
    let (whole, prefix) = (Judged(judge(false)), Judged(judge(true)));
    for place in 0..LENGTH {
        let (rollouts, of_rollouts) = found(&whole, &writer, Credit::Rollouts, place);
        let (prefixes, of_prefixes) = found(&prefix, &writer, Credit::Prefix, place);
        println!(
            "error at {place}: rollouts {rollouts:.2} in {of_rollouts:.4} s, prefixes {prefixes:.2} in {of_prefixes:.4} s"
        );
        assert!(rollouts > 0.8 && prefixes > 0.8, "{place}: rollouts {rollouts}, prefixes {prefixes}");
    }
}

#[test]
fn an_evaluator_is_right_where_the_answer_is_known() {
    // The answer repeats the one word of its source, of 4.
    let mut rng = Stream::new(20).rng();
    let said: Vec<u32> = (0..800).map(|_| rng.random_range(4..8)).collect();
    let answers: Vec<Vec<u32>> = said.iter().map(|&word| vec![word, word, words::END]).collect();
    let sources = said.iter().map(|&word| Source::from([word])).collect();
    let real = Pairs::new(sources, Sequences::of(&answers));
    let vectors = Embedding::new(8, 16, Initializer::Uniform(0.5), &mut rng);
    let evaluator = Evaluator { real: &real, vectors: &vectors, turn_end: None, stream: Stream::new(21) };
    let known = evaluator.known_cases();
    println!("{known:?}");
    // 160 examples of a fair coin: σ = 0.04. A shuffled answer is right once in 4, random words once in 16: half of these
    // are told wrongly at best.
    assert!((known.real - 0.5).abs() < 0.16, "{known:?}");
    assert!(known.shuffled < 0.25 && known.random < 0.2, "{known:?}");
    // The real answers as those of a system: half of the examples are told wrongly.
    assert!((evaluator.success(&real.answers) - 0.5).abs() < 1e-9);
}

/// A judgement of nothing but the tokens, different for every answer.
struct Uneven;

impl SentenceScorer<EncoderDecoder> for Uneven {
    fn score(&self, sources: &[Source], answers: &Sequences) -> Vec<f32> {
        let one = |(source, answer): (&Source, &[u32])| {
            let sum: u32 = answer.iter().zip(1..).map(|(&token, place)| token * place * source[0]).sum();
            (sum % 7) as f32 / 6.0
        };
        sources.iter().zip(answers.iter()).map(one).collect()
    }
}

/// `Q` of a prefix by enumeration: the expected judgement when `model` writes the rest.
fn enumerated(model: &EncoderDecoder, source: &Source, prefix: &[u32]) -> f64 {
    if prefix.len() == LENGTH + 1 || prefix.last() == Some(&END) {
        return f64::from(Uneven.score(std::slice::from_ref(source), &Sequences::of(&[prefix.to_vec()]))[0]);
    }
    let next = |token: u32| {
        let longer = [prefix, &[token]].concat();
        let log_p = model
            .log_probabilities(std::slice::from_ref(source), &Sequences::of(std::slice::from_ref(&longer)));
        f64::from(log_p[[0, prefix.len()]]).exp() * enumerated(model, source, &longer)
    };
    (1..4).map(next).sum()
}

#[test]
fn monte_carlo_rewards_are_those_of_full_enumeration() {
    let model = network(4, 6, 12);
    let sources: Vec<Source> = vec![[2, 3, 3].into(), [3].into()];
    let answers = Sequences::of(&[vec![2, 3, 2, END], vec![3, 2, END]]).with_steps(LENGTH + 1);
    let control = RewardSource::Discriminator;
    let reward = CreditedReward {
        team: irgan::team::Team::ALONE,
        judge: &Uneven,
        credit: Credit::Rollouts,
        rollout: None,
        rollouts: 4000,
        control,
        form: RewardForm::default(),
        entropy: 0.0,
    };
    let q = reward.values(&model, &sources, &answers, Stream::new(13));
    for (row, source) in sources.iter().enumerate() {
        for step in 0..answers.sentence(row).len() {
            let expected = enumerated(&model, source, &answers.sentence(row)[..=step]);
            // σ of the mean of 4000 judgements in [0, 1] is 0.5 / √4000 = 0.008 at most.
            assert!((f64::from(q[[row, step]]) - expected).abs() < 0.03, "{row}, {step}: {q}, {expected}");
        }
    }
}
