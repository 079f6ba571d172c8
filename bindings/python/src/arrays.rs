//! NumPy arrays by Python's buffer protocol: inputs are read where they are.

use ndarray::ArrayView2;
use pyo3::buffer::{Element, PyBuffer};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// Matrix of Python's, `[D, F]`, which stays alive and in its place for as long as this is held.
pub(crate) struct Matrix {
    buffer: PyBuffer<f32>,
    shape: (usize, usize),
}

impl Matrix {
    /// Takes a two-dimensional array of float32 whose rows stand behind each other.
    pub(crate) fn of(array: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = PyBuffer::<f32>::get(array)?;
        match *buffer.shape() {
            [rows, columns] if buffer.is_c_contiguous() => Ok(Self { buffer, shape: (rows, columns) }),
            _ => Err(PyTypeError::new_err("expected a matrix of float32 in C order")),
        }
    }

    /// Returns the values in place.
    pub(crate) fn view(&self) -> ArrayView2<'_, f32> {
        let (rows, columns) = self.shape;
        let length = rows * columns;
        let values = match length {
            0 => &[],
            // SAFETY: the buffer is held, contiguous, aligned for f32 as PyBuffer checks, and has so many items. As with NumPy's own
            // calls, a thread of the user that writes to the array meanwhile gets what it asks for: numbers of both states.
            _ => unsafe { std::slice::from_raw_parts(self.buffer.buf_ptr().cast::<f32>(), length) },
        };
        ArrayView2::from_shape(self.shape, values).expect("as many values as the shape says")
    }
}

/// Returns the values of a one-dimensional array.
pub(crate) fn vector<T: Element + Copy>(array: &Bound<'_, PyAny>) -> PyResult<Vec<T>> {
    PyBuffer::<T>::get(array)?.to_vec(array.py())
}
