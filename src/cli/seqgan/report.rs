//! The report of a run: generators side by side, the quality–diversity curve, and what maximum likelihood
//! reaches at the same quality.

use crate::error::{Error, Result};
use crate::evaluation::table::{Cell, Format, Table};
use crate::seed::Stream;
use crate::text::{Curve, Generator, Point, Sequences, TextConfig, TextData, TrainedText, sweep};

/// Tables and sentences about some generators.
#[derive(Debug)]
pub struct Report {
    curves: Vec<Curve>,
    floor: Option<f64>,
    notes: Vec<String>,
    reverse: Vec<(String, f64)>,
    samples: Vec<(String, Vec<String>)>,
}

impl Report {
    /// Of a finished training.
    pub fn of_training(config: &TextConfig, data: &TextData, trained: &TrainedText) -> Self {
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
            floor: data.oracle.as_ref().map(|oracle| oracle.floor),
            notes: vec![],
            reverse: vec![],
            samples: vec![],
            curves,
        };
        report.compare();
        if let Some(vocabulary) = &data.vocabulary {
            for (name, generator) in generators {
                let drawn = generator.draw(8, stream.named("samples"));
                report.samples.push((name.clone(), drawn.iter().map(|s| vocabulary.decode(s)).collect()));
            }
        }
        report
    }

    /// The same with reverse NLLs, for [`Report::json`].
    pub fn with_reverse(self, reverse: Vec<(String, f64)>) -> Self {
        Self { reverse, ..self }
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
                    let verdict = if gain >= 0.05 { "better somewhere" } else { "nowhere better by 0.05" };
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

    fn table(&self) -> Table {
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
        for (name, sentences) in &self.samples {
            out += &format!("\nsentences of {name}:\n\n");
            sentences.iter().for_each(|sentence| out += &format!("    {sentence}\n"));
        }
        out
    }

    /// Every number, for other programs.
    pub fn json(&self) -> Result<String> {
        let mut value =
            serde_json::json!({ "floor": self.floor, "curves": self.curves, "notes": self.notes });
        if !self.reverse.is_empty() {
            let named = |(name, nll): &(String, f64)| serde_json::json!({ "name": name, "reverse_nll": nll });
            value["reverse"] = self.reverse.iter().map(named).collect();
        }
        serde_json::to_string_pretty(&value).map_err(|cause| Error::Config(cause.to_string()))
    }
}

/// The point at temperature 1.
fn one(curve: &Curve) -> &Point {
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
