//! `seqgan eval` of a generator of lines: words, n-grams and variety against reference lines.

use std::path::Path;

use crate::cli::console::{print, print_text};
use crate::data::sentences::Corpus;
use crate::error::{Error, Result};
use crate::evaluation::table::Format;
use crate::files::json_file;
use crate::report::results::{LineRow, line_table};
use crate::seed::Stream;
use crate::text::wgan::LineModel;

/// Draws `count` lines of the generator in `folder`, measures them and prints the measures.
pub(super) fn measure(
    folder: &Path,
    reference: &Path,
    count: usize,
    stream: Stream,
    format: Format,
) -> Result<()> {
    let model = LineModel::load(folder)?;
    let corpus = Corpus::cut_with_vocabulary(reference, model.vocabulary(), model.steps())?;
    note!("reference  {}: {}", reference.display(), corpus.report);
    if corpus.sequences.len() < 2 {
        return Err(Error::data(reference, "one line: nothing to compare; give 2 or more"));
    }
    let [drawn, real] = model.measure(&corpus.sequences, count, stream);
    let name = model.objective().name();
    let rows = [("real lines, half against half", real), (name, drawn)];
    if format == Format::Json {
        let rows: Vec<LineRow> =
            rows.iter().map(|&(name, measures)| LineRow { name: name.to_owned(), measures }).collect();
        return print(&(json_file::text(&rows)? + "\n"));
    }
    let table = line_table(rows.iter().map(|(name, measures)| (*name, measures))).render(format);
    if format.is_for_programs() { print(&table) } else { print_text(&table) }
}
