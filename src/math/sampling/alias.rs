//! Alias method (Walker, 1977), with tables built as by Vose (1991).

use rand::Rng as _;

use crate::seed::Rng;

/// Alias table for many draws from one distribution, each in constant time.
///
/// ```
/// use irgan::{math::sampling::Alias, seed::Stream};
///
/// assert_eq!(Alias::new(&[0.0, 2.0, 0.0]).sample(&mut Stream::new(1).rng()), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Alias {
    /// Column of each item: `[A]`.
    columns: Vec<Column>,
}

/// Column of an item: the item's share `keep` of it, and the `other` item, which has the rest.
#[derive(Clone, Copy, Debug)]
struct Column {
    keep: f64,
    other: usize,
}

impl Alias {
    /// Builds the table of `weights: [A]`, which need not be normalised.
    ///
    /// # Panics
    /// When a weight is negative or NaN, or when their sum is zero or infinite.
    pub fn new(weights: &[f32]) -> Self {
        let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
        assert!(weights.iter().all(|&weight| weight >= 0.0), "weights must not be negative or NaN");
        assert!(total > 0.0 && total.is_finite(), "weights must have a positive, finite sum, found {total}");
        let scale = weights.len() as f64 / total;
        let largest = (0..weights.len()).max_by(|&a, &b| weights[a].total_cmp(&weights[b]));
        let largest = largest.expect("a positive sum has an item");

        let mut columns: Vec<Column> = weights
            .iter()
            .map(|&weight| Column { keep: f64::from(weight) * scale, other: largest })
            .collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..columns.len()).partition(|&item| columns[item].keep < 1.0);
        while let (Some(&poor), Some(&rich)) = (small.last(), large.last()) {
            small.pop();
            columns[poor].other = rich;
            columns[rich].keep -= 1.0 - columns[poor].keep;
            if columns[rich].keep < 1.0 {
                large.pop();
                small.push(rich);
            }
        }
        // Columns left over by rounding are full, except those of items of weight zero.
        for item in small.into_iter().chain(large).filter(|&item| weights[item] > 0.0) {
            columns[item].keep = 1.0;
        }
        Self { columns }
    }

    /// Draws one item, in O(1).
    pub fn sample(&self, rng: &mut Rng) -> usize {
        let item = rng.random_range(0..self.columns.len());
        let column = self.columns[item];
        if rng.random::<f64>() < column.keep { item } else { column.other }
    }

    /// Returns the number of items, A.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Returns false: a distribution has at least one item.
    pub fn is_empty(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::chi_square::assert_fits;
    use super::*;
    use crate::seed::Stream;

    #[test]
    fn frequencies_follow_the_weights() {
        let weights: Vec<f32> = (0..50).map(|i| if i % 6 == 0 { 0.0 } else { (i as f32).powi(2) }).collect();
        let table = Alias::new(&weights);
        let mut rng = Stream::new(31).rng();
        assert_fits(&weights, (0..200_000).map(|_| table.sample(&mut rng)));
    }

    #[test]
    fn the_table_holds_exactly_the_distribution() {
        let weights = [3.0, 0.0, 1.0, 4.0, 0.0, 2.0_f32];
        let table = Alias::new(&weights);
        let mut mass = [0.0; 6];
        for (item, column) in table.columns.iter().enumerate() {
            mass[item] += column.keep / 6.0;
            mass[column.other] += (1.0 - column.keep) / 6.0;
        }
        for (mass, weight) in mass.iter().zip(weights) {
            assert!((mass - f64::from(weight) / 10.0).abs() < 1e-12);
        }
    }

    #[test]
    #[should_panic(expected = "NaN")]
    fn nan_panics() {
        Alias::new(&[0.1, f32::NAN]);
    }
}
