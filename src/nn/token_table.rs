//! Convolutions of many sentences by a table of the products of every token with every place of every filter: a window is a
//! sum of rows. What neighbouring sentences begin with, such as the rollouts of one prefix, is summed once.

use half::bf16;
use ndarray::{Array2, Array3, ArrayView2, ArrayViewMut2, Axis, s};
use rayon::prelude::*;

use super::convolution::{Filters, positions};
use super::{Precision, TextConvolution};
use crate::math::simd::{self, Response};
use crate::math::{gemm, matmul};

/// Number of tokens whose products are computed together.
const TOKENS: usize = 256;

/// Table of the products of every token with every place of every filter of a [`TextConvolution`].
///
/// It is worth its computation when many sentences are scored between two changes of the layer.
#[derive(Debug)]
pub struct TokenTable(Responses);

/// Responses in the precision in which they are kept, one table a width: `[V, k, count]`.
#[derive(Debug)]
enum Responses {
    Single(Vec<Array3<f32>>),
    Rounded(Vec<Array3<bf16>>),
}

/// Windows of one width over the first tokens of a sentence.
struct Begun {
    tokens: usize,
    best: Vec<f32>, // maxima of the windows that end within these tokens: [count]
    open: Vec<f32>, // sums of those that do not, that of window p in row p mod k: [k, count]
}

impl TextConvolution {
    /// Computes the table of this layer for `embedding: [V, D]`, whose responses are kept in a precision.
    pub fn table(&self, embedding: ArrayView2<'_, f32>, precision: Precision) -> TokenTable {
        TokenTable(match precision {
            Precision::F32 => Responses::Single(self.tables(embedding, |embedding, weight, responses| {
                gemm::gemm(1.0, embedding, weight, 0.0, responses);
            })),
            Precision::Bf16 => {
                Responses::Rounded(self.tables(embedding, |embedding, weight, mut responses| {
                    let exact = matmul(embedding, weight);
                    let rows = exact.rows().into_iter().zip(responses.rows_mut());
                    let slice = "fresh rows are contiguous";
                    rows.for_each(|(row, mut rounded)| {
                        gemm::round_to_bfloat16(
                            row.to_slice().expect(slice),
                            rounded.as_slice_mut().expect(slice),
                        );
                    });
                }))
            }
        })
    }

    /// Computes the tables of all widths by `respond`, which is given vectors of tokens `[N, D]`, the weight of a width `[D, k · count]`,
    /// and the place of the responses, `[N, k · count]`.
    fn tables<R: Copy + Default + Send + Sync>(
        &self,
        embedding: ArrayView2<'_, f32>,
        respond: impl Fn(ArrayView2<'_, f32>, ArrayView2<'_, f32>, ArrayViewMut2<'_, R>) + Sync,
    ) -> Vec<Array3<R>> {
        let (vocabulary, size) = embedding.dim();
        let of_width = |(Filters { width, count }, weight, _): (Filters, &Array2<f32>, usize)| {
            // Places beside each other, so that all responses of a token are a row of one product.
            let mut laid = Array2::zeros((size, width * count));
            for (place, mut laid) in laid.axis_chunks_iter_mut(Axis(1), count).enumerate() {
                laid.assign(&weight.slice(s![.., place * size..(place + 1) * size]).t());
            }
            let mut table = Array2::from_elem((vocabulary, width * count), R::default());
            let parts = table.axis_chunks_iter_mut(Axis(0), TOKENS).into_par_iter();
            parts
                .zip(embedding.axis_chunks_iter(Axis(0), TOKENS))
                .for_each(|(table, embedding)| respond(embedding, laid.view(), table));
            let table = table.into_shape_with_order((vocabulary, width, count));
            table.expect("a place is a part of a row")
        };
        self.groups().map(of_width).collect()
    }

    /// Computes the features `[N, F]` of `tokens: [N, T]` with `lengths: [N]` by the `table` of this layer.
    ///
    /// The work is least when sentences that begin alike follow each other.
    ///
    /// # Panics
    /// When a token is not in the table.
    pub fn features_by_table(
        &self,
        table: &TokenTable,
        tokens: ArrayView2<'_, u32>,
        lengths: &[u32],
    ) -> Array2<f32> {
        match &table.0 {
            Responses::Single(tables) => self.features_by(tables, tokens, lengths),
            Responses::Rounded(tables) => self.features_by(tables, tokens, lengths),
        }
    }

    fn features_by<R: Response>(
        &self,
        tables: &[Array3<R>],
        tokens: ArrayView2<'_, u32>,
        lengths: &[u32],
    ) -> Array2<f32> {
        let sentences: Vec<&[u32]> = tokens
            .rows()
            .into_iter()
            .zip(lengths)
            .map(|(row, &length)| &row.to_slice().expect("rows are contiguous")[..length as usize])
            .collect();
        let common: Vec<usize> = sentences.windows(2).map(|pair| common_prefix(pair[0], pair[1])).collect();
        let mut features = Array2::zeros((sentences.len(), self.features()));
        for ((Filters { width, count }, _, first), table) in self.groups().zip(tables) {
            // Beginnings of the sentence at hand that the next one shares, the shortest first; and memory that is free again.
            let (mut begun, mut free) = (vec![Begun::nothing(width, count)], vec![]);
            let mut whole = Begun::nothing(width, count);
            for (row, tokens) in sentences.iter().enumerate() {
                let before = if row == 0 { 0 } else { common[row - 1] };
                while let Some(last) = begun.pop_if(|begun| begun.tokens > before) {
                    free.push(last);
                }
                let next = common.get(row).copied().unwrap_or(0);
                let last = begun.last().expect("the empty beginning stays");
                if last.tokens < next {
                    let mut longer = free.pop().unwrap_or_else(|| Begun::nothing(width, count));
                    longer.go_on(last, table, &tokens[..next], next);
                    begun.push(longer);
                }
                let last = begun.last().expect("the empty beginning stays");
                whole.go_on(last, table, tokens, positions(tokens.len() as u32, width));
                // A sentence shorter than a window has one that is never complete.
                let best = if tokens.len() < width { &whole.open[..count] } else { &whole.best };
                let mut into = features.slice_mut(s![row, first..first + count]);
                into.as_slice_mut().expect("rows are contiguous").copy_from_slice(best);
            }
        }
        self.finish(&mut features);
        features
    }
}

impl Begun {
    /// Returns the windows over no tokens.
    fn nothing(width: usize, count: usize) -> Self {
        Self { tokens: 0, best: vec![f32::NEG_INFINITY; count], open: vec![0.0; width * count] }
    }

    /// Becomes the first `windows` windows over `tokens`, of which `before` has read the first.
    fn go_on<R: Response>(&mut self, before: &Self, table: &Array3<R>, tokens: &[u32], windows: usize) {
        let (_, width, count) = table.dim();
        self.best.copy_from_slice(&before.best);
        if before.tokens == tokens.len() {
            self.open.copy_from_slice(&before.open);
        }
        let mut open = Some(&before.open[..]);
        for (step, &token) in tokens.iter().enumerate().skip(before.tokens) {
            let places = (step + 1).saturating_sub(windows)..width.min(step + 1);
            let rows = table.index_axis(Axis(0), token as usize);
            let rows = rows.to_slice().expect("a fresh array is contiguous");
            let rows = &rows[places.start * count..places.end * count];
            simd::feed_windows((step, width), places, rows, open.take(), &mut self.open, &mut self.best);
        }
        self.tokens = tokens.len();
    }
}

/// Returns the number of tokens that both sentences begin with.
fn common_prefix(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;
    use rand::Rng as _;

    use super::*;
    use crate::nn::Initializer;
    use crate::seed::Stream;

    #[test]
    fn the_table_gives_the_features_of_the_convolutions() {
        let mut rng = Stream::new(1).rng();
        let filters = [1, 3, 4].map(|width| Filters { width, count: 15 * width + 50 });
        let layer = TextConvolution::new(&filters, 4, Initializer::Normal(0.5), 0.1, &mut rng);
        let embedding = Array2::from_shape_simple_fn((3, 4), || rng.random_range(-1.0..1.0));
        let [table, rounded] =
            [Precision::F32, Precision::Bf16].map(|precision| layer.table(embedding.view(), precision));
        // Of three tokens only, many sentences begin alike, some are the beginnings of others, and some are equal.
        let tokens = Array2::from_shape_simple_fn((200, 6), || rng.random_range(0..3u32));
        let lengths: Vec<u32> = (0..200).map(|_| rng.random_range(1..=6)).collect();
        let mut x = Array3::zeros((200, 6, 4));
        for ((row, step), &token) in
            tokens.indexed_iter().filter(|((row, step), _)| *step < lengths[*row] as usize)
        {
            x.slice_mut(s![row, step, ..]).assign(&embedding.row(token as usize));
        }
        let (features, _) = layer.forward(x, &lengths);
        let mut order: Vec<usize> = (0..200).collect();
        for _ in 0..2 {
            let ordered = tokens.select(Axis(0), &order);
            let lengths: Vec<u32> = order.iter().map(|&row| lengths[row]).collect();
            let found = layer.features_by_table(&table, ordered.view(), &lengths);
            let apart = |found: &Array2<f32>| {
                let difference = (found - &features.select(Axis(0), &order)).mapv(f32::abs);
                difference.into_iter().fold(0.0, f32::max)
            };
            assert!(apart(&found) < 1e-5);
            // Rounded responses are wrong by 2⁻⁹ of themselves at most: a window has four, which are below 4 here.
            let rounded = layer.features_by_table(&rounded, ordered.view(), &lengths);
            assert!(apart(&rounded) < 4.0 * 4.0 / 512.0 && apart(&rounded) > 1e-5);
            // Alone, a sentence has the same bits as beside those that begin alike.
            for (row, found) in found.rows().into_iter().enumerate() {
                let alone =
                    layer.features_by_table(&table, ordered.slice(s![row..=row, ..]), &lengths[row..=row]);
                assert_eq!(alone.row(0), found);
            }
            order.sort_by_key(|&row| tokens.row(row).to_vec());
        }
    }
}
