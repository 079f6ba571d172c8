//! A benchmark whose optimum is known: a hidden teacher grades documents, with noise.
//!
//! A document has F features, uniform on [0, 1]. A query weighs the teacher's H hidden units in its
//! own way, but only through its documents' features, so that one ranking function serves all
//! queries. The teacher's score is `Σ_h v_h · tanh(3 w_h · (x − ½))` with dense random `w_h`; half
//! of the `v_h` enter through the product of two units, which no linear scorer can follow. The
//! noisy score's best documents of each query become positives: the best 5 % get grade 2, the next
//! 10 % grade 1. In the training data only a share of the positives is observed; everything else
//! is unlabelled, as in implicit feedback. Validation and test data are judged in full.

use ndarray::{Array1, Array2, ArrayView2};
use ndarray_rand::rand_distr::{Distribution, StandardNormal};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{Query, RankingSet};
use crate::error::{Error, Result};
use crate::math::gemm;
use crate::math::parallel::ordered_map;
use crate::math::simd;
use crate::seed::{Rng, Stream};

/// Size and difficulty of a planted benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlantedConfig {
    /// Training queries; validation and test data have half as many each.
    pub queries: usize,
    /// Documents of every query.
    pub documents: usize,
    /// Features of every document.
    pub features: usize,
    /// Hidden units of the teacher.
    pub hidden: usize,
    /// Deviation of the noise on the teacher's scores, in deviations of those scores.
    pub noise: f32,
    /// Share of the training positives that is observed.
    pub observed: f64,
    /// Seed of the teacher, the documents and the noise.
    pub seed: u64,
}

impl Default for PlantedConfig {
    fn default() -> Self {
        Self { queries: 200, documents: 60, features: 20, hidden: 8, noise: 0.3, observed: 0.5, seed: 1 }
    }
}

/// A generated benchmark.
#[derive(Clone, Debug)]
pub struct Planted {
    /// Partly observed.
    pub train: RankingSet,
    /// Judged in full.
    pub valid: RankingSet,
    /// Judged in full.
    pub test: RankingSet,
    /// The teacher's noiseless scores of the validation documents: the best ranking there is.
    pub valid_teacher: Vec<f32>,
    /// The teacher's noiseless scores of the test documents.
    pub test_teacher: Vec<f32>,
}

impl Planted {
    /// Generates the benchmark of `config`: the same bits on any number of threads.
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
}

fn validate(config: &PlantedConfig) -> Result<()> {
    let rows = config.queries.checked_mul(config.documents).and_then(|rows| rows.checked_mul(config.features));
    let problem = if config.queries == 0 || config.features == 0 || config.hidden == 0 {
        "queries, features and hidden units must be at least 1"
    } else if config.documents < 4 {
        "a query needs at least 4 documents"
    } else if !(config.noise >= 0.0 && config.noise.is_finite()) {
        "the noise must not be negative"
    } else if rows.is_none_or(|cells| cells > 1 << 34) {
        "queries × documents × features is beyond 2^34 cells (64 GiB)"
    } else {
        return Ok(());
    };
    Err(Error::Config(format!("planted benchmark: {problem}")))
}

/// A random network with products between its hidden units.
struct Teacher {
    weight: Array2<f32>, // [F, H]
    output: Array1<f32>, // [H]
}

impl Teacher {
    fn new(config: &PlantedConfig, rng: &mut Rng) -> Self {
        let mut normal = |_| -> f32 { StandardNormal.sample(rng) };
        let scale = 6.0 / (config.features as f32).sqrt();
        let weight = Array2::zeros((config.features, config.hidden)).map(|&x: &f32| scale * normal(x));
        Self { weight, output: Array1::zeros(config.hidden).map(|&x: &f32| normal(x)) }
    }

    /// `x: [D, F]` gives `[D]`.
    fn scores(&self, x: ArrayView2<'_, f32>) -> Vec<f32> {
        let centred = x.map(|value| value - 0.5);
        let mut hidden = gemm::matmul(centred.view(), self.weight.view());
        simd::tanh(hidden.as_slice_mut().expect("a fresh array is contiguous"));
        let units = self.output.len();
        let of_row = |h: ndarray::ArrayView1<'_, f32>| {
            let term = |i: usize| if i < units / 2 { h[i] * h[(i + 1) % units] } else { h[i] };
            (0..units).map(|i| self.output[i] * term(i)).sum()
        };
        hidden.rows().into_iter().map(of_row).collect()
    }

    /// Documents with their grades, and the noiseless scores.
    fn part(&self, config: &PlantedConfig, name: &str, queries: usize, stream: Stream) -> (RankingSet, Vec<f32>) {
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
        let query = |q: usize| Query { id: format!("{name}-{}", q + 1), rows: q * documents..(q + 1) * documents };
        let ids = (0..queries * documents).map(|row| format!("{name}-{}-{}", row / documents + 1, row % documents + 1));
        let set = RankingSet::new(features, grades, (0..queries).map(query).collect(), ids, vec![]);
        (set, teacher)
    }

    /// The feature vectors, grades and noiseless scores of one query's documents.
    fn query(&self, config: &PlantedConfig, stream: Stream) -> (Vec<f32>, Vec<i8>, Vec<f32>) {
        let mut rng = stream.rng();
        // Six decimals, as in LETOR's files: what is written is what was generated.
        let mut feature = |_| (rng.random_range(0..=1_000_000u32) as f32) / 1e6;
        let shape = (config.documents, config.features);
        let features = Array2::zeros(shape).map(|&x: &f32| feature(x));
        let scores = self.scores(features.view());
        let mean = scores.iter().sum::<f32>() / scores.len() as f32;
        let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f32>() / scores.len() as f32;
        let noise = config.noise * variance.sqrt();
        let noisy: Vec<f32> = scores
            .iter()
            .map(|score| {
                let draw: f32 = StandardNormal.sample(&mut rng);
                score + noise * draw
            })
            .collect();
        let mut order: Vec<usize> = (0..noisy.len()).collect();
        order.sort_by(|&a, &b| noisy[b].total_cmp(&noisy[a]));
        let (best, good) = (config.documents.div_ceil(20), config.documents.div_ceil(7));
        let mut grades = vec![0; config.documents];
        order[..good].iter().for_each(|&document| grades[document] = 1);
        order[..best].iter().for_each(|&document| grades[document] = 2);
        (features.into_raw_vec_and_offset().0, grades, scores)
    }
}
