//! Rankers of feature vectors, behind `irgan.Ranker`.

use std::path::PathBuf;

use irgan::data::features::{RankingSet, whole_grades};
use irgan::ranking::features::{FeatureRanker, FeatureTask, train_or_hold_out};
use irgan::ranking::{Extras, Player, Ranker as _};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrays::{Matrix, vector};
use crate::compute::{released, saved, trained};
use crate::error::checked;
use crate::settings::{Settings, chosen};
use crate::training::Fitted;

/// A trained ranker of feature vectors.
#[pyclass(frozen, module = "irgan")]
pub struct RankerModel(FeatureRanker);

/// Queries of rows: the sizes of their groups, or an id for each row.
#[derive(FromPyObject)]
pub(crate) enum Queries {
    Groups(Vec<usize>),
    Ids(Vec<String>),
}

/// Documents with their features, grades and queries, and the names of the features or none.
type Documents<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Queries, Vec<String>);

/// Returns the set of what Python gives.
fn ranking_set(py: Python<'_>, (features, grades, queries, names): &Documents<'_>) -> PyResult<RankingSet> {
    let (features, grades) = (Matrix::of(features)?, vector::<f64>(grades)?);
    let made = || {
        let grades = whole_grades(grades)?;
        let set = match queries {
            Queries::Groups(groups) => RankingSet::from_rows(features.view(), &grades, groups),
            Queries::Ids(ids) => RankingSet::from_rows_by_id(features.view(), &grades, ids),
        }?;
        if names.is_empty() { Ok(set) } else { set.with_names(names.clone()) }
    };
    checked(py, made())
}

/// Trains a ranker on `data`, chosen by `valid` or by a share of the queries.
#[pyfunction]
pub fn train_ranker<'py>(
    py: Python<'py>,
    settings: Settings,
    data: Documents<'py>,
    valid: Option<Documents<'py>>,
    valid_share: f64,
    watcher: &Bound<'py, PyAny>,
) -> PyResult<(RankerModel, Fitted)> {
    let config = settings.train_config(py, &FeatureTask::default())?;
    let set = ranking_set(py, &data)?;
    let valid = valid.map(|valid| ranking_set(py, &valid)).transpose()?;
    let trained = trained(py, watcher, move |checkpoints, listener| {
        let extras = Extras { checkpoints: checkpoints.clone(), ..Extras::default() };
        train_or_hold_out(&config, &extras, set, valid, valid_share, listener)
    })?;
    let fitted = Fitted::of(&trained);
    Ok((RankerModel(trained.model), fitted))
}

#[pymethods]
impl RankerModel {
    /// Reads the model in a folder.
    #[staticmethod]
    fn load(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        released(py, || FeatureRanker::load(&folder)).map(Self)
    }

    /// Writes the model into a folder.
    fn save(&self, py: Python<'_>, folder: PathBuf, force: bool) -> PyResult<()> {
        saved(py, &folder, force, || self.0.save(&folder))
    }

    /// Returns the scores of documents as the bytes of float32: `[D]`.
    fn predict<'py>(
        &self,
        py: Python<'py>,
        features: &Bound<'py, PyAny>,
        queries: Queries,
        player: Option<String>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let features = Matrix::of(features)?;
        let player = player.map_or(Ok(self.0.chosen()), |player| chosen::<Player>("player", &player))?;
        let view = features.view();
        let scores = released(py, || {
            let groups = match queries {
                Queries::Groups(groups) => groups,
                Queries::Ids(ids) => RankingSet::group_sizes(&ids)?,
            };
            self.0.predict_in_order(view, &groups, player)
        })?;
        let bytes: Vec<u8> = scores.into_iter().flat_map(f32::to_ne_bytes).collect();
        Ok(PyBytes::new(py, &bytes))
    }

    /// Number and names of the features of a document.
    #[getter]
    fn features(&self) -> (usize, Vec<String>) {
        let (count, names) = self.0.known();
        (count, names.to_vec())
    }

    /// Method that trained it.
    #[getter]
    fn method(&self) -> String {
        self.0.method().to_string()
    }

    /// Player that ranks.
    #[getter]
    fn player(&self) -> String {
        self.0.chosen().to_string()
    }
}
