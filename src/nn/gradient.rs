//! Gradients: values of a model's own type, or rows of its tables.

use ndarray::{Array2, ArrayViewMut2};
use rayon::prelude::*;

use super::Parameters;
use crate::math::axpy;

/// Values added by one task.
const CHUNK: usize = 1 << 16;

/// The gradient of one tensor.
#[derive(Debug, PartialEq)]
pub enum Part<'a> {
    /// Gradient of every value, in standard layout.
    Whole(&'a mut [f32]),
    /// Gradient of some rows of a table: `rows: [N]`, `values: [N, width]`. The gradients of a repeated row add up.
    Rows(&'a mut Vec<u32>, &'a mut Vec<f32>),
}

/// A sum of gradients, in the order of a model's tensors. A model's own type is one, for dense networks.
pub trait Gradient: Send + Sync {
    /// True where the gradients of whole tensors are kept for the next batch: an optimiser leaves these at 0.
    const KEEPS_WHOLE: bool = true;

    /// `self += other`.
    fn accumulate(&mut self, other: Self);

    /// Returns the part of every tensor, to be changed.
    fn parts(&mut self) -> Vec<Part<'_>>;

    /// Returns all values, to be changed.
    fn values_mut(&mut self) -> Vec<&mut [f32]>;

    /// Joins rows that come more than once.
    fn join_rows(&mut self) {}

    /// Frees what an empty gradient still holds beyond a new one.
    fn free(&mut self) {}

    /// `self *= factor`.
    fn multiply(&mut self, factor: f32) {
        for values in self.values_mut() {
            values.iter_mut().for_each(|value| *value *= factor);
        }
    }
}

impl<P: Parameters> Gradient for P {
    fn accumulate(&mut self, other: Self) {
        self.add(&other);
    }

    fn parts(&mut self) -> Vec<Part<'_>> {
        self.slices_mut().into_iter().map(Part::Whole).collect()
    }

    fn values_mut(&mut self) -> Vec<&mut [f32]> {
        self.slices_mut()
    }
}

/// The gradients of a model made of tables, one a tensor.
impl Gradient for Vec<TableGradient> {
    const KEEPS_WHOLE: bool = false;

    fn accumulate(&mut self, other: Self) {
        self.iter_mut().zip(other).for_each(|(into, from)| into.accumulate(from));
    }

    fn parts(&mut self) -> Vec<Part<'_>> {
        self.iter_mut().map(TableGradient::part).collect()
    }

    fn values_mut(&mut self) -> Vec<&mut [f32]> {
        self.iter_mut().map(TableGradient::values_mut).collect()
    }

    fn join_rows(&mut self) {
        self.iter_mut().for_each(TableGradient::join_rows);
    }

    /// Drops whole tables: the next batch may touch some rows alone, and then moves only these.
    fn free(&mut self) {
        self.iter_mut().for_each(|table| table.whole = None);
    }
}

const LAYOUT: &str = "parameters are in standard layout";

/// The gradient of a table of which often only some rows are touched: `[N, W]`.
#[derive(Clone, Debug, PartialEq)]
pub struct TableGradient {
    shape: (usize, usize),
    rows: Vec<u32>,
    values: Vec<f32>,           // [rows, W]
    whole: Option<Array2<f32>>, // then there are no rows
}

impl TableGradient {
    /// Returns an empty gradient of a table of this `shape`.
    pub fn new(shape: (usize, usize)) -> Self {
        Self { shape, rows: vec![], values: vec![], whole: None }
    }

    /// Makes room for `more` rows; many become the whole table.
    pub fn expect_rows(&mut self, more: usize) {
        if self.whole.is_none() && self.rows.len() + more > self.shape.0 {
            self.whole();
        } else if self.whole.is_none() {
            self.rows.reserve(more);
            self.values.reserve(more * self.shape.1);
        }
    }

    /// Returns the place to add the gradient of `row`: `[W]`.
    #[inline]
    pub fn row(&mut self, row: u32) -> &mut [f32] {
        let width = self.shape.1;
        match &mut self.whole {
            Some(whole) => {
                let start = row as usize * width;
                &mut whole.as_slice_mut().expect(LAYOUT)[start..start + width]
            }
            None => {
                self.rows.push(row);
                let start = self.values.len();
                self.values.resize(start + width, 0.0);
                &mut self.values[start..]
            }
        }
    }

    /// Adds `scale` times the values of `parts`, one behind the other, to the gradient of `row`: `[W]`.
    #[inline]
    pub fn add(&mut self, row: u32, scale: f32, parts: &[&[f32]]) {
        let values = parts.iter().copied().flatten();
        if self.whole.is_some() {
            self.row(row).iter_mut().zip(values).for_each(|(into, value)| *into += scale * value);
        } else {
            self.rows.push(row);
            parts.iter().for_each(|part| self.values.extend(part.iter().map(|value| scale * value)));
        }
    }

    /// Adds `values` to the gradient of `row`.
    ///
    /// # Panics
    /// When the table has another number of columns.
    #[inline]
    pub fn add_row<const W: usize>(&mut self, row: u32, values: [f32; W]) {
        assert_eq!(self.shape.1, W, "one value a column");
        if self.whole.is_some() {
            self.row(row).iter_mut().zip(values).for_each(|(into, value)| *into += value);
        } else {
            self.rows.push(row);
            self.values.extend_from_slice(&values);
        }
    }

    /// Returns true while nothing is added.
    pub fn is_empty(&self) -> bool {
        self.whole.is_none() && self.rows.is_empty()
    }

    /// Sets the gradient of all rows, `[N, W]`, one row behind the other.
    ///
    /// # Panics
    /// When the number of values is another.
    pub fn set_whole(&mut self, values: Vec<f32>) {
        self.rows.clear();
        self.values.clear();
        self.whole = Some(Array2::from_shape_vec(self.shape, values).expect("one value a parameter"));
    }

    /// Returns the place to add the gradient of all rows: `[N, W]`.
    pub fn whole(&mut self) -> ArrayViewMut2<'_, f32> {
        let Self { shape, rows, values, whole } = self;
        let table = whole.get_or_insert_with(|| Array2::zeros(*shape));
        for (&row, values) in rows.iter().zip(values.chunks_exact(shape.1.max(1))) {
            let row = table.row_mut(row as usize).into_slice().expect(LAYOUT);
            row.iter_mut().zip(values).for_each(|(into, value)| *into += value);
        }
        rows.clear();
        values.clear();
        table.view_mut()
    }

    /// `self += other`.
    pub fn accumulate(&mut self, mut other: Self) {
        match (self.whole.is_some(), other.whole.is_some()) {
            (_, true) => {
                let mut table = other.whole.take().expect("just found");
                match self.whole.take() {
                    Some(mine) => {
                        let (into, from) =
                            (table.as_slice_mut().expect(LAYOUT), mine.as_slice().expect(LAYOUT));
                        let parts = into.par_chunks_mut(CHUNK).zip(from.par_chunks(CHUNK));
                        parts.for_each(|(into, from)| axpy(1.0, from, into));
                        self.whole = Some(table);
                    }
                    None => {
                        self.whole = Some(table);
                        self.whole();
                    }
                }
            }
            (_, false) => {
                self.expect_rows(other.rows.len());
                match self.whole {
                    Some(_) => {
                        (self.rows, self.values) = (other.rows, other.values);
                        self.whole();
                    }
                    None => {
                        self.rows.extend(other.rows);
                        self.values.extend(other.values);
                    }
                }
            }
        }
    }

    /// Returns the gradient as the part of a tensor.
    pub fn part(&mut self) -> Part<'_> {
        match &mut self.whole {
            Some(whole) => Part::Whole(whole.as_slice_mut().expect(LAYOUT)),
            None => Part::Rows(&mut self.rows, &mut self.values),
        }
    }

    /// Returns all values, to be changed.
    pub fn values_mut(&mut self) -> &mut [f32] {
        match &mut self.whole {
            Some(whole) => whole.as_slice_mut().expect(LAYOUT),
            None => &mut self.values,
        }
    }

    /// Joins rows that come more than once; the rows are in ascending order then.
    pub fn join_rows(&mut self) {
        if self.whole.is_some() {
            return;
        }
        let width = self.shape.1;
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|&i| self.rows[i]);
        let (mut rows, mut values) = (Vec::with_capacity(order.len()), Vec::with_capacity(self.values.len()));
        for i in order {
            let (row, more) = (self.rows[i], &self.values[i * width..(i + 1) * width]);
            if rows.last() == Some(&row) {
                let start = values.len() - width;
                values[start..].iter_mut().zip(more).for_each(|(into, more): (&mut f32, _)| *into += more);
            } else {
                rows.push(row);
                values.extend_from_slice(more);
            }
        }
        (self.rows, self.values) = (rows, values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn touched(rows: &[(u32, [f32; 2])]) -> TableGradient {
        let mut gradient = TableGradient::new((3, 2));
        for (row, values) in rows {
            gradient.row(*row).copy_from_slice(values);
        }
        gradient
    }

    #[test]
    fn scaled_values_are_added_to_a_row_or_to_the_whole_table() {
        let mut gradient = TableGradient::new((3, 2));
        gradient.add(2, 0.5, &[&[4.0], &[-2.0]]);
        gradient.add(2, 1.0, &[&[1.0, 1.0]]);
        assert_eq!(gradient.part(), Part::Rows(&mut vec![2, 2], &mut vec![2.0, -1.0, 1.0, 1.0]));
        gradient.whole();
        gradient.add(0, 2.0, &[&[1.0], &[1.5]]);
        assert_eq!(gradient.part(), Part::Whole(&mut [2.0, 3.0, 0.0, 0.0, 3.0, 0.0]));
    }

    #[test]
    fn rows_that_come_twice_are_joined() {
        let mut gradient = touched(&[(2, [1.0, 0.0]), (0, [5.0, 6.0]), (2, [0.5, 1.0])]);
        gradient.join_rows();
        assert_eq!(gradient.part(), Part::Rows(&mut vec![0, 2], &mut vec![5.0, 6.0, 1.5, 1.0]));
    }

    #[test]
    fn rows_and_whole_tables_add_up_in_any_order() {
        let whole = || {
            let mut gradient = touched(&[(1, [1.0, 1.0])]);
            gradient.whole().row_mut(0).fill(2.0);
            gradient
        };
        let rows = || touched(&[(1, [0.5, 0.0]), (1, [0.0, 4.0])]);
        let mut expected = array![[2.0, 2.0], [1.5, 5.0], [0.0, 0.0]];
        for (mut a, b) in [(whole(), rows()), (rows(), whole())] {
            a.accumulate(b);
            assert_eq!(a.part(), Part::Whole(expected.as_slice_mut().expect("contiguous")));
        }
        // Few rows of a long table stay rows, many of a short one become the table.
        let one_of_thirty = |values: [f32; 2]| {
            let mut gradient = TableGradient::new((30, 2));
            gradient.row(1).copy_from_slice(&values);
            gradient
        };
        let mut both = one_of_thirty([0.5, 0.0]);
        both.accumulate(one_of_thirty([0.0, 4.0]));
        both.join_rows();
        assert_eq!(both.part(), Part::Rows(&mut vec![1], &mut vec![0.5, 4.0]));
        both = rows();
        both.accumulate(rows());
        assert_eq!(both.part(), Part::Whole(&mut [0.0, 0.0, 1.0, 8.0, 0.0, 0.0]));
    }
}
