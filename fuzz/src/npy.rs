//! Writer of NumPy arrays, for fuzzing and tests.

/// Returns a file of an array of the type `kind`, by NumPy's name, from the bytes of its values; the header is padded to a
/// multiple of 64 bytes, as NumPy's is.
pub fn npy(kind: &str, shape: &[usize], values: &[u8]) -> Vec<u8> {
    let shape: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
}
