//! First-order optimisers: SGD, momentum, AdaGrad, RMSProp, Adam.

use ndarray::{Array1, ArrayD};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Gradient, Parameters, Part, impl_parameters};
use crate::error::{Error, Result};
use crate::math::simd::{self, AdamStep};

/// The update rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// `θ ← θ − η g`.
    Sgd,
    /// `v ← 0.9 v + g`, `θ ← θ − η v` (Polyak, 1964).
    Momentum,
    /// `s ← s + g²`, `θ ← θ − η g / (√s + 1e-8)` (Duchi et al., 2011).
    Adagrad,
    /// `s ← 0.9 s + 0.1 g²`, `θ ← θ − η g / (√s + 1e-8)` (Tieleman and Hinton, 2012).
    Rmsprop,
    /// Adam with ε 1e-8, and β₁ 0.9, β₂ 0.999 unless set (Kingma and Ba, 2015).
    #[default]
    Adam,
}

/// A bound on the gradient, applied before the update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clip {
    /// No bound.
    #[default]
    None,
    /// Scale the whole gradient so that its norm is at most this.
    Norm(f32),
    /// Clamp every value to ± this.
    Value(f32),
}

/// Settings of an optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct OptimizerConfig {
    /// The update rule.
    pub rule: Rule,
    /// Step size η.
    pub learning_rate: f32,
    /// L2 penalty: adds `weight_decay · θ` to the gradient.
    pub weight_decay: f32,
    /// Bound on the gradient.
    pub clip: Clip,
    /// Bound of every parameter after a step, which bounds a network's slopes (Arjovsky et al., ICML 2017); 0 is none.
    #[serde(skip_serializing_if = "is_none")]
    pub weight_clip: f32,
    /// Weight λ of historical averaging: adds the gradient of `λ ‖θ − mean of the θ before‖²` (Salimans et al., NIPS 2016, section 3.3).
    #[serde(skip_serializing_if = "is_none")]
    pub historical_average: f32,
    /// Shares β₁ and β₂ of the old moments of Adam.
    #[serde(skip_serializing_if = "are_usual")]
    pub betas: [f64; 2],
}

/// Shares of the old moments of Adam that its authors recommend.
const USUAL_BETAS: [f64; 2] = [0.9, 0.999];

fn are_usual(betas: &[f64; 2]) -> bool {
    *betas == USUAL_BETAS
}

fn is_none(bound: &f32) -> bool {
    *bound == 0.0
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self {
            rule: Rule::Adam,
            learning_rate: 1e-3,
            weight_decay: 0.0,
            clip: Clip::None,
            weight_clip: 0.0,
            historical_average: 0.0,
            betas: USUAL_BETAS,
        }
    }
}

impl OptimizerConfig {
    /// Checks the step size and the shares of old moments.
    ///
    /// # Errors
    /// When the step size is not above 0, or a share is not in 0..1.
    pub fn validate(&self) -> Result<()> {
        let rate = self.learning_rate;
        if !rate.is_finite() || rate <= 0.0 {
            return Err(Error::Config(format!("learning rate {rate}: expected above 0")));
        }
        let weight = self.historical_average;
        if !(0.0..=1e6).contains(&weight) {
            return Err(Error::Config(format!("`historical-average` {weight}: expected from 0 to 1e6")));
        }
        match self.betas.iter().find(|beta| !(0.0..1.0).contains(*beta)) {
            Some(beta) => Err(Error::Config(format!("`betas` {beta}: expected from 0 to below 1"))),
            None => Ok(()),
        }
    }

    /// Returns these settings with `rate` times their step size.
    pub fn scaled(self, rate: f32) -> Self {
        Self { learning_rate: rate * self.learning_rate, ..self }
    }
}

/// Optimiser with its state for one model. The [`Parameters`] of an optimiser are that state, for checkpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimizer {
    config: OptimizerConfig,
    steps: Array1<f32>,       // [1], exact to 2²⁴ steps
    first: Vec<ArrayD<f32>>,  // momentum, or Adam's first moment; one a tensor
    second: Vec<ArrayD<f32>>, // AdaGrad's sum or Adam's second moment; one a tensor
    mean: Vec<ArrayD<f32>>, // of the parameters before each step, one a tensor; empty without historical averaging
}

/// Parameters updated by one task.
const CHUNK: usize = 1 << 14;

impl Optimizer {
    /// Returns an optimiser of `model` that has made no step.
    pub fn new<P: Parameters>(config: OptimizerConfig, model: &P) -> Self {
        let zeros = || model.tensors().iter().map(|t| ArrayD::zeros(t.values.raw_dim())).collect();
        let mean = if config.historical_average > 0.0 { zeros() } else { vec![] };
        Self { config, steps: Array1::zeros(1), first: zeros(), second: zeros(), mean }
    }

    /// Sets how later steps follow the gradient; the state stays.
    pub fn set_config(&mut self, config: OptimizerConfig) {
        self.config = config;
    }

    /// Sets the step size.
    pub fn set_learning_rate(&mut self, learning_rate: f32) {
        self.config.learning_rate = learning_rate;
    }

    /// Moves `model` one step against `gradient`, which is empty then. Only [`Learner`](super::Learner) calls it.
    ///
    /// A gradient that holds only some rows of a table moves these rows alone: the state and the weight decay of all other
    /// rows stand still ("lazy" Adam and momentum). A row that occurs twice in the gradient is moved twice by plain SGD, its
    /// decay included; the other rules move it once, by the sum.
    pub(super) fn step<P: Parameters, G: Gradient>(&mut self, model: &mut P, gradient: &mut G) {
        let OptimizerConfig { rule, learning_rate: rate, weight_decay: decay, clip, weight_clip, .. } =
            self.config;
        if rule != Rule::Sgd || clip != Clip::None {
            gradient.join_rows();
        }
        self.add_history(model, gradient);
        self.clip(gradient);
        self.steps[0] += 1.0;
        let adam = (rule == Rule::Adam).then(|| adam_step(self.config, self.steps[0]));
        let update = |theta: &mut [f32], gradient: &mut [f32], first: &mut [f32], second: &mut [f32]| {
            match (adam, rule) {
                (Some(adam), _) => simd::adam(adam, theta, gradient, first, second),
                // The same bits; a short row does not pay for the choice of instructions.
                (None, Rule::Sgd) if theta.len() > 64 => simd::sgd(rate, decay, theta, gradient),
                (None, _) => plain(rule, rate, decay, theta, gradient, first, second),
            }
            if G::KEEPS_WHOLE {
                gradient.fill(0.0); // while it is in the cache
            }
            if weight_clip > 0.0 {
                theta.iter_mut().for_each(|theta| *theta = theta.clamp(-weight_clip, weight_clip));
            }
        };
        let states = self.first.iter_mut().zip(&mut self.second);
        let tensors = model.slices_mut().into_iter().zip(gradient.parts());
        for ((theta, mut gradient), (first, second)) in tensors.zip(states) {
            if let Part::Rows(rows, values) = &mut gradient
                && rule == Rule::Sgd
                && weight_clip == 0.0
            {
                simd::sgd_rows(rate, decay, theta, rows, values);
                rows.clear();
                values.clear();
                continue;
            }
            let layout = "parameters are in standard layout";
            let (first, second) = (first.as_slice_mut().expect(layout), second.as_slice_mut().expect(layout));
            match gradient {
                Part::Whole(gradient) if theta.len() <= CHUNK => update(theta, gradient, first, second),
                Part::Whole(gradient) => theta
                    .par_chunks_mut(CHUNK)
                    .zip(gradient.par_chunks_mut(CHUNK))
                    .zip(first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK)))
                    .for_each(|((theta, gradient), (first, second))| update(theta, gradient, first, second)),
                Part::Rows(rows, values) => {
                    let width = values.len() / rows.len().max(1);
                    for (&row, gradient) in rows.iter().zip(values.chunks_exact_mut(width.max(1))) {
                        let row = row as usize * width..(row as usize + 1) * width;
                        let (first, second) = (&mut first[row.clone()], &mut second[row.clone()]);
                        update(&mut theta[row], gradient, first, second);
                    }
                    rows.clear();
                    values.clear();
                }
            }
        }
        gradient.free();
    }

    /// Takes the parameters into their means, `[1/n]` of step n, and adds the gradient of historical averaging.
    ///
    /// # Panics
    /// With a gradient of rows: settings are checked.
    fn add_history<P: Parameters, G: Gradient>(&mut self, model: &P, gradient: &mut G) {
        if self.mean.is_empty() {
            return;
        }
        let share = 1.0 / (self.steps[0] + 1.0);
        let weight = 2.0 * self.config.historical_average;
        for ((mean, theta), d) in self.mean.iter_mut().zip(model.tensors()).zip(gradient.values_mut()) {
            let layout = "parameters are in standard layout";
            let (mean, theta) = (mean.as_slice_mut().expect(layout), theta.values.to_slice().expect(layout));
            assert_eq!(d.len(), theta.len(), "settings are checked: no gradient of rows");
            for ((mean, theta), d) in mean.iter_mut().zip(theta).zip(d) {
                *mean += share * (theta - *mean);
                *d += weight * (theta - *mean);
            }
        }
    }

    fn clip<G: Gradient>(&self, gradient: &mut G) {
        match self.config.clip {
            Clip::None => {}
            Clip::Norm(bound) => {
                let squares = gradient.values_mut().into_iter().map(|values| simd::sum_of_squares(values));
                let norm = squares.sum::<f64>().sqrt() as f32;
                if norm > bound {
                    gradient.multiply(bound / norm);
                }
            }
            Clip::Value(bound) => {
                for values in gradient.values_mut() {
                    values.iter_mut().for_each(|g| *g = g.clamp(-bound, bound));
                }
            }
        }
    }
}

/// Returns the numbers of step number `steps` of Adam.
fn adam_step(config: OptimizerConfig, steps: f32) -> AdamStep {
    let OptimizerConfig { learning_rate: rate, weight_decay: decay, betas, .. } = config;
    let [first, second] = betas.map(|beta| [beta as f32, (1.0 - beta) as f32]);
    let bias = |beta: f32| 1.0 - beta.powi(steps as i32);
    AdamStep { rate, decay, first, second, bias1: bias(first[0]), bias2: bias(second[0]) }
}

/// The rules without a kernel of their own.
fn plain(
    rule: Rule,
    rate: f32,
    decay: f32,
    theta: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    if rule == Rule::Sgd {
        theta.iter_mut().zip(gradient).for_each(|(theta, g)| *theta -= rate * (g + decay * *theta));
        return;
    }
    for (((theta, &g), m), s) in theta.iter_mut().zip(gradient).zip(first).zip(second) {
        let g = g + decay * *theta;
        match rule {
            Rule::Momentum => {
                *m = simd::flushed(0.9 * *m + g);
                *theta -= rate * *m;
            }
            Rule::Adagrad => {
                *s += g * g;
                *theta -= rate * g / (s.sqrt() + 1e-8);
            }
            Rule::Rmsprop => {
                *s = simd::flushed(0.9 * *s + 0.1 * g * g);
                *theta -= rate * g / (s.sqrt() + 1e-8);
            }
            Rule::Sgd | Rule::Adam => *theta -= rate * g,
        }
    }
}

impl_parameters!(Optimizer { "steps": steps, "first": first, "second": second, "mean": mean });

#[cfg(test)]
mod tests {
    use super::super::Linear;
    use super::*;
    use approx::assert_abs_diff_eq;
    use ndarray::array;

    fn after_two_steps(config: OptimizerConfig) -> f32 {
        let mut model = Linear::from_parts(array![[1.0]], array![0.0]);
        let mut optimizer = Optimizer::new(config, &model);
        for slope in [2.0, -1.0] {
            optimizer.step(&mut model, &mut Linear::from_parts(array![[slope]], array![0.0]));
        }
        model.tensors()[0].values[[0, 0]]
    }

    #[test]
    fn two_steps_are_those_worked_by_hand() {
        let with = |rule| OptimizerConfig { rule, learning_rate: 0.1, ..Default::default() };
        // 1 − 0.1·2 + 0.1·1
        assert_abs_diff_eq!(after_two_steps(with(Rule::Sgd)), 0.9, epsilon = 1e-6);
        // v = 2, then 0.9·2 − 1 = 0.8: 1 − 0.2 − 0.08
        assert_abs_diff_eq!(after_two_steps(with(Rule::Momentum)), 0.72, epsilon = 1e-6);
        // s = 4, then 5: 1 − 0.1·2/2 + 0.1·1/√5
        assert_abs_diff_eq!(after_two_steps(with(Rule::Adagrad)), 0.9 + 0.1 / 5f32.sqrt(), epsilon = 1e-6);
        // s = 0.4, then 0.46: 1 − 0.1·2/√0.4 + 0.1/√0.46
        let expected = 1.0 - 0.2 / 0.4f32.sqrt() + 0.1 / 0.46f32.sqrt();
        assert_abs_diff_eq!(after_two_steps(with(Rule::Rmsprop)), expected, epsilon = 1e-6);
        // Without momentum: 1 − 0.1 · 2/2, then v = 0.9·0.4 + 0.1 = 0.46, v̂ = 0.46/0.19.
        let config = OptimizerConfig { betas: [0.0, 0.9], ..with(Rule::Adam) };
        let expected = 0.9 + 0.1 / (0.46f32 / 0.19).sqrt();
        assert_abs_diff_eq!(after_two_steps(config), expected, epsilon = 1e-6);
        // Step 1 moves by η exactly. Step 2: m = 0.9·0.2 − 0.1 = 0.08, m̂ = 0.08/0.19; v = 0.999·0.004 + 0.001,
        // v̂ = 0.004996/0.001999.
        let second = 0.1 * (0.08 / 0.19) / (0.004_996f32 / 0.001_999).sqrt();
        assert_abs_diff_eq!(after_two_steps(with(Rule::Adam)), 0.9 - second, epsilon = 1e-5);
    }

    #[test]
    fn moments_without_a_gradient_end_at_zero_and_not_at_subnormal_numbers() {
        for rule in [Rule::Adam, Rule::Momentum, Rule::Rmsprop] {
            let mut model = Linear::from_parts(array![[1.0]], array![0.0]);
            let mut optimizer = Optimizer::new(OptimizerConfig { rule, ..Default::default() }, &model);
            optimizer.step(&mut model, &mut Linear::from_parts(array![[2.0]], array![0.0]));
            let moment = |optimizer: &Optimizer| match rule {
                Rule::Rmsprop => optimizer.second[0][[0, 0]],
                _ => optimizer.first[0][[0, 0]],
            };
            assert!(moment(&optimizer) > 0.1, "{rule:?}");
            for _ in 0..1_000 {
                optimizer.step(&mut model, &mut Linear::from_parts(array![[0.0]], array![0.0]));
            }
            assert_eq!(moment(&optimizer), 0.0, "{rule:?}");
        }
    }

    #[test]
    fn gradient_descent_moves_rows_as_the_formula_says_and_a_repeated_row_twice() {
        use super::super::TableGradient;
        for width in [1, 6, 20, 100] {
            let value = |i: usize| ((i * 37 % 101) as f32 - 50.0) / 7.0;
            let mut table = Linear::from_parts(
                ndarray::Array2::from_shape_fn((9, width), |(r, c)| value(r * width + c)),
                ndarray::Array1::zeros(width),
            );
            let config = OptimizerConfig {
                rule: Rule::Sgd,
                learning_rate: 0.1,
                weight_decay: 0.3,
                ..Default::default()
            };
            let mut gradient = vec![TableGradient::new((9, width)), TableGradient::new((1, width))];
            let mut expected = table.tensors()[0].values.to_owned();
            for (k, row) in [4, 0, 4].into_iter().enumerate() {
                for (c, into) in gradient[0].row(row).iter_mut().enumerate() {
                    *into = value(k + c);
                    let theta = &mut expected[[row as usize, c]];
                    *theta -= 0.1 * (value(k + c) + 0.3 * *theta);
                }
            }
            Optimizer::new(config, &table).step(&mut table, &mut gradient);
            assert_eq!(table.tensors()[0].values, expected, "{width}");
        }
    }

    #[test]
    fn decay_and_clipping_change_the_gradient() {
        let sgd = OptimizerConfig { rule: Rule::Sgd, learning_rate: 0.1, ..Default::default() };
        // g = 2 + 0.5·1 = 2.5: θ = 0.75; g = −1 + 0.5·0.75 = −0.625: θ = 0.8125
        assert_abs_diff_eq!(
            after_two_steps(OptimizerConfig { weight_decay: 0.5, ..sgd }),
            0.8125,
            epsilon = 1e-6
        );
        // Both bounds at 0.5: 1 − 0.05 + 0.05
        for clip in [Clip::Norm(0.5), Clip::Value(0.5)] {
            assert_abs_diff_eq!(after_two_steps(OptimizerConfig { clip, ..sgd }), 1.0, epsilon = 1e-6);
        }
        // 1 − 0.2 is cut to 0.75; 0.75 + 0.1 to 0.75 again.
        // The mean before step 1 is 1, which adds nothing: 0.8. Before step 2 it is 0.9: g = −1 + 2 · 0.5 · (0.8 − 0.9).
        let held = OptimizerConfig { historical_average: 0.5, ..sgd };
        assert_abs_diff_eq!(after_two_steps(held), 0.8 + 0.11, epsilon = 1e-6);
        let bounded = OptimizerConfig { weight_clip: 0.75, ..sgd };
        assert_abs_diff_eq!(after_two_steps(bounded), 0.75, epsilon = 1e-6);
    }
}
