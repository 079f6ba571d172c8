//! The policy gradient on one page, with nothing hidden: `cargo run --example reinforce_by_hand`.
//!
//! A policy `π = softmax(θ)` chooses one of a few actions, and action `a` earns the reward `R(a)`. We climb the mean reward
//! `J(θ) = Σ_a π(a) R(a)`. Its gradient is a mean over the policy's own draws (Williams, 1992):
//!
//! `∇J = Σ_a R(a) ∇π(a) = Σ_a π(a) R(a) ∇log π(a) = E[(R − b) (onehot(a) − π)]`
//!
//! for any baseline `b` that does not look at the draw, because `E[onehot(a) − π] = 0`: `b` leaves the mean as it is and
//! changes the variance. In IRGAN an action is a document, in SeqGAN a word, and a discriminator gives `R`.

use irgan::seed::{Rng, Stream};
use ndarray::{Array1, array};
use rand::Rng as _;

/// `π = softmax(θ)`: the probabilities of the actions.
fn softmax(theta: &Array1<f64>) -> Array1<f64> {
    let exps = theta.mapv(f64::exp);
    &exps / exps.sum()
}

/// Draws an action: the first whose cumulative probability exceeds a uniform number.
fn draw(policy: &Array1<f64>, rng: &mut Rng) -> usize {
    let mut uniform = rng.random::<f64>();
    let reached = policy.iter().position(|p| {
        uniform -= p;
        uniform < 0.0
    });
    reached.unwrap_or(policy.len() - 1) // where the sum rounds to less than 1
}

/// `∇log π(a) = onehot(a) − π`: the direction in which action `a` becomes more likely.
fn score(policy: &Array1<f64>, action: usize) -> Array1<f64> {
    let mut direction = -policy;
    direction[action] += 1.0;
    direction
}

/// `(R − b) (onehot − π)` of `draws` actions, whose mean estimates `∇J`.
fn terms(
    policy: &Array1<f64>,
    rewards: &Array1<f64>,
    b: f64,
    draws: usize,
    rng: &mut Rng,
) -> Vec<Array1<f64>> {
    let actions = (0..draws).map(|_| draw(policy, rng));
    actions.map(|action| score(policy, action) * (rewards[action] - b)).collect()
}

fn mean(terms: &[Array1<f64>]) -> Array1<f64> {
    terms.iter().fold(Array1::zeros(terms[0].len()), |sum, term| sum + term) / terms.len() as f64
}

fn main() {
    let rewards = array![10.0, 10.2, 10.1, 11.0, 9.9]; // the level is high, but only the differences matter
    let rng = &mut Stream::new(1).named("lecture").rng();

    println!("One gradient, three ways, while all actions are equally likely:");
    let policy = softmax(&Array1::zeros(5));
    let exact: Array1<f64> =
        (0..5).map(|a| score(&policy, a) * policy[a] * rewards[a]).reduce(|x, y| x + y).unwrap();
    println!("  all actions, each by its probability  {exact:+.3}");
    for (name, b) in [("0   ", 0.0), ("E[R]", policy.dot(&rewards))] {
        let terms = terms(&policy, &rewards, b, 1000, rng);
        let variance = terms.iter().map(|term| (term - &exact).mapv(|d| d * d).sum()).sum::<f64>() / 1000.0;
        println!("  1000 draws with b = {name}              {:+.3}  variance {variance:.3}", mean(&terms));
    }

    println!("Climbing by four draws a step; the mean reward of 20 learners after so many steps:");
    for (name, baselined) in [("0   ", false), ("E[R]", true)] {
        let mut learners = vec![Array1::zeros(5); 20];
        for step in 0..=400 {
            let values: Vec<f64> = learners.iter().map(|theta| softmax(theta).dot(&rewards)).collect();
            if step % 100 == 0 {
                println!("  b = {name}  step {step:>3}  E[R] {:.3}", values.iter().sum::<f64>() / 20.0);
            }
            for (theta, value) in learners.iter_mut().zip(values) {
                let b = if baselined { value } else { 0.0 };
                *theta += &(mean(&terms(&softmax(theta), &rewards, b, 4, rng)) * 0.1); // all there is to learning
            }
        }
    }
}
