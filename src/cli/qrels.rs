//! `irgan qrels`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::atomic::write_atomically;
use crate::data::RankingSet;
use crate::data::answers::{self, AnswerSet, Question};
use crate::data::letor::{self, LetorOptions};
use crate::error::{Error, Result};
use crate::evaluation::check_id;

/// Write the judgements of a data file as TREC qrels, for `irgan eval`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan qrels --data Fold1/test.txt --out qrels.txt
  irgan qrels --qa test.txt --keep right --out qrels.txt")]
pub struct QrelsArgs {
    /// LETOR / SVMlight, also .gz and .zst; unlabelled documents are left out
    #[arg(long, required_unless_present = "qa", conflicts_with = "qa")]
    data: Option<PathBuf>,
    /// Questions and answers, with the ids that `irgan rank` gives them
    #[arg(long, value_name = "FILE")]
    qa: Option<PathBuf>,
    /// Which questions to write
    #[arg(long, default_value = "right", requires = "qa")]
    keep: Keep,
    /// The qrels file to write
    #[arg(long)]
    out: PathBuf,
}

/// Questions whose ranking is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Keep {
    /// All of them; those without a right answer score 0.
    All,
    /// Those with a right answer.
    Right,
    /// Those with a right and a wrong answer.
    Both,
}

/// Runs the command.
pub fn run(args: &QrelsArgs) -> Result<()> {
    let text = match (&args.data, &args.qa) {
        (_, Some(path)) => judged_answers(&answers::read(path)?, args.keep)
            .ok_or_else(|| Error::data(path, "holds no such question; see --keep"))?,
        (Some(path), None) => match judgements(&letor::read(path, &LetorOptions::default())?)? {
            text if text.is_empty() => {
                return Err(Error::data(path, "holds no judged document; every grade is -1"));
            }
            text => text,
        },
        (None, None) => return Err(Error::Config("give --data or --qa".into())),
    };
    write_atomically(&args.out, |writer| writer.write_all(text.as_bytes()))
}

/// Lines of `question 0 answer 0|1`, and on standard error what was left out; none without a question.
fn judged_answers(set: &AnswerSet, keep: Keep) -> Option<String> {
    let kept = |question: &Question| match keep {
        Keep::All => true,
        Keep::Right => question.has_right(),
        Keep::Both => question.has_right() && question.has_wrong(),
    };
    let (mut text, mut questions) = (String::new(), 0);
    for (q, question) in set.questions().iter().enumerate().filter(|(_, question)| kept(question)) {
        questions += 1;
        for (a, answer) in question.answers.iter().enumerate() {
            let (id, document) = (AnswerSet::question_id(q), AnswerSet::answer_id(q, a));
            let _ = writeln!(text, "{id} 0 {document} {}", u8::from(answer.right));
        }
    }
    eprintln!("{questions} of {} questions", set.questions().len());
    (questions > 0).then_some(text)
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
