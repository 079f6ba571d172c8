//! Draws from the softmax, and its likeliest tokens.
//!
//! A narrow layer draws by inverse CDF. A wide one, whose time is that of its product, draws by rejection (von Neumann, 1951):
//! a token is proposed with probability proportional to `e^x`, where x is an upper bound of its logit z from weights in whole
//! numbers of 8 bits ([`RoundedColumns`]), and accepted with probability `e^(z − x)`. What is accepted has the distribution
//! `softmax(z)` itself, and only the logits of proposed tokens are computed.

use std::sync::Arc;

use ndarray::{Array2, ArrayView1, ArrayView2, s};
use rand::Rng as _;

use super::{BLOCK, Projection, ROWS};
use crate::math::gemm::{RoundedColumns, RoundedRows, Shift, exp_product};
use crate::math::simd;
use crate::seed::Stream;

/// Fewest tokens for which rounded weights are kept.
const MANY: usize = 1024;
/// Proposals before a token is drawn by inverse CDF.
const PROPOSALS: usize = 64;

impl Projection {
    /// Draws `draws` tokens for every row of `hidden: [N, H]`: returns `[N · draws]`.
    ///
    /// `uniforms: [N · draws]` are uniform random numbers in [0, 1), each of which determines its token.
    pub fn draw(&self, hidden: ArrayView2<'_, f32>, draws: usize, uniforms: &[f64]) -> Vec<u32> {
        assert_eq!(hidden.nrows() * draws, uniforms.len(), "one uniform number a draw");
        match self.rounded() {
            Some(columns) => self.draw_by_rejection(columns, hidden, draws, uniforms),
            None => self.draw_by_inverse(hidden, draws, uniforms),
        }
    }

    /// Returns the `count` likeliest tokens of every row of `hidden: [N, H]`, likeliest first, equal ones by number, with
    /// their `log π`.
    pub fn likeliest(&self, hidden: ArrayView2<'_, f32>, count: usize) -> Vec<Vec<(u32, f32)>> {
        let (rows, vocabulary) = (hidden.nrows(), self.dim().1);
        let size = self.rows_at_once(rows);
        let mut e = Array2::zeros((size, vocabulary));
        let mut sums = Array2::zeros((size, vocabulary.div_ceil(BLOCK)));
        let mut out = Vec::with_capacity(rows);
        for first in (0..rows).step_by(size.max(1)) {
            let hidden = hidden.slice(s![first..rows.min(first + size), ..]);
            let shifts = self.shifts(hidden);
            let shift = shifts.as_deref().map_or(Shift::Moderate, Shift::Rows);
            let (mut e, mut sums) =
                (e.slice_mut(s![..hidden.nrows(), ..]), sums.slice_mut(s![..hidden.nrows(), ..]));
            exp_product(hidden, self.weight(), self.bias(), shift, Some(e.view_mut()), sums.view_mut());
            for (e, sums) in e.rows().into_iter().zip(sums.rows()) {
                let norm = super::total(sums).ln();
                let mut best = simd::largest(e.to_slice().expect("rows are contiguous"), count);
                best.iter_mut().for_each(|(_, e)| *e = (f64::from(*e).ln() - norm) as f32);
                out.push(best);
            }
        }
        out
    }

    /// Returns the rounded weights, if draws are faster with them.
    fn rounded(&self) -> Option<&RoundedColumns> {
        if !self.is_wide() || self.dim().1 < MANY {
            return None;
        }
        let made = || RoundedColumns::new(self.weight(), self.bias()).map(Arc::new);
        self.made.rounded.get_or_init(made).as_deref()
    }

    /// Draws by rejection; a row whose values are not finite, and a draw after too many proposals, by inverse CDF.
    fn draw_by_rejection(
        &self,
        columns: &RoundedColumns,
        hidden: ArrayView2<'_, f32>,
        draws: usize,
        uniforms: &[f64],
    ) -> Vec<u32> {
        let size = 8 * ROWS;
        let mut out = Vec::with_capacity(uniforms.len());
        for first in (0..hidden.nrows()).step_by(size) {
            let here = hidden.slice(s![first..hidden.nrows().min(first + size), ..]);
            let proposals = Proposals::new(columns, here);
            for row in 0..here.nrows() {
                let hidden = here.slice(s![row..row + 1, ..]);
                let shares = proposals.rows.is_finite(row).then(|| proposals.shares(row));
                for &uniform in &uniforms[(first + row) * draws..][..draws] {
                    let found = shares
                        .as_ref()
                        .and_then(|shares| self.accepted(&proposals, row, shares, hidden, uniform));
                    out.push(found.unwrap_or_else(|| self.draw_by_inverse(hidden, 1, &[uniform])[0]));
                }
            }
        }
        out
    }

    /// Returns the first proposal for `row` that is accepted; `None` after too many.
    fn accepted(
        &self,
        proposals: &Proposals<'_>,
        row: usize,
        shares: &Shares,
        hidden: ArrayView2<'_, f32>,
        mut uniform: f64,
    ) -> Option<u32> {
        let mut rng = Stream::new(uniform.to_bits()).rng();
        for _ in 0..PROPOSALS {
            let (token, bound) = proposals.propose(row, shares, uniform)?;
            let level: f64 = rng.random();
            let slack = f64::from(proposals.columns.slack(&proposals.rows, row, token as usize));
            // The logit is 2 ε below its bound at most.
            if level < (-2.0 * slack).exp()
                || level < (self.exact_logit(hidden.row(0), token) - f64::from(bound)).exp()
            {
                return Some(token);
            }
            uniform = rng.random();
        }
        None
    }

    fn exact_logit(&self, hidden: ArrayView1<'_, f32>, token: u32) -> f64 {
        let products = hidden.iter().zip(self.stacked.column(token as usize));
        let sum: f64 = products.map(|(&h, &w)| f64::from(h) * f64::from(w)).sum();
        sum + f64::from(self.bias()[token as usize])
    }

    /// Draws by inverse CDF.
    fn draw_by_inverse(&self, hidden: ArrayView2<'_, f32>, draws: usize, uniforms: &[f64]) -> Vec<u32> {
        let mut out = Vec::with_capacity(uniforms.len());
        self.for_blocks(hidden, 8 * ROWS, |first, hidden, shift, sums| {
            for (row, sums) in sums.rows().into_iter().enumerate() {
                let (hidden, sums) = (hidden.row(row), sums.to_slice().expect("rows are contiguous"));
                for &uniform in &uniforms[(first + row) * draws..][..draws] {
                    out.push(self.find(hidden, shift.of(row), sums, uniform));
                }
            }
        });
        out
    }

    /// Returns the token into whose share of the mass `uniform` falls.
    fn find(&self, hidden: ArrayView1<'_, f32>, shift: f32, sums: &[f32], uniform: f64) -> u32 {
        let (block, target) = block_at(sums, uniform * simd::sum(sums));
        let columns = block * BLOCK..self.dim().1.min((block + 1) * BLOCK);
        let (mut e, mut sum) = (Array2::zeros((1, columns.len())), Array2::zeros((1, 1)));
        let (hidden, weight) = (hidden.insert_axis(ndarray::Axis(0)), self.weight());
        let weight = weight.slice(s![.., columns.clone()]);
        let bias = &self.bias()[columns];
        exp_product(hidden, weight, bias, Shift::Rows(&[shift]), Some(e.view_mut()), sum.view_mut());
        let chosen = column_at(e.as_slice().expect("one row"), target);
        // Only NaN logits leave no token with mass; the training detects them by its loss.
        (block * BLOCK + chosen.unwrap_or(0)) as u32
    }
}

/// Upper bounds of the logits of some rows.
struct Proposals<'a> {
    columns: &'a RoundedColumns,
    rows: RoundedRows,
    sums: Vec<f32>, // Σ e^(x − top) of every row and block
    tops: Vec<f32>,
}

/// Mass `Σ e^(x − highest)` of every block of a row.
struct Shares {
    masses: Vec<f32>,
    highest: f32,
    total: f64,
}

impl<'a> Proposals<'a> {
    fn new(columns: &'a RoundedColumns, hidden: ArrayView2<'_, f32>) -> Self {
        let rows = RoundedRows::new(hidden);
        let size = hidden.nrows() * columns.blocks();
        let (mut sums, mut tops) = (vec![0.0; size], vec![0.0; size]);
        columns.exp_sums(&rows, &mut sums, &mut tops);
        Self { columns, rows, sums, tops }
    }

    fn shares(&self, row: usize) -> Shares {
        let blocks = self.columns.blocks();
        let (sums, tops) = (&self.sums[row * blocks..][..blocks], &self.tops[row * blocks..][..blocks]);
        let highest = simd::max(tops);
        let mut masses: Vec<f32> = tops.iter().map(|top| top - highest).collect();
        simd::exp(&mut masses);
        masses.iter_mut().zip(sums).for_each(|(mass, sum)| *mass *= sum);
        let total = simd::sum(&masses);
        Shares { masses, highest, total }
    }

    /// Returns the token of `row` into whose share of the mass `uniform` falls, with its bound; `None` without any mass.
    fn propose(&self, row: usize, shares: &Shares, uniform: f64) -> Option<(u32, f32)> {
        let (block, target) = block_at(&shares.masses, uniform * shares.total);
        let bounds = self.columns.bounds(&self.rows, row, block);
        let mut e = bounds.map(|bound| bound - shares.highest);
        simd::exp(&mut e);
        let column = column_at(&e, target)?;
        Some(((block * BLOCK + column) as u32, bounds[column]))
    }
}

/// Returns the block into whose mass `target` falls, and what is left of the target there.
fn block_at(masses: &[f32], mut target: f64) -> (usize, f64) {
    let mut block = 0;
    while block + 1 < masses.len() && target >= f64::from(masses[block]) {
        target -= f64::from(masses[block]);
        block += 1;
    }
    // Rounding may lead beyond the last block with mass.
    while masses[block] == 0.0 && block > 0 {
        block -= 1;
    }
    (block, target)
}

/// Returns the place into whose mass `target` falls, the last with mass for one beyond; `None` without any mass.
fn column_at(e: &[f32], mut target: f64) -> Option<usize> {
    let mut chosen = None;
    for (column, &e) in e.iter().enumerate() {
        if e > 0.0 {
            chosen = Some(column);
            if target < f64::from(e) {
                break;
            }
        }
        target -= f64::from(e);
    }
    chosen
}
