//! Matrix factorisation with an item bias: `s(u, i) = p_u · q_i + b_i` (Koren et al., 2009).

use ndarray::{Array2, ArrayView2, Axis, s};

use super::ItemPools;
use super::scored::{Scored, What};
use crate::math::gemm::{WIDEST, add_outer, at_width, gemm, outer};
use crate::math::{add_transposed_product, dot, gemv};
use crate::nn::{Initializer, TableGradient, impl_parameters};
use crate::ranking::{Candidates, Scorer};
use crate::seed::Rng;

/// Factors of users and items.
#[derive(Clone, Debug, PartialEq)]
pub struct Factors {
    users: Array2<f32>, // p: [U, R]
    items: Array2<f32>, // q with b as its last column: [I, R + 1]
}

impl Factors {
    /// Random factors; the bias starts at 0.
    pub fn new(users: usize, items: usize, rank: usize, initializer: Initializer, rng: &mut Rng) -> Self {
        let users = initializer.sample((users, rank), rank, rank, rng);
        let mut table = Array2::zeros((items, rank + 1));
        table.slice_mut(s![.., ..rank]).assign(&initializer.sample((items, rank), rank, rank, rng));
        Self { users, items: table }
    }

    /// Given factors: `users: [U, R]`, `items: [I, R]`, `bias: [I]`.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn from_parts(users: Array2<f32>, items: ArrayView2<'_, f32>, bias: &[f32]) -> Self {
        assert!(users.ncols() == items.ncols() && items.nrows() == bias.len(), "one rank, one bias an item");
        let rank = users.ncols();
        let mut table = Array2::zeros((items.nrows(), rank + 1));
        table.slice_mut(s![.., ..rank]).assign(&items);
        table.column_mut(rank).iter_mut().zip(bias).for_each(|(into, &b)| *into = b);
        Self { users: users.as_standard_layout().into_owned(), items: table }
    }

    /// The factors of some users and items.
    pub(super) fn select(&self, users: &[usize], items: &[usize]) -> Self {
        Self { users: self.users.select(Axis(0), users), items: self.items.select(Axis(0), items) }
    }

    /// `(U, I, R)`.
    pub fn dim(&self) -> (usize, usize, usize) {
        (self.users.nrows(), self.items.nrows(), self.users.ncols())
    }

    /// p: `[U, R]`.
    pub fn users(&self) -> ArrayView2<'_, f32> {
        self.users.view()
    }

    /// q: `[I, R]`.
    pub fn items(&self) -> ArrayView2<'_, f32> {
        self.items.slice(s![.., ..self.users.ncols()])
    }

    /// `p q^T + b` for some users: `[B, I]`.
    pub fn products(&self, users: &[u32]) -> Array2<f32> {
        let shape = (users.len(), self.items.nrows());
        let factors = self.gathered(users);
        if self.is_narrow() {
            let mut scores = Vec::with_capacity(shape.0 * shape.1);
            for p in factors.rows() {
                let start = scores.len();
                scores.resize(start + shape.1, 0.0); // a row at a time, while it is in the cache
                gemv(self.items.view(), p, (&mut scores[start..]).into());
            }
            return Array2::from_shape_vec(shape, scores).expect("a row a user");
        }
        let mut scores = Array2::zeros(shape);
        gemm(1.0, factors.view(), self.items.t(), 0.0, scores.view_mut());
        scores
    }

    /// Returns `true` when users are better taken one by one: a rank so low that packing costs more than the product.
    fn is_narrow(&self) -> bool {
        self.items.ncols() <= WIDEST
    }

    /// p of some users, and a factor of 1 beside it that makes the bias a factor like the others: `[B, R + 1]`.
    fn gathered(&self, users: &[u32]) -> Array2<f32> {
        let rank = self.users.ncols();
        let mut gathered = Array2::ones((users.len(), rank + 1));
        for (mut into, &user) in gathered.rows_mut().into_iter().zip(users) {
            into.slice_mut(s![..rank]).assign(&self.users.row(user as usize));
        }
        gathered
    }

    #[inline]
    fn pair(&self, (user, item): (u32, u32)) -> f32 {
        let (p, q) = (row(&self.users, user), row(&self.items, item));
        let (bias, q) = q.split_last().expect("every item has a bias");
        let product = match q.len() {
            0..16 => p.iter().zip(q).map(|(p, q)| p * q).sum(),
            _ => dot(p, q),
        };
        product + bias
    }

    /// Computes [`Factors::pair`] of a narrow table of W columns.
    #[inline]
    fn short<const W: usize>(&self, (user, item): (u32, u32)) -> f32 {
        let (p, q) = (&row(&self.users, user)[..W - 1], &row(&self.items, item)[..W]);
        let mut product = 0.0;
        for k in 0..W - 1 {
            product += p[k] * q[k];
        }
        product + q[W - 1]
    }
}

#[inline]
fn row(table: &Array2<f32>, row: u32) -> &[f32] {
    let width = table.ncols();
    &table.as_slice().expect("tables are in standard layout")[row as usize * width..][..width]
}

impl Scorer for Factors {
    type Pools = ItemPools;
    type Cache<'a> = Scored<'a>;
    type Gradient = Vec<TableGradient>;

    fn score(&self, pools: &ItemPools, candidates: Candidates<'_>) -> Vec<f32> {
        match candidates {
            Candidates::Pairs(pairs) => {
                let pairs = pairs.iter().map(|&(q, c)| (pools.user(q), pools.item(q, c)));
                if self.is_narrow() {
                    return at_width!(self.items.ncols(), W => pairs.map(|pair| self.short::<W>(pair)).collect());
                }
                pairs.map(|pair| self.pair(pair)).collect()
            }
            Candidates::Pools(queries) => {
                let users: Vec<u32> = queries.iter().map(|&q| pools.user(q)).collect();
                let scores = self.products(&users);
                if pools.are_whole() {
                    return scores.into_raw_vec_and_offset().0;
                }
                let mut kept = Vec::with_capacity(scores.len());
                for (scores, &q) in scores.rows().into_iter().zip(queries) {
                    pools.extend_with_candidates(
                        &mut kept,
                        scores.to_slice().expect("rows are contiguous"),
                        q,
                    );
                }
                kept
            }
        }
    }

    fn forward<'a>(
        &self,
        pools: &'a ItemPools,
        candidates: Candidates<'_>,
        _rng: &mut Rng,
    ) -> (Vec<f32>, Scored<'a>) {
        (self.score(pools, candidates), Scored::new(pools, candidates))
    }

    fn no_gradient(&self) -> Vec<TableGradient> {
        vec![TableGradient::new(self.users.dim()), TableGradient::new(self.items.dim())]
    }

    fn backward(&self, scored: &Scored<'_>, d_scores: &[f32], gradient: &mut Vec<TableGradient>) {
        let [d_users, d_items] = &mut gradient[..] else { panic!("one gradient a table") };
        let user = |&query: &u32| scored.pools.user(query);
        match &scored.what {
            What::Pools(queries) => {
                let users: Vec<u32> = queries.iter().map(user).collect();
                self.users_backward(&users, d_scores, d_users, d_items);
            }
            What::Pairs(pairs) => self.pairs_backward(scored.pools, pairs, d_scores, d_users, d_items),
        }
    }
}

impl Factors {
    /// `d_scores: [B, I]`: two matrix products.
    fn users_backward(
        &self,
        users: &[u32],
        d_scores: &[f32],
        d_users: &mut TableGradient,
        d_items: &mut TableGradient,
    ) {
        let (_, items, rank) = self.dim();
        let d_scores = ArrayView2::from_shape((users.len(), items), d_scores).expect("one score an item");
        let factors = self.gathered(users);
        let mut d_p = Array2::zeros((users.len(), rank + 1));
        if self.is_narrow() {
            for ((d_scores, p), d_p) in d_scores.rows().into_iter().zip(factors.rows()).zip(d_p.rows_mut()) {
                gemv(self.items.t(), d_scores, d_p);
                let contiguous = "rows are contiguous";
                let (d_scores, p) = (d_scores.to_slice().expect(contiguous), p.to_slice().expect(contiguous));
                if d_items.is_empty() {
                    d_items.set_whole(outer(d_scores, p));
                } else {
                    add_outer(d_scores, p, d_items.whole().into_slice().expect("standard layout"));
                }
            }
        } else {
            gemm(1.0, d_scores, self.items(), 0.0, d_p.slice_mut(s![.., ..rank]));
            add_transposed_product(d_scores, factors.view(), d_items.whole());
        }
        d_users.expect_rows(users.len());
        for (&user, d) in users.iter().zip(d_p.rows()) {
            d_users.row(user).iter_mut().zip(d).for_each(|(into, d)| *into += d);
        }
    }

    fn pairs_backward(
        &self,
        pools: &ItemPools,
        pairs: &[(u32, u32)],
        d_scores: &[f32],
        d_users: &mut TableGradient,
        d_items: &mut TableGradient,
    ) {
        assert_eq!(pairs.len(), d_scores.len(), "one gradient a pair");
        d_users.expect_rows(pairs.len());
        d_items.expect_rows(pairs.len());
        if self.is_narrow() {
            at_width!(self.items.ncols(), W => self.by_user(pools, pairs, d_scores, d_users, |p, d_user, item, d| {
                d_items.add_row(item, add_short::<W>(p, row(&self.items, item), d, d_user));
            }));
            return;
        }
        self.by_user(pools, pairs, d_scores, d_users, |p, d_user, item, d| {
            d_user.iter_mut().zip(row(&self.items, item)).for_each(|(into, q)| *into += d * q);
            d_items.add(item, d, &[p, &[1.0]]);
        });
    }

    /// Calls `add` with each pair's factors of the user, their gradient, the item and the gradient at the score; consecutive
    /// pairs of one user share its row of the gradient.
    #[inline]
    fn by_user(
        &self,
        pools: &ItemPools,
        pairs: &[(u32, u32)],
        d_scores: &[f32],
        d_users: &mut TableGradient,
        mut add: impl FnMut(&[f32], &mut [f32], u32, f32),
    ) {
        let mut start = 0;
        while start < pairs.len() {
            let query = pairs[start].0;
            let end = start + pairs[start..].iter().take_while(|pair| pair.0 == query).count();
            let user = pools.user(query);
            let (p, d_user) = (row(&self.users, user), d_users.row(user));
            for (&(_, item), &d) in pairs[start..end].iter().zip(&d_scores[start..end]) {
                add(p, d_user, item, d);
            }
            start = end;
        }
    }
}

/// Adds the gradient of a user's factors `p: [W - 1]` to `d_user` and returns that of its item, whose row is `q: [W]`, from the gradient
/// `d` at their score.
#[inline]
fn add_short<const W: usize>(p: &[f32], q: &[f32], d: f32, d_user: &mut [f32]) -> [f32; W] {
    let (p, q, d_user) = (&p[..W - 1], &q[..W], &mut d_user[..W - 1]);
    let mut d_item = [d; W];
    for k in 0..W - 1 {
        d_user[k] += d * q[k];
        d_item[k] = d * p[k];
    }
    d_item
}

impl_parameters!(Factors { "users": users, "items": items });
