//! `irgan inspect`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::console;
use crate::cli::console::{print, print_text};
use crate::data::documents::{GradeMap, JudgementOptions, Judgements, TopicIds};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::evaluation::table::{Cell, Format, Table};
use crate::files::json_file;
use crate::ranking::documents::QuerySource;
use crate::ranking::features::{FeatureRanker, importance};
use crate::ranking::{Player, Ranker as _, documents, features, kind_of};
use crate::report;
use crate::seed::Stream;
use crate::team::Team;

/// Tell what a trained model is, on which data it was trained, and which features it needs
///
/// Without --importance: kind, method, players, command, data, validation measures, features and all settings. With
/// --importance: how much worse the model ranks judged data when the values of one feature are shuffled among the
/// documents of each query, as the mean and the deviation over the repeats, the most important feature first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan inspect runs/pair
  irgan inspect runs/pair --importance Fold1/test.txt
  irgan inspect runs/text --importance topics.tsv --index idx --qrels qrels.txt --measure AP --repeats 20")]
pub struct InspectArgs {
    /// Folder of a trained model
    model: PathBuf,
    /// Judged data for the importance of features: LETOR / SVMlight; for a model of texts, queries
    #[arg(long, value_name = "DATA")]
    importance: Option<PathBuf>,
    /// Folder of the index, for a model of texts
    #[arg(long, requires_all = ["importance", "qrels"])]
    index: Option<PathBuf>,
    /// Judgements of the queries, for a model of texts
    #[arg(long, requires = "index")]
    qrels: Option<PathBuf>,
    /// New grades for those of --qrels, as FROM=TO,FROM=TO,…
    #[arg(long, requires = "qrels")]
    grades: Option<GradeMap>,
    /// Ids of the queries in --qrels
    #[arg(long, default_value = "as-written", requires = "index")]
    query_ids: TopicIds,
    /// Run that the documents come from, for a model of a run's candidates
    #[arg(long, value_name = "RUN", requires = "index")]
    candidates: Option<PathBuf>,
    /// Measure that the importance is of [default: the one that chose the model]
    #[arg(long, requires = "importance")]
    measure: Option<Measure>,
    /// Number of shuffles of every feature
    #[arg(long, default_value_t = 5, requires = "importance", value_parser = clap::value_parser!(u16).range(1..=1000))]
    repeats: u16,
    /// Player that ranks [default: the one chosen on the validation data]
    #[arg(long, requires = "importance")]
    player: Option<Player>,
    /// Seed of the shuffles
    #[arg(long, default_value_t = 1, requires = "importance")]
    seed: u64,
    /// Format of what is told
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub fn run(args: &InspectArgs) -> Result<()> {
    match &args.importance {
        Some(data) => args.tell_importance(data),
        None => describe(&args.model, args.format),
    }
}

/// Prints the properties of a model.
fn describe(model: &Path, format: Format) -> Result<()> {
    let found = report::inspect(model)?;
    match format {
        Format::Json => print(&(json_file::text(&found)? + "\n")),
        Format::Text => print_text(&listed(&found)),
        _ => {
            let mut table = Table::new(["property", "value"]);
            for (name, value) in flattened(&found) {
                table.row([Cell::from(name), Cell::from(value)]);
            }
            print(&table.render(format))
        }
    }
}

/// Properties in the order in which they are read.
const ORDER: [&str; 22] = [
    "model",
    "kind",
    "method",
    "player",
    "models",
    "parameters",
    "command",
    "version",
    "files",
    "training",
    "validation",
    "chosen-by",
    "measures",
    "baselines",
    "features",
    "file-features",
    "selection",
    "users",
    "items",
    "normalization",
    "retrieval",
    "settings",
];

/// Returns the properties as lines, settings by their names below.
fn listed(found: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (name, value) in ORDER.iter().filter_map(|name| Some((*name, found.get(*name)?))) {
        match value {
            Value::Object(fields) if ["settings", "retrieval"].contains(&name) => {
                let _ = writeln!(text, "\n{name}");
                for (name, value) in flattened(fields) {
                    let _ = writeln!(text, "  {name} = {value}");
                }
            }
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    let name = if place == 0 { name } else { "" };
                    let _ = writeln!(text, "{name:<14} {}", shown(item));
                }
            }
            value => {
                let _ = writeln!(text, "{name:<14} {}", shown(value));
            }
        }
    }
    text
}

/// Returns a value on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => format!("{:.4}", number.as_f64().unwrap_or(f64::NAN)),
        Value::Object(fields) => {
            let pairs = fields.iter().map(|(name, value)| match value {
                Value::Object(_) => format!("{name} ({})", shown(value)),
                value => format!("{name} {}", shown(value)),
            });
            pairs.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// Returns settings by their full names, `generator.entropy`.
fn flattened(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let one = |(name, value): (&String, &Value)| match value {
        Value::Object(inner) => {
            flattened(inner).into_iter().map(|(inner, value)| (format!("{name}.{inner}"), value)).collect()
        }
        Value::String(text) => vec![(name.clone(), text.clone())],
        other => vec![(name.clone(), other.to_string())],
    };
    fields.iter().flat_map(one).collect()
}

impl InspectArgs {
    /// Prints the importance of every feature on `data`.
    fn tell_importance(&self, data: &Path) -> Result<()> {
        let folder = self.model.as_path();
        let kind = kind_of(folder)?;
        if kind != FeatureRanker::KIND {
            return Err(Error::data(
                folder,
                format!("a model of {kind} has no features whose importance could be measured"),
            ));
        }
        let listener = &mut console::terminal();
        let (model, set) = match (&self.index, &self.qrels) {
            (Some(index), Some(qrels)) => {
                let judgements = Judgements::read(qrels, &JudgementOptions { grades: self.grades.clone() })?;
                let run = self.candidates.as_deref();
                let ids = self.query_ids;
                let source = QuerySource { index, queries: data, ids, run, team: Team::ALONE };
                documents::judged(folder, &source, &judgements, listener)?
            }
            _ if folder.join("retrieval.toml").is_file() => {
                return Err(Error::Config(
                    "this model ranks texts: --importance takes queries, and needs --index and --qrels"
                        .into(),
                ));
            }
            _ => features::judged(folder, data, listener)?,
        };
        let measure = self.chosen_measure()?;
        let player = self.player.unwrap_or(model.chosen());
        let stream = Stream::new(self.seed);
        let found = importance(&model, &set, player, &measure, self.repeats.into(), stream)?;
        let mut table = Table::new(["feature".to_owned(), format!("loss of {measure}"), "deviation".into()]);
        for feature in &found.features {
            let numbers = [feature.loss, feature.deviation].map(Cell::score);
            table.row([Cell::from(feature.feature.as_str())].into_iter().chain(numbers));
        }
        note!(
            "{}: {measure} {:.4} by {} with all features; loss by shuffling one, mean and deviation of {} shuffles",
            data.display(),
            found.value,
            report_name(player),
            self.repeats
        );
        print(&table.render(self.format))
    }

    /// Returns the measure that was asked for, that of the training, or nDCG@10.
    fn chosen_measure(&self) -> Result<Measure> {
        if let Some(measure) = self.measure {
            return Ok(measure);
        }
        let found = report::inspect(&self.model)?;
        let named =
            found.get("settings").and_then(|settings| settings.get("measure")).and_then(Value::as_str);
        named.unwrap_or("nDCG@10").parse()
    }
}

fn report_name(player: Player) -> &'static str {
    match player {
        Player::G => "the generator",
        Player::D => "the discriminator",
        Player::Both => "both players",
        Player::Single => "the ranker",
        Player::Prior => "the prior alone",
        Player::Each => "each model's choice",
    }
}
