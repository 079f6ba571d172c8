//! The crates behind one trait, with settings that are as alike as they allow: 500 trees of 15 leaves, learning rate 0.05, 255 bins.

use crate::letor::Set;
use forust_ml::{GradientBooster, objective::ObjectiveType};
use hessboost::config::GrowPolicy;
use hessboost::prelude::{BoostedModel, DMatrix, Objective, Trainer, TrainingParams, TreeMethod};
use perpetual::{Matrix, PerpetualBooster, objective::Objective as PerpetualObjective};

const TREES: usize = 500;

/// A model of boosted trees.
pub trait Fitted {
    /// Number of all trees.
    fn trees(&self) -> usize;
    /// Numbers of trees among which validation data may choose.
    fn choices(&self) -> Vec<usize> {
        (1..=self.trees() / 5).map(|n| n * 5).collect()
    }
    /// A score of every document by the first `trees` trees.
    fn scores(&self, set: &Set, trees: usize) -> Vec<f64>;
}

/// A method of one crate with one capacity.
pub struct Booster {
    /// Crate, objective and, of hessboost, least sum of second derivatives in a leaf: also the name of its run.
    pub name: String,
    /// Fits a model of every budget by the number of threads.
    pub fit: Box<dyn Fn(&Set, usize) -> Vec<Box<dyn Fitted>>>,
}

/// All that is measured.
pub fn boosters() -> Vec<Booster> {
    let mut all = vec![];
    for weight in [0.1, 1.0, 10.0] {
        all.push(hess("lambdamart", || Objective::RankNdcg(Default::default()), weight));
    }
    for weight in [0.1, 1.0, 10.0] {
        all.push(hess("xendcg", || Objective::RankXendcg, weight));
    }
    all.push(Booster { name: "perpetual-listnet".into(), fit: Box::new(fit_perpetual) });
    all.push(Booster { name: "forust-squared-error".into(), fit: Box::new(fit_forust) });
    all
}

fn hess(name: &str, objective: fn() -> Objective, weight: f64) -> Booster {
    let fit = move |set: &Set, threads: usize| -> Vec<Box<dyn Fitted>> {
        let params = TrainingParams::builder()
            .objective(objective())
            .tree_method(TreeMethod::Hist)
            .grow_policy(GrowPolicy::LossGuide)
            .unlimited_depth()
            .max_leaves(15)
            .eta(0.05)
            .min_child_weight(weight)
            .nthread(threads)
            .build()
            .expect("valid settings");
        let grades: Vec<f32> = set.grades.iter().map(|&grade| grade as f32).collect();
        let data = matrix(set)
            .with_labels(&grades)
            .and_then(|data| data.with_group_sizes(&set.groups))
            .expect("valid data");
        vec![Box::new(Trainer::new(&params, &data, TREES).train().expect("training").model)]
    };
    Booster { name: format!("hessboost-{name}-{weight}"), fit: Box::new(fit) }
}

fn matrix(set: &Set) -> DMatrix {
    let rows: Vec<f32> = set.rows.iter().map(|&value| value as f32).collect();
    DMatrix::from_dense(&rows, set.grades.len(), set.width).expect("a rectangle")
}

impl Fitted for BoostedModel {
    fn trees(&self) -> usize {
        self.num_trees()
    }
    fn scores(&self, set: &Set, trees: usize) -> Vec<f64> {
        self.predict_margin(&matrix(set), ..trees)
            .expect("a known width")
            .as_slice()
            .iter()
            .map(|&score| score.into())
            .collect()
    }
}

fn fit_perpetual(set: &Set, threads: usize) -> Vec<Box<dyn Fitted>> {
    let (columns, groups) = (set.columns(), set.groups.iter().map(|&size| size as u64).collect::<Vec<_>>());
    let fit = |budget: f32| -> Box<dyn Fitted> {
        let mut model = PerpetualBooster::default()
            .set_objective(PerpetualObjective::ListNetLoss)
            .set_budget(budget)
            .set_num_threads(Some(threads));
        model
            .fit(&Matrix::new(&columns, set.grades.len(), set.width), &set.grades, None, Some(&groups))
            .expect("training");
        Box::new(model)
    };
    [0.25, 0.5, 1.0, 1.5].into_iter().map(fit).collect()
}

impl Fitted for PerpetualBooster {
    fn trees(&self) -> usize {
        self.get_prediction_trees().len()
    }
    fn choices(&self) -> Vec<usize> {
        vec![self.trees()]
    }
    fn scores(&self, set: &Set, _: usize) -> Vec<f64> {
        self.predict(&Matrix::new(&set.columns(), set.grades.len(), set.width), false)
    }
}

fn fit_forust(set: &Set, threads: usize) -> Vec<Box<dyn Fitted>> {
    let mut model = GradientBooster::default()
        .set_objective_type(ObjectiveType::SquaredLoss)
        .set_iterations(TREES)
        .set_learning_rate(0.05)
        .set_max_depth(usize::MAX)
        .set_max_leaves(15)
        .set_min_leaf_weight(50.0)
        .set_parallel(threads > 1)
        .set_num_threads(Some(threads));
    model
        .fit_unweighted(
            &forust_ml::Matrix::new(&set.columns(), set.grades.len(), set.width),
            &set.grades,
            None,
        )
        .expect("training");
    vec![Box::new(model)]
}

impl Fitted for GradientBooster {
    fn trees(&self) -> usize {
        self.trees.len()
    }
    fn scores(&self, set: &Set, trees: usize) -> Vec<f64> {
        let (columns, rows) = (set.columns(), set.grades.len());
        let data = forust_ml::Matrix::new(&columns, rows, set.width);
        let mut scores = vec![self.base_score; rows];
        for tree in &self.trees[..trees] {
            for (score, value) in scores.iter_mut().zip(tree.predict(&data, false, &self.missing)) {
                *score += value;
            }
        }
        scores
    }
}
