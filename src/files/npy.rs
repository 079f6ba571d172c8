//! NumPy arrays of f32 (format 1 to 3), whose header is checked against the file before memory is taken.

use std::path::Path;

use ndarray::{Array, ArrayD, Dimension, IxDyn, ShapeBuilder as _};

use crate::error::{Error, Result};

/// Reads an array.
///
/// # Errors
/// When the file cannot be read, or is no whole array of f32 of the number of dimensions that is asked for.
pub(crate) fn read<D: Dimension>(path: &Path) -> Result<Array<f32, D>> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, "read", source))?;
    let refused = |cause: &str| {
        Error::data(path, format!("not a whole .npy array of f32 of the right shape ({cause})"))
    };
    let header = Header::parse(&bytes).ok_or_else(|| refused("its header cannot be read"))?;
    if header.kind != "<f4" {
        return Err(refused(&format!("its values are {}; array.astype('<f4') converts them", header.kind)));
    }
    let claimed = header.shape.iter().fold(1u128, |product, &size| product.saturating_mul(size as u128));
    if claimed.saturating_mul(4) != header.values.len() as u128 {
        let found = bytes.len();
        return Err(refused(&format!("its header claims {claimed} values in a file of {found} bytes")));
    }
    let (values, _) = header.values.as_chunks();
    let values = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
    let array = ArrayD::from_shape_vec(IxDyn(&header.shape).set_f(header.columns_first), values);
    let array = array.and_then(ArrayD::into_dimensionality);
    array.map_err(|_| refused(&format!("its shape is {:?}", header.shape)))
}

/// Content of a file.
struct Header<'a> {
    /// Type of the values, as NumPy writes it.
    kind: &'a str,
    columns_first: bool,
    shape: Vec<usize>,
    values: &'a [u8],
}

impl<'a> Header<'a> {
    /// Takes the header of a file apart; `None` for another one.
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(b"\x93NUMPY")?;
        let (&[version, _], rest) = rest.split_first_chunk()?;
        let (length, rest) = if version == 1 {
            rest.split_first_chunk().map(|(length, rest)| (u16::from_le_bytes(*length).into(), rest))?
        } else {
            rest.split_first_chunk().map(|(length, rest)| (u32::from_le_bytes(*length), rest))?
        };
        let (header, values) = rest.split_at_checked(length as usize)?;
        let header = std::str::from_utf8(header).ok()?;
        let value = |key| Some(header.split_once(key)?.1.trim_start_matches(['\'', '"', ' ', ':']));
        let (kind, order, shape) = (value("descr")?, value("fortran_order")?, value("shape")?);
        let sizes = shape.strip_prefix('(')?.split_once(')')?.0.split(',').map(str::trim);
        Some(Self {
            kind: kind.split(['\'', '"']).next()?,
            columns_first: order.starts_with("True"),
            shape: sizes
                .filter(|size| !size.is_empty())
                .map(|size| size.parse().ok())
                .collect::<Option<_>>()?,
            values,
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};

    use super::*;

    /// A file as NumPy writes it.
    fn file(kind: &str, order: &str, shape: &str, values: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
    }

    fn matrix(bytes: &[u8]) -> Result<Array2<f32>> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.npy");
        std::fs::write(&path, bytes).expect("the folder is writable");
        read(&path)
    }

    #[test]
    fn rows_or_columns_first_as_the_header_says() {
        let values: Vec<u8> =
            [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let rows = matrix(&file("<f4", "False", "(2, 3)", &values)).unwrap();
        assert_eq!(rows, array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        let columns = matrix(&file("<f4", "True", "(2, 3)", &values)).unwrap();
        assert_eq!(columns, array![[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]);
    }

    #[test]
    fn another_type_or_shape_is_refused_with_what_was_found() {
        let values = 0.5f32.to_le_bytes().repeat(4);
        let refused = |bytes: &[u8]| matrix(bytes).unwrap_err().to_string();
        assert!(refused(&file("<f8", "False", "(2, 1)", &values)).contains("<f8; array.astype('<f4')"));
        assert!(refused(&file("<f4", "False", "(4,)", &values)).contains("its shape is [4]"));
        for claim in
            ["(1000000000000, 2)", "(99999999999, 99999999999)", "(2, 3)", "(18446744073709551615, 4)"]
        {
            let message = refused(&file("<f4", "False", claim, &values));
            assert!(message.contains("its header claims"), "{message}");
        }
        assert!(
            refused(&file("<f4", "False", "(99999999999999999999, 9)", &values)).contains("cannot be read")
        );
        assert!(refused(b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{").contains("cannot be read"));
        let whole = file("<f4", "False", "(2, 2)", &values);
        for cut in [0, 5, 9, 40, whole.len() - 1] {
            assert!(matrix(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_vector_has_one_dimension() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.npy");
        std::fs::write(&path, file("<f4", "False", "(2,)", &[0, 0, 0, 63, 0, 0, 128, 63])).unwrap();
        assert_eq!(read::<ndarray::Ix1>(&path).unwrap(), Array1::from(vec![0.5, 1.0]));
    }
}
