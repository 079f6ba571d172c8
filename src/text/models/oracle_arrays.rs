//! The published oracle: fifteen NumPy arrays in a folder.

use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, Axis, concatenate};

use crate::error::{Error, Result};
use crate::files::npy;
use crate::nn::{Embedding, Lstm, Projection, Recurrent};

/// Names of the arrays in the published code's order; a file is called `NAME.npy` or `NN_NAME.npy`.
const ARRAYS: [&str; 15] =
    ["g_embeddings", "Wi", "Ui", "bi", "Wf", "Uf", "bf", "Wog", "Uog", "bog", "Wc", "Uc", "bc", "Wo", "bo"];

/// Finds the files of the fifteen arrays in `folder`; `None` when it has no `.npy` file at all.
pub(super) fn arrays(folder: &Path) -> Option<Result<Vec<PathBuf>>> {
    let entries = std::fs::read_dir(folder).ok()?;
    let paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let files: Vec<&PathBuf> =
        paths.iter().filter(|path| path.extension().is_some_and(|e| e == "npy")).collect();
    if files.is_empty() {
        return None;
    }
    let named = |name: &&str| {
        let of_array = |path: &&&PathBuf| {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            stem == *name || stem.trim_start_matches(|c: char| c.is_ascii_digit()) == format!("_{name}")
        };
        let missing = || Error::data(folder, format!("array `{name}` is missing (NN_{name}.npy)"));
        files.iter().find(of_array).map(|path| (*path).clone()).ok_or_else(missing)
    };
    Some(ARRAYS.iter().map(named).collect())
}

/// Layers of the published oracle.
pub(super) type Layers = (Embedding, Recurrent, Projection);

/// Reads the layers from the files that [`arrays`] found.
pub(super) fn load_layers(files: &[PathBuf]) -> Result<Layers> {
    let embedding = matrix(&files[0], None)?;
    let (vocabulary, size) = embedding.dim();
    let hidden = matrix(&files[2], None)?.ncols();
    let gate = |first: usize| {
        let w = matrix(&files[first], Some((size, hidden)))?;
        let u = matrix(&files[first + 1], Some((hidden, hidden)))?;
        Ok((w, u, vector(&files[first + 2], hidden)?))
    };
    let gates = [1, 4, 7, 10].into_iter().map(gate).collect::<Result<Vec<_>>>()?;
    let fits = "the arrays were checked";
    let w = concatenate(Axis(1), &gates.iter().map(|g| g.0.view()).collect::<Vec<_>>()).expect(fits);
    let u = concatenate(Axis(1), &gates.iter().map(|g| g.1.view()).collect::<Vec<_>>()).expect(fits);
    let b = concatenate(Axis(0), &gates.iter().map(|g| g.2.view()).collect::<Vec<_>>()).expect(fits);
    let output = matrix(&files[13], Some((hidden, vocabulary)))?;
    let bias = vector(&files[14], vocabulary)?;
    let recurrent = Recurrent::Lstm(Lstm::from_parts(
        w.as_standard_layout().into_owned(),
        u.as_standard_layout().into_owned(),
        b,
    ));
    Ok((Embedding::from_weight(embedding), recurrent, Projection::from_parts(output.view(), bias.view())))
}

fn matrix(path: &Path, expected: Option<(usize, usize)>) -> Result<Array2<f32>> {
    let array: Array2<f32> = npy::read(path)?;
    match expected.filter(|&shape| shape != array.dim()) {
        Some(shape) => Err(misshapen(path, &format!("{shape:?}"), &format!("{:?}", array.dim()))),
        None => Ok(array.as_standard_layout().into_owned()),
    }
}

fn vector(path: &Path, expected: usize) -> Result<Array1<f32>> {
    let array: Array1<f32> = npy::read(path)?;
    match array.len() == expected {
        true => Ok(array),
        false => Err(misshapen(path, &format!("({expected})"), &format!("({})", array.len()))),
    }
}

fn misshapen(path: &Path, expected: &str, found: &str) -> Error {
    Error::data(path, format!("expected an array of shape {expected}, found {found}"))
}
