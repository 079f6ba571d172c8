//! A language model with a context goes through everything that takes a language model.

use ndarray::{Array2, Array3, array};

use super::judges::{RivalScorer, SentenceScorer};
use super::models::{ClassTable, LanguageModel};
use super::{
    Credit, CreditedReward, Decoding, Examples, MleConfig, RewardForm, beam_search, decode, fit_likelihood,
};
use crate::data::sentences::Sequences;
use crate::game::RewardSource;
use crate::nn::{Learner, OptimizerConfig, Parameters as _};
use crate::policy_gradient::{Baseline, BaselineState, Reduction, policy_gradient};
use crate::seed::Stream;

/// Class 0 writes token 0 with probability 0.8, class 1 token 1, whatever stands before.
fn two_classes() -> ClassTable {
    let logits = Array3::from_shape_fn(
        (2, 2, 2),
        |(class, _, token)| {
            if class == token { 0.8f32.ln() } else { 0.2f32.ln() }
        },
    );
    ClassTable { logits, steps: 3 }
}

/// A class's own token, by their share in a sentence.
struct OwnTokens;

impl SentenceScorer<ClassTable> for OwnTokens {
    fn score(&self, contexts: &[usize], sentences: &Sequences) -> Vec<f32> {
        let share = |(&class, sentence): (&usize, &[u32])| {
            let own = sentence.iter().filter(|&&token| token as usize == class).count();
            own as f32 / sentence.len().max(1) as f32
        };
        contexts.iter().zip(sentences.iter()).map(share).collect()
    }
}

fn credited(credit: Credit, judge: &dyn SentenceScorer<ClassTable>) -> CreditedReward<'_, ClassTable> {
    CreditedReward {
        team: crate::team::Team::ALONE,
        judge,
        credit,
        rollout: None,
        rollouts: 2000,
        control: RewardSource::Discriminator,
        form: RewardForm::default(),
        entropy: 0.0,
    }
}

#[test]
fn likelihood_draws_and_decoding_follow_the_context() {
    let model = two_classes();
    let sentences = Sequences::fixed(array![[0, 0, 1], [0, 0, 1]]);
    let (own, other) = (0.8f32.ln(), 0.2f32.ln());
    let expected = array![[own, own, other], [other, other, own]];
    let found = model.log_probabilities(&[0, 1], &sentences);
    assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found}");

    let classes: Vec<usize> = (0..2000).map(|i| i % 2).collect();
    let drawn = model.draw(&classes, Stream::new(1));
    let own = OwnTokens.score(&classes, &drawn).iter().sum::<f32>() / 2000.0;
    // σ of the mean of 6000 tokens is √(0.16 / 6000) = 0.0052.
    assert!((own - 0.8).abs() < 0.02, "{own}");

    let greedy = Decoding { temperature: 0.0, ..Decoding::default() };
    let written = decode(&model, &[1, 0], &[&[], &[1]], &greedy, Stream::new(2));
    assert_eq!(written, Sequences::fixed(array![[1, 1, 1], [1, 0, 0]]));
    assert_eq!(beam_search(&model, &1, &[], 2)[0].0, [1, 1, 1]);
}

#[test]
fn rollouts_complete_a_sentence_in_its_own_context() {
    let model = two_classes();
    let sentences = Sequences::fixed(array![[0, 0, 0], [0, 0, 0]]);
    let reward = credited(Credit::Rollouts, &OwnTokens);
    let found = reward.values(&model, &[0, 1], &sentences, Stream::new(3));
    // What is written is a share of a third each; what follows is the class's own token with probability 0.8.
    let expected = array![[2.6 / 3.0, 2.8 / 3.0, 1.0], [1.6 / 3.0, 0.8 / 3.0, 0.0]];
    // σ ≤ √(2 · 0.16 / 9 / 2000) = 0.0042.
    assert!(found.iter().zip(&expected).all(|(a, b): (&f32, &f32)| (a - b).abs() < 0.017), "{found}");

    let rival = two_classes();
    let reward =
        credited(Credit::Token, &RivalScorer(&rival)).values(&model, &[0, 1], &sentences, Stream::new(3));
    assert_eq!(reward, Array2::<f32>::zeros((2, 3)), "the log-ratio of equal models");
}

#[test]
fn the_policy_gradient_teaches_each_context_its_own_sentences() {
    let model = ClassTable { logits: Array3::zeros((2, 2, 2)), steps: 3 };
    let mut learner =
        Learner::new(model, OptimizerConfig { learning_rate: 0.1, ..OptimizerConfig::default() });
    let classes: Vec<usize> = (0..64).map(|i| i / 32).collect();
    let baseline = BaselineState::new(Baseline::LeaveOneOut);
    for step in 0..100 {
        let reward = CreditedReward { rollouts: 2, ..credited(Credit::Rollouts, &OwnTokens) };
        let stream = Stream::new(4).at(step);
        let mut step =
            policy_gradient(learner.model(), &reward, &classes[..], &baseline, Reduction::Mean, 2, stream);
        assert_eq!(step.diagnostics.contexts, 2, "one group a class");
        learner.update(&mut step.gradient);
    }
    let drawn = learner.draw(&classes, Stream::new(5));
    let own = OwnTokens.score(&classes, &drawn).iter().sum::<f32>() / 64.0;
    assert!(own > 0.95, "{own}");
}

#[test]
fn maximum_likelihood_learns_each_context() {
    let real = two_classes();
    let classes: Vec<usize> = (0..400).map(|i| i % 2).collect();
    let sentences = real.draw(&classes, Stream::new(6));
    let examples = Examples { contexts: &classes, sentences: &sentences };
    let model = ClassTable { logits: Array3::zeros((2, 2, 2)), steps: 3 };
    let settings = MleConfig { epochs: 40, ..MleConfig::default() };
    let model =
        fit_likelihood(model, examples, examples, &settings, Stream::new(7), |_| Ok(())).expect("finite");
    // The best table on these sentences is at least as good as the one that they were drawn from.
    let (learnt, true_nll) = (model.nll(&classes, &sentences), real.nll(&classes, &sentences));
    assert!(learnt < true_nll + 0.01, "{learnt}, the true model {true_nll}");
}

#[test]
fn the_gradient_of_the_table_is_that_of_finite_differences() {
    let model = two_classes();
    let sentences = Sequences::fixed(array![[0, 1, 1], [1, 0, 1]]);
    let weights = array![[0.5, -1.0, 2.0], [1.0, 0.25, 0.75]];
    let loss = |model: &ClassTable| -> f64 {
        let log_p = model.log_probabilities(&[0, 1], &sentences);
        -log_p.iter().zip(&weights).map(|(&l, &w): (&f32, &f32)| f64::from(l) * f64::from(w)).sum::<f64>()
    };
    let found = model.gradient(&[0, 1], &sentences, weights.view(), None);
    assert!((found.loss - loss(&model)).abs() < 1e-5);
    for (index, &d) in found.gradient.logits.indexed_iter() {
        let moved = |by: f32| {
            let mut model = model.clone();
            model.logits[index] += by;
            loss(&model)
        };
        let difference = (moved(1e-2) - moved(-1e-2)) / 2e-2;
        assert!((difference - f64::from(d)).abs() < 1e-3, "{index:?}: {d}, by differences {difference}");
    }
    assert!(found.gradient.is_finite());
}
