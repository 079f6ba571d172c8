//! Relatives of the reward by their formulas: MaliGAN's ratio, SentiGAN's penalty, and the entropy of the policy.

use crate::support::Differences;
use irgan::data::sentences::Sequences;
use irgan::game::RewardSource;
use irgan::policy_gradient::{Reduction, Reward as _};
use irgan::seed::Stream;
use irgan::text::judges::SentenceScorer;
use irgan::text::models::{LanguageModel, RecurrentModel, oracle_shape, random_oracle};
use irgan::text::{Credit, CreditedReward, ExactReward, Kl, RewardForm, observe};
use ndarray::Array2;

const STEPS: usize = 3;

/// D of a sentence, from its tokens alone.
struct Table;

fn judgement(sentence: &[u32]) -> f32 {
    0.05 + 0.9 * (sentence.iter().fold(1, |sum, &token| (7 * sum + token + 1) % 101) as f32 / 101.0)
}

impl<M: LanguageModel> SentenceScorer<M> for Table {
    fn score(&self, _: &[M::Context], sentences: &Sequences) -> Vec<f32> {
        sentences.iter().map(judgement).collect()
    }
}

fn generator() -> RecurrentModel {
    random_oracle(&oracle_shape(5, STEPS), 3)
}

/// Rewards of `sentences` by their whole judgement.
fn rewards(form: RewardForm, entropy: f32, sentences: &Sequences) -> Array2<f32> {
    let generator = generator();
    let contexts = vec![(); sentences.len()];
    let reward = CreditedReward {
        team: irgan::team::Team::ALONE,
        judge: &Table,
        credit: Credit::Sentence,
        rollout: None,
        rollouts: 1,
        control: RewardSource::Discriminator,
        form,
        entropy,
    };
    let episodes = observe(&generator, &contexts, sentences.clone());
    reward.score(&generator, &contexts, &episodes, Stream::new(1))
}

fn assert_close(found: &Array2<f32>, expected: impl Fn(usize, usize) -> f32) {
    for ((row, step), &found) in found.indexed_iter() {
        let expected = expected(row, step);
        assert!((found - expected).abs() < 1e-5 * expected.abs().max(1.0), "{found}, expected {expected}");
    }
}

#[test]
fn every_form_is_its_formula() {
    let sentences = generator().draw(6, Stream::new(5));
    let log_pi = generator().log_probabilities(&sentences);
    let d: Vec<f32> = sentences.iter().map(judgement).collect();
    let ratio = |row: usize| d[row] / (1.0 - d[row]);
    let total: f32 = (0..6).map(ratio).sum();
    assert_close(&rewards(RewardForm::Judgement, 0.0, &sentences), |row, _| d[row]);
    // Σ_i (r_i / Σ r − b / m) ∇ log π over m sentences is the mean over them of (m r_i / Σ r − b) ∇ log π.
    assert_close(&rewards(RewardForm::Maligan, 0.0, &sentences), |row, _| 6.0 * ratio(row) / total);
    assert_close(&rewards(RewardForm::Sentigan, 0.0, &sentences), |row, step| {
        -(1.0 - d[row]) * log_pi[[row, step]].exp()
    });
    assert_close(&rewards(RewardForm::Judgement, 0.5, &sentences), |row, step| {
        d[row] - 0.5 * log_pi[[row, step]]
    });
}

#[test]
fn sentigan_descends_the_likelihood_times_the_penalty() {
    let (generator, contexts) = (generator(), vec![(); 6]);
    let sentences = generator.draw(6, Stream::new(5));
    let weights = rewards(RewardForm::Sentigan, 0.0, &sentences);
    let found = LanguageModel::gradient(&generator, &contexts, &sentences, weights.view(), None).gradient;
    // Σ π(token) (1 − D), the penalties being numbers.
    let cost = |generator: &RecurrentModel| -> f64 {
        let log_pi = generator.log_probabilities(&sentences);
        let of = |(row, sentence): (usize, &[u32])| {
            let likelihood: f64 = log_pi.row(row).iter().map(|&log_pi| f64::from(log_pi).exp()).sum();
            likelihood * f64::from(1.0 - judgement(sentence))
        };
        sentences.iter().enumerate().map(of).sum()
    };
    Differences::default().parameters(&generator, &found, cost);
}

#[test]
fn a_weight_of_the_entropy_raises_the_entropy_of_the_states_visited() {
    let generator = generator();
    let sentences = generator.draw(6, Stream::new(5));
    // A constant reward less its expectation is nothing: what is left is the entropy.
    let rule = ExactReward {
        judge: &generator,
        kl: Kl::Reverse,
        control: RewardSource::Constant,
        reduction: Reduction::Mean,
        entropy: 0.5,
    };
    let (found, _) = rule.gradient(&generator, &sentences, Stream::new(0));
    let cost = |generator: &RecurrentModel| -> f64 {
        let reading = LanguageModel::read(generator, &[(); 6], sentences.tokens());
        let of_step = |step: usize| -> f64 {
            let logits = LanguageModel::logits(generator, &reading.state(step));
            let of_row = |row: ndarray::ArrayView1<'_, f32>| -> f64 {
                let total: f64 = row.iter().map(|&l| f64::from(l).exp()).sum();
                row.iter().map(|&l| f64::from(l).exp() / total * (f64::from(l) - total.ln())).sum()
            };
            logits.rows().into_iter().map(of_row).sum()
        };
        0.5 * (0..STEPS).map(of_step).sum::<f64>() / 6.0
    };
    Differences::default().parameters(&generator, &found, cost);
}
