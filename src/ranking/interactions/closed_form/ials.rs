//! iALS: factors of least squares over all users and items, observed or not (Hu et al., ICDM 2008), with the
//! regularisation and the sizes of Rendle et al., RecSys 2022, “Revisiting the performance of iALS on item
//! recommendation benchmarks”.
//!
//! The loss, with S the observed pairs, α the weight of all pairs and `ŷ_ui = p_u · q_i` (their equations 1 to 6, ν = 1):
//!
//! ```text
//! L = Σ_{(u,i) ∈ S} (ŷ_ui − 1)² + α Σ_{u,i} ŷ_ui² + λ Σ_u (|S_u| + α I) ‖p_u‖² + λ Σ_i (|S_i| + α U) ‖q_i‖²
//! ```
//!
//! λ is given by the mean λ* of the weights of all rows' squared norms, `λ* (U + I) = 2 λ (|S| + α U I)`, which fits any size of
//! data (their section 4.2 with ν* = 0).
//!
//! # Differences from the paper
//! Every row is solved exactly. The table that stands still is turned into the eigenvectors of its Gram matrix first, so that the
//! matrix of a row with few positives is a diagonal plus as many outer products, and a system of their number is solved instead of
//! one of the rank (Woodbury's identity).

use ndarray::{Array1, Array2, ArrayView2, Axis};
use ndarray_rand::rand_distr::{Distribution, StandardNormal};

use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
use crate::math::gemm::gemm;
use crate::math::parallel::{chunks_by_rows, ordered_map};
use crate::math::symmetric;
use crate::ranking::interactions::Factors;
use crate::seed::Stream;

/// Settings of iALS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ials {
    /// Rank R of the factors.
    pub rank: usize,
    /// Weight α of every pair, observed or not, against 1 of an observed one.
    pub unobserved: f64,
    /// Mean λ* of the weights of the rows' squared norms.
    pub ridge: f64,
    /// Number of times that all users, then all items are solved.
    pub sweeps: usize,
}

/// Deviation of a random user's scores before the first sweep (σ* of the paper's section 4.4).
const DEVIATION: f64 = 0.1;
/// Positives of one unit of parallel work.
const CHUNK: usize = 4096;
/// Rows of one part of a Gram matrix.
const GRAM_ROWS: usize = 4096;

/// Factors after the sweeps of `settings`, from random ones by `stream`. The results do not depend on the number of threads.
///
/// # Errors
/// When a system has no solution in f64, as with no regularisation at all.
pub fn ials(data: &Interactions, settings: Ials, stream: Stream) -> Result<Factors> {
    let mut state = State::new(data, settings, stream);
    for _ in 0..settings.sweeps {
        state.sweep(data).ok_or_else(|| {
            let message =
                "iALS: the equations of a user or item have no solution; raise `interactions.ials-ridge`";
            Error::Config(message.into())
        })?;
    }
    let State { users, items, .. } = state;
    Ok(Factors::from_parts(users, items.view(), &vec![0.0; items.nrows()]))
}

/// Factors between two sweeps.
struct State {
    unobserved: f64,
    ridge: f64,            // λ
    likers: Vec<Vec<u32>>, // [I], the users who like each item
    users: Array2<f32>,    // p: [U, R]
    items: Array2<f32>,    // q: [I, R]
}

impl State {
    fn new(data: &Interactions, settings: Ials, stream: Stream) -> Self {
        let (count, rank) = (data.items().len(), settings.rank);
        let scale = DEVIATION / (rank as f64).sqrt();
        let mut rng = stream.rng();
        let mut value = || {
            let normal: f64 = StandardNormal.sample(&mut rng);
            (scale * normal) as f32
        };
        let items = Array2::from_shape_simple_fn((count, rank), &mut value);
        let (users, rows) = (data.users().len(), (data.users().len() + count) as f64);
        let pairs = data.count() as f64 + settings.unobserved * users as f64 * count as f64;
        let ridge = settings.ridge * rows / (2.0 * pairs);
        Self {
            unobserved: settings.unobserved,
            ridge,
            likers: data.likers(),
            users: Array2::zeros((users, rank)),
            items,
        }
    }

    /// Solves all users, then all items; none where a system has no solution.
    fn sweep(&mut self, data: &Interactions) -> Option<()> {
        let weights = (self.unobserved, self.ridge);
        self.users = solved(weights, data.positives(), &mut self.items)?;
        self.items = solved(weights, &self.likers, &mut self.users)?;
        Some(())
    }
}

/// The best rows for `lists` of positives among the rows of `fixed: [N, R]`, by the weights α and λ. `fixed` is rotated into the
/// eigenvectors of its Gram matrix; products with the rows returned are those that the table as it was has with its best rows.
fn solved(
    (unobserved, ridge): (f64, f64),
    lists: &[Vec<u32>],
    fixed: &mut Array2<f32>,
) -> Option<Array2<f32>> {
    let (count, rank) = fixed.dim();
    let gram = gram(fixed.view());
    let vectors = symmetric::eigenvectors(gram.clone());
    let all: Array1<f64> = (&vectors.dot(&gram) * &vectors).sum_axis(Axis(1)) * unobserved;
    let turned = fixed.dot(&vectors.t().mapv(|value| value as f32));
    *fixed = turned;
    let fixed = fixed.view();
    let chunks = chunks_by_rows(lists.iter().map(|list| list.len() + 1), CHUNK);
    let of_chunk = |chunk: usize| {
        let mut rows = Array2::zeros((chunks[chunk].len(), rank));
        for (list, mut row) in lists[chunks[chunk].clone()].iter().zip(rows.rows_mut()) {
            let weight = ridge * (list.len() as f64 + unobserved * count as f64);
            row.assign(&best_row(list, fixed, &(&all + weight))?);
        }
        Some(rows)
    };
    let parts: Option<Vec<_>> = ordered_map(chunks.len(), of_chunk).into_iter().collect();
    let parts = parts?;
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    Some(ndarray::concatenate(Axis(0), &views).expect("rows of one rank"))
}

/// `fixedᵀ fixed: [R, R]`, summed in a fixed order.
fn gram(fixed: ArrayView2<'_, f32>) -> Array2<f64> {
    let parts: Vec<_> = fixed.axis_chunks_iter(Axis(0), GRAM_ROWS).collect();
    let of_part = |part: usize| {
        let part = parts[part].mapv(f64::from);
        part.t().dot(&part)
    };
    let zero = Array2::zeros((fixed.ncols(), fixed.ncols()));
    ordered_map(parts.len(), of_part).into_iter().fold(zero, |sum, part| sum + part)
}

/// The x of `(D + Σ_j q_j q_jᵀ) x = Σ_j q_j` over the rows j of `list`, with the diagonal `D: [R]`; none where there is no
/// solution.
fn best_row(list: &[u32], fixed: ArrayView2<'_, f32>, diagonal: &Array1<f64>) -> Option<Array1<f32>> {
    let (count, rank) = (list.len(), fixed.ncols());
    let chosen: Vec<usize> = list.iter().map(|&j| j as usize).collect();
    let rows = fixed.select(Axis(0), &chosen); // [n, R]
    if count < rank {
        // x = D⁻¹ Qᵀ (1 + Q D⁻¹ Qᵀ)⁻¹ 1
        let scaled = &rows / &diagonal.mapv(|value| value as f32);
        let mut system = product(scaled.view(), rows.t());
        system.diag_mut().mapv_inplace(|value| value + 1.0);
        let mut weights = Array1::ones(count);
        symmetric::solve(&mut system, &mut weights)
            .then(|| scaled.t().dot(&weights.mapv(|value| value as f32)))
    } else {
        let mut system = product(rows.t(), rows.view());
        system.diag_mut().zip_mut_with(diagonal, |value, d| *value += d);
        let mut row = rows.sum_axis(Axis(0)).mapv(f64::from);
        symmetric::solve(&mut system, &mut row).then(|| row.mapv(|value| value as f32))
    }
}

/// `a b`, as f64.
fn product(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> Array2<f64> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    gemm(1.0, a, b, 0.0, c.view_mut());
    c.mapv(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng as _;
    use std::sync::Arc;

    const SETTINGS: Ials = Ials { rank: 6, unobserved: 0.2, ridge: 0.3, sweeps: 3 };

    /// 30 users and 25 items, some with few positives and some with more than the rank.
    fn data() -> Interactions {
        let mut rng = Stream::new(3).rng();
        let mut list = |user: usize| (0..25).filter(|_| rng.random::<f64>() < 0.02 * user as f64).collect();
        let positives: Vec<Vec<u32>> = (0..30).map(&mut list).collect();
        let ids = |n: usize| Arc::new((0..n).map(|i| i.to_string()).collect());
        Interactions::new(ids(30), ids(25), positives)
    }

    /// The loss in the form of the module's head, pair by pair.
    fn loss(data: &Interactions, (unobserved, ridge): (f64, f64), p: &Array2<f64>, q: &Array2<f64>) -> f64 {
        let scores = p.dot(&q.t());
        let mut loss = unobserved * (&scores * &scores).sum();
        let mut degrees = vec![0.0; q.nrows()];
        let weight = |positives: f64, all: usize| ridge * (positives + unobserved * all as f64);
        for (u, list) in data.positives().iter().enumerate() {
            loss += list.iter().map(|&i| (scores[[u, i as usize]] - 1.0).powi(2)).sum::<f64>();
            list.iter().for_each(|&i| degrees[i as usize] += 1.0);
            loss += weight(list.len() as f64, q.nrows()) * p.row(u).dot(&p.row(u));
        }
        loss + degrees.iter().zip(q.rows()).map(|(&n, q)| weight(n, p.nrows()) * q.dot(&q)).sum::<f64>()
    }

    fn weights(state: &State) -> (f64, f64) {
        (state.unobserved, state.ridge)
    }

    fn doubles(state: &State) -> (Array2<f64>, Array2<f64>) {
        (state.users.mapv(f64::from), state.items.mapv(f64::from))
    }

    #[test]
    fn the_loss_falls_with_every_sweep() {
        let data = data();
        let mut state = State::new(&data, SETTINGS, Stream::new(1));
        let mut last = f64::INFINITY;
        for sweep in 0..8 {
            state.sweep(&data).unwrap();
            let (p, q) = doubles(&state);
            let now = loss(&data, weights(&state), &p, &q);
            assert!(now < last, "sweep {sweep}: {now} after {last}");
            last = now;
        }
    }

    #[test]
    fn rows_are_those_of_the_dense_equations() {
        // (Qᵀ (C_u + α) Q + λ_u) p_u = Qᵀ C_u 1 with C_u = diag(1 where liked), by the inverse in f64.
        let data = data();
        let mut state = State::new(&data, SETTINGS, Stream::new(1));
        state.sweep(&data).unwrap();
        let users = solved(weights(&state), data.positives(), &mut state.items).unwrap();
        let q = state.items.mapv(f64::from);
        for (list, found) in data.positives().iter().zip(users.rows()) {
            let weights = Array1::from_shape_fn(25, |i| {
                SETTINGS.unobserved + f64::from(u8::from(list.contains(&(i as u32))))
            });
            let mut system = q.t().dot(&(&q * &weights.insert_axis(Axis(1))));
            let own = state.ridge * (list.len() as f64 + SETTINGS.unobserved * 25.0);
            system.diag_mut().mapv_inplace(|value| value + own);
            let right: Array1<f64> = list.iter().fold(Array1::zeros(6), |sum, &i| sum + q.row(i as usize));
            let expected = symmetric::inverse(system).unwrap().dot(&right);
            let distance = (expected - found.mapv(f64::from)).mapv(f64::abs).sum();
            assert!(distance < 1e-4, "{} positives: {distance}", list.len());
        }
    }

    #[test]
    fn nothing_falls_any_further_at_the_fixed_point() {
        let data = data();
        let mut state = State::new(&data, SETTINGS, Stream::new(1));
        (0..400).for_each(|_| state.sweep(&data).unwrap());
        let (p, q) = doubles(&state);
        let step = 1e-4;
        let slope = |moved: &dyn Fn(f64) -> f64| (moved(step) - moved(-step)) / (2.0 * step);
        for (row, column) in [(3, 0), (12, 2), (24, 5), (17, 1)] {
            let of_users = |by: f64| {
                let mut p = p.clone();
                p[[row, column]] += by;
                loss(&data, weights(&state), &p, &q)
            };
            let of_items = |by: f64| {
                let mut q = q.clone();
                q[[row, column]] += by;
                loss(&data, weights(&state), &p, &q)
            };
            assert!(slope(&of_users).abs() < 2e-3 && slope(&of_items).abs() < 2e-3, "row {row}");
        }
    }

    #[test]
    fn bits_are_those_of_one_thread() {
        let data = data();
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| ials(&data, SETTINGS, Stream::new(1)).unwrap())
        };
        assert_eq!(with(1), with(3));
    }
}
