//! NumPy arrays of numbers (format 1 to 3), whose header is checked against the file before memory is taken.

use std::io::Read as _;
use std::path::Path;

use ndarray::{Array, ArrayD, Dimension, IxDyn, ShapeBuilder as _};

use crate::error::{Error, Result};

/// First bytes of a file.
const MAGIC: &[u8] = b"\x93NUMPY";

/// Returns true for a file whose first bytes are those of an array; never for standard input.
pub(crate) fn is_npy(path: &Path) -> bool {
    let starts = || -> std::io::Result<bool> {
        let mut first = [0; MAGIC.len()];
        std::fs::File::open(path)?.read_exact(&mut first)?;
        Ok(first == MAGIC)
    };
    path.is_file() && starts().unwrap_or(false)
}

/// Reads an array of f32.
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
    header.check_size(4, bytes.len()).map_err(|cause| refused(&cause))?;
    header
        .array(header.values.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value)).collect(), &refused)
}

/// Reads an array of numbers of any type that `T` holds, each turned into it by `convert`.
///
/// # Errors
/// When the file cannot be read, or is no whole array of numbers of the number of dimensions that is asked for.
pub(crate) fn read_numbers<T, D: Dimension>(path: &Path, convert: impl Fn(f64) -> T) -> Result<Array<T, D>> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, "read", source))?;
    let refused =
        |cause: &str| Error::data(path, format!("not a .npy array of numbers as expected: {cause}"));
    let header = Header::parse(&bytes).ok_or_else(|| refused("its header cannot be read"))?;
    let number = number(header.kind).ok_or_else(|| refused(remedy(header.kind)))?;
    let size = header.kind[2..].parse().expect("the size of a known type");
    header.check_size(size, bytes.len()).map_err(|cause| refused(&cause))?;
    header.array(header.values.chunks_exact(size).map(|bytes| convert(number(bytes))).collect(), &refused)
}

/// Returns true for a whole number that a float tells apart from every other, so that it may be an id.
pub(crate) fn is_id(value: f64) -> bool {
    value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 // 2⁵³
}

/// Returns the function that reads a number of a type, by NumPy's name; none for types that are no little-endian numbers.
fn number(kind: &str) -> Option<fn(&[u8]) -> f64> {
    macro_rules! of {
        ($type:ty) => {
            |bytes| <$type>::from_le_bytes(bytes.try_into().expect("as many bytes as the type has")) as f64
        };
    }
    Some(match kind {
        "<f4" => of!(f32),
        "<f8" => of!(f64),
        "|i1" => of!(i8),
        "<i2" => of!(i16),
        "<i4" => of!(i32),
        "<i8" => of!(i64),
        "|u1" | "|b1" => of!(u8),
        "<u2" => of!(u16),
        "<u4" => of!(u32),
        "<u8" => of!(u64),
        _ => return None,
    })
}

/// Tells how an array of another type becomes one of numbers.
fn remedy(kind: &str) -> &'static str {
    match kind {
        "[(" => {
            "a structured array; np.column_stack([a[name] for name in a.dtype.names]) makes columns of its fields"
        }
        kind if kind.contains(['U', 'S']) => {
            "an array of text; np.unique(a, return_inverse=True)[1] numbers its values"
        }
        "|O" => "an array of Python objects; a.astype(float) makes numbers of them",
        _ => "of a type that is not read; a.astype('<f8') converts it",
    }
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
    /// Checks that a file of `found` bytes holds as many values of `size` bytes as the shape says.
    fn check_size(&self, size: usize, found: usize) -> std::result::Result<(), String> {
        let claimed = self.shape.iter().fold(1u128, |product, &size| product.saturating_mul(size as u128));
        match claimed.saturating_mul(size as u128) == self.values.len() as u128 {
            true => Ok(()),
            false => Err(format!("its header claims {claimed} values in a file of {found} bytes")),
        }
    }

    /// Returns the array of `values`, as many as the shape says.
    fn array<T, D: Dimension>(&self, values: Vec<T>, refused: &dyn Fn(&str) -> Error) -> Result<Array<T, D>> {
        let array = ArrayD::from_shape_vec(IxDyn(&self.shape).set_f(self.columns_first), values);
        let array = array.and_then(ArrayD::into_dimensionality);
        array.map_err(|_| refused(&format!("its shape is {:?}", self.shape)))
    }

    /// Takes the header of a file apart; `None` for another one.
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
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

    #[test]
    fn numbers_of_every_type_are_read_and_other_types_are_told_how_to_become_numbers() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.npy");
        let read = |kind: &str, values: &[u8]| {
            std::fs::write(&path, file(kind, "False", "(2,)", values)).expect("the folder is writable");
            read_numbers::<f64, ndarray::Ix1>(&path, |value| value)
        };
        let of = |values: [i64; 2], size: usize| -> Vec<u8> {
            values.iter().flat_map(|value| value.to_le_bytes()[..size].to_vec()).collect()
        };
        for kind in ["|i1", "<i2", "<i4", "<i8"] {
            let size = kind[2..].parse().expect("a digit");
            assert_eq!(read(kind, &of([-3, 7], size)).expect(kind), ndarray::array![-3.0, 7.0]);
        }
        for kind in ["|u1", "|b1", "<u2", "<u4", "<u8"] {
            let size = kind[2..].parse().expect("a digit");
            assert_eq!(read(kind, &of([1, 0], size)).expect(kind), ndarray::array![1.0, 0.0]);
        }
        let halves = [0.5f64.to_le_bytes(), (-1.5f64).to_le_bytes()].concat();
        assert_eq!(read("<f8", &halves).expect("f64"), ndarray::array![0.5, -1.5]);
        for (kind, part) in [("<U3", "np.unique"), ("|O", "astype(float)"), (">f8", "astype('<f8')")] {
            let message = read(kind, &halves).expect_err(kind).to_string();
            assert!(message.contains(part), "{message}");
        }
        std::fs::write(&path, file("<f4", "False", "(1,)", &[0; 4]).as_slice()).expect("writable");
        assert!(is_npy(&path) && !is_npy(folder.path()) && !is_npy(&folder.path().join("b")));
        let header =
            "{'descr': [('user', '<i8'), ('item', '<i8')], 'fortran_order': False, 'shape': (1,), }\n";
        let bytes =
            [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), &[0; 16]];
        std::fs::write(&path, bytes.concat()).expect("writable");
        let message = read_numbers::<f64, ndarray::Ix2>(&path, |value| value).unwrap_err().to_string();
        assert!(message.contains("np.column_stack"), "{message}");
    }
}
