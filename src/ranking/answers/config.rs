//! Settings of answer selection.

use serde::{Deserialize, Serialize};

use crate::error::{Result, require};
use crate::nn::Filters;

/// Settings of how questions and answers are read and scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AnswerConfig {
    /// Words that occur less often in the training data share the vectors of unknown words.
    pub min_count: usize,
    /// Words of a text that the convolution reads; the rest only counts for overlap.
    pub max_words: usize,
    /// Values of a word's vector, E.
    pub embedding: usize,
    /// The convolution's filters.
    pub filters: Vec<Filters>,
    /// Share of a text's features dropped while training.
    pub dropout: f32,
    /// Makes measures of the words that question and answer share a part of the score.
    pub overlap: bool,
    /// Factor of the score: a cosine alone makes a flat softmax.
    pub scale: f32,
    /// Candidates of a training question: its own, and answers of other questions drawn once a run up to
    /// this many; 0 for its own alone.
    pub pool: usize,
}

impl Default for AnswerConfig {
    fn default() -> Self {
        Self {
            min_count: 2,
            max_words: 40,
            embedding: 64,
            filters: filters(&[1, 2, 3, 5], 64),
            dropout: 0.6,
            overlap: true,
            scale: 20.0,
            pool: 0,
        }
    }
}

/// `count` filters of each width.
pub(super) fn filters(widths: &[usize], count: usize) -> Vec<Filters> {
    widths.iter().map(|&width| Filters { width, count }).collect()
}

/// Larger sizes are a slip of the keyboard.
const LARGEST: usize = 1 << 14;

/// Weights of all filters: 1 GiB.
const MOST_WEIGHTS: usize = 1 << 28;

impl AnswerConfig {
    /// Returns the number of weights of the filters.
    pub(super) fn weights(&self) -> usize {
        let of_width = |filters: &Filters| filters.width * filters.count * self.embedding;
        self.filters.iter().map(of_width).sum()
    }

    /// Refuses what no network can be made of.
    pub fn validate(&self) -> Result<()> {
        let sized = |size: usize| (1..=LARGEST).contains(&size);
        require(sized(self.min_count), || {
            format!("the smallest count of a word must lie in 1 to {LARGEST}")
        })?;
        require(sized(self.max_words), || format!("the words read of a text must lie in 1 to {LARGEST}"))?;
        require(sized(self.embedding), || format!("the size of a word's vector must lie in 1 to {LARGEST}"))?;
        let widths = self.filters.iter().map(|filters| filters.width);
        require(!self.filters.is_empty(), || "the convolution needs filters".into())?;
        require(widths.clone().all(|width| (1..=64).contains(&width)), || {
            "the widths of filters must lie in 1 to 64".into()
        })?;
        let mut distinct: Vec<usize> = widths.collect();
        distinct.sort_unstable();
        distinct.dedup();
        require(distinct.len() == self.filters.len(), || "each width of filters is given once".into())?;
        require(self.filters.iter().all(|filters| sized(filters.count)), || {
            format!("the filters of a width must number 1 to {LARGEST}")
        })?;
        let weights = self.weights();
        require(weights <= MOST_WEIGHTS, || {
            format!("the filters have {weights} weights; at most {MOST_WEIGHTS} are held")
        })?;
        require((0.0..1.0).contains(&self.dropout), || "dropout must lie in [0, 1)".into())?;
        require(self.scale > 0.0 && self.scale.is_finite(), || "the scale must be above 0".into())?;
        require(self.pool <= LARGEST, || format!("a pool holds at most {LARGEST} candidates"))
    }
}
