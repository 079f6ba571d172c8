//! What a ranker is told of a query and a document: named features of every document of a pool.

use ndarray::{Array2, ArrayView1, ArrayViewMut1, s};
use serde::{Deserialize, Serialize};
use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::{DocSet as _, TERMINATED};

use super::postings::FieldTerms;
use super::proximity::{adjacent, near, smallest_window};
use super::scoring::{Contribution, idf};
use super::{Bm25, Feedback, Query, Scoring, TextIndex};
use crate::error::Result;

/// Named fields with features of their own, beside all texts together: those with the most text.
const FEATURED: usize = 2;
/// Terms of a query whose positions are looked at: those of the highest idf.
const PLACED: usize = 12;
/// Terms this near to each other count as a pair.
const REACH: u32 = 8;
/// Pseudo-count of the Dirichlet-smoothed feature.
const MU: f32 = 1000.0;
/// Share of the collection in the Jelinek–Mercer-smoothed feature.
const LAMBDA: f32 = 0.4;

/// Of every featured field.
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
/// Of all texts together, by parts of the query and by the grown one.
const OF_ALL: [&str; 5] = ["bm25-once", "bm25-lead", "bm25-rare", "feedback", "feedback-lm"];
/// How near the query's terms stand to each other.
const NEARNESS: [&str; 3] = ["window", "ordered-pairs", "near-pairs"];
/// Of the query.
const OF_QUERY: [&str; 3] = ["query-terms", "query-idf-mean", "query-idf-max"];
/// Terms of a long query that stand for it: its first, or its rarest by weight and idf.
const CHOSEN: usize = 10;

/// Which parameters the features have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FeatureSet {
    /// Of every BM25.
    pub bm25: Bm25,
    /// Of the grown query.
    pub feedback: Feedback,
}

impl FeatureSet {
    /// The names of the features, such as `title.bm25`.
    pub fn names(index: &TextIndex) -> Vec<String> {
        let fields = index.fields();
        let of_field = |field: usize| OF_FIELD.map(|name| format!("{}.{name}", fields[field]));
        let others = OF_ALL.into_iter().chain(NEARNESS).chain(OF_QUERY).map(String::from);
        featured(index).into_iter().flat_map(of_field).chain(others).collect()
    }

    /// The features of the documents of `pool: [K]`, which ascend: `[K, F]`. What a document lacks (a field, two
    /// terms to be near to each other) is NaN, not 0. `grown` is the query after feedback.
    pub fn compute(
        &self,
        index: &TextIndex,
        query: &Query,
        grown: &Query,
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
            (grown, bm25),
            (grown, Scoring::LmDirichlet { mu: MU }),
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

    /// The first of the features, those of every field: `[K, fields · 10]`. They come from term counts alone.
    pub fn term_statistics(&self, index: &TextIndex, query: &Query, pool: &[u32]) -> Result<Array2<f32>> {
        let fields = featured(index);
        let mut features = Array2::zeros((pool.len(), fields.len() * OF_FIELD.len()));
        for (i, &field) in fields.iter().enumerate() {
            let terms = FieldTerms::look_up(index, query, field)?;
            let sums = self.field(index, &terms, query, pool)?;
            let lengths = index.statistics().lengths(field);
            let first = i * OF_FIELD.len();
            for ((&document, sums), mut row) in pool.iter().zip(&sums).zip(features.rows_mut()) {
                sums.write(lengths[document as usize], query, &mut row, first);
            }
        }
        Ok(features)
    }

    /// The sums over the terms of one field, for every document of the pool.
    fn field(
        &self,
        index: &TextIndex,
        terms: &FieldTerms<'_>,
        query: &Query,
        pool: &[u32],
    ) -> Result<Vec<Sums>> {
        let scorings = [
            Scoring::Bm25(self.bm25),
            Scoring::LmDirichlet { mu: MU },
            Scoring::LmJelinekMercer { lambda: LAMBDA },
            Scoring::TfIdf,
        ];
        let lengths = index.statistics().lengths(terms.field);
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
                let (tf, length) = (postings.term_freq(), lengths[pool[place] as usize]);
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
            sums.scores[1] += scorings[1].of_length(query.length(), lengths[document as usize]);
        }
        Ok(sums)
    }

    /// Fills `window`, `ordered-pairs` and `near-pairs` from column `first` on.
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
                    continue; // no neighbours in the query
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

/// Scores of the documents of `pool` by `scoring`; NaN for those that share no term with the query.
fn score(
    index: &TextIndex,
    terms: &FieldTerms<'_>,
    query: &Query,
    scoring: Scoring,
    pool: &[u32],
) -> Result<Vec<f32>> {
    let lengths = index.statistics().lengths(terms.field);
    let mut scores = vec![f32::NAN; pool.len()];
    for (number, term) in terms.terms.iter().enumerate() {
        let Some(part) = scoring.contribution(index, terms.field, term) else { continue };
        visit(index, terms, number, pool, false, |place, postings| {
            let length = lengths[pool[place] as usize];
            let before = scores[place];
            let before = if before.is_nan() { scoring.of_length(query.length(), length) } else { before };
            scores[place] = before + part.of(postings.term_freq(), length);
        })?;
    }
    Ok(scores)
}

/// Calls `each` with the place in `pool` of every document that has the term, and the postings there.
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
                    // The pool's next document that the term may have.
                    place += pool[place..end].partition_point(|&document| document - segment.base < found);
                }
            }
        }
        place = end;
    }
    Ok(())
}

/// The fields with features: all texts together, and the longest of the others, in their order.
fn featured(index: &TextIndex) -> Vec<usize> {
    let count = index.fields().len();
    if count == 1 {
        return vec![0];
    }
    let mut named: Vec<usize> = (1..count).collect();
    named.sort_by_key(|&field| std::cmp::Reverse(index.statistics().tokens(field)));
    named.truncate(FEATURED);
    named.sort_unstable();
    std::iter::once(0).chain(named).collect()
}

/// What is added up over the terms of a query, for one document and field.
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
    fn write(&self, length: u32, query: &Query, row: &mut ArrayViewMut1<'_, f32>, first: usize) {
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
