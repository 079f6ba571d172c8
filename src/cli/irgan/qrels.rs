//! `irgan qrels`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::args::ratings::RatingsFormat;
use crate::data::answers::{self, AnswerSet, Question};
use crate::data::documents::{GradeMap, JudgementOptions, Judgements};
use crate::data::features::RankingSet;
use crate::data::features::letor;
use crate::data::features::letor::LetorOptions;
use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
use crate::evaluation::qrels::write_qrels;
use crate::files::atomic::write_atomically;

/// Write judgements as TREC qrels, for `irgan eval`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan qrels --data Fold1/test.txt --out qrels.txt
  irgan qrels --judgements cran.qrels --grades 1=4,2=3,3=2,4=1,5=0,-1=0 --out qrels.txt
  irgan qrels --ratings test.tsv --positive 4 --out qrels.txt
  irgan qrels --qa test.txt --keep right --out qrels.txt")]
pub struct QrelsArgs {
    #[command(flatten)]
    source: Source,
    /// What each grade of --judgements becomes, as FROM=TO,FROM=TO,…; without it they stay
    #[arg(long, requires = "judgements", allow_hyphen_values = true)]
    grades: Option<GradeMap>,
    #[command(flatten)]
    format: RatingsFormat,
    /// Which questions to write
    #[arg(long, default_value = "right", requires = "qa")]
    keep: Keep,
    /// The qrels file to write
    #[arg(long)]
    out: PathBuf,
}

/// Where judgements come from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// LETOR / SVMlight, also .gz and .zst; unlabelled documents are left out
    #[arg(long)]
    data: Option<PathBuf>,
    /// TREC qrels, three columns `query document grade`, or BEIR's TSV; also .gz and .zst
    #[arg(long)]
    judgements: Option<PathBuf>,
    /// Ratings: users are queries, and the items they like relevant documents
    #[arg(long, value_name = "FILE")]
    ratings: Option<PathBuf>,
    /// Questions and answers, with the ids that `irgan rank` gives them
    #[arg(long, value_name = "FILE")]
    qa: Option<PathBuf>,
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
    let text = match &args.source {
        Source { data: Some(data), .. } => graded(data)?,
        Source { judgements: Some(path), .. } => {
            Judgements::read(path, &JudgementOptions { grades: args.grades.clone() })?.to_trec()?
        }
        Source { ratings: Some(path), .. } => liked(&args.format.read(path)?.1)?,
        Source { qa: Some(path), .. } => of_answers(path, args.keep)?,
        _ => return Err(Error::Config("nothing to write judgements of".into())),
    };
    write_atomically(&args.out, |writer| writer.write_all(text.as_bytes()))
}

/// Lines of a LETOR file's grades.
pub(super) fn graded(path: &Path) -> Result<String> {
    let text = judgements(&letor::read(path, &LetorOptions::default())?)?;
    match text.is_empty() {
        true => Err(Error::data(path, "holds no judged document; every grade is -1")),
        false => Ok(text),
    }
}

/// Lines of `user 0 item 1`.
pub(super) fn liked(data: &Interactions) -> Result<String> {
    let mut text = String::new();
    for (user, list) in data.users().names().iter().zip(data.positives()) {
        write_qrels(&mut text, user, list.iter().map(|&item| (data.items().name(item), 1)))?;
    }
    Ok(text)
}

/// Lines of the judged answers of the questions that have a right one.
pub(super) fn right_answers(path: &Path) -> Result<String> {
    of_answers(path, Keep::Right)
}

fn of_answers(path: &Path, keep: Keep) -> Result<String> {
    let text = judged_answers(&answers::read(path)?, keep)?;
    text.ok_or_else(|| Error::data(path, "holds no such question; see --keep"))
}

/// Lines of `question 0 answer 0|1`, and on standard error what was left out; none without a question.
fn judged_answers(set: &AnswerSet, keep: Keep) -> Result<Option<String>> {
    let kept = |question: &Question| match keep {
        Keep::All => true,
        Keep::Right => question.has_right(),
        Keep::Both => question.has_right() && question.has_wrong(),
    };
    let (mut text, mut questions) = (String::new(), 0);
    for (q, question) in set.questions().iter().enumerate().filter(|(_, question)| kept(question)) {
        questions += 1;
        let ids: Vec<String> = (0..question.answers.len()).map(|a| AnswerSet::answer_id(q, a)).collect();
        let grades = question.answers.iter().map(|answer| i32::from(answer.right));
        write_qrels(&mut text, &AnswerSet::question_id(q), ids.iter().map(String::as_str).zip(grades))?;
    }
    note!("{questions} of {} questions", set.questions().len());
    Ok((questions > 0).then_some(text))
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
    use crate::data::features::Query;

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
