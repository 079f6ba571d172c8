//! `report.json` of a text run: generators side by side, the quality–diversity curve, and what maximum likelihood
//! reaches at the same quality.

use serde::{Deserialize, Serialize};

use super::DataSummary;
use crate::data::sentences::Sequences;
use crate::evaluation::table::{Cell, Format, Table};
use crate::files::json_file;
use crate::game::RewardControl;
use crate::seed::Stream;
use crate::text::models::Generator;
use crate::text::{Curve, Point, TextConfig, TextData, TrainedText, sweep};

/// Numbers and sentences about some generators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TextResults {
    /// `seqgan`.
    pub program: String,
    /// The program's version.
    pub version: String,
    /// What was trained on; in an evaluation, the sentences that were compared with.
    pub data: DataSummary,
    /// NLL_oracle of the oracle's own sentences, in nats a token.
    pub floor: Option<f64>,
    /// What was seen of collapse, and done about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collapses: Vec<String>,
    /// Whether the judge's reward beat its controls.
    pub controls: Vec<TextControl>,
    /// Comparisons in sentences.
    pub notes: Vec<String>,
    /// Every generator over temperatures; the first is what the others are compared with.
    pub curves: Vec<Curve>,
    /// Reverse NLLs, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reverse: Vec<ReverseNll>,
    /// Sentences of every generator, where tokens have names.
    pub samples: Vec<Samples>,
}

/// The game with a control in the reward's place, against the real one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TextControl {
    /// What was paid.
    pub control: RewardControl,
    /// Whether the judge's reward did better at equal coverage (oracle) or quality (text).
    pub is_beaten: bool,
    /// The finding in words.
    pub verdict: String,
}

/// How well a model trained on a generator's sentences predicts real ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReverseNll {
    /// The generator.
    pub name: String,
    /// Nats a token.
    #[serde(deserialize_with = "json_file::number")]
    pub reverse_nll: f64,
}

/// What a generator writes at temperature 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// The generator.
    pub name: String,
    /// Its first sentences of one stream, not selected.
    pub sentences: Vec<String>,
}

impl TextResults {
    /// Of a finished training.
    pub fn of_training(
        config: &TextConfig,
        data: &TextData,
        trained: &TrainedText,
        summary: DataSummary,
    ) -> Self {
        let mut generators =
            vec![("mle".to_owned(), &trained.likelihood), ("gan".to_owned(), &trained.generator)];
        let controls = trained.controls.iter();
        generators.extend(controls.map(|(control, generator)| (format!("{control} reward"), generator)));
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
        report.judge(trained.controls.iter().map(|(control, _)| *control));
        report.notes.extend(trained.collapses.iter().map(|collapse| format!("COLLAPSE: {collapse}")));
        report
    }

    /// Of named generators; the first is what the others are compared with.
    pub fn of_generators(
        generators: &[(String, &Generator)],
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
        let curve = |(name, generator): &(String, &Generator)| {
            sweep(name, generator, data, held_out, &temperatures, count, stream)
        };
        let curves: Vec<Curve> = generators.iter().map(curve).collect();
        let mut report = Self {
            program: "seqgan".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            data: DataSummary::default(),
            floor: data.oracle.as_ref().map(|oracle| oracle.floor),
            collapses: vec![],
            controls: vec![],
            notes: vec![],
            curves,
            reverse: vec![],
            samples: vec![],
        };
        report.compare();
        if let Some(vocabulary) = &data.vocabulary {
            for (name, generator) in generators {
                let drawn = generator.draw(8, stream.named("samples"));
                let sentences = drawn.iter().map(|s| vocabulary.decode(s)).collect();
                report.samples.push(Samples { name: name.clone(), sentences });
            }
        }
        report
    }

    /// What taking the judge's reward away did: the adversarial generator against every control.
    fn judge(&mut self, controls: impl Iterator<Item = RewardControl>) {
        let curve = |name: &str| self.curves.iter().find(|curve| curve.name == name);
        let Some(real) = curve("gan") else { return };
        let verdict = |control: RewardControl| {
            let name = format!("{control} reward");
            let (gain, found) = match (curve(&name)?, self.floor) {
                (other, Some(_)) => best_gain(other, real).map(|(gain, ..)| {
                    (gain - ORACLE_MARGIN, format!("best gain at equal NLL_test {gain:+.4} NLL_oracle"))
                })?,
                (other, None) => {
                    let at = one(real);
                    let same = other.matched(|p| p.bleu[1], at.bleu[1], |p| p.self_bleu[1])?;
                    let gain = same - at.self_bleu[1];
                    (gain - TEXT_MARGIN, format!("{gain:+.4} less self-BLEU-3 at equal BLEU-3"))
                }
            };
            let is_beaten = gain >= 0.0;
            let judged = match is_beaten {
                true => "the judge's reward did better than the control",
                false => "the control did as well; the judge's reward is not shown to help",
            };
            let verdict = format!("reward: against a {name}, {found}: {judged}");
            Some(TextControl { control, is_beaten, verdict })
        };
        self.controls = controls.filter_map(verdict).collect();
        self.notes.extend(self.controls.iter().map(|control| control.verdict.clone()));
    }

    /// What the first generator reaches at the quality of each other one.
    fn compare(&mut self) {
        let Some((base, others)) = self.curves.split_first() else { return };
        for other in others {
            let at = one(other);
            let (name, base_name) = (&other.name, &base.name);
            if self.floor.is_some() {
                let same_quality = base.matched(|p| p.nll_oracle, at.nll_oracle, |p| p.nll_test);
                self.notes.push(match same_quality {
                    Some(nll) => format!(
                        "{name} at NLL_oracle {:.4}: NLL_test {:.4}; {base_name} at matched quality: {nll:.4} \
                         ({:+.4} for {name}, smaller is better)",
                        at.nll_oracle,
                        at.nll_test,
                        at.nll_test - nll
                    ),
                    None => format!("{name}: NLL_oracle {:.4} lies outside {base_name}'s curve", at.nll_oracle),
                });
                if let Some((gain, point, matched)) = best_gain(base, other) {
                    let verdict =
                        if gain >= ORACLE_MARGIN { "better somewhere" } else { "nowhere better by 0.05" };
                    self.notes.push(format!(
                        "{name} against {base_name}'s temperature curve at equal NLL_test: {verdict} (best at τ {:.2}: \
                         NLL_test {:.4}, NLL_oracle {:.4} against {matched:.4}, gain {gain:+.4})",
                        point.temperature, point.nll_test, point.nll_oracle
                    ));
                }
            } else {
                let matched = base.matched(|p| p.bleu[1], at.bleu[1], |p| p.self_bleu[1]);
                self.notes.push(match matched {
                    Some(same) => format!(
                        "{name} at BLEU-3 {:.4}: self-BLEU-3 {:.4}; {base_name} at matched quality: {same:.4} \
                         ({:+.4} for {name}, smaller is more diverse)",
                        at.bleu[1],
                        at.self_bleu[1],
                        at.self_bleu[1] - same
                    ),
                    None => format!("{name}: BLEU-3 {:.4} lies outside {base_name}'s curve", at.bleu[1]),
                });
            }
        }
    }

    /// One row for each generator and temperature.
    pub fn table(&self) -> Table {
        let oracle = self.floor.is_some();
        let mut header = vec!["generator".to_owned(), "τ".to_owned()];
        if oracle {
            header.extend(["NLL_oracle", "above floor"].map(String::from));
        }
        header.push("NLL_test".into());
        if !oracle {
            header.extend((2..=5).map(|n| format!("BLEU-{n}")));
            header.extend((2..=5).map(|n| format!("self-BLEU-{n}")));
        }
        header.extend(["distinct-1", "distinct-2", "tokens"].map(String::from));
        let mut table = Table::new(header);
        for curve in &self.curves {
            for point in &curve.points {
                let mut cells =
                    vec![Cell::from(curve.name.as_str()), Cell::Number(f64::from(point.temperature), 2)];
                if let Some(floor) = self.floor {
                    cells.extend([Cell::score(point.nll_oracle), Cell::score(point.nll_oracle - floor)]);
                }
                cells.push(Cell::score(point.nll_test));
                if !oracle {
                    cells.extend(point.bleu.iter().chain(&point.self_bleu).map(|&value| Cell::score(value)));
                }
                cells.extend(point.distinct.map(Cell::score));
                cells.push(Cell::count(point.tokens));
                table.row(cells);
            }
        }
        table
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        self.render(Format::Text, "")
    }

    /// For a file.
    pub fn markdown(&self) -> String {
        format!("# Report\n\n{}", self.render(Format::Markdown, "- "))
    }

    fn render(&self, format: Format, bullet: &str) -> String {
        let mut out = self.table().render(format);
        out.push('\n');
        if let Some(floor) = self.floor {
            out += &format!(
                "{bullet}floor: the oracle's own sentences have NLL_oracle {floor:.4}; below it is collapse\n"
            );
        } else {
            out += &format!(
                "{bullet}BLEU: smoothing method 1, all held-out sentences as references; self-BLEU excludes the sentence itself\n"
            );
        }
        for note in &self.notes {
            out += &format!("{bullet}{note}\n");
        }
        for Samples { name, sentences } in &self.samples {
            out += &format!("\nsentences of {name}:\n\n");
            sentences.iter().for_each(|sentence| out += &format!("    {sentence}\n"));
        }
        out
    }
}

/// A smaller gain in NLL_oracle at equal NLL_test is called none, in nats a token.
const ORACLE_MARGIN: f64 = 0.05;
/// A smaller gain in self-BLEU-3 at equal BLEU-3 is called none.
const TEXT_MARGIN: f64 = 0.01;

/// The point at temperature 1.
pub(in crate::report) fn one(curve: &Curve) -> &Point {
    let distance = |p: &&Point| (p.temperature - 1.0).abs();
    curve.points.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).expect("a sweep has temperature 1")
}

/// The largest gain in NLL_oracle of `other` over `base` at equal NLL_test: (gain, point, the base's value).
/// Both curves are read on the side of temperatures up to the one with the best NLL_test, where quality is
/// bought with coverage.
fn best_gain<'a>(base: &Curve, other: &'a Curve) -> Option<(f64, &'a Point, f64)> {
    let gain = |point: &'a Point| {
        let matched = base.matched(|p| p.nll_test, point.nll_test, |p| p.nll_oracle)?;
        Some((matched - point.nll_oracle, point, matched))
    };
    other.points.iter().filter_map(gain).max_by(|a, b| a.0.total_cmp(&b.0))
}
