//! Factors as NumPy arrays: `user_embeddings.npy` `[U, R]`, `item_embeddings.npy` `[I, R]`, `item_bias.npy` `[I]`.

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::{Factors, Recommender, RecommenderModel};
use crate::data::interactions::{Ids, Interactions};
use crate::error::{Error, Result};
use crate::files::npy;
use crate::ranking::{Method, Networks};

const USERS: &str = "user_embeddings.npy";

/// Returns `true` when `folder` holds factors as NumPy arrays.
pub fn has_npy(folder: &Path) -> bool {
    folder.join(USERS).is_file()
}

/// Reads a model of f32 factors from `folder`; users and items are named by their row, from `0` on, and nothing is known of them.
pub fn read_npy(folder: &Path) -> Result<RecommenderModel> {
    let users: Array2<f32> = npy::read(&folder.join(USERS))?;
    let items: Array2<f32> = npy::read(&folder.join("item_embeddings.npy"))?;
    let bias: Array1<f32> = npy::read(&folder.join("item_bias.npy"))?;
    if users.ncols() != items.ncols() || items.nrows() != bias.len() {
        return Err(Error::data(
            folder,
            format!(
                "factors of {:?}, {:?} and a bias of {} do not fit",
                users.dim(),
                items.dim(),
                bias.len()
            ),
        ));
    }
    if !users.iter().chain(&items).chain(&bias).all(|value| value.is_finite()) {
        return Err(Error::data(folder, "a factor is not finite"));
    }
    let rows = |count: usize| Arc::new((0..count).map(|row| row.to_string()).collect::<Ids>());
    let known = Interactions::new(rows(users.nrows()), rows(items.nrows()), vec![vec![]; users.nrows()]);
    let factors = Factors::from_parts(users, items.view(), &bias.to_vec());
    Ok(RecommenderModel::new(Networks::baseline(Method::Dns, Recommender::Factors(factors)), known))
}
