//! Sentences that the generators wrote.

use crate::report::escape::escaped;
use crate::report::page::Page;
use crate::report::results::Samples;
use crate::report::run::{Run, texts};

/// Adds the sentences of every generator of every run.
pub(super) fn add(page: &mut Page, runs: &[Run]) {
    let lists: Vec<String> = texts(runs)
        .flat_map(|(run, results)| results.samples.iter().map(move |samples| list(runs, run, samples)))
        .collect();
    if !lists.is_empty() {
        page.section("Sentences");
        page.paragraph("Drawn at temperature 1 from one stream, not selected.");
        page.beside(&lists);
    }
}

/// Returns the sentences of one generator under its name.
pub(in crate::report) fn list(runs: &[Run], run: &Run, Samples { name, sentences }: &Samples) -> String {
    let title = if runs.len() == 1 { name.clone() } else { format!("{}: {name}", run.name) };
    let items: String =
        sentences.iter().map(|sentence| format!("<li>{}</li>\n", escaped(sentence))).collect();
    format!("<div><h3>{}</h3><ul class=\"samples\">\n{items}</ul></div>\n", escaped(&title))
}
