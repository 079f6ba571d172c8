//! The oracle: a frozen random language model from which “real” sentences are drawn, so that the quality of a
//! generator is known exactly (section 5.1 of the paper).

use std::path::{Path, PathBuf};

use super::oracle_arrays::{arrays, load_layers};
use super::recurrent::{RecurrentModel, RecurrentShape};
use crate::error::{Error, Result};
use crate::files::toml_file;
use crate::nn::{CellKind, Initializer, Parameters as _, load_tensors, save_tensors};
use crate::seed::Stream;

/// Returns the shape of the authors' oracle, an LSTM of 32 values, for `vocabulary` tokens (theirs: 5,000) and
/// sentences of `steps` tokens (theirs: 20).
pub fn oracle_shape(vocabulary: usize, steps: usize) -> RecurrentShape {
    RecurrentShape {
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

/// Makes an oracle of `shape` whose weights and biases are drawn from N(0, 1).
///
/// ```
/// use irgan::text::TextData;
/// use irgan::text::models::{oracle_shape, random_oracle};
///
/// // Sentences of 4 tokens out of 10: 50 to learn from, 20 to choose epochs by, 20 to test.
/// let oracle = random_oracle(&oracle_shape(10, 4), 1);
/// let data = TextData::from_oracle(oracle, None, 50, 20, 1)?;
/// assert_eq!((data.train.len(), data.valid.len(), data.steps), (50, 20, 4));
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn random_oracle(shape: &RecurrentShape, seed: u64) -> RecurrentModel {
    let mut rng = Stream::new(seed).named("oracle").rng();
    let normal = Initializer::Normal(1.0);
    let mut oracle = RecurrentModel::new(shape, normal, &mut rng);
    for mut tensor in oracle.tensors_mut() {
        if tensor.name.ends_with("bias") {
            let drawn = normal.sample(tensor.values.raw_dim(), 1, 1, &mut rng);
            tensor.values.assign(&drawn);
        }
    }
    oracle
}

/// Writes an oracle into `folder`: `oracle.toml` and `oracle.safetensors`.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn save_oracle(folder: &Path, oracle: &RecurrentModel) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, "create the folder", source))?;
    save_tensors(&folder.join("oracle.safetensors"), oracle)?;
    toml_file::write(&folder.join("oracle.toml"), oracle.shape())
}

/// Reads an oracle from `folder`.
///
/// The folder holds what [`save_oracle`] wrote, or the fifteen `.npy` arrays of the published oracle (there, or in
/// `folder/npy`), which then writes sentences of `steps` tokens.
///
/// # Errors
/// When neither is there, a file cannot be read or is damaged, or a value is not finite.
pub fn load_oracle(folder: &Path, steps: usize) -> Result<RecurrentModel> {
    let description = folder.join("oracle.toml");
    if description.is_file() {
        return load_own(&description, folder);
    }
    let folders = [folder.to_owned(), folder.join("npy")];
    let found = folders.iter().find_map(|folder| arrays(folder));
    match found {
        Some(files) => load_published(folder, &files?, steps),
        None => Err(Error::data(
            folder,
            "no oracle here: expected oracle.toml and oracle.safetensors, or 15 .npy arrays such as \
             00_g_embeddings.npy; `oracle.build` makes one",
        )),
    }
}

fn load_own(description: &Path, folder: &Path) -> Result<RecurrentModel> {
    let text =
        std::fs::read_to_string(description).map_err(|source| Error::io(description, "read", source))?;
    let shape: RecurrentShape =
        toml::from_str(&text).map_err(|cause| Error::data(description, cause.message().to_owned()))?;
    shape.validate().map_err(|cause| Error::data(description, cause.to_string()))?;
    let mut oracle = RecurrentModel::new(&shape, Initializer::Uniform(0.0), &mut Stream::new(0).rng());
    load_tensors(&folder.join("oracle.safetensors"), &mut oracle)?;
    Ok(oracle)
}

fn load_published(folder: &Path, files: &[PathBuf], steps: usize) -> Result<RecurrentModel> {
    let (embedding, recurrent, projection) = load_layers(files)?;
    let (vocabulary, size) = embedding.dim();
    let shape =
        RecurrentShape { embedding: size, hidden: recurrent.dim().1, ..oracle_shape(vocabulary, steps) };
    shape.validate().map_err(|cause| Error::data(folder, cause.to_string()))?;
    let oracle = RecurrentModel::from_parts(shape, embedding, recurrent, projection);
    match oracle.is_finite() {
        true => Ok(oracle),
        false => Err(Error::data(folder, "a value of the oracle is not finite")),
    }
}
