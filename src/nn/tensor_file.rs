//! Parameters on disk: safetensors, never pickle.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

use super::{Parameters, Tensor, TensorMut};
use crate::error::{Error, Result};
use crate::files::no_follow::replace_atomically;

/// Notes beside the tensors of a file, such as the position of a training.
pub type Notes = HashMap<String, String>;

/// Writes every tensor of `model` to `path`; a crash leaves the old file or the new one, whole.
pub fn save_tensors<P: Parameters>(path: &Path, model: &P) -> Result<()> {
    save_tensor_list(path, model.tensors())
}

/// Writes `tensors` of distinct names to `path`, as [`save_tensors`] does.
pub fn save_tensor_list(path: &Path, tensors: Vec<Tensor<'_>>) -> Result<()> {
    write(path, &blobs(tensors), None)
}

/// Writes `tensors` of distinct names, `notes` and a check sum to `path`, as [`save_tensors`] does.
pub fn save_checked(path: &Path, tensors: Vec<Tensor<'_>>, mut notes: Notes) -> Result<()> {
    let blobs = blobs(tensors);
    notes.insert(
        CHECK_SUM.to_owned(),
        check_sum(blobs.iter().map(|(name, _, bytes)| (&**name, &**bytes)), &notes),
    );
    write(path, &blobs, Some(notes))
}

/// Name, shape and bytes of a tensor.
type Blob = (Cow<'static, str>, Vec<usize>, Vec<u8>);

fn blobs(tensors: Vec<Tensor<'_>>) -> Vec<Blob> {
    let blob = |t: Tensor<'_>| {
        (t.name, t.values.shape().to_vec(), t.values.iter().flat_map(|v| v.to_le_bytes()).collect())
    };
    tensors.into_iter().map(blob).collect()
}

fn write(path: &Path, blobs: &[Blob], notes: Option<Notes>) -> Result<()> {
    let views = blobs.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).expect("bytes match the shape");
        (&**name, view)
    });
    let bytes = serialize(views, notes).expect("tensors have distinct names");
    replace_atomically(path, |writer| writer.write_all(&bytes))
}

/// Note that holds the check sum. Its name changes with the version of what checkpoints contain; it is not a note of its
/// own, since the order of several notes in a file is not fixed.
const CHECK_SUM: &str = "crc32-2";

/// CRC-32 of the tensors, in the order given, and of the notes in the order of their names.
fn check_sum<'a>(tensors: impl Iterator<Item = (&'a str, &'a [u8])>, notes: &Notes) -> String {
    let mut sum = crc32fast::Hasher::new();
    for (name, bytes) in tensors {
        sum.update(name.as_bytes());
        sum.update(bytes);
    }
    let notes: BTreeMap<_, _> = notes.iter().filter(|(name, _)| *name != CHECK_SUM).collect();
    for (name, text) in notes {
        sum.update(name.as_bytes());
        sum.update(text.as_bytes());
    }
    format!("{:08x}", sum.finalize())
}

/// Reads every tensor of `model` from `path`; names and shapes must match, and values be finite.
///
/// # Errors
/// When the file cannot be read, is damaged, or is of another model.
pub fn load_tensors<P: Parameters>(path: &Path, model: &mut P) -> Result<()> {
    load_tensor_list(path, model.tensors_mut())
}

/// Reads `tensors` from `path`, as [`load_tensors`] does.
pub fn load_tensor_list(path: &Path, tensors: Vec<TensorMut<'_>>) -> Result<()> {
    let finite = |value: f32| match value.is_finite() {
        true => Ok(()),
        false => Err(Error::data(path, "a weight is not finite; train the model again")),
    };
    read(path, tensors, |_| Ok(()), finite, |_, _| Ok(())).map(|_| ())
}

/// Reads `tensors` and the notes beside them, as [`save_checked`] wrote them; names, shapes and the check sum
/// must match.
///
/// # Errors
/// When the file cannot be read, is damaged, is of another model, or was written by an older version of the program.
pub fn load_checked(path: &Path, tensors: Vec<TensorMut<'_>>) -> Result<Notes> {
    let names: Vec<_> = tensors.iter().map(|tensor| tensor.name.clone()).collect();
    let any = |_| Ok(()); // an optimiser's moments may be infinite
    let current = |notes: &Notes| match notes.get(CHECK_SUM) {
        None if notes.contains_key("crc32") => {
            Err(Error::data(path, "this checkpoint was written by an older version of the program"))
        }
        _ => Ok(()),
    };
    read(path, tensors, current, any, |file, notes| {
        let bytes = |name: &str| file.tensor(name).expect("just read").data();
        let found = check_sum(names.iter().map(|name| (&**name, bytes(name))), notes);
        match notes.get(CHECK_SUM) {
            Some(expected) if *expected == found => Ok(()),
            _ => Err(Error::data(path, "the check sum does not match: the file is damaged")),
        }
    })
}

/// Reads `tensors` and the notes beside them from `path`; `check_value` sees every value, `check` the file and
/// its notes at the end, `check_notes` the notes before anything else.
fn read(
    path: &Path,
    tensors: Vec<TensorMut<'_>>,
    check_notes: impl FnOnce(&Notes) -> Result<()>,
    check_value: impl Fn(f32) -> Result<()>,
    check: impl FnOnce(&SafeTensors<'_>, &Notes) -> Result<()>,
) -> Result<Notes> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, "read", source))?;
    let damaged = |cause: &dyn std::fmt::Display| {
        Error::data(path, format!("not a whole safetensors file ({cause}); train the model again"))
    };
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|cause| damaged(&cause))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|cause| damaged(&cause))?;
    let notes = header.metadata().clone().unwrap_or_default();
    check_notes(&notes)?;
    let expected = tensors.len();
    for mut tensor in tensors {
        let name = &tensor.name;
        let stored = file.tensor(name).map_err(|_| {
            Error::data(path, format!("tensor `{name}` is missing: this file belongs to another model"))
        })?;
        if stored.shape() != tensor.values.shape() || stored.dtype() != Dtype::F32 {
            let message = format!(
                "tensor `{name}`: expected f32 {:?}, found {:?} {:?}: this file belongs to another model",
                tensor.values.shape(),
                stored.dtype(),
                stored.shape()
            );
            return Err(Error::data(path, message));
        }
        for (value, bytes) in tensor.values.iter_mut().zip(stored.data().chunks_exact(4)) {
            *value = f32::from_le_bytes(bytes.try_into().expect("chunks of four"));
            check_value(*value)?;
        }
    }
    if file.len() != expected {
        return Err(Error::data(path, format!("expected {expected} tensors, found {}", file.len())));
    }
    check(&file, &notes)?;
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::super::{Activation, Initializer, Mlp};
    use super::*;
    use crate::seed::Stream;

    fn network(widths: &[usize], seed: u64) -> Mlp {
        Mlp::new(widths, Activation::Tanh, 0.0, Initializer::Xavier, &mut Stream::new(seed).rng())
    }

    #[test]
    fn what_is_saved_is_loaded_to_the_bit() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("m.safetensors");
        let saved = network(&[3, 4, 1], 1);
        save_tensors(&path, &saved).expect("the folder is writable");
        let mut loaded = network(&[3, 4, 1], 2);
        load_tensors(&path, &mut loaded).expect("the same shapes");
        assert_eq!(saved, loaded);
    }

    #[test]
    fn files_of_another_model_and_damaged_files_are_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("m.safetensors");
        save_tensors(&path, &network(&[3, 4, 1], 1)).expect("the folder is writable");
        for widths in [&[3, 5, 1][..], &[3, 1], &[3, 4, 4, 1]] {
            let error = load_tensors(&path, &mut network(widths, 1)).expect_err("other shapes").to_string();
            assert!(error.contains("m.safetensors"), "{error}");
        }
        let bytes = std::fs::read(&path).expect("just written");
        for cut in [0, 1, 7, 8, 40, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..cut]).expect("the folder is writable");
            assert!(load_tensors(&path, &mut network(&[3, 4, 1], 1)).is_err(), "cut at {cut}");
        }
    }
}
