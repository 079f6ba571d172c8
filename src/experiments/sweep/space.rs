//! The settings that vary, and the points that are tried.

use std::str::FromStr;

use rand::Rng as _;
use toml::{Table, Value};

use crate::error::{Error, Result};
use crate::ranking::TrainConfig;
use crate::seed::{Rng, Stream};

/// Most trainings of a sweep; more are a slip of the keyboard.
pub(super) const MOST_RUNS: usize = 100_000;

/// Setting with the values to try: `KEY=VALUE,VALUE,…`.
#[derive(Clone, Debug)]
pub struct Grid {
    key: String,
    values: Vec<String>,
}

/// Setting with the range to draw it from: `KEY=LOW..HIGH[:log]`.
#[derive(Clone, Debug)]
pub struct Range {
    key: String,
    low: f64,
    high: f64,
    log: bool,
}

impl FromStr for Grid {
    type Err = String;

    /// Reads `KEY=VALUE,VALUE,…`; commas inside brackets belong to a value.
    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected KEY=VALUE,VALUE,… such as generator.entropy=0.1,0.3".to_owned();
        let (key, list) = text.split_once('=').ok_or_else(expected)?;
        let mut depth = 0;
        let mut values = vec![String::new()];
        for c in list.chars() {
            depth += i32::from("[{".contains(c)) - i32::from("]}".contains(c));
            match c {
                ',' if depth == 0 => values.push(String::new()),
                c => values.last_mut().expect("there is one").push(c),
            }
        }
        let values: Vec<String> = values.into_iter().map(|value| value.trim().to_owned()).collect();
        if key.trim().is_empty() || values.iter().any(String::is_empty) {
            return Err(expected());
        }
        Ok(Self { key: key.trim().to_owned(), values })
    }
}

impl FromStr for Range {
    type Err = String;

    /// Reads `KEY=LOW..HIGH` or `KEY=LOW..HIGH:log`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = || {
            let (key, bounds) = text.split_once('=')?;
            let (bounds, log) = match bounds.strip_suffix(":log") {
                Some(bounds) => (bounds, true),
                None => (bounds, false),
            };
            let (low, high) = bounds.split_once("..")?;
            Some(Range {
                key: key.trim().to_owned(),
                low: low.trim().parse().ok()?,
                high: high.trim().parse().ok()?,
                log,
            })
        };
        let fits = |range: &Range| {
            let ordered = range.low.is_finite() && range.high.is_finite() && range.low < range.high;
            ordered && (!range.log || range.low > 0.0) && !range.key.is_empty()
        };
        parsed().filter(fits).ok_or_else(|| {
        "expected KEY=LOW..HIGH, or KEY=LOW..HIGH:log with LOW above 0, such as fit.optimizer.learning-rate=1e-4..1e-2:log"
            .into()
    })
    }
}

/// Settings to try.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Values of the settings that vary, in the order of their keys.
    pub values: Vec<Value>,
    /// All settings, with the seed of the sweep.
    pub config: TrainConfig,
}

/// The settings that vary around a base.
#[derive(Clone, Debug)]
pub(super) struct Space {
    base: TrainConfig,
    axes: Vec<Axis>,
}

#[derive(Clone, Debug)]
struct Axis {
    key: String,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    List(Vec<Value>),
    /// Uniform between two bounds, or with a uniform logarithm.
    Between {
        low: f64,
        high: f64,
        log: bool,
        whole: bool,
    },
}

impl Space {
    /// The space of `grids` and `ranges` around `base`.
    ///
    /// # Errors
    /// When a key is unknown, comes twice or is not to vary, or a value does not fit its key.
    pub(super) fn new(base: TrainConfig, grids: &[Grid], ranges: &[Range]) -> Result<Self> {
        let mut space = Self { base, axes: vec![] };
        for Grid { key, values } in grids {
            space.check_key(key)?;
            let mut list = vec![];
            for text in values {
                let value = literal(text);
                space.check_value(key, text, &value)?;
                if list.contains(&value) {
                    return Err(Error::Config(format!("{key}={text}: this value is given twice")));
                }
                list.push(value);
            }
            space.axes.push(Axis { key: key.clone(), values: Values::List(list) });
        }
        for &Range { ref key, low, high, log } in ranges {
            space.check_key(key)?;
            let whole = matches!(lookup(&space.table()?, key), Some(Value::Integer(_)));
            for bound in [low, high] {
                space.check_value(key, &bound.to_string(), &number(bound, whole))?;
            }
            space.axes.push(Axis { key: key.clone(), values: Values::Between { low, high, log, whole } });
        }
        Ok(space)
    }

    /// The keys that vary, lists before ranges.
    pub(super) fn keys(&self) -> Vec<&str> {
        self.axes.iter().map(|axis| axis.key.as_str()).collect()
    }

    /// Returns `true` when the values of key number `axis` lie on a logarithmic scale.
    pub(super) fn is_log(&self, axis: usize) -> bool {
        matches!(self.axes[axis].values, Values::Between { log: true, .. })
    }

    /// Every combination of the lists, the last key the fastest.
    pub(super) fn product(&self) -> Result<Vec<Point>> {
        let mut combinations: Vec<Vec<Value>> = vec![vec![]];
        for axis in &self.axes {
            let Values::List(list) = &axis.values else {
                return Err(Error::Config(format!(
                    "{}: a range needs a number of points to draw, `sweep.random`",
                    axis.key
                )));
            };
            let longer = |start: &Vec<Value>| {
                let start = start.clone();
                list.iter().map(move |value| [start.as_slice(), std::slice::from_ref(value)].concat())
            };
            combinations = combinations.iter().flat_map(longer).take(MOST_RUNS + 1).collect();
        }
        combinations.into_iter().map(|values| self.point(values)).collect()
    }

    /// `count` points drawn from lists and ranges; each key has a random stream of its own.
    pub(super) fn draw(&self, count: usize) -> Result<Vec<Point>> {
        let stream = Stream::new(self.base.seed).named("sweep");
        let drawn = |draw: usize| {
            let value = |axis: &Axis| axis.values.draw(&mut stream.named(&axis.key).at(draw as u64).rng());
            self.point(self.axes.iter().map(value).collect())
        };
        (0..count).map(drawn).collect()
    }

    fn point(&self, values: Vec<Value>) -> Result<Point> {
        let mut table = self.table()?;
        for (axis, value) in self.axes.iter().zip(&values) {
            put(&mut table, &axis.key, value.clone());
        }
        let named = |cause: String| {
            let parts: Vec<_> = self
                .axes
                .iter()
                .zip(&values)
                .map(|(axis, value)| format!("{}={}", axis.key, shown(value)))
                .collect();
            Error::Config(format!("{}: {cause}", parts.join(" ")))
        };
        let config: TrainConfig =
            table.try_into().map_err(|cause: toml::de::Error| named(cause.message().to_owned()))?;
        config.validate().map_err(|cause| named(cause.to_string()))?;
        Ok(Point { values, config })
    }

    /// The base as TOML.
    fn table(&self) -> Result<Table> {
        let mut table = Table::try_from(&self.base).map_err(|cause| Error::Config(cause.to_string()))?;
        // It is left out while it has its defaults.
        let interactions =
            Value::try_from(self.base.interactions).map_err(|cause| Error::Config(cause.to_string()))?;
        table.insert("interactions".into(), interactions);
        Ok(table)
    }

    fn check_key(&self, key: &str) -> Result<()> {
        if ["seed", "measure"].contains(&key) {
            let instead =
                if key == "seed" { "choose `sweep.seeds`" } else { "values of two measures do not compare" };
            return Err(Error::Config(format!("{key} cannot vary: {instead}")));
        }
        if self.axes.iter().any(|axis| axis.key == key) {
            return Err(Error::Config(format!("{key} is given twice")));
        }
        let known = self.settings()?;
        if known.iter().any(|name| name == key) {
            return Ok(());
        }
        let near = near(key, &known);
        Err(Error::Config(format!(
            "there is no setting `{key}`; near it: {} (see `sweep.settings`)",
            near.join(", ")
        )))
    }

    /// One value alone on the base; what is wrong with a combination shows when it is made.
    fn check_value(&self, key: &str, text: &str, value: &Value) -> Result<()> {
        let mut table = self.table()?;
        put(&mut table, key, value.clone());
        let found: Result<TrainConfig, toml::de::Error> = table.try_into();
        match found {
            Ok(_) => Ok(()),
            Err(cause) => Err(Error::Config(format!("{key}={text}: {}", cause.message()))),
        }
    }

    /// The names of all settings, dotted.
    fn settings(&self) -> Result<Vec<String>> {
        let mut names = OPTIONAL.map(str::to_owned).to_vec();
        collect(&self.table()?, "", &mut names);
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}

/// Settings that are not written where they are not set.
const OPTIONAL: [&str; 5] = [
    "bag",
    "discriminator.divergence",
    "discriminator.margin",
    "discriminator.optimizer.weight-clip",
    "features",
];

impl Values {
    fn draw(&self, rng: &mut Rng) -> Value {
        match *self {
            Self::List(ref list) => list[rng.random_range(0..list.len())].clone(),
            Self::Between { low, high, log, whole } => {
                let share: f64 = rng.random();
                let value = match log {
                    true => low * (high / low).powf(share),
                    false => low + share * (high - low),
                };
                number(value, whole)
            }
        }
    }
}

/// Returns a value as a table or a file shows it: numbers with four digits, words without quotes.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Float(value) => {
            let rounded: f64 = format!("{value:.3e}").parse().expect("a number it wrote");
            rounded.to_string()
        }
        other => other.to_string(),
    }
}

fn number(value: f64, whole: bool) -> Value {
    if whole { Value::Integer(value.round() as i64) } else { Value::Float(value) }
}

/// A number, truth value or list where it reads as one, else a word.
fn literal(text: &str) -> Value {
    let line = format!("value = {text}");
    let parsed: Option<Table> = toml::from_str(&line).ok();
    parsed.and_then(|mut table| table.remove("value")).unwrap_or_else(|| Value::String(text.to_owned()))
}

fn lookup<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((first, rest)) => lookup(table.get(first)?.as_table()?, rest),
    }
}

fn put(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => drop(table.insert(key.to_owned(), value)),
        Some((first, rest)) => {
            let inner = table.entry(first).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// The dotted names of the values in `table`.
fn collect(table: &Table, before: &str, names: &mut Vec<String>) {
    for (key, value) in table {
        let name = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
        match value {
            Value::Table(inner) => collect(inner, &name, names),
            _ => names.push(name),
        }
    }
}

/// The three names most like `key`, as a whole and in their last part.
fn near<'a>(key: &str, known: &'a [String]) -> Vec<&'a str> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness =
        |name: &str| strsim::jaro_winkler(name, key) + strsim::jaro_winkler(&last(name), &last(key));
    let mut sorted: Vec<&str> = known.iter().map(String::as_str).collect();
    sorted.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    sorted.truncate(3);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(grids: &[&str], ranges: &[&str]) -> Result<Space> {
        let grids: Vec<Grid> = grids.iter().map(|text| text.parse().expect(text)).collect();
        let ranges: Vec<Range> = ranges.iter().map(|text| text.parse().expect(text)).collect();
        Space::new(TrainConfig::default(), &grids, &ranges)
    }

    #[test]
    fn a_grid_is_every_combination() {
        let space = space(&["scorer.hidden=[],[8,4]", "generator.init=mle,none", "patience=3,4"], &[]);
        let points = space.expect("fits").product().expect("lists only");
        assert_eq!(points.len(), 8);
        let second = &points[5]; // the last key is the fastest: [8,4], mle, 4
        assert_eq!(second.config.scorer.hidden, [8, 4]);
        assert_eq!(second.config.generator.init.to_string(), "mle");
        assert_eq!(second.config.patience, 4);
    }

    #[test]
    fn draws_lie_in_their_ranges_and_a_new_key_moves_no_other() {
        let one = ["fit.optimizer.learning-rate=1e-4..1e-2:log"];
        let two = [one[0], "schedule.rounds=2..5"];
        let rates = |ranges: &[&str]| -> Vec<f32> {
            let points =
                space(&["generator.entropy=0.1,0.3"], ranges).expect("fits").draw(300).expect("valid");
            for point in &points {
                assert!((2..=5).contains(&point.config.schedule.rounds) || ranges.len() == 1);
                assert!([0.1, 0.3].contains(&point.config.generator.entropy));
            }
            points.iter().map(|point| point.config.fit.optimizer.learning_rate).collect()
        };
        let found = rates(&one);
        assert_eq!(found, rates(&two));
        assert!(found.iter().all(|rate| (1e-4..=1e-2).contains(rate)));
        // Half of the draws lie below the geometric mean: 150 ± 5 deviations of √75 ≈ 8.7.
        let low = found.iter().filter(|&&rate| rate < 1e-3).count();
        assert!((107..=193).contains(&low), "{low}");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (grids, ranges, parts) in [
            (vec!["generator.entrpy=1"], vec![], ["no setting `generator.entrpy`", "generator.entropy"]),
            (vec!["entropy=1"], vec![], ["no setting `entropy`", "generator.entropy"]),
            (vec!["schedule.rounds=1,many"], vec![], ["schedule.rounds=many", "expected usize"]),
            (vec!["generator.init=mle,nobody"], vec![], ["generator.init=nobody", "expected none, mle"]),
            (vec!["seed=1,2"], vec![], ["seed cannot vary", "sweep.seeds"]),
            (vec!["measure=AP"], vec![], ["measure cannot vary", "compare"]),
            (vec!["patience=1", "patience=2"], vec![], ["patience", "given twice"]),
            (vec!["patience=1,1"], vec![], ["patience=1", "given twice"]),
            (vec![], vec!["method=1..2"], ["method=1", "expected"]),
            (vec!["answers.pool=3"], vec![], ["no setting `answers.pool`", "near it"]),
        ] {
            let error = space(&grids, &ranges).expect_err("refused").to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
        let wrong = space(&["generator.temperature=0.5,-1", "patience=1"], &[]).expect("numbers");
        let error = wrong.product().expect_err("out of range").to_string();
        assert!(error.contains("generator.temperature=-1 patience=1: temperatures"), "{error}");
        assert!(space(&[], &["patience=1..9"]).expect("fits").product().is_err(), "a range is drawn from");
        assert!(["x", "=1", "a=", "a=1,"].iter().all(|text| text.parse::<Grid>().is_err()));
        assert!(
            ["a=1", "a=2..1", "a=0..1:log", "a=x..2", "=1..2"]
                .iter()
                .all(|text| text.parse::<Range>().is_err())
        );
    }
}
