//! Baselines without epochs: counts and linear algebra over the matrix of positives, X: `[U, I]`.

mod ease;
mod ials;
mod item_knn;
mod popularity;
mod pure_svd;

pub use ease::{Ease, ease, ease_among_neighbours, ease_of_all};
pub use ials::{Ials, ials};
pub use item_knn::{ItemKnn, item_knn};
pub use popularity::popularity;
pub use pure_svd::pure_svd;

use ndarray::Array2;

use crate::data::interactions::Interactions;
use crate::error::{Error, Result};

/// Most items of a method with weights between all items, whose matrix then holds at most 4 GiB in f64.
pub const MOST_ITEMS: usize = 23_000;

/// `Xᵀ X`: how many users like both items, `[I, I]`.
fn co_occurrences(data: &Interactions) -> Result<Array2<f32>> {
    let items = data.items().len();
    if items > MOST_ITEMS {
        return Err(Error::Config(format!(
            "weights between all of {items} items do not fit into memory (at most {MOST_ITEMS} items); \
             use ials or itemknn"
        )));
    }
    let mut counts = Array2::zeros((items, items));
    for list in data.positives() {
        for &a in list {
            for &b in list {
                counts[[a as usize, b as usize]] += 1.0;
            }
        }
    }
    Ok(counts)
}
