//! NumPy arrays as tests write them.

use std::path::Path;

use ndarray::{Array, Dimension};

/// Writes an array of f32.
pub fn write_npy<D: Dimension>(path: impl AsRef<Path>, array: &Array<f32, D>) {
    let values: Vec<u8> = array.iter().flat_map(|value| value.to_le_bytes()).collect();
    write_npy_of("<f4", path, array.shape(), &values);
}

/// Writes an array of values of the type `kind`, by NumPy's name, from their bytes.
pub fn write_npy_of(kind: &str, path: impl AsRef<Path>, shape: &[usize], values: &[u8]) {
    let shape: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let length = (header.len() as u16).to_le_bytes();
    let file = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat();
    std::fs::write(path, file).expect("the folder is writable");
}
