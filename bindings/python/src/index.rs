//! Search of a text index, behind `irgan.Index`.

use std::path::PathBuf;

use irgan::data::documents::{Document, Topic, checked_documents};
use irgan::math::parallel::ordered_map;
use irgan::ranking::documents::RankedSearcher;
use irgan::retrieval::{
    Bm25, BuildOptions, Feedback, Hit, Language, Scoring, SearchConfig, Searcher, TextIndex, WeightedQuery,
    build,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::compute::{released, trained};
use crate::settings::chosen;

/// An open index with the settings of its searches.
#[pyclass(frozen, module = "irgan")]
pub struct TextSearch(Engine);

/// A searcher by a score, or by a trained ranker.
enum Engine {
    Scored(Box<Searcher>),
    Ranked(Box<RankedSearcher>),
}

/// Name of a score with the parameters of all, the field, and RM3's documents, terms and share of the query.
#[derive(FromPyObject)]
pub(crate) struct Search {
    #[pyo3(item)]
    score: String,
    #[pyo3(item)]
    k1: f32,
    #[pyo3(item)]
    b: f32,
    #[pyo3(item)]
    mu: f32,
    #[pyo3(item)]
    lambda: f32,
    #[pyo3(item)]
    field: Option<String>,
    #[pyo3(item)]
    feedback: Option<(usize, usize, f32)>,
}

impl Search {
    fn config(self, k: usize) -> PyResult<SearchConfig> {
        let Self { score, k1, b, mu, lambda, field, feedback } = self;
        let scoring = match score.as_str() {
            "bm25" => Scoring::Bm25(Bm25 { k1, b }),
            "lm-dirichlet" => Scoring::LmDirichlet { mu },
            "lm-jm" => Scoring::LmJelinekMercer { lambda },
            "tf-idf" => Scoring::TfIdf,
            other => {
                let message = format!(
                    "score: unknown variant `{other}`, expected one of bm25, lm-dirichlet, lm-jm, tf-idf"
                );
                return Err(PyValueError::new_err(message));
            }
        };
        let feedback = feedback.map(|(documents, terms, original)| Feedback { documents, terms, original });
        Ok(SearchConfig { field, scoring, feedback, k })
    }
}

/// Hits of many queries in columns: the number of each hit's query, ids, scores and ranks.
type Columns = (Vec<usize>, Vec<String>, Vec<f32>, Vec<usize>);

#[pymethods]
impl TextSearch {
    /// Opens the index in a folder, to be searched by a score.
    #[staticmethod]
    fn open(py: Python<'_>, folder: PathBuf, search: Search, k: usize) -> PyResult<Self> {
        let config = search.config(k)?;
        released(py, || Searcher::open(&folder, &config))
            .map(|searcher| Self(Engine::Scored(Box::new(searcher))))
    }

    /// Opens the index in a folder, to be searched by the ranker in another.
    #[staticmethod]
    fn ranked(py: Python<'_>, folder: PathBuf, model: PathBuf, k: usize) -> PyResult<Self> {
        let searcher = released(py, || RankedSearcher::open(&model, &folder, None, k))?;
        Ok(Self(Engine::Ranked(Box::new(searcher))))
    }

    /// Returns the best `k` documents of every query, of at most as many as it was opened for.
    fn search(&self, py: Python<'_>, queries: Vec<String>, k: usize) -> PyResult<Columns> {
        released(py, || {
            let hits = match &self.0 {
                Engine::Scored(searcher) => {
                    let of_query = |query: usize| {
                        searcher.search(&WeightedQuery::parse(searcher.index(), &queries[query]))
                    };
                    ordered_map(queries.len(), of_query).into_iter().collect::<irgan::Result<_>>()?
                }
                Engine::Ranked(searcher) => {
                    let topic = |(number, text): (usize, String)| Topic { id: number.to_string(), text };
                    let topics: Vec<Topic> = queries.into_iter().enumerate().map(topic).collect();
                    searcher.search_all(&topics)?
                }
            };
            Ok(columns(self.index(), &hits, k))
        })
    }

    /// Returns the stored texts of a document by the names of their fields; None where there is no such document.
    fn document(&self, py: Python<'_>, id: &str) -> PyResult<Option<Vec<(String, String)>>> {
        released(py, || {
            let Some(number) = self.index().find(id) else { return Ok(None) };
            let texts = self.index().texts(number)?;
            Ok(Some(texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()))
        })
    }

    /// Name of the engine, such as `bm25`.
    #[getter]
    fn name(&self) -> String {
        match &self.0 {
            Engine::Scored(searcher) => searcher.to_string(),
            Engine::Ranked(searcher) => searcher.name(),
        }
    }

    /// Number of documents.
    fn __len__(&self) -> usize {
        self.index().documents()
    }
}

impl TextSearch {
    fn index(&self) -> &TextIndex {
        match &self.0 {
            Engine::Scored(searcher) => searcher.index(),
            Engine::Ranked(searcher) => searcher.index(),
        }
    }
}

/// Returns the best `k` hits of each query in columns; ranks begin at 0, as PyTerrier's do.
fn columns(index: &TextIndex, hits: &[Vec<Hit>], k: usize) -> Columns {
    let mut columns = Columns::default();
    for (query, hits) in hits.iter().enumerate() {
        for (rank, hit) in hits.iter().take(k).enumerate() {
            columns.0.push(query);
            columns.1.push(index.id(hit.document).to_owned());
            columns.2.push(hit.score);
            columns.3.push(rank);
        }
    }
    columns
}

/// Indexes documents, each an id and named texts, into a folder; returns the number of documents and of those without text.
#[pyfunction]
pub fn build_index(
    py: Python<'_>,
    folder: PathBuf,
    documents: Vec<(String, Vec<(String, String)>)>,
    language: &str,
    force: bool,
    watcher: &Bound<'_, PyAny>,
) -> PyResult<(usize, usize)> {
    let options = BuildOptions {
        language: chosen::<Language>("language", language)?,
        force,
        ..BuildOptions::default()
    };
    let summary = trained(py, watcher, move |checkpoints, listener| {
        let document = |(id, fields)| Document { id, fields };
        let checked = checked_documents(documents.into_iter().map(document));
        let until_interrupted = checked.map(|document| checkpoints.check_interrupt().and(document));
        build(&folder, &options, until_interrupted, listener)
    })?;
    Ok((summary.documents, summary.empty))
}
