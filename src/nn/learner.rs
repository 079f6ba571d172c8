//! A model and its optimiser: the only place where parameters follow a gradient.

use std::ops::Deref;

use super::{Gradient, Optimizer, OptimizerConfig, Parameters, impl_parameters};

/// A model and the optimiser that trains it; reads as the model.
///
/// Whatever must happen to every gradient happens in [`Learner::update`]. The [`Parameters`] of a learner are the
/// tensors of its model (`model.…`) and of its optimiser (`optimizer.…`), for checkpoints.
///
/// ```
/// use irgan::nn::{Learner, Linear, OptimizerConfig, Parameters, Rule};
/// use ndarray::array;
///
/// let config = OptimizerConfig { rule: Rule::Sgd, learning_rate: 0.5, ..Default::default() };
/// let mut learner = Learner::new(Linear::from_parts(array![[1.0]], array![0.0]), config);
/// let mut gradient = Linear::from_parts(array![[2.0]], array![-1.0]);
/// learner.update(&mut gradient);
/// assert_eq!(learner.forward(array![[1.0]].view()), array![[0.5]]); // weight 1 − 0.5 · 2, bias 0 + 0.5 · 1
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Learner<M> {
    model: M,
    optimizer: Optimizer,
}

impl<M: Parameters> Learner<M> {
    /// Returns a learner of `model` whose optimiser has made no step yet.
    pub fn new(model: M, config: OptimizerConfig) -> Self {
        let optimizer = Optimizer::new(config, &model);
        Self { model, optimizer }
    }

    /// Moves the model one step against `gradient`, which is empty then, ready for the next.
    pub fn update<G: Gradient>(&mut self, gradient: &mut G) {
        self.optimizer.step(&mut self.model, gradient);
    }

    /// Changes the step size of the updates to come.
    pub fn set_learning_rate(&mut self, learning_rate: f32) {
        self.optimizer.set_learning_rate(learning_rate);
    }

    /// Changes how the updates to come follow their gradients; the optimiser's state stays.
    pub fn set_optimizer(&mut self, config: OptimizerConfig) {
        self.optimizer.set_config(config);
    }

    /// Model as the updates left it.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// Model, to be set to other values; the optimiser's state stays.
    pub fn model_mut(&mut self) -> &mut M {
        &mut self.model
    }

    /// Returns the model without its optimiser.
    pub fn into_model(self) -> M {
        self.model
    }
}

impl<M> Deref for Learner<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.model
    }
}

impl_parameters!(M: Parameters, Learner<M> { "model": model, "optimizer": optimizer });

#[cfg(test)]
mod tests {
    use super::super::{Linear, Part, Rule, TableGradient};
    use super::*;
    use ndarray::array;

    fn learner(rule: Rule) -> Learner<Linear> {
        let config = OptimizerConfig { rule, learning_rate: 0.5, ..Default::default() };
        Learner::new(Linear::from_parts(array![[1.0]], array![0.0]), config)
    }

    fn slope(weight: f32) -> Linear {
        Linear::from_parts(array![[weight]], array![0.0])
    }

    fn weight(learner: &Learner<Linear>) -> f32 {
        learner.model().tensors()[0].values[[0, 0]]
    }

    #[test]
    fn an_update_follows_the_learning_rate_in_force() {
        let mut learner = learner(Rule::Sgd);
        learner.update(&mut slope(2.0)); // 1 − 0.5 · 2
        assert_eq!(weight(&learner), 0.0);
        learner.set_learning_rate(0.25);
        learner.update(&mut slope(2.0)); // 0 − 0.25 · 2
        assert_eq!(weight(&learner), -0.5);
    }

    #[test]
    fn a_gradient_is_empty_after_its_update() {
        for rule in [Rule::Sgd, Rule::Adam] {
            let mut gradient = slope(2.0);
            learner(rule).update(&mut gradient);
            assert_eq!(gradient, slope(0.0));
        }
        let mut rows = vec![TableGradient::new((3, 1)), TableGradient::new((1, 1))];
        rows[0].row(2)[0] = 1.0;
        let table = Linear::from_parts(array![[0.0], [0.0], [0.0]], array![0.0]);
        let config = OptimizerConfig { rule: Rule::Sgd, learning_rate: 0.5, ..Default::default() };
        let mut table = Learner::new(table, config);
        for _ in 0..2 {
            table.update(&mut rows);
            assert_eq!(rows[0].part(), Part::Rows(&mut vec![], &mut vec![]));
        }
        assert_eq!(table.tensors()[0].values.as_slice(), Some(&[0.0, 0.0, -0.5][..]));
        rows[0].whole();
        table.update(&mut rows);
        assert_eq!(rows[0].part(), Part::Rows(&mut vec![], &mut vec![])); // not a whole table any longer
    }

    #[test]
    fn tensors_hold_the_model_and_the_optimiser_and_restore_both() {
        let mut first = learner(Rule::Momentum);
        first.update(&mut slope(1.0));
        let names: Vec<_> = first.tensors().into_iter().map(|tensor| tensor.name).collect();
        let optimizer =
            ["steps", "first.0", "first.1", "second.0", "second.1"].map(|n| format!("optimizer.{n}"));
        assert_eq!(names[..2], ["model.weight", "model.bias"]);
        assert_eq!(names[2..], optimizer);

        let mut second = learner(Rule::Momentum);
        for (mut into, from) in second.tensors_mut().into_iter().zip(first.tensors()) {
            assert_eq!(into.name, from.name);
            into.values.assign(&from.values);
        }
        first.update(&mut slope(1.0));
        second.update(&mut slope(1.0));
        assert_eq!(first, second);
        // v = 1, then 0.9 · 1 + 1 = 1.9: 1 − 0.5 − 0.95
        assert_eq!(weight(&first), 1.0 - 0.5 - 0.95);
    }
}
