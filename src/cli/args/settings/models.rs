//! Flags of networks and baselines.

use clap::Args;

use super::set::set;
use crate::data::features::FeatureSelection;
use crate::data::features::normalize::Normalization;
use crate::nn::Activation;
use crate::ranking::{Solver, TrainConfig};

/// Shapes of the networks, and what they read.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Networks")]
pub(super) struct NetworkFlags {
    /// Widths of the hidden layers, such as 64,32; `none` for a linear scorer
    #[arg(long, value_parser = hidden_layers)]
    hidden: Option<Widths>,
    /// Rank of the factors (--ratings)
    #[arg(long)]
    rank: Option<usize>,
    /// Non-linearity of the hidden layers
    #[arg(long)]
    activation: Option<Activation>,
    /// Share of hidden units dropped while training
    #[arg(long)]
    dropout: Option<f32>,
    /// Use only these features, by number or name: 1,3,5-9,bm25.body
    #[arg(long)]
    features: Option<FeatureSelection>,
    /// Feature files count features from 0, and not from 1
    #[arg(long)]
    zero_based: bool,
    /// Normalisation of features
    #[arg(long)]
    normalize: Option<Normalization>,
}

impl NetworkFlags {
    /// Writes the flags into `config`.
    pub(super) fn apply(&self, config: &mut TrainConfig) {
        set(&mut config.scorer.hidden, self.hidden.clone().map(|widths| widths.0));
        set(&mut config.scorer.activation, self.activation);
        set(&mut config.scorer.dropout, self.dropout);
        if let Some(answers) = &mut config.answers {
            set(&mut answers.dropout, self.dropout);
        }
        set(&mut config.interactions.rank, self.rank);
        set(&mut config.normalization, self.normalize);
        config.zero_based |= self.zero_based;
        config.features = self.features.clone().or(config.features.take());
    }
}

#[derive(Clone, Debug)]
struct Widths(Vec<usize>);

fn hidden_layers(text: &str) -> Result<Widths, String> {
    if text == "none" {
        return Ok(Widths(vec![]));
    }
    let width = |part: &str| part.trim().parse::<usize>().ok().filter(|&width| width > 0);
    let widths: Option<Vec<usize>> = text.split(',').map(width).collect();
    widths.map(Widths).ok_or_else(|| "expected widths such as 64,32, or none".into())
}

/// Training of baselines, and the settings of closed forms.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Baselines")]
pub(super) struct BaselineFlags {
    /// Rank of PureSVD (--ratings)
    #[arg(long)]
    svd_rank: Option<usize>,
    /// Ridge of EASE (--ratings)
    #[arg(long)]
    ridge: Option<f64>,
    /// Share of a user's items that EASE drops from its input, in expectation: EDLAE (--ratings)
    #[arg(long)]
    item_dropout: Option<f64>,
    /// Neighbours of an item in item-KNN, and in EASE of more than 23,000 items (--ratings)
    #[arg(long)]
    neighbours: Option<usize>,
    /// Shrinkage of item-KNN's cosines (--ratings)
    #[arg(long)]
    shrinkage: Option<f32>,
    /// Exponent by which the vote of a user falls with the number of items liked, in item-KNN (--ratings)
    #[arg(long)]
    activity: Option<f32>,
    /// Part of item-KNN's denominator that the recommended item has; 0.5 is the cosine (--ratings)
    #[arg(long)]
    popularity: Option<f32>,
    /// Rank of iALS; 0 is one that fits the number of positives (--ratings)
    #[arg(long)]
    ials_rank: Option<usize>,
    /// Mean weight of the squared norm of factors in iALS (--ratings)
    #[arg(long)]
    ials_ridge: Option<f64>,
    /// Weight of a pair that is not observed in iALS, against 1 of a positive (--ratings)
    #[arg(long)]
    unobserved: Option<f64>,
    /// Sweeps of iALS (--ratings)
    #[arg(long)]
    sweeps: Option<usize>,
    /// Boosted trees at most; validation data choose how many (lambdamart, xendcg)
    #[arg(long)]
    trees: Option<usize>,
    /// Leaves of a boosted tree at most
    #[arg(long)]
    leaves: Option<usize>,
    /// Learning rate of boosted trees
    #[arg(long)]
    tree_lr: Option<f32>,
    /// Least sum of second derivatives in a leaf of a boosted tree
    #[arg(long)]
    leaf_hessian: Option<f32>,
    /// Boosted trees without a better validation measure before stopping
    #[arg(long)]
    tree_patience: Option<usize>,
    /// Search for the parameters of baselines and initial models: lbfgs minimises convex objectives of linear scorers to the end
    #[arg(long)]
    fit_solver: Option<Solver>,
    /// Learning rate of baselines and initial models
    #[arg(long)]
    fit_lr: Option<f32>,
    /// Epochs of baselines and initial models
    #[arg(long)]
    fit_epochs: Option<usize>,
    /// Epochs without a better validation measure before a baseline stops
    #[arg(long)]
    fit_patience: Option<usize>,
    /// Queries in a baseline's mini-batch; 0 for all
    #[arg(long)]
    fit_batch: Option<usize>,
}

impl BaselineFlags {
    /// Writes the flags into `config`.
    pub(super) fn apply(&self, config: &mut TrainConfig) {
        let interactions = &mut config.interactions;
        set(&mut interactions.svd_rank, self.svd_rank);
        set(&mut interactions.ridge, self.ridge);
        set(&mut interactions.neighbours, self.neighbours);
        set(&mut interactions.item_dropout, self.item_dropout);
        set(&mut interactions.shrinkage, self.shrinkage);
        set(&mut interactions.activity, self.activity);
        set(&mut interactions.popularity, self.popularity);
        set(&mut interactions.ials_rank, self.ials_rank);
        set(&mut interactions.ials_ridge, self.ials_ridge);
        set(&mut interactions.unobserved, self.unobserved);
        set(&mut interactions.sweeps, self.sweeps);
        let trees = &mut config.trees;
        set(&mut trees.num_trees, self.trees);
        set(&mut trees.num_leaves, self.leaves);
        set(&mut trees.learning_rate, self.tree_lr);
        set(&mut trees.min_sum_hessian_in_leaf, self.leaf_hessian);
        set(&mut trees.early_stopping_rounds, self.tree_patience);
        let fit = &mut config.fit;
        set(&mut fit.solver, self.fit_solver);
        set(&mut fit.optimizer.learning_rate, self.fit_lr);
        set(&mut fit.epochs, self.fit_epochs);
        set(&mut fit.patience, self.fit_patience);
        set(&mut fit.batch, self.fit_batch);
    }
}
