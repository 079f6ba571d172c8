//! NumPy arrays as tests write them.

#[allow(clippy::duplicate_mod)] // the targets of fuzzing, which one test program has, use it too
#[path = "../../fuzz/src/npy.rs"]
mod writer;

use std::path::Path;

use ndarray::{Array, Dimension};

use writer::npy;

/// Writes an array of f32.
pub fn write_npy<D: Dimension>(path: impl AsRef<Path>, array: &Array<f32, D>) {
    let values: Vec<u8> = array.iter().flat_map(|value| value.to_le_bytes()).collect();
    write_npy_of("<f4", path, array.shape(), &values);
}

/// Writes an array of values of the type `kind`, by NumPy's name, from their bytes.
pub fn write_npy_of(kind: &str, path: impl AsRef<Path>, shape: &[usize], values: &[u8]) {
    std::fs::write(path, npy(kind, shape, values)).expect("the folder is writable");
}
