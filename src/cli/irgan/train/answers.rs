//! Training on questions and answers.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::{Context, Finished, Job, described, train_and_report};
use crate::cli::args::settings::set;
use crate::data::answers;
use crate::error::{Error, Result};
use crate::nn::Filters;
use crate::ranking::answers::train_answers;
use crate::ranking::{Beside, TrainConfig};
use crate::report::results::DataSummary;

/// Flags of answer selection.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Answer selection")]
pub(super) struct AnswerArgs {
    /// Training data: lines of `question<TAB>answer<TAB>0|1`, also .gz and .zst
    #[arg(long, value_name = "FILE", requires = "valid", group = "source", conflicts_with = "index", help_heading = None)]
    pub qa: Option<PathBuf>,
    /// Word vectors to start from, in word2vec's text format; all others start at random
    #[arg(long, value_name = "FILE", requires = "qa")]
    pub vectors: Option<PathBuf>,
    /// Values of a word's vector
    #[arg(long, value_name = "E", requires = "qa")]
    embedding: Option<usize>,
    /// Filters of the convolution: WIDTH:COUNT,…
    #[arg(long, requires = "qa", value_parser = filters)]
    filters: Option<FilterList>,
    /// Words that occur less often in the training data count as unknown
    #[arg(long, value_name = "N", requires = "qa")]
    min_count: Option<usize>,
    /// Words of a text that the convolution reads
    #[arg(long, value_name = "N", requires = "qa")]
    max_words: Option<usize>,
    /// What scores are multiplied by
    #[arg(long, requires = "qa")]
    scale: Option<f32>,
    /// Whether the words that question and answer share are part of the score
    #[arg(long, value_name = "true|false", requires = "qa", action = ArgAction::Set)]
    overlap: Option<bool>,
    /// Fill each training question's pool up to N with answers of other questions; 0 for its own alone
    #[arg(long, value_name = "N", requires = "qa")]
    pool: Option<usize>,
}

#[derive(Clone, Debug)]
struct FilterList(Vec<Filters>);

fn filters(text: &str) -> Result<FilterList, String> {
    let one = |part: &str| {
        let (width, count) = part.trim().split_once(':')?;
        Some(Filters { width: width.parse().ok()?, count: count.parse().ok()? })
    };
    let all: Option<Vec<_>> = text.split(',').map(one).collect();
    all.map(FilterList).ok_or_else(|| "expected WIDTH:COUNT,… such as 1:64,2:64,3:64,5:64".into())
}

impl AnswerArgs {
    /// Writes the flags into a configuration for questions and answers.
    pub(super) fn apply(&self, config: &mut TrainConfig) {
        let Some(answers) = &mut config.answers else { return };
        set(&mut answers.embedding, self.embedding);
        set(&mut answers.filters, self.filters.clone().map(|filters| filters.0));
        set(&mut answers.min_count, self.min_count);
        set(&mut answers.max_words, self.max_words);
        set(&mut answers.scale, self.scale);
        set(&mut answers.overlap, self.overlap);
        set(&mut answers.pool, self.pool);
    }
}

/// Runs the training.
pub(super) fn run(job: &Job<'_>, beside: Beside) -> Result<Finished> {
    let Job { args, config, .. } = *job;
    let (Some(train_file), Some(valid_file)) = (&args.answers.qa, &args.valid) else {
        return Err(Error::Config("--qa needs --valid".into()));
    };
    let (train, valid) = (answers::read(train_file)?, answers::read(valid_file)?);
    note!("training   {}", train.summary());
    note!("validation {}", valid.summary());
    let data = DataSummary {
        task: "questions and answers".into(),
        training: described(train_file, train.summary()),
        validation: described(valid_file, valid.summary()),
    };
    let context = Context { data, references: vec![], rank: "--data FILE --out FILE.run" };
    let (session, beside) = job.begin(beside)?;
    let beside = &beside;
    train_and_report(config, beside, &context, session, |listener| {
        let learnable = |set: &answers::AnswerSet| set.questions().iter().any(|q| q.has_right());
        if !learnable(&train) {
            return Err(Error::data(train_file, "no question has a right answer: nothing to learn from"));
        }
        train_answers(config, beside, &train, &valid, args.answers.vectors.as_deref(), listener)
            .map_err(|error| error.in_file(if learnable(&valid) { train_file } else { valid_file }))
    })
}
