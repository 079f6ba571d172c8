//! Flags of answer selection.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};

use crate::cli::args::settings::set;
use crate::nn::Filters;
use crate::ranking::TrainConfig;
use crate::ranking::answers::AnswerTask;

/// Flags of answer selection.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Answer selection")]
pub struct AnswerArgs {
    /// Training data: lines of `question<TAB>answer<TAB>0|1`, also .gz and .zst
    #[arg(long, value_name = "FILE", group = "source", conflicts_with = "index", help_heading = None)]
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
    /// Least count of a word in the training data; rarer ones are unknown
    #[arg(long, value_name = "N", requires = "qa")]
    min_count: Option<usize>,
    /// Words of a text that the convolution reads
    #[arg(long, value_name = "N", requires = "qa")]
    max_words: Option<usize>,
    /// Factor of scores
    #[arg(long, requires = "qa")]
    scale: Option<f32>,
    /// Make the words that question and answer share a part of the score
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
    /// Returns the task of these flags; none when they name no data.
    pub(in crate::cli::irgan) fn task(&self, valid: Option<&Path>, valid_share: f64) -> Option<AnswerTask> {
        let (valid, vectors) = (valid.map(Path::to_owned), self.vectors.clone());
        Some(AnswerTask { train: self.qa.clone()?, valid, valid_share, vectors })
    }

    /// Writes the flags into a configuration for questions and answers.
    pub(in crate::cli::irgan) fn apply(&self, config: &mut TrainConfig) {
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
