//! `irgan train`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::eval::print;
use super::settings::Settings;
use crate::data::RankingSet;
use crate::data::letor::{self, LetorOptions};
use crate::data::planted::{Planted, PlantedConfig};
use crate::error::{Error, Result};
use crate::evaluation::table::Cell;
use crate::evaluation::{Format, Measure, Table};
use crate::policy_gradient::RewardControl;
use crate::ranking::{Beside, Contender, ControlOutcome, Method, Player, State, TrainConfig, Trained};
use crate::training::{Listeners, Progress, RunDir};

/// Train a ranker
///
/// Without --train, a built-in benchmark with a planted optimum is used. Test data are never read
/// here: `irgan rank` and `irgan eval` are separate steps.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan train --pairwise
  irgan train --pairwise --train Fold1/train.txt --valid Fold1/vali.txt --out runs/pair
  irgan train --method lambdarank --train train.txt --valid vali.txt
  irgan train --pointwise --preset authors --train train.txt --valid vali.txt --baselines dns,mle")]
pub struct TrainArgs {
    /// Training data: LETOR / SVMlight, also .gz and .zst
    #[arg(long, requires = "valid")]
    train: Option<PathBuf>,
    /// Validation data, in the same format
    #[arg(long, requires = "train")]
    valid: Option<PathBuf>,
    /// Folder for the run [default: the next free runs/METHOD]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write into --out even when it is not empty
    #[arg(long)]
    force: bool,
    /// Baselines to train beside, or `none`
    #[arg(long, value_delimiter = ',', default_value = "mle,lambdarank,dns", value_parser = baseline)]
    baselines: Vec<Option<Method>>,
    /// Reward controls to play beside the adversarial game: constant, random, shuffled, or `none`
    #[arg(long, value_delimiter = ',', default_value = "constant", value_parser = control)]
    controls: Vec<Option<RewardControl>>,
    /// Print the settings and stop
    #[arg(long)]
    print_config: bool,
    /// No progress
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    settings: Settings,
}

/// A method that can stand beside another; `none` for no baseline at all.
pub(super) fn baseline(text: &str) -> Result<Option<Method>, String> {
    use clap::ValueEnum as _;
    match Method::from_str(text, false) {
        Ok(method) if method.mode().is_none() => Ok(Some(method)),
        _ if text == "none" => Ok(None),
        _ => Err("expected mle, listnet, ranknet, lambdarank, rns, dns or none".into()),
    }
}

/// A reward that is not the discriminator's; `none` for no control at all.
pub(super) fn control(text: &str) -> Result<Option<RewardControl>, String> {
    use clap::ValueEnum as _;
    match RewardControl::from_str(text, false) {
        Ok(control) if control != RewardControl::Discriminator => Ok(Some(control)),
        _ if text == "none" => Ok(None),
        _ => Err("expected constant, random, shuffled or none".into()),
    }
}

/// What a list of names asks for, each once.
pub(super) fn distinct<T: Copy + PartialEq>(list: &[Option<T>]) -> Vec<T> {
    let mut kept = vec![];
    for item in list.iter().copied().flatten() {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

/// Runs the command.
pub fn run(args: &TrainArgs) -> Result<()> {
    let config = args.settings.resolve()?;
    if args.print_config {
        return print(&toml::to_string_pretty(&config).map_err(|cause| Error::Config(cause.to_string()))?);
    }
    let measures = reported(&config)?;
    let data = load(args, &config, &measures)?;
    let folder = match &args.out {
        Some(path) => RunDir::create(path, args.force)?,
        None => RunDir::next(&config.method.to_string())?,
    };
    folder.save_config(&config)?;
    let mut log = folder.metrics()?;
    let mut progress = Progress::default();
    let beside =
        Beside { baselines: distinct(&args.baselines), controls: distinct(&args.controls), measures };
    let trained = {
        let mut listeners = Listeners(vec![&mut log]);
        if !args.quiet {
            listeners.0.push(&mut progress);
        }
        crate::ranking::train(&config, &beside, data.train, data.valid, &mut listeners).map_err(|error| {
            match &args.valid {
                Some(valid) => error.in_file(valid), // the training data were checked when they were read
                None => error,
            }
        })?
    };
    drop(progress);
    trained.model.save(folder.path())?;
    for model in &trained.baselines {
        model.save(&folder.path().join("baselines").join(model.method().to_string()))?;
    }
    log.finish()?;
    let mut report =
        comparison(&config, &beside.measures, &trained, data.optimum.as_deref()).render(Format::Text);
    report.push('\n');
    for outcome in &trained.controls {
        report += &verdict(outcome, &config);
    }
    let path = folder.path().display();
    let model = &trained.model;
    report += &format!(
        "chosen on the validation data: {} of {}\n\
         model: {path}   rank with it: irgan rank --model {path} --data FILE --out FILE.run\n",
        model.chosen(),
        model.method()
    );
    print(&report)?;
    trained.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    match trained.failure {
        Some(message) => Err(Error::NonFinite(message)),
        None => Ok(()),
    }
}

/// Whether the generator's reward earned its keep against a control.
fn verdict(outcome: &ControlOutcome, config: &TrainConfig) -> String {
    let ControlOutcome { control, gain, p_value, failed } = outcome;
    let (reward, measure) = (config.generator.reward, &config.measure);
    if *failed {
        return format!("reward: the game with a {control} reward broke down; see the warning\n");
    }
    let p = if *p_value < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p_value:.3}") };
    let found =
        format!("{gain:+.4} {measure} on the validation data against a {control} reward (Fisher {p})");
    if outcome.is_beaten() {
        format!("reward: {found}: the {reward} reward did better than the control\n")
    } else {
        format!("reward: {found}: the control did as well; the {reward} reward is not shown to help\n")
    }
}

struct Data {
    train: RankingSet,
    valid: RankingSet,
    /// The planted optimum's values of the choosing and the reported measures.
    optimum: Option<Vec<f64>>,
}

fn load(args: &TrainArgs, config: &TrainConfig, reported: &[Measure]) -> Result<Data> {
    let data = match (&args.train, &args.valid) {
        (Some(train), Some(valid)) => Data { train: judged(train)?, valid: judged(valid)?, optimum: None },
        _ => {
            eprintln!("no --train given: using the built-in planted benchmark");
            let planted =
                Planted::generate(&PlantedConfig { seed: config.seed, ..PlantedConfig::default() })?;
            let chosen = config.measure()?;
            let measures = std::iter::once(&chosen).chain(reported);
            let optimum = measures.map(|measure| planted.optimum(measure)).collect();
            Data { train: planted.train, valid: planted.valid, optimum: Some(optimum) }
        }
    };
    eprintln!("training   {}", data.train.summary());
    eprintln!("validation {}", data.valid.summary());
    Ok(data)
}

/// Reads data in which at least one query has a positive beside another document.
fn judged(path: &Path) -> Result<RankingSet> {
    let set = letor::read(path, &LetorOptions::default())?;
    let useful = |q: usize| {
        let grades = set.query_grades(q);
        grades.iter().any(|&grade| grade > 0) && grades.iter().any(|&grade| grade <= 0)
    };
    if !(0..set.queries().len()).any(useful) {
        let message =
            "no query has both a positive (grade 1 or more) and another document: nothing to learn from";
        return Err(Error::data(path, message));
    }
    Ok(set)
}

/// The measures shown beside the choosing one.
fn reported(config: &TrainConfig) -> Result<Vec<Measure>> {
    let all = ["nDCG@10", "P@5", "AP"].map(str::parse::<Measure>);
    let chosen = config.measure()?;
    all.into_iter().filter(|measure| measure.as_ref().map_or(true, |m| *m != chosen)).collect()
}

/// Players, their start, baselines and the optimum side by side.
fn comparison(
    config: &TrainConfig,
    reported: &[Measure],
    trained: &Trained,
    optimum: Option<&[f64]>,
) -> Table {
    let mut header = vec!["ranker".to_owned(), "best at".to_owned(), config.measure.clone()];
    header.extend(reported.iter().map(Measure::to_string));
    let mut table = Table::new(header);
    let scores = |values: &[f64]| values.iter().map(|&value| Cell::score(value)).collect::<Vec<_>>();
    for contender in &trained.contenders {
        let mut cells = vec![name(contender, trained), step(contender)];
        cells.extend(scores(&contender.values));
        table.row(cells);
    }
    if let Some(values) = optimum {
        let mut cells = vec![Cell::from("planted optimum"), Cell::from("")];
        cells.extend(scores(values));
        table.row(cells);
    }
    table
}

fn name(contender: &Contender, trained: &Trained) -> Cell {
    let Contender { method, player, state, .. } = contender;
    let player = match player {
        Player::Ranker => return Cell::from(method.to_string()),
        Player::G => "generator",
        Player::D => "discriminator",
        Player::Both => "both players",
    };
    let chosen = *state == State::Best && contender.player == trained.model.chosen();
    let state = match state {
        State::Best if chosen => " *".to_owned(),
        State::Best => String::new(),
        State::Start => ", start".to_owned(),
        State::Control(control) => format!(", {control} reward"),
    };
    Cell::from(format!("{method} {player}{state}"))
}

fn step(contender: &Contender) -> Cell {
    Cell::from(match (contender.player, contender.state) {
        (Player::Ranker, _) => format!("epoch {}", contender.step),
        (_, State::Start) => String::new(),
        _ => format!("round {}", contender.step),
    })
}
