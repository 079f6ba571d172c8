//! `irgan qrels`.

use std::path::PathBuf;

use clap::Args;

use crate::atomic::write_atomically;
use crate::data::RankingSet;
use crate::data::collection::{GradeMap, JudgementOptions, Judgements};
use crate::data::letor::{self, LetorOptions};
use crate::error::{Error, Result};
use crate::evaluation::qrels::write_qrels;

/// Write judgements as TREC qrels, for `irgan eval`: those of a LETOR file, or of another format
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan qrels --data Fold1/test.txt --out qrels.txt
  irgan qrels --judgements cran.qrels --grades 1=4,2=3,3=2,4=1,5=0,-1=0 --out qrels.txt")]
pub struct QrelsArgs {
    /// LETOR / SVMlight, also .gz and .zst; unlabelled documents are left out
    #[arg(long, required_unless_present = "judgements")]
    data: Option<PathBuf>,
    /// TREC qrels, three columns `query document grade`, or BEIR's TSV; also .gz and .zst
    #[arg(long, conflicts_with = "data")]
    judgements: Option<PathBuf>,
    /// What each grade of --judgements becomes, as FROM=TO,FROM=TO,…; without it they stay
    #[arg(long, requires = "judgements", allow_hyphen_values = true)]
    grades: Option<GradeMap>,
    /// The qrels file to write
    #[arg(long)]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: &QrelsArgs) -> Result<()> {
    if let Some(path) = &args.judgements {
        let options = JudgementOptions { grades: args.grades.clone() };
        return Judgements::read(path, &options)?.write(&args.out);
    }
    let data = args.data.as_deref().expect("clap asks for --data or --judgements");
    let text = judgements(&letor::read(data, &LetorOptions::default())?)?;
    if text.is_empty() {
        return Err(Error::data(data, "holds no judged document; every grade is -1"));
    }
    write_atomically(&args.out, |writer| writer.write_all(text.as_bytes()))
}

/// Lines of `query 0 document grade`.
pub(super) fn judgements(set: &RankingSet) -> Result<String> {
    let mut text = String::new();
    for query in set.queries() {
        let judged = query.rows.clone().filter(|&row| set.grades()[row] >= 0);
        let judged = judged.map(|row| (set.document(row), i32::from(set.grades()[row])));
        write_qrels(&mut text, &query.id, judged)?;
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
