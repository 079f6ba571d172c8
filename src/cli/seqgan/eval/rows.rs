//! Rows of measures of samples of sentences.

use crate::evaluation::table::{Cell, Table};
use crate::evaluation::text::{References, distinct_n, distinct_tokens, mean_bleu, self_bleu, unknown_share};

/// Returns a table without rows for [`measured`]; `first` heads the names.
pub(super) fn measures_table(first: &str) -> Table {
    let bleu = (2..=5).map(|n| format!("BLEU-{n}")).chain((2..=5).map(|n| format!("self-BLEU-{n}")));
    let others = ["distinct-1", "distinct-2", "tokens", "unknown"].map(String::from);
    Table::new(std::iter::once(first.to_owned()).chain(bleu).chain(others))
}

/// Returns the row of a sample: its similarity to `references`, its sameness and its variety.
pub(super) fn measured(name: &str, words: &[Vec<u32>], references: &References) -> Vec<Cell> {
    cells(name, words, mean_bleu(words, references, 2..=5))
}

/// Returns the row of real sentences, under a name: the first half against the second.
pub(super) fn half_against_half(name: &str, words: &[Vec<u32>]) -> Vec<Cell> {
    let (mine, others) = words.split_at(words.len() / 2);
    cells(name, words, mean_bleu(mine, &References::new(others, 5), 2..=5))
}

fn cells(name: &str, words: &[Vec<u32>], bleu: Vec<f64>) -> Vec<Cell> {
    let scores = bleu.into_iter().chain(self_bleu(words, 2..=5)).chain([1, 2].map(|n| distinct_n(words, n)));
    let mut cells: Vec<Cell> = std::iter::once(Cell::from(name)).chain(scores.map(Cell::score)).collect();
    cells.extend([Cell::count(distinct_tokens(words)), Cell::score(unknown_share(words))]);
    cells
}
