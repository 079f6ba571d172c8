//! The oracle: a frozen random language model from which “real” sentences are drawn, so that the quality
//! of a generator can be measured exactly (section 5.1 of the paper).

use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, concatenate};
use ndarray_npy::{ReadNpyError, ReadableElement, read_npy};

use super::recurrent::{Generator, GeneratorShape};
use crate::error::{Error, Result};
use crate::files::toml_file;
use crate::nn::{
    CellKind, Embedding, Initializer, Lstm, Parameters, Projection, Recurrent, load_tensors, save_tensors,
};
use crate::seed::Stream;

/// Names of the arrays in the published code's order, each at the end of its file's name.
const ARRAYS: [&str; 15] =
    ["g_embeddings", "Wi", "Ui", "bi", "Wf", "Uf", "bf", "Wog", "Uog", "bog", "Wc", "Uc", "bc", "Wo", "bo"];

/// The shape of the authors' oracle: 5,000 tokens, 32 values each, 20 steps, start token 0.
pub fn oracle_shape(vocabulary: usize, steps: usize) -> GeneratorShape {
    GeneratorShape {
        vocabulary,
        embedding: 32,
        hidden: 32,
        cell: CellKind::Lstm,
        steps,
        start: 0,
        end: None,
        never: vec![],
    }
}

/// An oracle of `shape` whose weights and biases are drawn from N(0, 1).
pub fn random_oracle(shape: &GeneratorShape, seed: u64) -> Generator {
    let mut rng = Stream::new(seed).named("oracle").rng();
    let normal = Initializer::Normal(1.0);
    let mut oracle = Generator::new(shape, normal, &mut rng);
    for mut tensor in oracle.tensors_mut() {
        if tensor.name.ends_with("bias") {
            let drawn = normal.sample(tensor.values.raw_dim(), 1, 1, &mut rng);
            tensor.values.assign(&drawn);
        }
    }
    oracle
}

/// Writes an oracle into `folder`: `oracle.toml` and `oracle.safetensors`.
pub fn save_oracle(folder: &Path, oracle: &Generator) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, "create the folder", source))?;
    save_tensors(&folder.join("oracle.safetensors"), oracle)?;
    toml_file::write(&folder.join("oracle.toml"), oracle.shape())
}

/// Reads an oracle from `folder`: what [`save_oracle`] wrote, or the fifteen `.npy` arrays of the published
/// oracle (there, or in `folder/npy`), which writes sentences of `steps` tokens.
pub fn load_oracle(folder: &Path, steps: usize) -> Result<Generator> {
    let description = folder.join("oracle.toml");
    if description.is_file() {
        return load_own(&description, folder);
    }
    let folders = [folder.to_owned(), folder.join("npy")];
    let found = folders.iter().find_map(|folder| arrays(folder));
    match found {
        Some(files) => load_arrays(folder, &files?, steps),
        None => Err(Error::data(
            folder,
            "no oracle here: expected oracle.toml and oracle.safetensors, or 15 .npy arrays such as \
             00_g_embeddings.npy; `seqgan oracle --out DIR` makes one",
        )),
    }
}

fn load_own(description: &Path, folder: &Path) -> Result<Generator> {
    let text =
        std::fs::read_to_string(description).map_err(|source| Error::io(description, "read", source))?;
    let shape: GeneratorShape =
        toml::from_str(&text).map_err(|cause| Error::data(description, cause.message().to_owned()))?;
    shape.validate().map_err(|cause| Error::data(description, cause.to_string()))?;
    let mut oracle = Generator::new(&shape, Initializer::Uniform(0.0), &mut Stream::new(0).rng());
    load_tensors(&folder.join("oracle.safetensors"), &mut oracle)?;
    Ok(oracle)
}

/// The files of the fifteen arrays in `folder`; none when it has no `.npy` file at all.
fn arrays(folder: &Path) -> Option<Result<Vec<PathBuf>>> {
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

fn load_arrays(folder: &Path, files: &[PathBuf], steps: usize) -> Result<Generator> {
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
    let w = concatenate(ndarray::Axis(1), &gates.iter().map(|g| g.0.view()).collect::<Vec<_>>()).expect(fits);
    let u = concatenate(ndarray::Axis(1), &gates.iter().map(|g| g.1.view()).collect::<Vec<_>>()).expect(fits);
    let b = concatenate(ndarray::Axis(0), &gates.iter().map(|g| g.2.view()).collect::<Vec<_>>()).expect(fits);
    let output = matrix(&files[13], Some((hidden, vocabulary)))?;
    let bias = vector(&files[14], vocabulary)?;
    let shape = GeneratorShape { embedding: size, hidden, ..oracle_shape(vocabulary, steps) };
    shape.validate().map_err(|cause| Error::data(folder, cause.to_string()))?;
    let recurrent = Recurrent::Lstm(Lstm::from_parts(
        w.as_standard_layout().into_owned(),
        u.as_standard_layout().into_owned(),
        b,
    ));
    let projection = Projection::from_parts(output.view(), bias.view());
    let oracle = Generator::from_parts(shape, Embedding::from_weight(embedding), recurrent, projection);
    match oracle.is_finite() {
        true => Ok(oracle),
        false => Err(Error::data(folder, "a value of the oracle is not finite")),
    }
}

fn matrix(path: &Path, expected: Option<(usize, usize)>) -> Result<Array2<f32>> {
    let array: Array2<f32> = read(path)?;
    match expected.filter(|&shape| shape != array.dim()) {
        Some(shape) => Err(misshapen(path, &format!("{shape:?}"), &format!("{:?}", array.dim()))),
        None => Ok(array.as_standard_layout().into_owned()),
    }
}

fn vector(path: &Path, expected: usize) -> Result<Array1<f32>> {
    let array: Array1<f32> = read(path)?;
    match array.len() == expected {
        true => Ok(array),
        false => Err(misshapen(path, &format!("({expected})"), &format!("({})", array.len()))),
    }
}

fn misshapen(path: &Path, expected: &str, found: &str) -> Error {
    Error::data(path, format!("expected an array of shape {expected}, found {found}"))
}

fn read<T: ReadableElement, D: ndarray::Dimension>(path: &Path) -> Result<ndarray::Array<T, D>> {
    read_npy(path).map_err(|cause| match cause {
        ReadNpyError::Io(source) => Error::io(path, "read", source),
        other => Error::data(path, format!("not a whole .npy array of the oracle ({other})")),
    })
}
