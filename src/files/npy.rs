//! NumPy arrays, whose header is checked against the file before memory is taken.

use std::path::Path;

use ndarray_npy::ReadNpyExt;

use crate::error::{Error, Result};

/// Reads an array.
///
/// # Errors
/// When the file cannot be read, or is no whole array of the type and number of dimensions that are asked for.
pub(crate) fn read<T: ReadNpyExt>(path: &Path) -> Result<T> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, "read", source))?;
    let refused = |cause: &dyn std::fmt::Display| {
        Error::data(path, format!("not a whole .npy array of f32 of the right shape ({cause})"))
    };
    match claimed(&bytes) {
        None => Err(refused(&"its header cannot be read")),
        Some(values) if values > bytes.len() as u128 => {
            Err(refused(&format!("its header claims {values} values in a file of {} bytes", bytes.len())))
        }
        Some(_) => T::read_npy(bytes.as_slice()).map_err(|cause| refused(&cause)),
    }
}

/// Number of values that the header claims, each of at least a byte; none where there is no header.
fn claimed(bytes: &[u8]) -> Option<u128> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (&[version, _], rest) = rest.split_first_chunk::<2>()?;
    let (length, rest) = match version {
        1 => {
            rest.split_first_chunk::<2>().map(|(length, rest)| (u16::from_le_bytes(*length).into(), rest))?
        }
        _ => rest.split_first_chunk::<4>().map(|(length, rest)| (u32::from_le_bytes(*length), rest))?,
    };
    let header = std::str::from_utf8(rest.get(..length as usize)?).ok()?;
    let (_, shape) = header.split_once("shape")?;
    let (shape, _) = shape.split_once('(')?.1.split_once(')')?;
    let sizes = shape.split(',').map(str::trim).filter(|size| !size.is_empty());
    let sizes = sizes.map(|size| size.parse::<u64>().ok());
    sizes.into_iter().try_fold(1u128, |product, size| Some(product.saturating_mul(u128::from(size?))))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use ndarray_npy::WriteNpyExt as _;

    use super::*;

    #[test]
    fn a_header_that_claims_more_than_the_file_has_is_refused_before_memory_is_taken() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.npy");
        let mut whole = vec![];
        array![[1.0f32, 2.0], [3.0, 4.0]].write_npy(&mut whole).expect("into memory");
        std::fs::write(&path, &whole).expect("the folder is writable");
        assert_eq!(read::<Array2<f32>>(&path).expect("whole"), array![[1.0, 2.0], [3.0, 4.0]]);

        let at = whole.windows(6).position(|window| window == b"(2, 2)").expect("the shape");
        let header = usize::from(u16::from_le_bytes([whole[8], whole[9]]));
        for claim in ["(1000000000000, 2)", "(99999999999999999999, 9)", "(2, 3)"] {
            let mut bytes = whole.clone();
            bytes.splice(at..at + 6, claim.bytes());
            bytes[8..10].copy_from_slice(&((header + claim.len() - 6) as u16).to_le_bytes());
            std::fs::write(&path, &bytes).expect("the folder is writable");
            let error = read::<Array2<f32>>(&path).expect_err(claim).to_string();
            assert!(error.contains("a.npy: not a whole .npy array"), "{error}");
        }
        for cut in [0, 5, 9, 40, whole.len() - 1] {
            std::fs::write(&path, &whole[..cut]).expect("the folder is writable");
            assert!(read::<Array2<f32>>(&path).is_err(), "cut at {cut}");
        }
    }
}
