//! `irgan qrels`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::ratings::RatingsFormat;
use crate::atomic::write_atomically;
use crate::data::RankingSet;
use crate::data::interactions::Interactions;
use crate::data::letor::{self, LetorOptions};
use crate::error::{Error, Result};
use crate::evaluation::check_id;

/// Write the judgements of a LETOR or ratings file as TREC qrels, for `irgan eval`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan qrels --data Fold1/test.txt --out qrels.txt
  irgan qrels --ratings test.tsv --positive 4 --out qrels.txt")]
pub struct QrelsArgs {
    /// LETOR / SVMlight, also .gz and .zst; unlabelled documents are left out
    #[arg(long, required_unless_present = "ratings", conflicts_with = "ratings")]
    data: Option<PathBuf>,
    /// Ratings: users are queries, and the items they like relevant documents
    #[arg(long, value_name = "FILE", help_heading = "Interactions")]
    ratings: Option<PathBuf>,
    #[command(flatten)]
    format: RatingsFormat,
    /// The qrels file to write
    #[arg(long)]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &QrelsArgs) -> Result<()> {
    let text = match (&args.data, &args.ratings) {
        (Some(data), _) => {
            let text = judgements(&letor::read(data, &LetorOptions::default())?)?;
            if text.is_empty() {
                return Err(Error::data(data, "holds no judged document; every grade is -1"));
            }
            text
        }
        (None, Some(ratings)) => liked(&args.format.read(ratings)?.1)?,
        (None, None) => return Err(Error::Config("one of --data and --ratings is needed".into())),
    };
    write_atomically(&args.out, |writer| writer.write_all(text.as_bytes()))
}

/// Lines of `user 0 item 1`.
fn liked(data: &Interactions) -> Result<String> {
    let mut text = String::new();
    for (user, list) in data.users().names().iter().zip(data.positives()) {
        check_id("query", user)?;
        for &item in list {
            let item = data.items().name(item);
            check_id("document", item)?;
            let _ = writeln!(text, "{user} 0 {item} 1");
        }
    }
    Ok(text)
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
