//! Checks that README.md and the pages of `docs` are true: their command lines parse, their flags and links exist, and the
//! tables of settings hold every setting with its value.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Command;
use serde::Serialize;

use super::{irgan, seqgan};
use crate::game::Divergence;
use crate::nn::{MinibatchSize, Precision};
use crate::ranking::answers::AnswerConfig;
use crate::ranking::interactions::InteractionsConfig;
use crate::ranking::{Method, Preset, TrainConfig, TreesConfig, documents, interactions};
use crate::text::pairs::PairConfig;
use crate::text::wgan::WganConfig;
use crate::text::{TextConfig, TextPreset};

/// Most words of README.md.
const README_WORDS: usize = 900;

/// Flags of other programs that the documents name.
const FOREIGN_FLAGS: &[&str] = &[
    "array",
    "bench",
    "bin",
    "bind-to",
    "cpus-per-task",
    "dependency",
    "example",
    "help",
    "logdir",
    "map-by",
    "mca",
    "mem",
    "mpi",
    "no-default-features",
    "nocapture",
    "ntasks",
    "ntasks-per-node",
    "open",
    "parsable",
    "path",
    "random-source",
    "release",
    "rows",
    "size",
    "tasks",
    "wrap",
];

/// Headings of the flags of `train` that change a setting.
const SETTING_HEADINGS: [&str; 9] = [
    "Settings",
    "Settings of pairs",
    "Settings of lines",
    "Schedule",
    "Networks",
    "Players",
    "Policy gradient",
    "Baselines",
    "Answer selection",
];

/// Flags under those headings that are no setting of `config.toml`.
const NO_SETTINGS: [&str; 3] = ["preset", "config", "vectors"];

/// Commands of a line of shell, each as its words: quotes hold blanks together, `#` begins a comment, and what stands
/// behind a redirection is left out.
pub(super) fn shell_commands(line: &str) -> Vec<Vec<String>> {
    let (mut words, mut word, mut quoted) = (vec![], String::new(), false);
    for c in line.replace(';', " ; ").chars().chain([' ']) {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted && !word.is_empty() => words.push(std::mem::take(&mut word)),
            ' ' if !quoted => {}
            c => word.push(c),
        }
    }
    assert!(!quoted, "{line}");
    let comment = words.iter().position(|word| word.starts_with('#')).unwrap_or(words.len());
    let commands = words[..comment].split(|word| ["&&", "||", "|", ";"].contains(&word.as_str()));
    commands.map(|words| words.iter().take_while(|word| *word != ">").cloned().collect()).collect()
}

/// Path and text of every document for users and contributors.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["", "docs", "docs/guide", "datasets"].map(|folder| root.join(folder));
    let entries = folders.iter().flat_map(|folder| folder.read_dir().expect("a folder of documents"));
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let pages = paths.filter(|path| path.extension().is_some_and(|end| end == "md"));
    pages.map(|path| (path.clone(), std::fs::read_to_string(&path).expect("a text"))).collect()
}

/// Text of the page at `path`, below the root of the repository.
fn page(path: &str) -> String {
    let (_, text) = pages().into_iter().find(|(page, _)| page.ends_with(path)).expect("it is there");
    text
}

/// Lines of the blocks of a page that are marked as shell; a line that ends in a backslash goes on with the next one.
fn shell_lines(text: &str) -> Vec<String> {
    let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
    blocks
        .flat_map(|block| block.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// The words of a command of ours: `cargo run … --bin NAME --` becomes NAME, and a variable of the shell becomes 1.
fn ours(words: &[String]) -> Option<Vec<String>> {
    let first = words.first()?;
    let mut words = words.to_vec();
    if let (true, Some(name)) = (first == "cargo", words.iter().position(|word| word == "--bin")) {
        words.drain(..=name);
        words.retain(|word| word != "--");
    }
    words.iter_mut().filter(|word| word.starts_with('$')).for_each(|word| *word = "1".into());
    ["irgan", "seqgan"].contains(&words.first()?.as_str()).then_some(words)
}

#[test]
fn readme_is_short() {
    let words = page("README.md").split_whitespace().count();
    assert!(words <= README_WORDS, "README.md has {words} words, more than {README_WORDS}");
}

#[test]
fn commands_of_the_documents_parse() {
    let mut found = 0;
    for (path, text) in pages() {
        let commands = shell_lines(&text).iter().flat_map(|line| shell_commands(line)).collect::<Vec<_>>();
        for words in commands.iter().filter_map(|words| ours(words)) {
            let program = if words[0] == "irgan" { irgan::command() } else { seqgan::command() };
            let parsed = program.try_get_matches_from(&words);
            parsed.unwrap_or_else(|cause| panic!("{}: {}\n{cause}", path.display(), words.join(" ")));
            found += 1;
        }
    }
    assert!(found > 50, "only {found} commands were found");
}

/// Long flags, old names included, of the commands of both programs.
fn flags() -> BTreeSet<String> {
    let mut flags: BTreeSet<String> = FOREIGN_FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    for program in [irgan::command(), seqgan::command()] {
        for command in program.get_subcommands().chain([&program]) {
            for argument in command.get_arguments() {
                let old = argument.get_all_aliases().unwrap_or_default();
                flags.extend(argument.get_long().into_iter().chain(old).map(str::to_owned));
            }
        }
    }
    flags
}

/// Names of what looks like a long flag in a text.
fn named_flags(text: &str) -> impl Iterator<Item = &str> {
    // Rules of tables and anchors of links have dashes, too.
    let is_other = |c: char| c.is_alphanumeric() || "-|:".contains(c);
    let starts = text.match_indices("--").filter(move |(at, _)| !text[..*at].ends_with(is_other));
    let names = starts.map(|(at, _)| {
        let name = &text[at + 2..];
        let end = name.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        &name[..end.unwrap_or(name.len())]
    });
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
}

#[test]
fn flags_of_the_documents_exist() {
    let flags = flags();
    for (path, text) in pages() {
        for name in named_flags(&text) {
            assert!(flags.contains(name), "{}: there is no flag --{name}", path.display());
        }
    }
}

/// The anchor that a heading gets on GitHub.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn links_of_the_documents_lead_somewhere() {
    for (path, text) in pages() {
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            if file.starts_with("http") {
                continue;
            }
            let linked =
                if file.is_empty() { path.clone() } else { path.parent().expect("a folder").join(file) };
            assert!(linked.exists(), "{}: {target} does not exist", path.display());
            if !heading.is_empty() {
                let linked = std::fs::read_to_string(linked).expect("a text");
                let headings = linked.lines().filter(|line| line.starts_with('#'));
                let found =
                    headings.map(|line| anchor(line.trim_start_matches('#'))).any(|found| found == heading);
                assert!(found, "{}: {target} is no heading", path.display());
            }
        }
    }
}

/// Text of every source below the module `name` of the crate.
fn sources(name: &str) -> String {
    fn read(path: &Path) -> String {
        match path.read_dir() {
            Ok(entries) => entries.map(|entry| read(&entry.expect("a readable folder").path())).collect(),
            Err(_) => std::fs::read_to_string(path).unwrap_or_default(),
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name);
    read(&root) + &read(&root.with_extension("rs"))
}

#[test]
fn sources_named_by_the_architecture_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for span in page("ARCHITECTURE.md").split('`').skip(1).step_by(2) {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_/:.".contains(c);
        if !span.starts_with(|c: char| c.is_ascii_lowercase()) || !span.chars().all(is_word) {
            continue;
        }
        if let Some((module, path)) = span.split_once("::") {
            let item = path.rsplit("::").next().expect("a last part");
            assert!(sources(module).contains(item), "ARCHITECTURE.md: there is no {span}");
        } else if span.contains('/') {
            let found =
                [root.join(span), root.join("src").join(span), root.join("src").join(format!("{span}.rs"))];
            assert!(found.iter().any(|path| path.exists()), "ARCHITECTURE.md: there is no {span}");
        }
    }
}

/// Every setting by its dotted name, with its value as TOML writes it.
fn settings(config: &impl Serialize) -> BTreeMap<String, String> {
    let text = toml::to_string(config).expect("settings are TOML");
    let mut found = BTreeMap::new();
    flatten("", &text.parse().expect("what was just written"), &mut found);
    found
}

fn flatten(prefix: &str, table: &toml::Table, found: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let name = format!("{prefix}{key}");
        match value {
            toml::Value::Table(inner) if !["clip", "initializer"].contains(&key.as_str()) => {
                flatten(&format!("{name}."), inner, found);
            }
            toml::Value::Array(filters) if key == "filters" => {
                let shown = filters.iter().map(|filter| format!("{}:{}", filter["width"], filter["count"]));
                found.insert(name, shown.collect::<Vec<_>>().join(","));
            }
            value => drop(found.insert(name, value.to_string())),
        }
    }
}

/// The settings of a training of `irgan`, those of interactions and trees included.
fn ranking_settings(config: &TrainConfig) -> BTreeMap<String, String> {
    let mut found = settings(config);
    let unwritten = [
        ("interactions", settings(&InteractionsConfig::default())), // defaults are not written
        ("trees", settings(&TreesConfig::default())),
    ];
    for (table, defaults) in unwritten {
        for (name, value) in defaults {
            found.entry(format!("{table}.{name}")).or_insert(value);
        }
    }
    found
}

/// All settings of `irgan` with their defaults; an optional one is `None`.
fn ranking_defaults() -> BTreeMap<String, Option<String>> {
    let mut full = TrainConfig::for_answers(Preset::Authors, Method::IrganPairwise);
    full.features = Some("1".parse().expect("a feature"));
    full.choice.prior = Some("1".to_owned());
    full.zero_based = true;
    full.bag = 2;
    full.discriminator.divergence = Divergence::Wasserstein;
    full.discriminator.optimizer.weight_clip = 1.0;
    full.discriminator.optimizer.historical_average = 1.0;
    full.generator.optimizer.historical_average = 1.0;
    (full.schedule.freeze_d, full.schedule.freeze_g) = (Some(0.9), Some(0.5));
    let mut values = ranking_settings(&TrainConfig::default());
    let answers = settings(&AnswerConfig::default());
    values.extend(answers.into_iter().map(|(name, value)| (format!("answers.{name}"), value)));
    let names = ranking_settings(&full).into_keys();
    names.map(|name| (name.clone(), values.remove(&name))).collect()
}

/// Cells of the rows, without those of the head, of the table below the heading `## heading` of settings.md.
fn table(heading: &str) -> Vec<Vec<String>> {
    let text = page("docs/guide/settings.md");
    let (_, section) =
        text.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("## {heading}"));
    let section = section.split("\n## ").next().expect("it has a first part");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.map(cells).collect()
}

/// The row of a setting in a table: its name and its values, as they stand in settings.md.
fn row(name: &str, values: &[Option<String>]) -> Vec<String> {
    let shown =
        values.iter().map(|value| value.as_ref().map_or("–".to_owned(), |value| format!("`{value}`")));
    [format!("`{name}`")].into_iter().chain(shown).collect()
}

/// The first cells of the table below `heading` are these rows, in any order.
fn assert_table(heading: &str, expected: &[Vec<String>]) {
    let found = table(heading);
    let missing: Vec<String> = expected
        .iter()
        .filter(|row| !found.iter().any(|found| found.starts_with(row)))
        .map(|row| format!("| {} |", row.join(" | ")))
        .collect();
    assert!(missing.is_empty(), "settings.md, {heading}: these rows are missing:\n{}", missing.join("\n"));
    let superfluous: Vec<_> =
        found.iter().filter(|found| !expected.iter().any(|row| found.starts_with(row))).collect();
    assert!(superfluous.is_empty(), "settings.md, {heading}: {superfluous:?}");
}

/// The flags in the tables of settings.md are those of `train` that change a setting.
fn assert_flags(headings: &[&str], train: &Command) {
    let rows: Vec<_> = headings.iter().flat_map(|heading| table(heading)).collect();
    let named: BTreeSet<&str> = rows.iter().flat_map(|row| named_flags(&row[row.len() - 2])).collect();
    let is_setting = |argument: &&clap::Arg| match argument.get_help_heading() {
        Some(heading) => SETTING_HEADINGS.contains(&heading),
        None => false,
    };
    let flags = train.get_arguments().filter(is_setting).filter_map(clap::Arg::get_long);
    let flags: BTreeSet<&str> = flags.filter(|flag| !NO_SETTINGS.contains(flag)).collect();
    let missing: Vec<_> = flags.difference(&named).collect();
    assert!(missing.is_empty(), "settings.md names no setting of {missing:?}");
    let train: BTreeSet<&str> = train.get_arguments().filter_map(clap::Arg::get_long).collect();
    let unknown: Vec<_> = named.difference(&train).collect();
    assert!(unknown.is_empty(), "settings.md: `train` has no flags {unknown:?}");
}

#[test]
fn settings_of_irgan_are_documented() {
    let rows: Vec<_> =
        ranking_defaults().iter().map(|(name, value)| row(name, std::slice::from_ref(value))).collect();
    assert_table("irgan", &rows);
    let irgan = irgan::command();
    assert_flags(&["irgan"], irgan.find_subcommand("train").expect("a command"));
}

/// Rows of the settings that are not the same in all of `configs`; answer selection's own settings are left out.
fn differing(configs: &[TrainConfig]) -> Vec<Vec<String>> {
    let all: Vec<_> = configs.iter().map(ranking_settings).collect();
    let names: BTreeSet<_> =
        all.iter().flat_map(BTreeMap::keys).filter(|name| !name.starts_with("answers")).collect();
    let values = |name: &String| all.iter().map(|values| values.get(name).cloned()).collect::<Vec<_>>();
    let rows = names.into_iter().map(|name| (name, values(name)));
    rows.filter(|(_, values)| values.iter().any(|value| *value != values[0]))
        .map(|(name, values)| row(name, &values))
        .collect()
}

#[test]
fn settings_by_kind_of_data_are_documented() {
    let of = |preset, method| {
        [
            TrainConfig::preset(preset, method),
            documents::preset(preset, method),
            interactions::preset(preset, method),
            TrainConfig::for_answers(preset, method),
        ]
    };
    assert_table("irgan: by kind of data", &differing(&of(Preset::Ours, Method::IrganPairwise)));
    let [_, _, ratings, answers] = of(Preset::Authors, Method::IrganPairwise);
    let features = [Method::IrganPairwise, Method::IrganPointwise].map(|method| TrainConfig {
        method: Method::IrganPairwise,
        ..TrainConfig::preset(Preset::Authors, method)
    });
    let [pairwise, pointwise] = features;
    let ours = TrainConfig::preset(Preset::Ours, Method::IrganPairwise);
    assert_table("irgan: the authors' preset", &differing(&[ours, pairwise, pointwise, ratings, answers]));
}

#[test]
fn settings_of_seqgan_are_documented() {
    let (ours, authors) =
        (settings(&TextConfig::preset(TextPreset::Ours)), settings(&TextConfig::preset(TextPreset::Authors)));
    let values = |name: &String| [ours.get(name).cloned(), authors.get(name).cloned()];
    let mut full = TextConfig::default();
    full.discriminator.divergence = Divergence::Wasserstein;
    full.discriminator.precision = Precision::Bf16;
    full.discriminator.learning_precision = Precision::Bf16;
    full.discriminator.optimizer.weight_clip = 1.0;
    full.discriminator.network.minibatch = Some(MinibatchSize { features: 16, values: 8 });
    let game = &mut full.adversarial;
    (game.schedule.freeze_d, game.schedule.freeze_g) = (Some(0.9), Some(0.5));
    let optimizers = [&mut full.discriminator.optimizer, &mut full.discriminator.rival, &mut game.optimizer];
    optimizers.into_iter().for_each(|optimizer| optimizer.historical_average = 1.0);
    let rows: Vec<_> = settings(&full).keys().map(|name| row(name, &values(name))).collect();
    assert_table("seqgan", &rows);
    let of_size = [TextPreset::Ours, TextPreset::Small, TextPreset::Medium, TextPreset::Large]
        .map(|preset| settings(&TextConfig::preset(preset)));
    let rows = of_size[0].keys().map(|name| (name, of_size.each_ref().map(|all| all.get(name).cloned())));
    let differ = rows.filter(|(_, values)| values.iter().any(|value| *value != values[0]));
    assert_table(
        "seqgan: by size of text",
        &differ.map(|(name, values)| row(name, &values)).collect::<Vec<_>>(),
    );
    let pairs = settings(&PairConfig::default());
    let own = pairs.iter().filter(|&(name, value)| ours.get(name) != Some(value));
    let rows: Vec<_> = own.map(|(name, value)| row(name, &[Some(value.clone())])).collect();
    assert_table("seqgan: pairs", &rows);
    let lines = settings(&WganConfig::default());
    let rows: Vec<_> = lines.iter().map(|(name, value)| row(name, &[Some(value.clone())])).collect();
    assert_table("seqgan: lines", &rows);
    let seqgan = seqgan::command();
    assert_flags(
        &["seqgan", "seqgan: pairs", "seqgan: lines"],
        seqgan.find_subcommand("train").expect("a command"),
    );
}
