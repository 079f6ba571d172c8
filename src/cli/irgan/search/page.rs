//! Hits on a terminal and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::evaluation::table::{Cell, Table};
use crate::files::printable;
use crate::retrieval::{FoundDocument, Snippet};

/// Returns hits as lines, with the words of the query in bold or, without `colour`, in brackets.
pub(super) fn page(found: &[FoundDocument], colour: bool) -> String {
    let mut page = String::new();
    for (rank, FoundDocument { id, score, title, passage }) in (1..).zip(found) {
        let _ = writeln!(page, "{rank:>3}  {score:.3}  {}  {}", printable(id), marked(title, colour));
        if let Some(passage) = passage {
            let _ = writeln!(page, "     {}", marked(passage, colour));
        }
    }
    page
}

/// Puts a snippet on one line with the query's words in bold or, without `colour`, in brackets.
fn marked(snippet: &Snippet, colour: bool) -> String {
    let (open, close) = if colour { ("\u{1b}[1m", "\u{1b}[0m") } else { ("[", "]") };
    let plain = |part: &str| printable(&part.replace(char::is_whitespace, " ")).into_owned();
    let part = |(text, is_word): (&str, bool)| match is_word {
        true => format!("{open}{}{close}", plain(text)),
        false => plain(text),
    };
    let text: String = snippet.parts().into_iter().map(part).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns hits as rows.
pub(super) fn table(found: &[FoundDocument]) -> Table {
    let mut table = Table::new(["rank", "id", "score", "title", "passage"]);
    for (rank, found) in (1..).zip(found) {
        let passage = found.passage.as_ref().map_or("", |passage| passage.text.as_str());
        let texts = [found.title.text.as_str(), passage].map(Cell::from);
        let first = [Cell::count(rank), Cell::from(found.id.as_str()), Cell::score(found.score.into())];
        table.row(first.into_iter().chain(texts));
    }
    table
}

/// Hit of one of many queries in JSON.
#[derive(Serialize)]
pub(super) struct JsonLine {
    pub(super) query: String,
    pub(super) rank: usize,
    pub(super) id: String,
    pub(super) score: f32,
}
