//! Boosted trees over feature vectors: what they score, whoever made them.
//!
//! Training them is optional (feature `trees`); ranking by a trained model needs this file alone.

#[cfg(feature = "trees")]
mod boost;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

#[cfg(feature = "trees")]
pub(super) use self::boost::boosted;
use crate::error::{Error, Result};
use crate::nn::impl_parameters;

/// Regression trees whose values are summed: `f(x) = Σ_t value of the leaf of x in tree t`.
///
/// The nodes of all trees stand one behind the other, and children behind their parent. A document goes to the left where its
/// feature is below the threshold. Numbers of nodes and features are kept as f32, like all tensors of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Trees {
    roots: Array1<f32>, // [T] first node of each tree
    nodes: Array2<f32>, // [N, 5] by the columns below
}

/// Columns of a node. The left child of a leaf is 0: no child is the first node.
const FEATURE: usize = 0;
const THRESHOLD: usize = 1;
const LEFT: usize = 2;
const RIGHT: usize = 3;
const VALUE: usize = 4;

impl_parameters!(Trees { "roots": roots, "nodes": nodes });

/// Numbers of trees and of their nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TreesShape {
    /// Number of trees.
    pub trees: usize,
    /// Number of the nodes of all trees, leaves included.
    pub nodes: usize,
}

impl TreesShape {
    /// Returns the number of values in the tensors of such trees.
    pub(super) fn values(self) -> u64 {
        (self.nodes as u64).saturating_mul(5).saturating_add(self.trees as u64)
    }

    /// Refuses more nodes than an f32 counts.
    pub(super) fn validate(self) -> Result<()> {
        match (1..=self.nodes).contains(&self.trees) && self.nodes <= MOST_NODES {
            true => Ok(()),
            false => Err(Error::Config(format!("{} trees cannot have {} nodes", self.trees, self.nodes))),
        }
    }
}

/// Every whole number up to this one is an f32.
const MOST_NODES: usize = 1 << 24;

/// Node of a tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TreeNode {
    /// Goes on to the first child where the feature is below the threshold, to the second otherwise; both are numbers of nodes
    /// within the tree.
    Split {
        /// Number of the feature, from 0.
        feature: usize,
        /// Least value that goes to the second child.
        threshold: f32,
        /// Children.
        children: [usize; 2],
    },
    /// Ends with this value.
    Leaf(f32),
}

impl Trees {
    /// Makes trees of their nodes; the first of a tree is its root.
    ///
    /// # Errors
    /// When there is no tree, or a node has a child that does not stand behind it in its tree.
    pub fn new(trees: &[Vec<TreeNode>]) -> Result<Self> {
        let shape = TreesShape { trees: trees.len(), nodes: trees.iter().map(Vec::len).sum() };
        shape.validate()?;
        let mut made = Self::leaves(shape);
        let mut start = 0;
        for (tree, nodes) in trees.iter().enumerate() {
            made.roots[tree] = start as f32;
            for (at, node) in (start..).zip(nodes) {
                match *node {
                    TreeNode::Leaf(value) => made.nodes[[at, VALUE]] = value,
                    TreeNode::Split { feature, threshold, children: [left, right] } => {
                        made.nodes[[at, FEATURE]] = feature as f32;
                        made.nodes[[at, THRESHOLD]] = threshold;
                        made.nodes[[at, LEFT]] = (start + left) as f32;
                        made.nodes[[at, RIGHT]] = (start + right) as f32;
                    }
                }
            }
            start += nodes.len();
        }
        made.validate(MOST_NODES)?;
        Ok(made)
    }

    /// Returns trees of this shape that are leaves of value 0.
    pub(super) fn leaves(shape: TreesShape) -> Self {
        Self { roots: Array1::zeros(shape.trees), nodes: Array2::zeros((shape.nodes, VALUE + 1)) }
    }

    /// Numbers of trees and nodes.
    pub(super) fn shape(&self) -> TreesShape {
        TreesShape { trees: self.roots.len(), nodes: self.nodes.nrows() }
    }

    /// Refuses trees that no training makes, as a damaged file may hold: a path that could leave its tree or never end, or one of more
    /// than `features` features.
    pub(super) fn validate(&self, features: usize) -> Result<()> {
        let nodes = self.nodes.nrows();
        let ends = self.roots.iter().skip(1).map(|&root| root as usize).chain([nodes]);
        let mut start = 0;
        for (tree, (&root, end)) in self.roots.iter().zip(ends).enumerate() {
            let whole = root == start as f32 && start < end && end <= nodes;
            if !whole || !(start..end).all(|node| self.is_sound(node, end, features)) {
                return Err(Error::Config(format!("tree {} is damaged", tree + 1)));
            }
            start = end;
        }
        Ok(())
    }

    /// Returns true for a leaf, and for a split by one of `features` features with two children before the `end` of its tree.
    fn is_sound(&self, node: usize, end: usize, features: usize) -> bool {
        let within = |number: f32, from: usize, end: usize| {
            number.fract() == 0.0 && number >= from as f32 && (number as usize) < end
        };
        let of = |column: usize| self.nodes[[node, column]];
        let is_leaf = of(LEFT) == 0.0 && of(RIGHT) == 0.0;
        is_leaf
            || (within(of(LEFT), node + 1, end)
                && within(of(RIGHT), node + 1, end)
                && within(of(FEATURE), 0, features))
    }

    /// Returns the sum of all trees for every document: `features: [D, F]` gives `[D]`.
    pub fn scores(&self, features: ArrayView2<'_, f32>) -> Vec<f32> {
        let mut scores = vec![0.0; features.nrows()];
        self.add_scores(features, &mut scores);
        scores
    }

    /// Adds the values of all trees, one after the other, to the `scores: [D]` of `features: [D, F]`.
    pub(super) fn add_scores(&self, features: ArrayView2<'_, f32>, scores: &mut [f32]) {
        for &root in &self.roots {
            for (score, document) in scores.iter_mut().zip(features.rows()) {
                *score += self.nodes[[self.leaf(root as usize, document), VALUE]];
            }
        }
    }

    /// Returns the leaf of a document below `node`.
    fn leaf(&self, mut node: usize, document: ArrayView1<'_, f32>) -> usize {
        while self.nodes[[node, LEFT]] != 0.0 {
            let is_below = document[self.nodes[[node, FEATURE]] as usize] < self.nodes[[node, THRESHOLD]];
            node = self.nodes[[node, if is_below { LEFT } else { RIGHT }]] as usize;
        }
        node
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::features::RankingSet;
    use crate::data::features::normalize::{Normalization, Normalizer};
    use crate::nn::{Parameters as _, save_tensors};
    use crate::ranking::features::{FeatureRanker, VectorScorer};
    use crate::ranking::{Method, Networks, Ranker as _, TrainConfig};
    use ndarray::array;

    fn split(feature: usize, threshold: f32, children: [usize; 2]) -> TreeNode {
        TreeNode::Split { feature, threshold, children }
    }

    /// Tree 1: x₀ < 0.5 ? 1 : (x₁ < 0.2 ? 2 : 4). Tree 2: always 10. Tree 3: x₁ < 0.5 ? 100 : 200.
    fn trees() -> Trees {
        let [one, two, four] = [1.0, 2.0, 4.0].map(TreeNode::Leaf);
        Trees::new(&[
            vec![split(0, 0.5, [1, 2]), one, split(1, 0.2, [3, 4]), two, four],
            vec![TreeNode::Leaf(10.0)],
            vec![split(1, 0.5, [1, 2]), TreeNode::Leaf(100.0), TreeNode::Leaf(200.0)],
        ])
        .expect("children stand behind their parents")
    }

    #[test]
    fn scores_are_the_sums_of_the_leaves_on_the_paths() {
        let documents = array![[0.4, 0.9], [0.5, 0.1], [0.5, 0.2], [0.6, 0.5], [-1.0, 0.0]];
        // A value that equals a threshold goes to the right.
        assert_eq!(
            trees().scores(documents.view()),
            [1.0 + 210.0, 2.0 + 110.0, 4.0 + 110.0, 4.0 + 210.0, 111.0]
        );
        let mut scores = vec![0.5; 5];
        trees().add_scores(documents.view(), &mut scores);
        assert_eq!(scores, [211.5, 112.5, 114.5, 214.5, 111.5]);
    }

    #[test]
    fn nodes_without_a_path_to_a_leaf_of_their_tree_are_refused() {
        let leaf = TreeNode::Leaf(1.0);
        for damaged in [
            vec![],
            vec![vec![]],
            vec![vec![leaf], vec![]],
            vec![vec![split(0, 0.0, [0, 1]), leaf]],
            vec![vec![split(0, 0.0, [1, 2]), leaf], vec![leaf]],
            vec![vec![split(0, 0.0, [1, 9]), leaf]],
        ] {
            assert!(Trees::new(&damaged).is_err(), "{damaged:?}");
        }
        assert!(trees().validate(2).is_ok());
        assert!(trees().validate(1).is_err(), "feature 2 of 1");
        let damage = |at: [usize; 2], value: f32| {
            let mut damaged = trees();
            damaged.nodes[at] = value;
            assert!(damaged.validate(2).is_err(), "{at:?} = {value}");
        };
        [0.5, -1.0, 2.0, f32::NAN].iter().for_each(|&feature| damage([0, FEATURE], feature));
        damage([0, LEFT], 0.0);
        damage([2, LEFT], 2.0);
        damage([6, RIGHT], 4.0);
        damage([8, LEFT], 7.0);
        for (tree, root) in [(0, 1.0), (1, 4.0), (1, 5.5), (2, 9.0), (2, 5.0), (1, f32::NAN)] {
            let mut damaged = trees();
            damaged.roots[tree] = root;
            assert!(damaged.validate(2).is_err(), "root {tree} at {root}");
        }
    }

    /// A model of these trees over raw features.
    fn model() -> FeatureRanker {
        let documents = RankingSet::from_rows(array![[0.4, 0.9], [0.5, 0.1]].view(), &[1, 0], &[2]);
        let normalizer = Normalizer::fit(Normalization::None, &documents.expect("they fit"));
        let networks = Networks::baseline(Method::LambdaMart, VectorScorer::Trees(trees()));
        FeatureRanker::new(&TrainConfig::default(), normalizer, (2, vec![]), networks, None)
    }

    #[test]
    fn a_model_of_trees_is_read_back_to_the_bit_and_ranks() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        model().save(folder.path()).expect("the folder is writable");
        let read = FeatureRanker::load(folder.path()).expect("just saved");
        assert_eq!(read, model());
        assert_eq!(
            read.predict(array![[0.4, 0.9], [0.5, 0.1]].view()).expect("two features"),
            [211.0, 112.0]
        );
        assert_eq!(trees().count() as u64, trees().shape().values());
    }

    #[test]
    fn a_damaged_model_of_trees_is_refused_by_the_name_of_its_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let refused = |part: &str| {
            let error = FeatureRanker::load(folder.path()).expect_err("it is damaged").to_string();
            assert!(error.contains(part), "{error}");
        };
        model().save(folder.path()).expect("the folder is writable");
        let mut circle = trees();
        circle.nodes[[2, LEFT]] = 2.0;
        save_tensors(&folder.path().join("ranker.safetensors"), &circle).expect("the folder is writable");
        refused("ranker.safetensors: tree 1 is damaged");

        let description = folder.path().join("model.toml");
        let text = std::fs::read_to_string(&description).expect("just saved");
        for (from, to, part) in [
            ("nodes = 9", "nodes = 900000000", "model.toml: 3 trees cannot have 900000000 nodes"),
            ("nodes = 9", "nodes = 16000000", "ranker.safetensors: too short"),
            ("trees = 3", "trees = 0", "model.toml: 0 trees cannot"),
            ("[trees]\ntrees = 3\nnodes = 9\n", "", "either `scorer` or `trees`"),
        ] {
            assert!(text.contains(from), "{text}");
            std::fs::write(&description, text.replace(from, to)).expect("the folder is writable");
            refused(part);
        }
    }
}
