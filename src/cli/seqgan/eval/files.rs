//! Sentences of other systems, from files.

use super::{EvalArgs, half_against_half, measured, measures_table};
use crate::cli::console::print;
use crate::cli::seqgan::effects;
use crate::data::sentences::WordReader;
use crate::data::words::Tokenizer;
use crate::error::{Error, Result};
use crate::evaluation::text::References;

/// Measures the files of `--generated` against `--reference`.
pub(super) fn run(args: &EvalArgs) -> Result<()> {
    effects::of_files(args.references.is_some());
    let mut reader = WordReader::new(Tokenizer { level: args.level, lowercase: args.lowercase });
    let mut real = reader.read(&args.reference)?;
    let lines = real.len();
    real.retain(|sentence| !sentence.is_empty());
    if real.is_empty() {
        return Err(Error::data(&args.reference, "no sentence to compare with"));
    }
    let empty = lines - real.len();
    note!("reference  {}: {} sentences; left out: {empty} empty", args.reference.display(), real.len());
    if let Some(chosen) = args.chosen(real.len()) {
        real = chosen.iter().map(|&place| real[place].clone()).collect();
    }
    let references = References::new(&real, 5);
    let mut table = measures_table("sentences");
    for path in &args.generated {
        let words = reader.read(path)?;
        let empty = words.iter().filter(|sentence| sentence.is_empty()).count();
        note!("generated  {}: {} sentences, {empty} of them empty", path.display(), words.len());
        if words.is_empty() {
            return Err(Error::data(path, "no sentence to measure"));
        }
        table.row(measured(&path.display().to_string(), &words, &references));
    }
    table.row(half_against_half(&real));
    print(&table.render(args.format))
}
