//! `results.json` of a training of lines: real lines, the start, the chosen round and the last one.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{DataSummary, GRAMMAR_NOTE, Samples};
use crate::error::Result;
use crate::evaluation::table::{Cell, Format, Table};
use crate::files::json_file;
use crate::text::wgan::{LineMeasures, TrainedLines, WganConfig};

/// Numbers and lines of a training of lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LineResults {
    /// `seqgan`.
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// Data that were trained on.
    pub data: DataSummary,
    /// Round whose generator is the model, chosen by the validation lines; 0 is the start.
    pub round: usize,
    /// Signs of collapse with what was done about them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collapses: Vec<String>,
    /// Measures against the validation lines, real lines first.
    pub rows: Vec<LineRow>,
    /// Lines of every row, not selected.
    pub samples: Vec<Samples>,
}

/// Measures of some lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LineRow {
    /// Source of the lines.
    pub name: String,
    /// Their measures.
    #[serde(flatten)]
    pub measures: LineMeasures,
}

impl LineResults {
    /// Results of a finished training.
    pub fn of_training(config: &WganConfig, trained: &TrainedLines, data: DataSummary) -> Self {
        let method = config.objective.name();
        let names = [
            "training lines".to_owned(),
            format!("{method}, start"),
            format!("{method}, round {}", trained.round),
            format!("{method}, last round"),
        ];
        let row =
            |(name, measures): (&String, &LineMeasures)| LineRow { name: name.clone(), measures: *measures };
        let rows = names.iter().zip(&trained.measures).map(row).collect();
        let sample = |(name, sentences): (&String, &Vec<String>)| Samples {
            name: name.clone(),
            sentences: sentences.clone(),
        };
        Self {
            program: "seqgan".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            data,
            round: trained.round,
            collapses: trained.collapses.clone(),
            rows,
            samples: names.iter().zip(&trained.samples).map(sample).collect(),
        }
    }

    /// Reads the results of a run.
    ///
    /// # Errors
    /// When the file cannot be read or is not such results.
    pub fn read(path: &Path) -> Result<Self> {
        json_file::read(path)
    }

    /// Returns one row of measures for each source of lines.
    pub fn table(&self) -> Table {
        line_table(self.rows.iter().map(|row| (row.name.as_str(), &row.measures)))
    }

    /// Returns the table and some lines for a terminal.
    pub fn text(&self) -> String {
        self.render(Format::Text, "")
    }

    /// Returns the table and some lines as Markdown.
    pub fn markdown(&self) -> String {
        format!("# Report\n\n{}", self.render(Format::Markdown, "- "))
    }

    fn render(&self, format: Format, bullet: &str) -> String {
        let mut out = self.table().render(format);
        out.push('\n');
        for collapse in &self.collapses {
            out += &format!("{bullet}COLLAPSE: {collapse}\n");
        }
        out += &format!(
            "{bullet}words: share that stands in the training lines; JS-n: divergence of n-grams from the validation lines, in nats, \
             at most {:.4}; training lines show what a perfect copy has, whose words are 1\n{bullet}round {} was chosen by the validation lines\n",
            std::f64::consts::LN_2,
            self.round
        );
        if self.rows.iter().any(|row| row.measures.language.is_some()) {
            out += &format!("{bullet}{GRAMMAR_NOTE}\n");
        }
        if let Some(samples) = self.samples.get(2) {
            out += &format!("\n{bullet}lines of {}:\n", samples.name);
            samples.sentences.iter().for_each(|line| out += &format!("    {line}\n"));
        }
        out
    }
}

/// Returns a table of measures of lines, a row a name.
pub fn line_table<'a>(rows: impl Iterator<Item = (&'a str, &'a LineMeasures)>) -> Table {
    let rows: Vec<_> = rows.collect();
    let has_grammar = rows.iter().any(|(_, measures)| measures.language.is_some());
    let of_language: &[&str] = if has_grammar { &["grammatical", "entropy"] } else { &[] };
    let columns = ["lines", "words", "JS-1", "JS-2", "JS-3", "JS-4", "distinct"];
    let mut table = Table::new(columns.iter().chain(of_language).copied());
    for (name, LineMeasures { words, js, distinct, language }) in rows {
        let language = language.iter().flat_map(|found| [found.share, found.entropy]);
        let scores = [*words].into_iter().chain(*js).chain([*distinct]).chain(language);
        table.row([Cell::from(name)].into_iter().chain(scores.map(Cell::score)));
    }
    table
}
