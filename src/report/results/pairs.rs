//! `results.json` of a training on pairs: systems side by side, and their answers to the same sources.

use std::path::Path;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{DataSummary, expect_count};
use crate::data::pairs::{Pairs, Source};
use crate::data::sentences::{Sequences, as_words};
use crate::data::words::{UNKNOWN, Vocabulary};
use crate::error::Result;
use crate::evaluation::Table;
use crate::evaluation::table::{Cell, Format};
use crate::evaluation::text::{dull_share, perplexity, turns_alive};
use crate::files::json_file;
use crate::nn::AttentionKind;
use crate::seed::Stream;
use crate::text::models::{EncoderDecoder, LanguageModel as _};
use crate::text::pairs::{
    AnswerMeasures, Evaluator, KnownCases, MutualSearch, PairConfig, PairData, Search, Talk, TrainedPairs,
    Way, measure_answers,
};
use crate::text::{Beam, Decoding};

/// Sources that every system answers in the report.
const SHOWN: usize = 20;
/// Answers whose attention is drawn.
const PICTURES: usize = 4;
/// Most turns of a conversation of a system with itself, that of the source among them.
const TURNS: usize = 10;
/// Most sources that systems talk with themselves after.
const TALKS: usize = 200;

/// Numbers and answers of the systems of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PairResults {
    /// `seqgan`.
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// Data that were trained on.
    pub data: DataSummary,
    /// Tokens of the vocabulary.
    pub vocabulary: usize,
    /// Sources that the systems are measured on.
    pub sources: usize,
    /// Every system with every way to find an answer.
    pub systems: Vec<SystemRow>,
    /// Shares on which the evaluator is fooled in cases whose answer is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_cases: Option<KnownCases>,
    /// Signs of collapse with what was done about them.
    pub collapses: Vec<String>,
    /// Names of the columns of answers.
    pub columns: Vec<String>,
    /// Answers to the first validation sources, not selected.
    pub answers: Vec<Answered>,
    /// Attention of a few answers of maximum likelihood; empty for a model without attention.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attention: Vec<Attended>,
}

/// Weights by which an answer looked at its source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Attended {
    /// Tokens of the source: `[S]`.
    pub source: Vec<String>,
    /// Tokens of the answer: `[T]`.
    pub answer: Vec<String>,
    /// Weights, a row a token of the answer: `[T, S]`.
    pub weights: Vec<Vec<f32>>,
}

/// Measures of a system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SystemRow {
    /// Name of the system, or of its game with a placebo reward.
    pub name: String,
    /// Way in which its answers were found.
    pub search: String,
    /// Measures of the answers.
    pub measures: AnswerMeasures,
    /// Share of examples on which an evaluator is fooled, where one was trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<f64>,
    /// Share of answers that are dull replies or begin with one, where such replies are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dull: Option<f64>,
    /// Mean turns of a conversation of the system with itself before a dull reply or a loop, where sources have several turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<f64>,
}

/// A source with the real answer and those of the systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answered {
    /// Source.
    pub source: String,
    /// Real answer.
    pub real: String,
    /// Answers, one a column.
    pub answers: Vec<String>,
}

/// Systems to be measured, and on what.
pub struct Measuring<'a> {
    /// Models by their names; true where their answers are shown.
    pub models: Vec<(String, bool, &'a EncoderDecoder)>,
    /// Real pairs.
    pub real: &'a Pairs,
    /// Vocabulary of both sides.
    pub vocabulary: &'a Vocabulary,
    /// Ways to find an answer.
    pub searches: Vec<Search>,
    /// Search by mutual information, where there is a model of sources given answers.
    pub mutual: Option<MutualSearch<'a, EncoderDecoder>>,
    /// Dull replies, without ends; none where they are not counted.
    pub dull: Vec<Vec<u32>>,
    /// Rules of a conversation of a system with itself, where sources have several turns.
    pub talk: Option<Talk>,
    /// Stream of the draws.
    pub stream: Stream,
    /// Evaluator of answers, where one can be trained.
    pub evaluator: Option<Evaluator<'a>>,
}

impl PairResults {
    /// Results of a finished training.
    pub fn of_training(
        config: &PairConfig,
        data: &PairData,
        trained: &TrainedPairs,
        summary: DataSummary,
    ) -> Self {
        let mut models: Vec<(String, bool, &EncoderDecoder)> =
            trained.systems.iter().map(|(system, model)| (system.to_string(), true, model)).collect();
        for (system, placebo, model) in &trained.controls {
            models.push((format!("{system}, {placebo} reward"), false, model));
        }
        let count = data.valid.len().min(config.evaluation.sources);
        let real = data.valid.select(&(0..count).collect::<Vec<_>>());
        let mut results = Self::of_systems(&Measuring {
            models,
            real: &real,
            vocabulary: &data.vocabulary,
            searches: vec![
                Search::Beam(Beam::new(config.evaluation.beam)),
                Search::Draw(Decoding::default()),
            ],
            mutual: None,
            dull: vec![],
            talk: None,
            stream: Stream::new(config.seed).named("answers"),
            evaluator: None,
        });
        (results.data, results.collapses) = (summary, trained.collapses.clone());
        results
    }

    /// Results of systems on real pairs.
    pub fn of_systems(measuring: &Measuring<'_>) -> Self {
        let Measuring { models, real, vocabulary, searches, evaluator, .. } = measuring;
        let mut results = Self {
            program: "seqgan".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            data: DataSummary::default(),
            vocabulary: vocabulary.len(),
            sources: real.len(),
            systems: vec![],
            known_cases: evaluator.as_ref().map(Evaluator::known_cases),
            collapses: vec![],
            columns: vec![],
            answers: shown(real, vocabulary),
            attention: attended(models[0].2, real, vocabulary, Way::Alone(searches[0])),
        };
        for (name, is_shown, model) in models {
            let perplexity = perplexity(model.nll(&real.sources, &real.answers));
            let mutual = measuring.mutual.as_ref().map(Way::Mutual);
            for way in searches.iter().map(|&search| Way::Alone(search)).chain(mutual) {
                results.add(measuring, (name, *is_shown, model), perplexity, way);
            }
        }
        results
    }

    /// Adds a row of measures and, where it `is_shown`, a column of answers.
    fn add(
        &mut self,
        measuring: &Measuring<'_>,
        (name, is_shown, model): (&str, bool, &EncoderDecoder),
        perplexity: f64,
        way: Way<'_, EncoderDecoder>,
    ) {
        let Measuring { real, vocabulary, stream, evaluator, dull, talk, .. } = measuring;
        let answers = one_each(model, &real.sources, way, *stream);
        let written = Sequences::of(&answers);
        let row = SystemRow {
            name: name.to_owned(),
            search: way.to_string(),
            measures: measure_answers(perplexity, real, &written),
            success: evaluator.as_ref().map(|evaluator| evaluator.success(&written)),
            dull: (!dull.is_empty()).then(|| dull_share(&as_words(&written, None, Some(UNKNOWN)), dull)),
            turns: talk.as_ref().map(|talk| measuring.mean_turns(talk, model, way)),
        };
        if is_shown {
            self.columns.push(format!("{name}, {}", row.search));
            for (line, answer) in self.answers.iter_mut().zip(&answers) {
                line.answers.push(vocabulary.decode(answer));
            }
        }
        self.systems.push(row);
    }

    /// Returns one row for each system and search.
    pub fn table(&self) -> Table {
        let names =
            ["system", "answers", "perplexity", "BLEU-2", "BLEU-4", "distinct-1", "distinct-2", "length"];
        let judged = self.known_cases.is_some().then_some("fools");
        let counted = self.has(|row| row.dull).then_some("dull");
        let talked = self.has(|row| row.turns).then_some("turns");
        let mut table = Table::new(names.into_iter().chain(judged).chain(counted).chain(talked));
        for SystemRow { name, search, measures, success, dull, turns } in &self.systems {
            let scores = measures.bleu.iter().chain(&measures.distinct).map(|&value| Cell::score(value));
            let mut cells = vec![Cell::from(name.as_str()), Cell::from(search.as_str())];
            cells.push(Cell::Number(measures.perplexity, 2));
            cells.extend(scores);
            cells.push(Cell::Number(measures.length, 2));
            cells.extend(judged.map(|_| Cell::score(success.unwrap_or(f64::NAN))));
            cells.extend(counted.map(|_| Cell::score(dull.unwrap_or(f64::NAN))));
            cells.extend(talked.map(|_| Cell::Number(turns.unwrap_or(f64::NAN), 2)));
            table.row(cells);
        }
        table
    }

    fn has(&self, measure: impl Fn(&SystemRow) -> Option<f64>) -> bool {
        self.systems.iter().any(|row| measure(row).is_some())
    }

    /// Returns the table of answers: one line a source, one column a system.
    pub fn answer_table(&self) -> Table {
        let fixed = ["source", "real answer"].map(String::from);
        let mut table = Table::new(fixed.into_iter().chain(self.columns.iter().cloned()));
        for Answered { source, real, answers } in &self.answers {
            let texts = [source, real].into_iter().chain(answers);
            table.row(texts.map(|text| Cell::from(text.as_str())));
        }
        table
    }

    /// Returns the measures for a terminal, with some answers.
    pub fn text(&self) -> String {
        let mut out = self.render(Format::Text, "");
        for Answered { source, real, answers } in self.answers.iter().take(5) {
            out += &format!("\n> {source}\n  real: {real}\n");
            for (column, answer) in self.columns.iter().zip(answers) {
                out += &format!("  {column}: {answer}\n");
            }
        }
        out
    }

    /// Returns the measures and the answers as Markdown.
    pub fn markdown(&self) -> String {
        let answers = self.answer_table().render(Format::Markdown);
        format!("# Report\n\n{}\n## Answers\n\n{answers}", self.render(Format::Markdown, "- "))
    }

    fn render(&self, format: Format, bullet: &str) -> String {
        let mut out = self.table().render(format);
        out += &format!(
            "\n{bullet}measured on {} sources; corpus BLEU of the answers, each against the real one\n",
            self.sources
        );
        if let Some(known) = &self.known_cases {
            let KnownCases { real, shuffled, random } = known;
            out += &format!(
                "{bullet}fools: share of examples that an evaluator of its own, trained on three fifths of these pairs, tells \
                 wrongly; at best 0.5\n\
                 {bullet}where the answer is known: real against real {real:.3} (right: 0.5), shuffled sources {shuffled:.3} \
                 (0), random words {random:.3} (0); mean error of the evaluator {:.3}\n",
                known.error()
            );
        }
        if self.has(|row| row.dull) {
            out += &format!("{bullet}dull: share of answers that are a dull reply or begin with one\n");
        }
        if self.has(|row| row.turns) {
            out += &format!(
                "{bullet}turns: mean length of {} conversations of a system with itself, the source's last turn among them, before \
                 a dull reply, an empty one or a loop; {TURNS} at most\n",
                self.sources.min(TALKS)
            );
        }
        for collapse in &self.collapses {
            out += &format!("{bullet}COLLAPSE: {collapse}\n");
        }
        out
    }

    /// Reads `results.json`.
    ///
    /// # Errors
    /// A file that cannot be read, is not of this form, or has a row of answers of another length.
    pub fn read(path: &Path) -> Result<Self> {
        let results: Self = json_file::read(path)?;
        let columns = results.columns.len();
        for (index, row) in results.answers.iter().enumerate() {
            let (place, found) = (format!("answers[{index}].answers"), row.answers.len());
            expect_count(path, &place, &columns.to_string(), found, found == columns)?;
        }
        Ok(results)
    }
}

impl Measuring<'_> {
    /// Returns the mean number of turns before a conversation of `model` with itself dies, after the first sources.
    fn mean_turns(&self, talk: &Talk, model: &EncoderDecoder, way: Way<'_, EncoderDecoder>) -> f64 {
        let sources = &self.real.sources[..self.real.len().min(TALKS)];
        let stream = self.stream.named("turns");
        let talks = talk.conversations(sources, TURNS, |turn, now| {
            Sequences::of(&one_each(model, now, way, stream.at(turn as u64)))
        });
        let words = |talk: Vec<Vec<u32>>| as_words(&Sequences::of(&talk), None, Some(UNKNOWN));
        let alive = talks.into_iter().map(|talk| turns_alive(&words(talk), &self.dull));
        alive.sum::<usize>() as f64 / sources.len().max(1) as f64
    }
}

/// Returns one answer to each source.
fn one_each(
    model: &EncoderDecoder,
    sources: &[Source],
    way: Way<'_, EncoderDecoder>,
    stream: Stream,
) -> Vec<Vec<u32>> {
    let found = way.answers(model, sources, 1, stream);
    found.into_iter().map(|mut found| found.swap_remove(0)).collect()
}

/// Returns the attention of the answers to the first sources.
fn attended(
    model: &EncoderDecoder,
    real: &Pairs,
    vocabulary: &Vocabulary,
    way: Way<'_, EncoderDecoder>,
) -> Vec<Attended> {
    if model.shape().attention == AttentionKind::None {
        return vec![];
    }
    let sources = &real.sources[..real.len().min(PICTURES)];
    let answers = one_each(model, sources, way, Stream::new(0));
    let weights = model.attention_weights(sources, &Sequences::of(&answers));
    let names = |tokens: &[u32]| -> Vec<String> {
        let name = |&token: &u32| vocabulary.token(token).unwrap_or_default().to_owned();
        tokens.iter().map(name).collect()
    };
    let rounded = |weight: &f32| (weight * 1000.0).round() / 1000.0;
    let one = |((source, answer), weights): ((&Source, &Vec<u32>), &Array2<f32>)| Attended {
        source: names(source),
        answer: names(answer),
        weights: weights.rows().into_iter().map(|row| row.iter().map(rounded).collect()).collect(),
    };
    sources.iter().zip(&answers).zip(&weights).map(one).collect()
}

/// Returns the first sources and their real answers.
fn shown(real: &Pairs, vocabulary: &Vocabulary) -> Vec<Answered> {
    let rows = real.sources.iter().zip(real.answers.iter()).take(SHOWN);
    let one = |(source, answer): (&Source, &[u32])| Answered {
        source: vocabulary.decode(source),
        real: vocabulary.decode(answer),
        answers: vec![],
    };
    rows.map(one).collect()
}
