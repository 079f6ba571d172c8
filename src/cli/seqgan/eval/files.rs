//! Sentences of other systems, from files.

use std::path::{Path, PathBuf};

use super::rows::{half_against_half, measured, measures_table};
use crate::cli::console::print;
use crate::data::sentences::WordReader;
use crate::data::words::Tokenizer;
use crate::error::{Error, Result};
use crate::evaluation::table::Format;
use crate::evaluation::text::References;
use crate::files::count::counted;

/// Files of sentences, and how they are read.
pub(super) struct Sources<'a> {
    /// Sentences to measure.
    pub generated: &'a [PathBuf],
    /// Sentences to compare with.
    pub reference: &'a Path,
    /// Rule by which lines become tokens.
    pub tokenizer: Tokenizer,
    /// Format of the table.
    pub format: Format,
}

/// Prints the measures of every file against the reference sentences, or against those at the places that `choose`
/// returns for their number.
pub(super) fn measure(sources: &Sources<'_>, choose: impl FnOnce(usize) -> Option<Vec<usize>>) -> Result<()> {
    let mut reader = WordReader::new(sources.tokenizer);
    let mut real = reader.read(sources.reference)?;
    let lines = real.len();
    real.retain(|sentence| !sentence.is_empty());
    if real.is_empty() {
        return Err(Error::data(sources.reference, "no sentence to compare with"));
    }
    let empty = lines - real.len();
    let count = counted(real.len(), "sentence");
    note!("reference  {}: {count}; left out: {empty} empty", sources.reference.display());
    if let Some(chosen) = choose(real.len()) {
        real = chosen.iter().map(|&place| real[place].clone()).collect();
    }
    let references = References::new(&real, 5);
    let mut table = measures_table("sentences");
    for path in sources.generated {
        let words = reader.read(path)?;
        let empty = words.iter().filter(|sentence| sentence.is_empty()).count();
        note!("generated  {}: {}, {empty} of them empty", path.display(), counted(words.len(), "sentence"));
        if words.is_empty() {
            return Err(Error::data(path, "no sentence to measure"));
        }
        table.row(measured(&path.display().to_string(), &words, &references));
    }
    table.row(half_against_half("reference, half against half", &real));
    print(&table.render(sources.format))
}
