//! Most popular first.

use ndarray::Array2;

use crate::data::interactions::Interactions;
use crate::ranking::interactions::Factors;

/// `s(u, i)` is the share of users who like i: factors of rank 0, and a bias.
pub fn popularity(data: &Interactions) -> Factors {
    let users = data.users().len();
    let share = data.popularity().into_iter().map(|count| count as f32 / users as f32);
    let items = Array2::zeros((data.items().len(), 0));
    Factors::from_parts(Array2::zeros((users, 0)), items.view(), &share.collect::<Vec<_>>())
}
