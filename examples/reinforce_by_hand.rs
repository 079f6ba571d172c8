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
use ndarray::{Array1, Array2, Axis, array};
use rand::Rng as _;

/// `π = softmax(θ)`: the probabilities of the actions.
fn softmax(theta: &Array1<f64>) -> Array1<f64> {
    let exps = theta.mapv(f64::exp);
    &exps / exps.sum()
}

/// Draws an action: the first whose cumulative probability exceeds a uniform number.
fn draw(policy: &Array1<f64>, rng: &mut Rng) -> usize {
    let mut left = rng.random::<f64>();
    for (action, probability) in policy.iter().enumerate() {
        left -= probability;
        if left < 0.0 {
            return action;
        }
    }
    policy.len() - 1 // where the probabilities' sum rounds to less than 1
}

/// `∇log π(a) = onehot(a) − π`: the direction in which action `a` becomes more likely.
fn score(policy: &Array1<f64>, action: usize) -> Array1<f64> {
    let mut direction = -policy;
    direction[action] += 1.0;
    direction
}

/// Draws actions, and returns a row `(R − b) (onehot − π)` for each: the mean of the rows estimates `∇J`.
fn terms(policy: &Array1<f64>, rewards: &Array1<f64>, b: f64, draws: usize, rng: &mut Rng) -> Array2<f64> {
    let mut terms = Array2::zeros((draws, policy.len()));
    for mut row in terms.rows_mut() {
        let action = draw(policy, rng);
        row.assign(&(score(policy, action) * (rewards[action] - b)));
    }
    terms
}

fn main() {
    let rewards = array![10.0, 10.2, 10.1, 11.0, 9.9]; // the level is high, but only the differences matter
    let rng = &mut Stream::new(1).named("lecture").rng();

    println!("One gradient, three ways, while all actions are equally likely:");
    let policy = softmax(&Array1::zeros(5));
    let zero = Array1::<f64>::zeros(5);
    let exact = (0..5).fold(zero, |sum, a| sum + policy[a] * rewards[a] * score(&policy, a));
    println!("  all actions, each by its probability  {exact:+.3}");
    for (name, b) in [("0   ", 0.0), ("E[R]", policy.dot(&rewards))] {
        let terms = terms(&policy, &rewards, b, 1000, rng);
        let (mean, variance) = (terms.mean_axis(Axis(0)).expect("rows"), terms.var_axis(Axis(0), 0.0).sum());
        println!("  1000 draws with b = {name}              {mean:+.3}  variance of a draw {variance:.3}");
    }

    println!("Climbing by four draws a step; the mean reward of 20 learners after so many steps:");
    for (name, share) in [("0   ", 0.0), ("E[R]", 1.0)] {
        let mut learners = vec![Array1::zeros(5); 20];
        for step in 0..=400 {
            let mut total = 0.0;
            for theta in &mut learners {
                let policy = softmax(theta);
                let value = policy.dot(&rewards); // E[R]; where it is not known, a mean of earlier rewards will do
                let terms = terms(&policy, &rewards, share * value, 4, rng);
                *theta += &(0.1 * terms.mean_axis(Axis(0)).expect("rows")); // all there is to learning
                total += value;
            }
            if step % 100 == 0 {
                println!("  b = {name}  step {step:>3}  E[R] {:.3}", total / 20.0);
            }
        }
    }
}
