//! `irgan qrels`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::atomic::write_atomically;
use crate::data::RankingSet;
use crate::data::letor::{self, LetorOptions};
use crate::error::{Error, Result};

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
    write_atomically(&args.out, |writer| writer.write_all(text.as_bytes()))
}

/// Lines of `query 0 document grade`.
pub(super) fn judgements(set: &RankingSet) -> Result<String> {
    let mut text = String::new();
    for query in set.queries() {
        for row in query.rows.clone().filter(|&row| set.grades()[row] >= 0) {
            let (id, document) = (&query.id, set.document(row));
            if [id.as_str(), document].iter().any(|id| id.contains(char::is_whitespace)) {
                let message = format!("`{id}` `{document}`: qrels cannot hold identifiers with blanks");
                return Err(Error::Config(message));
            }
            let _ = writeln!(text, "{id} 0 {document} {}", set.grades()[row]);
        }
    }
    Ok(text)
}
