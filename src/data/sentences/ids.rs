//! Files of raw token ids: sentences that never were text, such as an oracle's.
//!
//! One sentence a line, whole numbers separated by white space, no special tokens. All sentences
//! have the same length.

use std::path::Path;

use ndarray::Array2;

use super::sequences::Sequences;
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;
use crate::files::lines::for_each_line;

/// Reads sentences of `steps` token ids each, or of as many as the first line has; ids lie below `vocabulary_size`.
///
/// ```
/// use irgan::data::sentences::{Sequences, read_id_sequences, write_id_sequences};
///
/// # let folder = tempfile::tempdir().expect("a temporary folder");
/// # let path = folder.path().join("ids.txt");
/// let sentences = Sequences::fixed(ndarray::array![[7, 8, 9], [9, 9, 0]]);
/// write_id_sequences(&path, &sentences)?;
/// assert_eq!(read_id_sequences(&path, 10, None)?, sentences);
/// # Ok::<(), irgan::Error>(())
/// ```
///
/// # Errors
/// When a setting is 0, the file cannot be read or is empty, or a line has another length, an id
/// beyond the vocabulary, or something that is no id.
pub fn read_id_sequences(
    path: impl AsRef<Path>,
    vocabulary_size: usize,
    steps: Option<usize>,
) -> Result<Sequences> {
    let path = path.as_ref();
    if vocabulary_size == 0 || steps == Some(0) {
        return Err(Error::Config("the vocabulary and the sentences need 1 token or more".into()));
    }
    let (mut tokens, mut sentences, mut width) = (Vec::new(), 0, steps);
    for_each_line(path, |line, bytes, _| {
        let before = tokens.len();
        for word in bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            let id = parse_id(word).filter(|&id| (id as usize) < vocabulary_size);
            let expected = || format!("a token id below {vocabulary_size}");
            tokens.push(id.ok_or_else(|| Error::parse(path, line, expected(), word))?);
        }
        let length = tokens.len() - before;
        if length == 0 || length != *width.get_or_insert(length) {
            let expected = match width.filter(|&width| width > 0) {
                Some(width) => format!(
                    "{width} token ids, as {}",
                    if steps.is_some() { "asked for" } else { "in line 1" }
                ),
                None => "token ids".to_owned(),
            };
            let found = if length == 0 { "nothing".to_owned() } else { length.to_string() };
            return Err(Error::Parse { path: path.to_owned(), line, expected, found });
        }
        sentences += 1;
        Ok(())
    })?;
    let width =
        width.filter(|_| sentences > 0).ok_or_else(|| Error::data(path, "has no token ids: it is empty"))?;
    let tokens = Array2::from_shape_vec((sentences, width), tokens).expect("every line has the same length");
    Ok(Sequences::fixed(tokens))
}

/// Parses a whole number below 2^32, written in digits only.
fn parse_id(word: &[u8]) -> Option<u32> {
    let digits = word.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(word).ok().filter(|_| digits)?.parse().ok()
}

/// Writes sentences as lines of token ids, each in its own length; a crash leaves the old file or the new one, whole.
///
/// # Errors
/// When the file cannot be written.
pub fn write_id_sequences(path: impl AsRef<Path>, sequences: &Sequences) -> Result<()> {
    write_atomically(path.as_ref(), |writer| {
        for sentence in sequences.iter() {
            for (place, id) in sentence.iter().enumerate() {
                write!(writer, "{}{id}", if place > 0 { " " } else { "" })?;
            }
            writeln!(writer)?;
        }
        Ok(())
    })
}
