//! Measures of a ranking as values: `"nDCG@10".parse::<Measure>()` names one and [`Measure::value`] computes it.
//!
//! Names are those of ir_measures (MacAvaney et al., 2022), with parameters in parentheses:
//!
//! | name | measure | parameters |
//! |---|---|---|
//! | `P@k` `R@k` `Success@k` `RelP@k` | precision, recall, any hit, precision relative to the best possible | `rel` |
//! | `F1@k` `F@k` | weighted harmonic mean of precision and recall | `rel`; `F`: `beta=1` |
//! | `AUC` | share of pairs of a relevant and another document in the right order | `rel` |
//! | `AP` `AP@k` `RR` `RR@k` `Rprec` `BinG` | average precision, reciprocal rank, R-precision, binary G | `rel`; `Rprec`: `mult` |
//! | `nDCG` `nDCG@k` | normalised discounted cumulative gain | `dcg='log2'` (trec_eval) or `'exp-log2'` (LETOR) |
//! | `ERR` `ERR@k` | expected reciprocal rank | `max=4`, the highest grade of the scale |
//! | `RBP` `RBP@k` `RBPResid` | rank-biased precision and its residual | `p=0.8`; `rel` makes it binary |
//! | `Bpref` `infAP` | incomplete judgements | `rel` |
//! | `IPrec@r` `IPrecAvg` | interpolated precision at recall `r`; its 11-point average | `rel` |
//! | `SetP` `SetR` `SetF` `SetAP` `SetRelP` `Utility` | the retrieved set, unordered | `rel`; `SetF`: `beta=1` |
//! | `Judged@k` `Unjudged@k` | share of judged and of not judged documents | |
//! | `NumQ` `NumRet` `NumRel` `NumRelRet` `NumNonRelRet` | counts, added up over queries | `rel` |
//! | `GMAP` `GMBpref` | geometric means over queries | `rel` |
//!
//! With `rel=2` a document is relevant from grade 2 on. `empty` is the score of a query without a relevant document: `0`
//! (as in trec_eval), `1`, or `skip` to leave it out of the mean. `judged_only=True` looks at judged documents only. Case does
//! not matter; the aliases of ir_measures (`MAP`, `MRR@10`, `Precision@5`), the names of trec_eval (`map`, `ndcg_cut_10`,
//! `P.5`) and those of recommenders (`HR@10`) are accepted too. [`MeasureList`] parses several at once.

pub mod binary;
mod by_rank;
pub mod graded;
pub mod incomplete;
mod list;
mod name;
mod spelling;

use std::borrow::Cow;

use super::{Judged, UNJUDGED};
use binary::*;
use graded::*;
use incomplete::*;

pub use graded::Gain;
pub use list::MeasureList;

/// Function of a ranking, with the parameters that it alone has.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Metric {
    /// [`precision`] at k.
    P(usize),
    /// [`recall`] at k.
    R(usize),
    /// [`f_measure`] at k with β.
    F(usize, f64),
    /// [`area_under_curve`].
    Auc,
    /// Number of retrieved documents that are relevant less that of the others (trec_eval `utility`).
    Utility,
    /// [`success`] at k.
    Success(usize),
    /// [`relative_precision`] at k.
    RelP(usize),
    /// [`average_precision`], of the first k documents when a cutoff is given.
    Ap(Option<usize>),
    /// [`reciprocal_rank`], within the first k documents when a cutoff is given.
    Rr(Option<usize>),
    /// [`r_precision`] at a multiple of R.
    Rprec(f64),
    /// [`bin_g`].
    BinG,
    /// [`ndcg`].
    Ndcg(Option<usize>, Gain),
    /// [`expected_reciprocal_rank`] with the highest grade of the scale.
    Err(Option<usize>, i32),
    /// [`rank_biased_precision`] with persistence p; graded, or binary when a grade is named.
    Rbp(Option<usize>, f64, Option<i32>),
    /// [`rank_biased_residual`] with persistence p.
    RbpResid(f64),
    /// [`bpref`].
    Bpref,
    /// [`inferred_average_precision`].
    InfAp,
    /// [`interpolated_precision`] at a recall.
    IPrec(f64),
    /// [`eleven_point_average`].
    IPrecAvg,
    /// [`set_precision`].
    SetP,
    /// [`recall`] of everything retrieved.
    SetR,
    /// F of everything retrieved, with β.
    SetF(f64),
    /// Product of [`set_precision`] and [`recall`] of everything retrieved (trec_eval `set_map`).
    SetAp,
    /// [`relative_precision`] of everything retrieved.
    SetRelP,
    /// [`judged_share`] at k.
    Judged(usize),
    /// [`unjudged_share`] at k.
    Unjudged(usize),
    /// Number of queries.
    NumQ,
    /// Number of retrieved documents.
    NumRet,
    /// Number of relevant documents.
    NumRel,
    /// Number of relevant documents retrieved.
    NumRelRet,
    /// Number of judged nonrelevant documents retrieved.
    NumNonRelRet,
}

/// Score of a query without a relevant document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Empty {
    /// 0, as in trec_eval.
    #[default]
    Zero,
    /// 1, as for nDCG in LightGBM and XGBoost.
    One,
    /// NaN: the mean leaves the query out.
    Skip,
}

/// Aggregation of the values of all queries into one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aggregate {
    /// Arithmetic mean.
    #[default]
    Mean,
    /// Sum, for counts.
    Sum,
    /// Geometric mean, `exp(mean(ln(max(value, 0.00001))))` (Robertson, 2006; trec_eval `gm_map`).
    GeometricMean,
}

/// Measure with all its parameters; the [module](self) lists the names.
///
/// ```
/// use irgan::evaluation::{Judged, Measure, UNJUDGED};
///
/// let measure: Measure = "P(rel=2)@5".parse()?;
/// // Grades in rank order; the query has four judged documents.
/// let value = measure.value(&[2, 0, UNJUDGED, 1, 3], &Judged::new([2, 0, 1, 3]));
/// assert_eq!(value, 0.4); // ranks 1 and 5 have a grade of at least 2
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    metric: Metric,
    rel: i32,
    empty: Empty,
    judged_only: bool,
    aggregate: Aggregate,
}

impl Measure {
    /// Makes a measure by which documents are relevant from grade 1 on, and a query without a relevant one scores 0.
    pub fn new(metric: Metric) -> Self {
        let aggregate = match metric {
            Metric::NumQ | Metric::NumRet | Metric::NumRel | Metric::NumRelRet | Metric::NumNonRelRet => {
                Aggregate::Sum
            }
            _ => Aggregate::Mean,
        };
        Self { metric, rel: 1, empty: Empty::Zero, judged_only: false, aggregate }
    }

    /// Returns the function of the ranking.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Returns the lowest relevant grade.
    pub fn rel(&self) -> i32 {
        self.rel
    }

    /// Returns the measure for which documents are relevant from grade `rel` on (trec_eval `-l`), unless it is one of graded
    /// relevance or names another grade already.
    pub fn with_level(mut self, rel: i32) -> Self {
        let graded = matches!(
            self.metric,
            Metric::Ndcg(..) | Metric::Err(..) | Metric::Rbp(_, _, None) | Metric::RbpResid(_)
        );
        let without = matches!(
            self.metric,
            Metric::Judged(_) | Metric::Unjudged(_) | Metric::NumQ | Metric::NumRet | Metric::Rbp(..)
        );
        if self.rel == 1 && !graded && !without {
            self.rel = rel;
        }
        self
    }

    /// Returns the measure of the ranking without its unjudged documents (trec_eval `-J`).
    pub fn of_judged_only(mut self) -> Self {
        self.judged_only = true;
        self
    }

    /// Returns the number of top ranks that the measure depends on; `None` for all of them, as of a cutoff that does not count
    /// unjudged documents (`judged_only=True`).
    pub fn cutoff(&self) -> Option<usize> {
        self.named_cutoff().filter(|_| !self.judged_only)
    }

    /// Returns the cutoff of the name.
    fn named_cutoff(&self) -> Option<usize> {
        match self.metric {
            Metric::P(k) | Metric::R(k) | Metric::F(k, _) | Metric::Success(k) | Metric::RelP(k) => Some(k),
            Metric::Judged(k) | Metric::Unjudged(k) => Some(k),
            Metric::Ap(k) | Metric::Rr(k) | Metric::Ndcg(k, _) | Metric::Err(k, _) | Metric::Rbp(k, ..) => k,
            _ => None,
        }
    }

    /// Returns true for a count of documents or queries, whose values are whole numbers.
    pub fn is_count(&self) -> bool {
        self.aggregate == Aggregate::Sum
    }

    /// Returns true for a geometric mean over queries.
    pub fn is_geometric(&self) -> bool {
        self.aggregate == Aggregate::GeometricMean
    }

    /// Returns the difference of two values of one query: of a geometric mean that of their logarithms.
    pub fn difference(&self, base: f64, other: f64) -> f64 {
        match self.is_geometric() {
            true => other.max(LEAST).ln() - base.max(LEAST).ln(),
            false => other - base,
        }
    }

    /// Returns the value for one query.
    ///
    /// `ranked` holds the grades of the retrieved documents in rank order, [`UNJUDGED`] for those without a judgement. NaN
    /// for a query that is to be left out of the mean (`empty=skip`).
    pub fn value(&self, ranked: &[i32], judged: &Judged) -> f64 {
        let relevant = judged.relevant(self.rel);
        if relevant == 0 && !self.is_count() {
            match self.empty {
                Empty::Zero => {}
                Empty::One => return 1.0,
                Empty::Skip => return f64::NAN,
            }
        }
        let ranked = &*if self.judged_only { judged_of(ranked) } else { Cow::Borrowed(ranked) };
        let seen = &ranked[..ranked.len().min(self.named_cutoff().unwrap_or(usize::MAX))];
        let grades = &*binarised(seen, self.rel);
        let all = ranked.len();
        match self.metric {
            Metric::P(k) => precision(grades, k),
            Metric::R(k) => recall(grades, relevant, k),
            Metric::F(k, beta) => f_measure(precision(grades, k), recall(grades, relevant, k), beta),
            Metric::Auc => area_under_curve(grades, relevant, judged.nonrelevant(self.rel)),
            Metric::Utility => 2.0 * hits(grades, all) as f64 - all as f64,
            Metric::Success(k) => success(grades, k),
            Metric::RelP(k) => relative_precision(grades, relevant, k),
            Metric::Ap(_) => average_precision(grades, relevant),
            Metric::Rr(_) => reciprocal_rank(grades),
            Metric::Rprec(multiple) => r_precision(grades, relevant, multiple),
            Metric::BinG => bin_g(grades, relevant),
            Metric::Ndcg(k, gain) => ndcg(seen, judged, k.unwrap_or(usize::MAX), gain),
            Metric::Err(_, max_grade) => expected_reciprocal_rank(seen, all, max_grade),
            Metric::Rbp(_, p, None) => rank_biased_precision(seen, all, p, judged.max_grade()),
            Metric::Rbp(_, p, Some(rel)) => rank_biased_precision(&clamped(seen, rel), all, p, 1),
            Metric::RbpResid(p) => rank_biased_residual(seen, p),
            Metric::Bpref => bpref(grades, relevant, judged.nonrelevant(self.rel)),
            Metric::InfAp => inferred_average_precision(grades, relevant),
            Metric::IPrec(recall) => interpolated_precision(grades, relevant, recall),
            Metric::IPrecAvg => eleven_point_average(grades, relevant),
            Metric::SetP => set_precision(grades),
            Metric::SetR => recall(grades, relevant, all),
            Metric::SetF(beta) => f_measure(set_precision(grades), recall(grades, relevant, all), beta),
            Metric::SetAp => set_precision(grades) * recall(grades, relevant, all),
            Metric::SetRelP => relative_precision(grades, relevant, all),
            Metric::Judged(k) => judged_share(seen, k),
            Metric::Unjudged(k) => unjudged_share(seen, k),
            Metric::NumQ => 1.0,
            Metric::NumRet => all as f64,
            Metric::NumRel => relevant as f64,
            Metric::NumRelRet => hits(grades, all) as f64,
            Metric::NumNonRelRet => grades.iter().filter(|&&grade| grade == 0).count() as f64,
        }
    }

    /// Aggregates the values of many queries into their mean or, for counts, their sum.
    ///
    /// NaN values are left out; 0 without any value. Values are added in the given order.
    pub fn aggregate(&self, values: impl IntoIterator<Item = f64>) -> f64 {
        let geometric = self.is_geometric();
        let (mut sum, mut count) = (0.0, 0.0);
        for value in values.into_iter().filter(|value| !value.is_nan()) {
            sum += if geometric { value.max(LEAST).ln() } else { value };
            count += 1.0;
        }
        match self.aggregate {
            Aggregate::Sum => sum,
            _ if count == 0.0 => 0.0,
            Aggregate::Mean => sum / count,
            Aggregate::GeometricMean => (sum / count).exp(),
        }
    }
}

/// Least value that a geometric mean takes the logarithm of, as in trec_eval.
const LEAST: f64 = 0.00001;

/// Turns grades of at least `rel` into 1 and judged lower ones into 0. With `rel` 1 the grades are returned as they are,
/// since binary measures only compare them with 0.
fn binarised(ranked: &[i32], rel: i32) -> Cow<'_, [i32]> {
    if rel == 1 { Cow::Borrowed(ranked) } else { Cow::Owned(clamped(ranked, rel)) }
}

/// Returns the grades of the judged documents of a ranking.
fn judged_of(ranked: &[i32]) -> Cow<'_, [i32]> {
    ranked.iter().copied().filter(|&grade| grade >= 0).collect()
}

fn clamped(ranked: &[i32], rel: i32) -> Vec<i32> {
    debug_assert!(rel > 0 && UNJUDGED < 0);
    ranked.iter().map(|&grade| if grade < 0 { grade } else { i32::from(grade >= rel) }).collect()
}
