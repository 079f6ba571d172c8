//! `irgan qrels`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::atomic::write_atomically;
use crate::data::RankingSet;
use crate::data::letor::{self, LetorOptions};
use crate::error::{Error, Result};
use crate::evaluation::check_id;

/// Write the judgements of a LETOR file as TREC qrels, for `irgan eval`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  irgan qrels --data Fold1/test.txt --out qrels.txt")]
pub struct QrelsArgs {
    /// LETOR / SVMlight, also .gz and .zst; unlabelled documents are left out
    #[arg(long)]
    data: PathBuf,
    /// The qrels file to write
    #[arg(long)]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &QrelsArgs) -> Result<()> {
    let set = letor::read(&args.data, &LetorOptions::default())?;
    let text = judgements(&set)?;
    if text.is_empty() {
        return Err(Error::data(&args.data, "holds no judged document; every grade is -1"));
    }
    write_atomically(&args.out, |writer| writer.write_all(text.as_bytes()))
}

/// Lines of `query 0 document grade`.
pub(super) fn judgements(set: &RankingSet) -> Result<String> {
    let mut text = String::new();
    for query in set.queries() {
        for row in query.rows.clone().filter(|&row| set.grades()[row] >= 0) {
            let (id, document) = (&query.id, set.document(row));
            check_id("query", id)?;
            check_id("document", document)?;
            let _ = writeln!(text, "{id} 0 {document} {}", set.grades()[row]);
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::Query;

    fn set(query: &str, document: &str) -> RankingSet {
        let queries = vec![Query { id: query.into(), rows: 0..3 }];
        RankingSet::new(Array2::zeros((3, 1)), vec![2, -1, 0], queries, ["d1", "d2", document], vec![])
    }

    #[test]
    fn judged_documents_become_lines_and_unlabelled_ones_do_not() {
        assert_eq!(judgements(&set("q", "d3")).expect("plain ids"), "q 0 d1 2\nq 0 d3 0\n");
    }

    #[test]
    fn ids_that_would_not_read_back_are_refused() {
        for (query, document) in
            [("q 1", "d3"), ("q", "d\t3"), ("q", "d\u{1}3"), ("q", ""), ("", "d3"), ("#q", "d3")]
        {
            assert!(judgements(&set(query, document)).is_err(), "`{query}` `{document}`");
        }
    }
}
