//! Features of the documents of a pool for a query, each with a name: the input of a learned ranker.

use ndarray::{Array2, ArrayView1, ArrayViewMut1, s};
use serde::{Deserialize, Serialize};
use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::{DocSet as _, TERMINATED};

use super::postings::FieldTerms;
use super::proximity::{adjacent, near, smallest_window};
use super::scoring::{Contribution, idf};
use super::{Bm25, Feedback, Scoring, TextIndex, WeightedQuery};
use crate::error::Result;

/// Most named fields with features of their own, chosen by the number of their terms.
const FEATURED: usize = 2;
/// Most terms of a query whose positions are compared, chosen by idf.
const PLACED: usize = 12;
/// Largest distance of two terms that count as a near pair, in terms.
const REACH: u32 = 8;
/// Pseudo-count μ of the Dirichlet-smoothed features.
const MU: f32 = 1000.0;
/// Share λ of the collection in the Jelinek–Mercer-smoothed feature.
const LAMBDA: f32 = 0.4;

/// Names of the features of every featured field.
const OF_FIELD: [&str; 10] = [
    "bm25",
    "lm-dirichlet",
    "lm-jm",
    "tf-idf",
    "coverage",
    "idf-coverage",
    "tf-min",
    "tf-mean",
    "tf-max",
    "length",
];
/// Names of the features of all texts together: scores by parts of the query and by the expanded query.
const OF_ALL: [&str; 5] = ["bm25-once", "bm25-lead", "bm25-rare", "feedback", "feedback-lm"];
/// Names of the features of proximity.
const NEARNESS: [&str; 3] = ["window", "ordered-pairs", "near-pairs"];
/// Names of the features of the query alone.
const OF_QUERY: [&str; 3] = ["query-terms", "query-idf-mean", "query-idf-max"];
/// Number of terms that stand for a long query: its first, or its heaviest by weight and idf.
const CHOSEN: usize = 10;

/// Parameters of the features, and their computation.
///
/// Each of up to three fields (all texts together and the two longest named ones) has ten features `FIELD.NAME`: four
/// scores, two coverages of the query's terms, three statistics of term frequencies, and the length. Eleven more features
/// concern the expanded query, the proximity of the query's terms, and the query alone.
///
/// ```
/// use irgan::data::documents::Document;
/// use irgan::event::Silent;
/// use irgan::retrieval::{BuildOptions, FeatureSet, WeightedQuery, TextIndex, build};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("index");
/// let document = |id: &str, text: &str| Document { id: id.into(), fields: vec![("body".into(), text.into())] };
/// let documents = [document("d1", "salt and wind"), document("d2", "boundary layer, layer")];
/// build(&path, &BuildOptions::default(), documents.into_iter().map(Ok), &mut Silent)?;
///
/// let index = TextIndex::open(&path)?;
/// let query = WeightedQuery::parse(&index, "boundary layer");
/// let features = FeatureSet::default().compute(&index, &query, &query, &[0, 1])?;
/// let names = FeatureSet::names(&index);
/// assert_eq!(features.dim(), (2, names.len()));
///
/// let most = names.iter().position(|name| name == "body.tf-max").expect("a feature of every field");
/// let d2 = index.find("d2").expect("an indexed document");
/// assert_eq!(features[[d2 as usize, most]], 2.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FeatureSet {
    /// Parameters of every feature that is a BM25 score.
    pub bm25: Bm25,
    /// Parameters of the query's expansion.
    pub feedback: Feedback,
}

impl FeatureSet {
    /// Returns the names of the features, such as `title.bm25`: `[F]`.
    pub fn names(index: &TextIndex) -> Vec<String> {
        let fields = index.fields();
        let of_field = |field: usize| OF_FIELD.map(|name| format!("{}.{name}", fields[field]));
        let others = OF_ALL.into_iter().chain(NEARNESS).chain(OF_QUERY).map(String::from);
        featured(index).into_iter().flat_map(of_field).chain(others).collect()
    }

    /// Returns the names of the features that are rankings of their own: BM25 of all texts, and with feedback.
    pub fn references(index: &TextIndex) -> Vec<String> {
        vec![Self::names(index)[0].clone(), "feedback".to_owned()]
    }

    /// Computes the features of the documents `pool: [K]`, which must ascend: returns `[K, F]`.
    ///
    /// `expanded` is the query after [`Feedback::expand`]. A feature that a document cannot have, such as those of a
    /// field without text, is NaN.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn compute(
        &self,
        index: &TextIndex,
        query: &WeightedQuery,
        expanded: &WeightedQuery,
        pool: &[u32],
    ) -> Result<Array2<f32>> {
        debug_assert!(pool.is_sorted(), "postings are read in order");
        let mut features = Array2::zeros((pool.len(), Self::names(index).len()));
        let by_field = self.term_statistics(index, query, pool)?;
        let mut column = by_field.ncols();
        features.slice_mut(s![.., ..column]).assign(&by_field);
        let terms = FieldTerms::look_up(index, query, 0)?;
        let idfs: Vec<f32> = terms.terms.iter().map(|term| idf(index.documents(), term.documents)).collect();
        let bm25 = Scoring::Bm25(self.bm25);
        let others = [
            (&query.once(), bm25),
            (&query.lead(CHOSEN), bm25),
            (&query.heaviest(CHOSEN, &idfs), bm25),
            (expanded, bm25),
            (expanded, Scoring::LmDirichlet { mu: MU }),
        ];
        for (query, scoring) in others {
            let terms = FieldTerms::look_up(index, query, 0)?;
            let scores = score(index, &terms, query, scoring, pool)?;
            features.column_mut(column).assign(&ArrayView1::from(&scores));
            column += 1;
        }
        self.nearness(index, &terms, &idfs, pool, &mut features, column)?;
        column += NEARNESS.len();
        let mean = idfs.iter().sum::<f32>() / idfs.len().max(1) as f32;
        let most = idfs.iter().copied().fold(0.0, f32::max);
        for (column, value) in (column..).zip([idfs.len() as f32, mean, most]) {
            features.column_mut(column).fill(value);
        }
        Ok(features)
    }

    /// Computes the leading features, those of every field, which need no positions: returns `[K, fields · 10]`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn term_statistics(
        &self,
        index: &TextIndex,
        query: &WeightedQuery,
        pool: &[u32],
    ) -> Result<Array2<f32>> {
        let fields = featured(index);
        let mut features = Array2::zeros((pool.len(), fields.len() * OF_FIELD.len()));
        for (i, &field) in fields.iter().enumerate() {
            let terms = FieldTerms::look_up(index, query, field)?;
            let sums = self.field(index, &terms, query, pool)?;
            let first = i * OF_FIELD.len();
            for ((&document, sums), mut row) in pool.iter().zip(&sums).zip(features.rows_mut()) {
                sums.write(index.length(field, document), query, &mut row, first);
            }
        }
        Ok(features)
    }

    /// Adds up the statistics of the query's terms in one field, for every document of the pool: returns `[K]`.
    fn field(
        &self,
        index: &TextIndex,
        terms: &FieldTerms<'_>,
        query: &WeightedQuery,
        pool: &[u32],
    ) -> Result<Vec<Sums>> {
        let scorings = [
            Scoring::Bm25(self.bm25),
            Scoring::LmDirichlet { mu: MU },
            Scoring::LmJelinekMercer { lambda: LAMBDA },
            Scoring::TfIdf,
        ];
        let length = |document: u32| index.length(terms.field, document);
        let all_idf = terms.terms.iter().map(|t| idf(index.documents(), t.documents)).sum::<f32>();
        let mut sums = vec![Sums { all_idf, ..Sums::default() }; pool.len()];
        for (number, term) in terms.terms.iter().enumerate() {
            let parts: Vec<Contribution> = scorings
                .iter()
                .filter_map(|scoring| scoring.contribution(index, terms.field, term))
                .collect();
            let idf = idf(index.documents(), term.documents);
            visit(index, terms, number, pool, false, |place, postings| {
                let sums = &mut sums[place];
                let (tf, length) = (postings.term_freq(), length(pool[place]));
                for (score, part) in sums.scores.iter_mut().zip(&parts) {
                    *score += part.of(tf, length);
                }
                sums.matched += 1;
                sums.idf += idf;
                sums.least = if sums.matched == 1 { tf } else { sums.least.min(tf) };
                sums.most = sums.most.max(tf);
                sums.total += tf;
            })?;
        }
        for (sums, &document) in sums.iter_mut().zip(pool) {
            sums.scores[1] += scorings[1].of_length(query.length(), length(document));
        }
        Ok(sums)
    }

    /// Fills the three columns of proximity (`window`, `ordered-pairs`, `near-pairs`), of which `first` is the first.
    fn nearness(
        &self,
        index: &TextIndex,
        terms: &FieldTerms<'_>,
        idfs: &[f32],
        pool: &[u32],
        features: &mut Array2<f32>,
        first: usize,
    ) -> Result<()> {
        let mut placed: Vec<usize> =
            (0..terms.terms.len()).filter(|&t| terms.terms[t].documents > 0).collect();
        placed.sort_by(|&a, &b| idfs[b].total_cmp(&idfs[a])); // stable: equal ones as in the query
        placed.truncate(PLACED);
        placed.sort_unstable();
        // Positions of every placed term in every document of the pool.
        let mut positions = vec![vec![vec![]; placed.len()]; pool.len()];
        for (slot, &term) in placed.iter().enumerate() {
            visit(index, terms, term, pool, true, |place, postings| {
                postings.positions(&mut positions[place][slot]);
            })?;
        }
        for (row, lists) in positions.iter_mut().enumerate() {
            let (mut ordered, mut close) = (0.0, 0.0);
            for slot in 1..placed.len() {
                if placed[slot - 1] + 1 != placed[slot] {
                    continue; // the two are not adjacent in the query
                }
                let weight = (idfs[placed[slot - 1]] + idfs[placed[slot]]) / 2.0;
                let (a, b) = (&lists[slot - 1], &lists[slot]);
                ordered += weight * (adjacent(a, b) as f32).ln_1p();
                close += weight * (near(a, b, REACH) as f32).ln_1p();
            }
            lists.retain(|list| !list.is_empty());
            let matched = lists.len() as f32;
            features[[row, first]] =
                smallest_window(lists).map_or(f32::NAN, |window| matched / window as f32);
            features[[row, first + 1]] = ordered;
            features[[row, first + 2]] = close;
        }
        Ok(())
    }
}

/// Returns the scores of the documents of `pool` by `scoring`: `[K]`, NaN where a document shares no term with the query.
fn score(
    index: &TextIndex,
    terms: &FieldTerms<'_>,
    query: &WeightedQuery,
    scoring: Scoring,
    pool: &[u32],
) -> Result<Vec<f32>> {
    let mut scores = vec![f32::NAN; pool.len()];
    for (number, term) in terms.terms.iter().enumerate() {
        let Some(part) = scoring.contribution(index, terms.field, term) else { continue };
        visit(index, terms, number, pool, false, |place, postings| {
            let length = index.length(terms.field, pool[place]);
            let before = scores[place];
            let before = if before.is_nan() { scoring.of_length(query.length(), length) } else { before };
            scores[place] = before + part.of(postings.term_freq(), length);
        })?;
    }
    Ok(scores)
}

/// Calls `each` for every document of `pool` that has the term, with the document's place in `pool` and the postings.
fn visit(
    index: &TextIndex,
    terms: &FieldTerms<'_>,
    term: usize,
    pool: &[u32],
    positions: bool,
    mut each: impl FnMut(usize, &mut SegmentPostings),
) -> Result<()> {
    let mut place = 0;
    for (number, segment) in index.segments.iter().enumerate() {
        let end =
            place + pool[place..].partition_point(|&document| document < segment.base + segment.documents);
        if place < end
            && let Some(mut postings) = terms.postings(term, number, positions)?
        {
            while place < end {
                let wanted = pool[place] - segment.base;
                let found = if postings.doc() < wanted { postings.seek(wanted) } else { postings.doc() };
                if found == TERMINATED {
                    break;
                }
                if found == wanted {
                    each(place, &mut postings);
                    place += 1;
                } else {
                    // Skips the documents of the pool before the next posting.
                    place += pool[place..end].partition_point(|&document| document - segment.base < found);
                }
            }
        }
        place = end;
    }
    Ok(())
}

/// Returns the fields with features: that of all texts together, then the longest named ones in the index's order.
fn featured(index: &TextIndex) -> Vec<usize> {
    let count = index.fields().len();
    if count == 1 {
        return vec![0];
    }
    let mut named: Vec<usize> = (1..count).collect();
    named.sort_by_key(|&field| std::cmp::Reverse(index.tokens(field)));
    named.truncate(FEATURED);
    named.sort_unstable();
    std::iter::once(0).chain(named).collect()
}

/// Sums and extremes over the terms of a query, for one document and field.
#[derive(Clone, Debug, Default)]
struct Sums {
    scores: [f32; 4],
    matched: u32,
    idf: f32,
    all_idf: f32,
    least: u32,
    most: u32,
    total: u32,
}

impl Sums {
    fn write(&self, length: u32, query: &WeightedQuery, row: &mut ArrayViewMut1<'_, f32>, first: usize) {
        let terms = query.terms().len().max(1) as f32;
        let least = if self.matched as usize == query.terms().len() { self.least } else { 0 };
        let rest = [
            self.matched as f32 / terms,
            if self.all_idf > 0.0 { self.idf / self.all_idf } else { 0.0 },
            least as f32,
            self.total as f32 / terms,
            self.most as f32,
            length as f32,
        ];
        for (column, value) in (first..).zip(self.scores.into_iter().chain(rest)) {
            row[column] = if length == 0 { f32::NAN } else { value };
        }
    }
}
