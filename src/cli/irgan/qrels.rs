//! `irgan qrels`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::effects;
use crate::cli::args::output::tell_replaced;
use crate::cli::args::ratings::RatingsFormatArgs;
use crate::cli::console;
use crate::data::documents::{GradeMap, JudgementOptions, Judgements};
use crate::error::{Error, Result};
use crate::files::output::write_output;
use crate::ranking::answers::Keep;
use crate::ranking::{answers, features, interactions};

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
    /// New grades for those of --judgements, as FROM=TO,FROM=TO,…; without it they stay
    #[arg(long, requires = "judgements", allow_hyphen_values = true)]
    grades: Option<GradeMap>,
    #[command(flatten)]
    format: RatingsFormatArgs,
    /// Questions to write
    #[arg(long, default_value = "right", requires = "qa")]
    keep: Kept,
    /// Qrels file to write
    #[arg(long)]
    out: PathBuf,
}

/// Sources of judgements.
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

/// Choice of the questions whose ranking is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kept {
    /// All of them; those without a right answer score 0.
    All,
    /// Those with a right answer.
    Right,
    /// Those with a right and a wrong answer.
    Both,
}

impl From<Kept> for Keep {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::All => Self::All,
            Kept::Right => Self::Right,
            Kept::Both => Self::Both,
        }
    }
}

/// Runs the command.
pub fn run(args: &QrelsArgs) -> Result<()> {
    effects::of_ratings_format(args.source.ratings.is_some());
    let listener = &mut console::terminal();
    let text = match &args.source {
        Source { data: Some(data), .. } => features::judgements(data, listener)?,
        Source { judgements: Some(path), .. } => {
            let judgements = Judgements::read(path, &JudgementOptions { grades: args.grades.clone() })?;
            judgements.guessed().into_iter().for_each(|guessed| note!("{guessed}"));
            judgements.to_trec()?
        }
        Source { ratings: Some(path), .. } => interactions::judgements(path, args.format.format(), listener)?,
        Source { qa: Some(path), .. } => answers::judgements(path, args.keep.into(), listener)?,
        _ => return Err(Error::Config("nothing to write judgements of".into())),
    };
    tell_replaced(&args.out);
    write_output(&args.out, |writer| writer.write_all(text.as_bytes()))
}
