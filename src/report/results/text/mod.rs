//! `results.json` of a text run: generators side by side over temperatures, and maximum likelihood at matched quality.

mod comparison;
mod printed;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use comparison::{LikelihoodControl, TextControl};

use super::{DataSummary, expect_count};
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::files::json_file;
use crate::seed::Stream;
use crate::text::{Curve, Grammatical, SentenceWriter, TextConfig, TextData, TrainedText, controls, sweep};

/// Numbers and sentences about some generators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TextResults {
    /// `seqgan`.
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// Data that were trained on; in an evaluation, the sentences that were compared with.
    pub data: DataSummary,
    /// Tokens of the vocabulary; 0 in the results of older versions.
    #[serde(default)]
    pub vocabulary: usize,
    /// NLL_oracle of the oracle's own sentences, in nats a token.
    pub floor: Option<f64>,
    /// Signs of collapse with what was done about them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collapses: Vec<String>,
    /// Games with placebo rewards against the real one.
    pub controls: Vec<TextControl>,
    /// The game against other models of maximum likelihood: another start, the ensemble, what was distilled from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub likelihood_controls: Vec<LikelihoodControl>,
    /// Comparisons in sentences.
    pub notes: Vec<String>,
    /// Every generator over temperatures; the others are compared with the first.
    pub curves: Vec<Curve>,
    /// Reverse NLLs, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reverse: Vec<ReverseNll>,
    /// Sentences of every generator, where tokens have names.
    pub samples: Vec<Samples>,
}

/// Likelihood of real sentences under a model that was trained on a generator's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReverseNll {
    /// Name of the generator.
    pub name: String,
    /// Negative log-likelihood, in nats a token.
    #[serde(deserialize_with = "json_file::number")]
    pub reverse_nll: f64,
}

/// Sentences of a generator at temperature 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// Name of the generator.
    pub name: String,
    /// First sentences of one stream, not selected.
    pub sentences: Vec<String>,
}

impl TextResults {
    /// Results of a finished training.
    pub fn of_training(
        config: &TextConfig,
        data: &TextData,
        trained: &TrainedText,
        summary: DataSummary,
    ) -> Self {
        let mut generators: Vec<(String, &dyn SentenceWriter)> =
            vec![("mle".to_owned(), &trained.likelihood), ("gan".to_owned(), &trained.generator)];
        for (control, generator) in &trained.controls {
            generators.push((format!("{control} reward"), generator));
        }
        let of_likelihood = controls(trained.ensemble.as_ref(), trained.distilled.as_ref());
        let names: Vec<String> = of_likelihood.iter().map(|(name, _)| name.clone()).collect();
        generators.extend(of_likelihood);
        let held_out = data.oracle.as_ref().map_or(&data.valid, |oracle| &oracle.test);
        let evaluation = &config.evaluation;
        let mut report = Self::of_generators(
            &generators,
            data,
            held_out,
            &evaluation.temperatures,
            evaluation.sentences,
            Stream::new(config.seed).named("sweep"),
        );
        (report.data, report.collapses) = (summary, trained.collapses.clone());
        let controls = trained.controls.iter().map(|(control, _)| *control);
        report.controls = comparison::verdicts(&report.curves, report.floor, controls);
        report.likelihood_controls = comparison::against_likelihood(&report.curves, report.floor, &names);
        report.notes.extend(report.controls.iter().map(|control| control.verdict.clone()));
        report.notes.extend(report.likelihood_controls.iter().map(|control| control.verdict.clone()));
        report.notes.extend(trained.collapses.iter().map(|collapse| format!("COLLAPSE: {collapse}")));
        report
    }

    /// Results of named generators; the others are compared with the first.
    pub fn of_generators(
        generators: &[(String, &dyn SentenceWriter)],
        data: &TextData,
        held_out: &Sequences,
        temperatures: &[f32],
        count: usize,
        stream: Stream,
    ) -> Self {
        let mut temperatures = temperatures.to_vec();
        temperatures.push(1.0);
        temperatures.sort_by(f32::total_cmp);
        temperatures.dedup();
        let curve = |(name, generator): &(String, &dyn SentenceWriter)| {
            sweep(name, *generator, data, held_out, &temperatures, count, stream)
        };
        let curves: Vec<Curve> = generators.iter().map(curve).collect();
        let floor = data.oracle.as_ref().map(|oracle| oracle.floor);
        let mut notes = comparison::at_matched_quality(&curves, floor);
        notes.extend(comparison::held_out_unknown(&data.words(held_out)));
        notes.extend(data.grammatical(held_out).map(|Grammatical { entropy, .. }| {
            let count = held_out.len();
            format!("grammar: the entropy of the {count} held-out sentences is {entropy:.4}; fewer draws have less")
        }));
        let mut report = Self {
            program: "seqgan".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            data: DataSummary::default(),
            vocabulary: data.vocabulary_size,
            floor,
            collapses: vec![],
            controls: vec![],
            likelihood_controls: vec![],
            notes,
            curves,
            reverse: vec![],
            samples: vec![],
        };
        if let Some(vocabulary) = &data.vocabulary {
            for (name, generator) in generators {
                let drawn = generator.write(8, stream.named("samples"));
                let sentences = drawn.iter().map(|s| vocabulary.decode(s)).collect();
                report.samples.push(Samples { name: name.clone(), sentences });
            }
        }
        report
    }

    /// Reads `results.json`, or the `report.json` of an older version.
    ///
    /// # Errors
    /// A file that cannot be read, is not of this form, or has a generator without a temperature.
    pub fn read(path: &Path) -> Result<Self> {
        let results: Self = json_file::read(path)?;
        for (index, curve) in results.curves.iter().enumerate() {
            let points = curve.points.len();
            expect_count(path, &format!("curves[{index}].points"), "at least 1", points, points > 0)?;
        }
        Ok(results)
    }
}
