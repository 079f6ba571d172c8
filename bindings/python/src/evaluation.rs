//! `irgan.evaluate` and `irgan.compare`: judgements and runs of Python, and their measures.

use std::fmt::Display;
use std::path::PathBuf;

use irgan::evaluation::significance::{Correction, Test};
use irgan::evaluation::{
    self, ComparisonPlan, Evaluation, Measure, MeasureList, Options, QrelsBuilder, RunBuilder, RunFile,
};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyString};

use crate::compute::released;
use crate::error::checked;
use crate::settings::chosen;

/// Relevance judgements.
#[pyclass(frozen, module = "irgan")]
pub struct Qrels(evaluation::Qrels);

/// Rankings of a system.
#[pyclass(frozen, module = "irgan")]
pub struct Run(RunFile);

#[pymethods]
impl Qrels {
    /// Reads a file.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        released(py, || evaluation::Qrels::read(path)).map(Self)
    }

    /// Takes `{query: {document: grade}}`.
    #[staticmethod]
    fn of_dict(py: Python<'_>, judged: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut builder = QrelsBuilder::new("qrels");
        for_each_pair(judged, |query, document, grade| {
            let grade = whole(grade).ok_or_else(|| not_a_grade(query, document, grade))?;
            checked(py, builder.push(query, document, grade))
        })?;
        checked(py, builder.finish()).map(Self)
    }

    /// Takes the columns of a table: lists of ids, and an array of grades.
    #[staticmethod]
    fn of_columns(
        queries: &Bound<'_, PyList>,
        documents: &Bound<'_, PyList>,
        grades: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let py = queries.py();
        let mut builder = QrelsBuilder::new("qrels");
        for_each_row(queries, documents, grades, |query, document, grade| {
            let grade = whole_number(grade).ok_or_else(|| not_a_grade(query, document, grade))?;
            checked(py, builder.push(query, document, grade))
        })?;
        checked(py, builder.finish()).map(Self)
    }

    /// Counts the queries.
    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// Returns what was guessed while a file was read.
    #[getter]
    fn guessed(&self) -> Option<String> {
        self.0.guessed()
    }
}

#[pymethods]
impl Run {
    /// Reads a file.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        released(py, || RunFile::open(path)).map(Self)
    }

    /// Takes `{query: {document: score}}`.
    #[staticmethod]
    fn of_dict(py: Python<'_>, ranked: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut builder = RunBuilder::new("run");
        for_each_pair(ranked, |query, document, score| {
            checked(py, builder.push(query, document, score.extract()?))
        })?;
        checked(py, builder.finish()).map(Self)
    }

    /// Takes the columns of a table: lists of ids, and an array of scores.
    #[staticmethod]
    fn of_columns(
        queries: &Bound<'_, PyList>,
        documents: &Bound<'_, PyList>,
        scores: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let py = queries.py();
        let mut builder = RunBuilder::new("run");
        for_each_row(queries, documents, scores, |query, document, score| {
            checked(py, builder.push(query, document, score))
        })?;
        checked(py, builder.finish()).map(Self)
    }

    /// Name of the run: that of its file.
    #[getter]
    fn name(&self) -> String {
        self.0.name()
    }
}

/// Calls `take` with every query, document and value of a dictionary of dictionaries.
fn for_each_pair(
    outer: &Bound<'_, PyDict>,
    mut take: impl FnMut(&str, &str, &Bound<'_, PyAny>) -> PyResult<()>,
) -> PyResult<()> {
    for (query, documents) in outer {
        let query = id(&query)?;
        let query = query.to_str()?;
        let documents = documents.cast_into::<PyDict>().map_err(|_| {
            PyTypeError::new_err(format!("query {query}: expected a dict of documents, such as {{'d1': 1}}"))
        })?;
        for (document, value) in documents {
            take(query, id(&document)?.to_str()?, &value)?;
        }
    }
    Ok(())
}

/// Calls `take` with every row of three columns.
fn for_each_row(
    queries: &Bound<'_, PyList>,
    documents: &Bound<'_, PyList>,
    values: &Bound<'_, PyAny>,
    mut take: impl FnMut(&str, &str, f64) -> PyResult<()>,
) -> PyResult<()> {
    let values = PyBuffer::<f64>::get(values)?.to_vec(queries.py())?;
    if queries.len() != documents.len() || queries.len() != values.len() {
        return Err(PyValueError::new_err("the columns differ in length"));
    }
    for ((query, document), value) in queries.iter().zip(documents.iter()).zip(values) {
        take(id(&query)?.to_str()?, id(&document)?.to_str()?, value)?;
    }
    Ok(())
}

/// Returns an id as text; whole numbers are written in decimals.
fn id<'py>(id: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    if let Ok(text) = id.cast::<PyString>() {
        return Ok(text.clone());
    }
    if id.is_instance_of::<PyInt>() || id.hasattr("__index__")? {
        return id.str();
    }
    Err(PyTypeError::new_err(format!("expected an id as str or int, found {}", id.repr()?)))
}

/// Returns a grade: a whole number of any type.
fn whole(grade: &Bound<'_, PyAny>) -> Option<i32> {
    grade.extract::<i32>().ok().or_else(|| whole_number(grade.extract().ok()?))
}

fn whole_number(number: f64) -> Option<i32> {
    Some(number as i32).filter(|&whole| f64::from(whole) == number)
}

fn not_a_grade(query: &str, document: &str, found: impl Display) -> PyErr {
    PyValueError::new_err(format!(
        "query {query}, document {document}: expected a whole grade, found {found}"
    ))
}

/// Options that `evaluate` and `compare` share.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Setup {
    measures: Vec<String>,
    level: i32,
    judged_only: bool,
    complete: bool,
    depth: Option<usize>,
}

impl Setup {
    fn measures(&self, py: Python<'_>) -> PyResult<Vec<Measure>> {
        let list = |text: &String| checked(py, text.parse::<MeasureList>());
        let lists = self.measures.iter().map(list).collect::<PyResult<Vec<_>>>()?;
        Ok(MeasureList::joined(&lists, self.level, self.judged_only))
    }

    fn options(&self) -> Options<'static> {
        Options { complete: self.complete, depth: self.depth, ..Options::default() }
    }
}

/// Returns the names of the measures and their means, the ids of the queries, the values `[Q, M]` in one list, and counts of queries
/// that do not take part with what is suspected of their ids.
#[pyfunction]
#[allow(clippy::type_complexity)] // a tuple for one caller
pub fn evaluate(
    py: Python<'_>,
    qrels: &Qrels,
    run: &Run,
    setup: Setup,
) -> PyResult<(Vec<String>, Vec<f64>, Vec<String>, Vec<f64>, (usize, usize, Option<String>))> {
    let (measures, options) = (setup.measures(py)?, setup.options());
    let evaluation = released(py, || evaluation::evaluate(&qrels.0, &run.0, &measures, &options))?;
    let names = measures.iter().map(ToString::to_string).collect();
    let means = (0..measures.len()).map(|measure| evaluation.mean(measure)).collect();
    let Evaluation { queries, values, missing, unjudged, suspicion, .. } = evaluation;
    Ok((names, means, queries, values.into_iter().collect(), (missing, unjudged, suspicion)))
}

/// Compares runs with the first, or all with each other; returns a dictionary for each measure and pair, in which runs are numbers.
#[pyfunction]
pub fn compare<'py>(
    py: Python<'py>,
    qrels: &Qrels,
    runs: Vec<PyRef<'py, Run>>,
    setup: Setup,
    all_pairs: bool,
    plan: (String, String, u64, f64),
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let (test, correction, seed, alpha) = plan;
    let (test, correction) =
        (chosen::<Test>("test", &test)?, chosen::<Correction>("correction", &correction)?);
    let plan = ComparisonPlan { test, correction, seed, alpha };
    let (measures, options) = (setup.measures(py)?, setup.options());
    let files: Vec<&RunFile> = runs.iter().map(|run| &run.0).collect();
    let pairs = evaluation::pairs(files.len(), all_pairs);
    let (qrels, measured) = (&qrels.0, &measures);
    let comparisons = released(py, || {
        plan.validate()?;
        let evaluations = evaluation::evaluate_each(qrels, &files, measured, &options)?;
        Ok(evaluation::compare(&evaluations, &pairs, &plan))
    })?;
    let row = |comparison: &evaluation::Comparison| {
        let row = PyDict::new(py);
        let [wins, ties, losses] = comparison.wins_ties_losses;
        row.set_item("measure", measures[comparison.measure].to_string())?;
        row.set_item("run", comparison.other)?;
        row.set_item("base", comparison.base)?;
        row.set_item("queries", comparison.queries)?;
        row.set_item("mean", comparison.other_mean)?;
        row.set_item("base_mean", comparison.base_mean)?;
        row.set_item("difference", comparison.effect.mean)?;
        row.set_item("low", comparison.effect.low)?;
        row.set_item("high", comparison.effect.high)?;
        row.set_item("cohen_dz", comparison.effect.cohen_dz)?;
        row.set_item("p", comparison.p_value)?;
        row.set_item("p_adjusted", comparison.adjusted)?;
        row.set_item("wins", wins)?;
        row.set_item("ties", ties)?;
        row.set_item("losses", losses)?;
        row.set_item("resolvable", comparison.resolvable)?;
        Ok(row)
    };
    comparisons.iter().map(row).collect()
}
