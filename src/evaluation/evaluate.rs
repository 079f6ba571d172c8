//! Evaluation of a run: the value of every measure for every query, from judgements and ranking.

use std::path::Path;

use ndarray::Array2;

use super::positions::counted_by_position;
use super::qrels::QueryQrels;
use super::run::Retrieved;
use super::run_names::names;
use super::{Judged, Measure, Qrels, RunFile, UNJUDGED};
use crate::math::parallel::ordered_map;
use crate::{Error, Result};

/// Evaluation protocol: the documents that are ranked, their gains, and the queries that count.
#[derive(Clone, Copy, Default)]
pub enum Protocol<'a> {
    /// Protocol of trec_eval: every retrieved document with its grade, and all queries that are both judged and
    /// retrieved.
    #[default]
    Trec,
    /// Protocol of the IRGAN authors' code (Wang et al., 2017): the retrieved documents without the training positives, a
    /// gain of 1 for every grade above 0, and the ideal ranking of the relevant documents that were retrieved. Queries
    /// without a relevant document do not count, nor do, for a measure at k, queries with fewer than k documents.
    Irgan {
        /// Training judgements, whose documents with a grade above 0 are taken out of the ranking.
        exclude: Option<&'a Qrels>,
    },
}

/// Options of an evaluation.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Evaluation protocol.
    pub protocol: Protocol<'a>,
    /// Counts judged queries that the run lacks as empty rankings (trec_eval `-c`) when true, and leaves them out
    /// otherwise. [`Protocol::Irgan`] ignores it.
    pub complete: bool,
    /// Number of top documents of a query that are evaluated, all without it (trec_eval `-M`).
    pub depth: Option<usize>,
}

/// Values of one run: a row for every query, a column for every measure.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Name of the run in tables.
    pub name: String,
    /// Measures, the columns of `values`.
    pub measures: Vec<Measure>,
    /// Ids of the queries in byte order, the rows of `values`.
    pub queries: Vec<String>,
    /// Values: `[queries, measures]`, NaN where a query does not count for a measure.
    pub values: Array2<f64>,
    /// Number of judged queries that the run lacks.
    pub missing: usize,
    /// Number of queries of the run without a judgement, which are not evaluated.
    pub unjudged: usize,
    /// Sentence on ids that make few queries of the run meet their judgements, if there is one to say.
    pub suspicion: Option<String>,
}

impl Evaluation {
    /// Returns the measure over all queries: a mean, or a sum for counts.
    pub fn mean(&self, measure: usize) -> f64 {
        self.measures[measure].aggregate(self.values.column(measure).iter().copied())
    }
}

/// Evaluates one run against judgements by every measure.
///
/// Values are summed in the order of the query ids, so that equal input gives equal bits.
///
/// # Errors
/// When a line of the run is malformed, or no query is both judged and retrieved.
///
/// ```
/// use irgan::evaluation::{Measure, Options, Qrels, RunFile, evaluate};
///
/// let qrels = Qrels::from_bytes("qrels", b"q1 0 d1 1\nq1 0 d2 0\n".to_vec())?;
/// let run = RunFile::from_bytes("run", b"q1 Q0 d2 1 2.0 t\nq1 Q0 d1 2 1.0 t\n".to_vec());
/// let measures: Vec<Measure> = vec!["RR".parse()?];
/// assert_eq!(evaluate(&qrels, &run, &measures, &Options::default())?.mean(0), 0.5);
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn evaluate(qrels: &Qrels, run: &RunFile, measures: &[Measure], options: &Options) -> Result<Evaluation> {
    let mut grades = Vec::new();
    let answers = run.map_queries(|id, ranked| {
        let query = qrels.query(id)?;
        let depth = options.depth.unwrap_or(usize::MAX);
        Some(match options.protocol {
            Protocol::Trec => {
                look_up(&mut grades, &ranked[..ranked.len().min(depth)], query, qrels);
                measures.iter().map(|measure| measure.value(&grades, query.judged())).collect()
            }
            Protocol::Irgan { exclude } => {
                let excluded = exclude.and_then(|exclude| Some((exclude.query(id)?, exclude)));
                let kept = |document: &&Retrieved| {
                    let grade =
                        excluded.and_then(|(query, all)| query.grade(document.hash, document.document, all));
                    grade.is_none_or(|grade| grade <= 0)
                };
                let candidates: Vec<Retrieved> = ranked.iter().filter(kept).take(depth).copied().collect();
                look_up(&mut grades, &candidates, query, qrels);
                irgan_values(&grades, measures)
            }
        })
    })?;
    let suspicion = counted_by_position(answers.iter().map(|answer| answer.0), qrels.queries());
    let unjudged = answers.iter().filter(|(_, values)| values.is_none()).count();
    let mut rows: Vec<(&[u8], Vec<f64>)> =
        answers.into_iter().filter_map(|(id, values)| Some((id, values?))).collect();
    if rows.is_empty() {
        let message = format!("has no query in common with the judgements of {}", qrels.path().display());
        return Err(Error::data(run.path(), message));
    }
    let missing = qrels.len() - rows.len();
    rows.sort_unstable_by_key(|&(id, _)| id);
    if options.complete && matches!(options.protocol, Protocol::Trec) {
        add_missing(&mut rows, qrels, measures);
    }
    let queries = rows.iter().map(|(id, _)| String::from_utf8_lossy(id).into_owned()).collect();
    let values = rows.iter().flat_map(|(_, values)| values.iter().copied()).collect();
    let values = Array2::from_shape_vec((rows.len(), measures.len()), values)
        .expect("one value a measure in each row");
    let (name, measures) = (run.name(), measures.to_vec());
    Ok(Evaluation { name, measures, queries, values, missing, unjudged, suspicion })
}

/// Evaluates several run files against the same judgements, in parallel: `[paths]`. Runs of one file name are told apart by
/// their folders.
///
/// # Errors
/// The first error in the order of `paths`; see [`evaluate`].
///
/// ```
/// use irgan::evaluation::{Measure, Options, Qrels, evaluate_runs};
///
/// let folder = tempfile::tempdir()?;
/// let [good, bad] = ["good.run", "bad.run"].map(|name| folder.path().join(name));
/// std::fs::write(&good, "q1 Q0 d1 1 2.0 good\nq1 Q0 d2 2 1.0 good\n")?;
/// std::fs::write(&bad, "q1 Q0 d2 1 2.0 bad\nq1 Q0 d1 2 1.0 bad\n")?;
///
/// let qrels = Qrels::from_bytes("qrels", b"q1 0 d1 1\n".to_vec())?;
/// let measures: Vec<Measure> = vec!["RR".parse()?];
/// let runs = evaluate_runs(&qrels, &[good, bad], &measures, &Options::default())?;
/// assert_eq!((runs[0].name.as_str(), runs[0].mean(0), runs[1].mean(0)), ("good", 1.0, 0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluate_runs<P: AsRef<Path> + Sync>(
    qrels: &Qrels,
    paths: &[P],
    measures: &[Measure],
    options: &Options,
) -> Result<Vec<Evaluation>> {
    let one = |i: usize| evaluate(qrels, &RunFile::open(&paths[i])?, measures, options);
    // Collecting the results first makes the reported error independent of timing.
    let results: Vec<Result<Evaluation>> = ordered_map(paths.len(), one);
    let named = |(result, name): (Result<Evaluation>, String)| Ok(Evaluation { name, ..result? });
    results.into_iter().zip(names(paths)).map(named).collect()
}

/// Evaluates several runs against the same judgements, in parallel: `[runs]`.
///
/// # Errors
/// The first error in the order of `runs`; see [`evaluate`].
pub fn evaluate_each(
    qrels: &Qrels,
    runs: &[&RunFile],
    measures: &[Measure],
    options: &Options,
) -> Result<Vec<Evaluation>> {
    let results: Vec<_> = ordered_map(runs.len(), |i| evaluate(qrels, runs[i], measures, options));
    results.into_iter().collect()
}

/// Fills `grades` with the grades of ranked documents.
fn look_up(grades: &mut Vec<i32>, ranked: &[Retrieved], query: &QueryQrels, qrels: &Qrels) {
    grades.clear();
    let grade =
        |document: &Retrieved| query.grade(document.hash, document.document, qrels).unwrap_or(UNJUDGED);
    grades.extend(ranked.iter().map(grade));
}

/// Returns the values by [`Protocol::Irgan`] for the grades of a query's candidates: `[measures]`.
fn irgan_values(grades: &[i32], measures: &[Measure]) -> Vec<f64> {
    let binary: Vec<i32> = grades.iter().map(|&grade| i32::from(grade > 0)).collect();
    let judged = Judged::new(binary.iter().copied());
    let counts =
        |measure: &Measure| judged.relevant(1) > 0 && measure.cutoff().is_none_or(|k| binary.len() >= k);
    let value = |measure: &Measure| if counts(measure) { measure.value(&binary, &judged) } else { f64::NAN };
    measures.iter().map(value).collect()
}

/// Adds a row for every judged query that the sorted `rows` lack.
fn add_missing<'a>(rows: &mut Vec<(&'a [u8], Vec<f64>)>, qrels: &'a Qrels, measures: &[Measure]) {
    let present = rows.len();
    for id in qrels.queries() {
        if rows[..present].binary_search_by_key(&id, |&(id, _)| id).is_err() {
            let judged = qrels.judged(id).expect("the id comes from these judgements");
            rows.push((id, measures.iter().map(|measure| measure.value(&[], judged)).collect()));
        }
    }
    rows.sort_unstable_by_key(|&(id, _)| id);
}
