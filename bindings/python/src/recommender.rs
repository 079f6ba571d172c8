//! Recommenders, behind `irgan.Recommender`.

use std::path::PathBuf;

use irgan::data::interactions::{Layout, Ratings, RatingsFormat, Split, SplitOrder};
use irgan::event::Silent;
use irgan::ranking::interactions::{self, InteractionTask};
use irgan::ranking::{Extras, Player, Ranker as _};
use pyo3::prelude::*;

use crate::arrays::vector;
use crate::compute::{released, saved, trained};
use crate::error::checked;
use crate::settings::{Settings, chosen};
use crate::training::Fitted;

/// A trained recommender.
#[pyclass(frozen, module = "irgan")]
pub struct RecommenderModel(interactions::RecommenderModel);

/// Ids of users and items, and arrays of ratings and times or none: a row each.
type Rows<'py> = (Vec<String>, Vec<String>, Option<Bound<'py, PyAny>>, Option<Bound<'py, PyAny>>);

/// Returns the ratings of what Python gives, whose columns have one length.
fn ratings(py: Python<'_>, name: &str, (users, items, ratings, times): Rows<'_>) -> PyResult<Ratings> {
    let numbers = |array: Option<Bound<'_, PyAny>>| -> PyResult<Vec<Option<f64>>> {
        match array {
            Some(array) => Ok(vector::<f64>(&array)?.into_iter().map(Some).collect()),
            None => Ok(vec![None; users.len()]),
        }
    };
    let (ratings, times) = (numbers(ratings)?, numbers(times)?);
    let rows = users.iter().zip(&items).zip(ratings).zip(times);
    let rows = rows.map(|(((user, item), rating), time)| (user, item, rating, time));
    checked(py, Ratings::from_rows(name, rows))
}

/// Least rating of a positive, and the positives that are held out and how.
#[derive(FromPyObject)]
pub(crate) struct Held(f64, f64, String);

/// Trains a recommender on rows of ratings, chosen by those of `valid` or by positives that are held out.
#[pyfunction]
pub fn train_recommender<'py>(
    py: Python<'py>,
    settings: Settings,
    data: Rows<'py>,
    valid: Option<Rows<'py>>,
    held: Held,
    choices: (bool, usize),
    watcher: &Bound<'py, PyAny>,
) -> PyResult<(RecommenderModel, Fitted)> {
    let Held(positive, share, order) = held;
    let (refit, tune) = choices;
    let task = InteractionTask {
        ratings: "ratings".into(),
        format: RatingsFormat { positive, layout: Layout::Ratings },
        valid: valid.is_some().then(|| "valid".into()),
        split: Split { share, order: chosen::<SplitOrder>("split", &order)? },
        init_model: None,
        refit,
        tune,
    };
    let config = settings.train_config(py, &task)?;
    let data = ratings(py, "ratings", data)?;
    let valid = valid.map(|valid| ratings(py, "valid", valid)).transpose()?;
    let trained = trained(py, watcher, move |checkpoints, listener| {
        let extras = Extras { checkpoints: checkpoints.clone(), ..Extras::default() };
        task.train_on(data, valid, &config, &extras, listener)
    })?;
    let fitted = Fitted::of(&trained);
    Ok((RecommenderModel(trained.model), fitted))
}

#[pymethods]
impl RecommenderModel {
    /// Reads the model in a folder.
    #[staticmethod]
    fn load(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        released(py, || interactions::load(&folder, None, &mut Silent)).map(Self)
    }

    /// Writes the model into a folder.
    fn save(&self, py: Python<'_>, folder: PathBuf, force: bool) -> PyResult<()> {
        saved(py, &folder, force, || self.0.save(&folder))
    }

    /// Returns the best items of each of `users` with their scores.
    fn recommend(
        &self,
        py: Python<'_>,
        users: Vec<String>,
        k: usize,
        with_known: bool,
        player: Option<String>,
    ) -> PyResult<Vec<Vec<(String, f32)>>> {
        let player = player.map_or(Ok(self.0.chosen()), |player| chosen::<Player>("player", &player))?;
        let best = released(py, || self.0.recommend(&users, player, k, with_known))?;
        let owned = |items: Vec<(&str, f32)>| {
            items.into_iter().map(|(item, score)| (item.to_owned(), score)).collect()
        };
        Ok(best.into_iter().map(owned).collect())
    }

    /// Ids of all users.
    #[getter]
    fn users(&self) -> Vec<String> {
        self.0.known().users().names().to_vec()
    }

    /// Ids of all items.
    #[getter]
    fn items(&self) -> Vec<String> {
        self.0.known().items().names().to_vec()
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
