//! Latent semantic analysis as features (Deerwester et al., JASIS 1990): documents of the same subject are near each
//! other although they share no term.
//!
//! The space is learned from the documents of the index alone, without judgements, and is the same for every fold.

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array2, ArrayViewD, ArrayViewMutD, s};
use serde::{Deserialize, Serialize};

use super::{CandidateConfig, Texts};
use crate::data::features::{Query, RankingSet};
use crate::error::{Error, Result};
use crate::files::toml_file;
use crate::math::parallel::{chunks_by_rows, ordered_map};
use crate::math::sparse::{SparseMatrix, SubspaceIteration};
use crate::math::{axpy, dot};
use crate::nn::{Tensor, TensorMut, load_tensor_list, save_tensor_list};
use crate::retrieval::{Bag, TermWeights, TextIndex};
use crate::seed::Stream;

/// The files of a ranker that has a space.
const TERMS: &str = "latent.toml";
const VECTORS: &str = "latent.safetensors";
/// Most documents that the space is learned from, and most terms.
const DOCUMENTS: usize = 20_000;
const VOCABULARY: usize = 1 << 16;
/// Enough for a space that is used as a whole: errors are within its last dimensions.
const ITERATION: SubspaceIteration = SubspaceIteration { oversampling: 16, rounds: 4, block: 32 };
/// Least singular value, against the largest, of a dimension that is kept.
const LEAST: f64 = 1e-6;
/// Least norm of a projection that is not taken as nothing: others are errors of rounding.
const NOTHING: f32 = 1e-5;
/// The feature by which documents stand for relevant ones, and their number.
const FEEDBACK: &str = "feedback";
const FIRST: usize = 10;
/// Rows whose documents are kept as vectors at a time.
const ROWS: usize = 1 << 18;

/// The subspace of terms in which a collection varies most: T terms, K dimensions.
///
/// With the documents as rows of `X: [N, T]`, each of weights `(1 + ln tf) · idf` and norm 1, the columns of `V: [T, K]`
/// are the leading right singular vectors of X. A text of weights `x` stands at `x V`, scaled to norm 1.
#[derive(Clone, Debug, PartialEq)]
pub struct LatentSpace {
    terms: TermWeights,
    vectors: Array2<f32>, // V: [T, K]
}

/// Content of [`TERMS`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    dimensions: usize,
    terms: Vec<String>,
}

impl LatentSpace {
    /// Names of the features.
    pub const NAMES: [&str; 2] = ["latent", "latent-feedback"];

    /// Learns the space that `config` asks for, if it asks for one, from the documents of `index`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn wanted(config: &CandidateConfig, index: &TextIndex) -> Result<Option<Arc<Self>>> {
        let learn = || Self::learn(index, config.latent).map(Arc::new);
        (config.latent > 0).then(learn).transpose()
    }

    /// Learns a space of at most `dimensions` from the documents of `index`, or from an even sample in the order of ids.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn learn(index: &TextIndex, dimensions: usize) -> Result<Self> {
        let (all, count) = (index.documents(), index.documents().min(DOCUMENTS));
        let documents: Vec<u32> = (0..count).map(|i| index.in_order_of_ids(i * all / count)).collect();
        let (terms, bags) = TermWeights::learn(index, &documents, VOCABULARY)?;
        let matrix = SparseMatrix::from_rows(terms.terms().len(), bags.iter().map(Bag::iter));
        let found = ITERATION.singular_vectors(&matrix, dimensions, Stream::new(0).named("latent"));
        let least = LEAST * found.values.first().unwrap_or(&0.0);
        let kept = found.values.iter().take_while(|&&value| value > least).count();
        let vectors = found.vectors.slice(s![..kept, ..]).t().mapv(|value| value as f32);
        Ok(Self { terms, vectors: vectors.as_standard_layout().into_owned() })
    }

    /// Returns `set` with two features behind the others: the cosine of a document with the query, and with the
    /// centroid of the first documents by feedback, weighted by their scores. A text without known terms has cosine 0.
    ///
    /// # Errors
    /// When the index cannot be read, or `set` is not of its documents or has no feature `feedback`.
    pub fn describe(&self, texts: &Texts<'_>, set: RankingSet) -> Result<RankingSet> {
        let column = set.feature_names().iter().position(|name| name == FEEDBACK);
        let missing = || Error::Unfit(format!("the documents have no feature `{FEEDBACK}`"));
        let scores = set.feature_scores(column.ok_or_else(missing)?);
        let lengths = set.queries().iter().map(|query| query.rows.len());
        let mut columns = [vec![], vec![]];
        for chunk in chunks_by_rows(lengths, ROWS) {
            let queries = &set.queries()[chunk];
            let first = queries[0].rows.start;
            let (documents, places) = texts.documents(&set, first..queries[queries.len() - 1].rows.end)?;
            let vectors = texts.team().try_map(documents.len(), |i| {
                Ok(self.project(&self.terms.document(texts.index(), documents[i])?))
            })?;
            let of_query = |query: &Query| {
                let own = places[query.rows.start - first..query.rows.end - first].iter();
                let pool: Vec<&[f32]> = own.map(|&place| vectors[place as usize].as_slice()).collect();
                let asked = self.project(&self.terms.query(texts.index(), texts.query(&query.id)?));
                let fed = self.centroid(&pool, &scores[query.rows.clone()]);
                Ok([asked, fed].map(|at| pool.iter().map(|vector| dot(vector, &at)).collect::<Vec<f32>>()))
            };
            for found in ordered_map(queries.len(), |q| of_query(&queries[q])) {
                columns.iter_mut().zip(found?).for_each(|(column, found)| column.extend(found));
            }
        }
        let named = Self::NAMES.into_iter().zip(columns);
        Ok(named.fold(set, |set, (name, column)| set.with_feature(name, &column)))
    }

    /// The place of a text in the space: `[K]`, of norm 1, or 0.
    fn project(&self, bag: &Bag) -> Vec<f32> {
        let mut place = vec![0.0; self.vectors.ncols()];
        for (term, weight) in bag.iter() {
            let vector = self.vectors.row(term as usize).to_slice().expect("standard layout");
            axpy(weight, vector, &mut place);
        }
        normalized(place)
    }

    /// The direction of `Σ_d s_d · x_d` over the first documents d of a pool by their `scores` s.
    fn centroid(&self, pool: &[&[f32]], scores: &[f32]) -> Vec<f32> {
        let mut order: Vec<usize> = (0..pool.len()).filter(|&place| scores[place] > 0.0).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        order.truncate(FIRST);
        let sum: f32 = order.iter().map(|&place| scores[place]).sum();
        let mut centroid = vec![0.0; self.vectors.ncols()];
        order.iter().for_each(|&place| axpy(scores[place] / sum, pool[place], &mut centroid));
        normalized(centroid)
    }

    /// Reads the space of the ranker in `folder`, of at most `dimensions`.
    pub(super) fn load(folder: &Path, dimensions: usize) -> Result<Self> {
        let path = folder.join(TERMS);
        let Header { dimensions: found, terms } =
            toml_file::read(&path).map_err(|cause| Error::data(&path, cause.to_string()))?;
        let unfit = || Error::data(&path, "dimensions and terms do not fit the model; train it again");
        if found > dimensions.min(terms.len()) {
            return Err(unfit());
        }
        let (mut idf, mut vectors) = (vec![0.0; terms.len()], Array2::zeros((terms.len(), found)));
        let weights = ArrayViewMutD::from_shape(vec![terms.len()], &mut idf).expect("as many as terms");
        let tensors = [("idf", weights), ("vectors", vectors.view_mut().into_dyn())];
        let tensors = tensors.map(|(name, values)| TensorMut { name: name.into(), values });
        load_tensor_list(&folder.join(VECTORS), tensors.into())?;
        let terms = TermWeights::new(terms, idf).ok_or_else(unfit)?;
        Ok(Self { terms, vectors })
    }

    /// Writes it into the folder of a ranker.
    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        let terms = self.terms.terms().to_vec();
        toml_file::write(&folder.join(TERMS), &Header { dimensions: self.vectors.ncols(), terms })?;
        let idf = ArrayViewD::from_shape(vec![self.terms.idf().len()], self.terms.idf());
        let tensors = [("idf", idf.expect("as many as terms")), ("vectors", self.vectors.view().into_dyn())];
        let tensors = tensors.map(|(name, values)| Tensor { name: name.into(), values });
        save_tensor_list(&folder.join(VECTORS), tensors.into())
    }
}

/// `vector` scaled to norm 1; 0 when it is nothing.
fn normalized(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = dot(&vector, &vector).sqrt();
    let scale = if norm > NOTHING { 1.0 / norm } else { 0.0 };
    vector.iter_mut().for_each(|value| *value *= scale);
    vector
}
