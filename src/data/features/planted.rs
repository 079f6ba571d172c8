//! Planted benchmark, whose optimum is known: a hidden teacher grades documents, with noise.
//!
//! The teacher is a network with one hidden layer, `Σ_h v_h · tanh(w_h · (x − ½) + b_h)`, so that a
//! multi-layer perceptron with H hidden units can equal it. Every other pair of units shares its
//! `w_h` and has opposite `v_h` and `b_h`: a bump across the direction of `w_h`, which no linear
//! scorer can follow.
//!
//! Features lie in [0, 1] and have a location and a width of their own in every query, as the
//! features of LETOR do. Of each query's documents the best 5 % by noisy score get grade 2 and the
//! next 10 % grade 1. In the training data only a share of the positives is observed; everything
//! else is unlabelled, as in implicit feedback. Validation and test data are judged in full.

use ndarray::{Array2, ArrayView2, Axis};
use ndarray_rand::rand_distr::{Distribution, StandardNormal};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{Query, RankingSet};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::math::gemm;
use crate::math::parallel::ordered_map;
use crate::math::simd;
use crate::seed::{Rng, Stream};

/// Largest number of cells in one matrix.
const CELL_LIMIT: usize = 1 << 31;

/// Half width of the teacher's bumps, in the units of the sums into its hidden layer.
const BUMP: f32 = 1.0;

/// Size and difficulty of a planted benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlantedConfig {
    /// Number of training queries; validation and test data have half as many each.
    pub queries: usize,
    /// Number of documents of every query.
    pub documents: usize,
    /// Number of features of every document.
    pub features: usize,
    /// Number of hidden units of the teacher.
    pub hidden: usize,
    /// Standard deviation of the noise on the teacher's scores, in standard deviations of those scores.
    pub noise: f32,
    /// Share of the training positives that is observed.
    pub observed: f64,
    /// Seed of the teacher, the documents and the noise.
    #[serde(with = "crate::seed::number")]
    pub seed: u64,
}

impl Default for PlantedConfig {
    fn default() -> Self {
        Self { queries: 150, documents: 60, features: 20, hidden: 8, noise: 0.3, observed: 0.5, seed: 1 }
    }
}

/// Generated benchmark.
///
/// ```
/// use irgan::data::features::planted::{Planted, PlantedConfig};
///
/// let planted = Planted::generate(&PlantedConfig { queries: 4, documents: 20, ..Default::default() })?;
/// assert_eq!((planted.train.queries().len(), planted.test.queries().len()), (4, 2));
/// // The noise keeps even the teacher from a perfect ranking.
/// assert!(planted.optimum(&"nDCG@10".parse()?) <= 1.0);
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Planted {
    /// Training data, of whose positives only a share is observed.
    pub train: RankingSet,
    /// Validation data, judged in full.
    pub valid: RankingSet,
    /// Test data, judged in full.
    pub test: RankingSet,
    /// Teacher's noiseless scores of the validation documents, which no ranking exceeds on average: `[D]`.
    pub valid_teacher: Vec<f32>,
    /// Teacher's noiseless scores of the test documents: `[D]`.
    pub test_teacher: Vec<f32>,
}

impl Planted {
    /// Generates the benchmark of `config`, byte-identical on any number of threads.
    ///
    /// # Errors
    /// When a size is 0, too small or beyond memory, or a share is out of range.
    pub fn generate(config: &PlantedConfig) -> Result<Self> {
        validate(config)?;
        let root = Stream::new(config.seed).named("planted");
        let teacher = Teacher::new(config, &mut root.named("teacher").rng());
        let part = |name: &str, queries: usize| teacher.part(config, name, queries, root.named(name));
        let held_out = config.queries.div_ceil(2);
        let (train, _) = part("train", config.queries);
        let (valid, valid_teacher) = part("valid", held_out);
        let (test, test_teacher) = part("test", held_out);
        let train = train.subsample_positives(config.observed, root.named("observed"))?;
        Ok(Self { train, valid, test, valid_teacher, test_teacher })
    }

    /// Mean of `measure` over the validation queries, ranked by the teacher's noiseless scores.
    pub fn optimum(&self, measure: &Measure) -> f64 {
        self.valid.measure(measure, &self.valid_teacher)
    }

    /// Mean of `measure` over the test queries, ranked by the teacher's noiseless scores.
    pub fn optimum_test(&self, measure: &Measure) -> f64 {
        self.test.measure(measure, &self.test_teacher)
    }
}

fn validate(config: &PlantedConfig) -> Result<()> {
    let &PlantedConfig { queries, documents, features, hidden, noise, observed, .. } = config;
    let fits = |sizes: &[usize]| {
        let cells = sizes.iter().try_fold(1usize, |cells, &size| cells.checked_mul(size));
        cells.is_some_and(|cells| cells <= CELL_LIMIT)
    };
    let problem = if queries == 0 || features == 0 || hidden == 0 {
        "queries, features and hidden units must be at least 1".to_owned()
    } else if documents < 4 {
        format!("{documents} documents a query are too few; at least 4 are needed")
    } else if !(noise >= 0.0 && noise.is_finite()) {
        format!("the noise must be a number from 0 up, not {noise}")
    } else if !(0.0..=1.0).contains(&observed) {
        format!("the observed share must lie in [0, 1], not {observed}")
    } else if !fits(&[queries, documents, features]) {
        "queries × documents × features is beyond 2^31 cells (8 GiB); choose smaller numbers".to_owned()
    } else if !fits(&[features, hidden]) || !fits(&[documents, hidden]) {
        "the teacher's layer is beyond 2^31 cells (8 GiB); choose fewer hidden units".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::Config(format!("planted benchmark: {problem}")))
}

/// Random network with one hidden layer.
struct Teacher {
    weight: Array2<f32>, // [F, H]
    bias: Vec<f32>,      // [H]
    output: Vec<f32>,    // [H]
}

impl Teacher {
    fn new(config: &PlantedConfig, rng: &mut Rng) -> Self {
        // Over uniform features the sums into the hidden units then have a deviation near 1.7.
        let scale = 6.0 / (config.features as f32).sqrt();
        let mut weight = Array2::zeros((config.features, config.hidden));
        let (mut bias, mut output) = (vec![0.0; config.hidden], vec![0.0; config.hidden]);
        for unit in 0..config.hidden {
            if unit % 4 == 1 {
                // The other side of the bump that the unit before begins.
                let before = weight.column(unit - 1).to_owned();
                weight.column_mut(unit).assign(&before);
                (bias[unit], output[unit]) = (-BUMP, -output[unit - 1]);
                bias[unit - 1] = BUMP;
                continue;
            }
            weight.column_mut(unit).mapv_inplace(|_: f32| scale * normal(rng));
            output[unit] = normal(rng);
        }
        Self { weight, bias, output }
    }

    /// Returns the scores of `x: [D, F]`: `[D]`.
    fn scores(&self, x: ArrayView2<'_, f32>) -> Vec<f32> {
        let centred = x.map(|value| value - 0.5);
        let mut hidden = gemm::matmul(centred.view(), self.weight.view()); // [D, H]
        for mut of_document in hidden.axis_iter_mut(Axis(0)) {
            of_document.iter_mut().zip(&self.bias).for_each(|(sum, bias)| *sum += bias);
        }
        simd::tanh(hidden.as_slice_mut().expect("a fresh array is contiguous"));
        let score =
            |row: ndarray::ArrayView1<'_, f32>| row.iter().zip(&self.output).map(|(h, v)| h * v).sum();
        hidden.rows().into_iter().map(score).collect()
    }

    /// Returns documents with their grades, and their noiseless scores.
    fn part(
        &self,
        config: &PlantedConfig,
        name: &str,
        queries: usize,
        stream: Stream,
    ) -> (RankingSet, Vec<f32>) {
        let documents = config.documents;
        let blocks = ordered_map(queries, |query| self.query(config, stream.at(query as u64)));
        let (mut values, mut grades, mut teacher) = (vec![], vec![], vec![]);
        for (features, query_grades, scores) in blocks {
            values.extend(features);
            grades.extend(query_grades);
            teacher.extend(scores);
        }
        let shape = (queries * documents, config.features);
        let features = Array2::from_shape_vec(shape, values).expect("one row a document");
        let query =
            |q: usize| Query { id: format!("{name}-{}", q + 1), rows: q * documents..(q + 1) * documents };
        let ids = (0..queries * documents)
            .map(|row| format!("{name}-{}-{}", row / documents + 1, row % documents + 1));
        let set = RankingSet::new(features, grades, (0..queries).map(query).collect(), ids, vec![]);
        (set, teacher)
    }

    /// Returns the feature vectors, grades and noiseless scores of one query's documents.
    fn query(&self, config: &PlantedConfig, stream: Stream) -> (Vec<f32>, Vec<i8>, Vec<f32>) {
        let mut rng = stream.rng();
        let features = features(config, &mut rng);
        let scores = self.scores(features.view());
        let mean = scores.iter().sum::<f32>() / scores.len() as f32;
        let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f32>() / scores.len() as f32;
        let noise = config.noise * variance.sqrt();
        let noisy: Vec<f32> = scores.iter().map(|score| score + noise * normal(&mut rng)).collect();
        (features.into_raw_vec_and_offset().0, grades(&noisy), scores)
    }
}

/// Draws the feature vectors of one query: `[D, F]`.
fn features(config: &PlantedConfig, rng: &mut Rng) -> Array2<f32> {
    let ranges: Vec<(f32, f32)> = (0..config.features)
        .map(|_| {
            let width = rng.random_range(0.5..1.0);
            (rng.random_range(0.0..1.0 - width), width)
        })
        .collect();
    let shape = (config.documents, config.features);
    Array2::from_shape_fn(shape, |(_, feature)| {
        let (low, width) = ranges[feature];
        // Six decimals, as in LETOR's files: lines stay short.
        ((low + width * rng.random::<f32>()) * 1e6).round() / 1e6
    })
}

/// Returns grades by rank: 2 for the best 5 %, 1 for the next 10 %, 0 below.
fn grades(scores: &[f32]) -> Vec<i8> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let (best, good) = (scores.len().div_ceil(20), (3 * scores.len()).div_ceil(20));
    let mut grades = vec![0; scores.len()];
    order[..good].iter().for_each(|&document| grades[document] = 1);
    order[..best].iter().for_each(|&document| grades[document] = 2);
    grades
}

fn normal(rng: &mut Rng) -> f32 {
    StandardNormal.sample(rng)
}
