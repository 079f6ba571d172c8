//! Item-based nearest neighbours (Sarwar et al., WWW 2001; Deshpande and Karypis, TOIS 2004), with the asymmetric cosine of
//! Aiolli (RecSys 2013).

use crate::data::interactions::Interactions;
use crate::math::parallel::{chunks_by_rows, ordered_map};
use crate::ranking::interactions::NeighbourWeights;

/// Settings of item-KNN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemKnn {
    /// Number of neighbours of an item.
    pub neighbours: usize,
    /// Number added to the denominator of a cosine.
    pub shrinkage: f32,
    /// Exponent ω by which the vote of a user falls with the number of items liked; 0 counts users alike.
    pub activity: f32,
    /// Part β of the cosine's denominator that the recommended item has; 0.5 is the cosine.
    pub popularity: f32,
}

/// `B_ji = Σ_{u likes i and j} w_u / (|U_j|^(1 − β) |U_i|^β + shrinkage)` for the `neighbours` items j for which it is highest, else
/// 0, with `w_u = (mean number of items liked / |I_u|)^ω`. Ties go to the item that appeared first.
pub fn item_knn(data: &Interactions, settings: ItemKnn) -> NeighbourWeights {
    NeighbourWeights::from_columns(&neighbours(data, settings))
}

/// The neighbours of every item with their weights, best first.
pub(super) fn neighbours(data: &Interactions, settings: ItemKnn) -> Vec<Vec<(u32, f32)>> {
    let likers = data.likers();
    let votes = votes(data, settings.activity);
    let of_item = |i: usize, both: &mut [f64], seen: &mut Vec<u32>| {
        for &user in &likers[i] {
            for &j in &data.positives()[user as usize] {
                if both[j as usize] == 0.0 {
                    seen.push(j);
                }
                both[j as usize] += votes[user as usize];
            }
        }
        let root = |item: usize, power: f32| (likers[item].len() as f64).powf(f64::from(power));
        let own = root(i, settings.popularity);
        let similarity = |j: u32| {
            let size = root(j as usize, 1.0 - settings.popularity) * own + f64::from(settings.shrinkage);
            (both[j as usize] / size) as f32
        };
        let others = seen.iter().filter(|&&j| j as usize != i);
        let similar: Vec<(u32, f32)> = others.map(|&j| (j, similarity(j))).collect();
        seen.drain(..).for_each(|j| both[j as usize] = 0.0);
        best(similar, settings.neighbours)
    };
    let chunks = chunks_by_rows(likers.iter().map(|users| users.len() + 1), CHUNK);
    let of_chunk = |chunk: usize| {
        let (mut both, mut seen) = (vec![0.0; likers.len()], vec![]);
        chunks[chunk].clone().map(|i| of_item(i, &mut both, &mut seen)).collect::<Vec<_>>()
    };
    ordered_map(chunks.len(), of_chunk).concat()
}

/// Positives of one unit of parallel work.
const CHUNK: usize = 8192;

/// The weight of every user, `(mean / |I_u|)^ω`: `[U]`.
fn votes(data: &Interactions, activity: f32) -> Vec<f64> {
    let counts = || data.positives().iter().map(|list| list.len());
    let mean = data.count() as f64 / counts().filter(|&count| count > 0).count().max(1) as f64;
    counts().map(|count| (mean / count.max(1) as f64).powf(f64::from(activity))).collect()
}

/// The `count` highest of `similar`, best first.
fn best(mut similar: Vec<(u32, f32)>, count: usize) -> Vec<(u32, f32)> {
    let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if similar.len() > count {
        similar.select_nth_unstable_by(count - 1, order);
        similar.truncate(count);
    }
    similar.sort_unstable_by(order);
    similar
}
