//! Measures of answers.

use serde::{Deserialize, Serialize};

use super::data::words;
use crate::data::pairs::Pairs;
use crate::data::sentences::Sequences;
use crate::evaluation::text::{corpus_bleu, distinct_n, mean_length};
use crate::files::json_file;

/// Measures of one system's answers to held-out sources.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AnswerMeasures {
    /// Exponential of the mean negative log-likelihood of a token of the real answers.
    #[serde(deserialize_with = "json_file::number")]
    pub perplexity: f64,
    /// Corpus BLEU-2 and BLEU-4 of the answers, each against the real one to the same source.
    #[serde(deserialize_with = "json_file::array")]
    pub bleu: [f64; 2],
    /// Share of distinct words, and of distinct pairs of words, among all.
    #[serde(deserialize_with = "json_file::array")]
    pub distinct: [f64; 2],
    /// Mean number of words of an answer.
    #[serde(deserialize_with = "json_file::number")]
    pub length: f64,
}

/// Measures `answers` to the sources of `real` by a system that has this `perplexity` of the real ones.
pub fn measure_answers(perplexity: f64, real: &Pairs, answers: &Sequences) -> AnswerMeasures {
    let (written, references) = (words(answers), words(&real.answers));
    let bleu = |n| corpus_bleu(&written, &references, n..=n)[0];
    AnswerMeasures {
        perplexity,
        bleu: [bleu(2), bleu(4)],
        distinct: [distinct_n(&written, 1), distinct_n(&written, 2)],
        length: mean_length(&written),
    }
}
