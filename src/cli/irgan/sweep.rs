//! `irgan sweep`: many trainings, one for each of the settings to try and each seed; validation data choose.

use std::path::PathBuf;

use clap::Args;

use super::effects::Data;
use super::train::TrainArgs;
use crate::cli::args::same_files::tell_same_files;
use crate::cli::args::session::this_command;
use crate::cli::args::settings::print_config;
use crate::cli::console;
use crate::cli::console::{print, print_text};
use crate::cli::given::warn_without_effect;
use crate::error::{Error, Result};
use crate::experiments::Training;
use crate::experiments::sweep::{Grid, Range, Sweep};
use crate::ranking::refuse_foreign;
use crate::runs::Part;

/// Try settings: train with each of them and each seed, and choose on the validation data
///
/// Takes what `irgan train` takes, and settings that vary, by the names that --print-config shows: every combination
/// of the values of --grid, or with --random as many draws from --grid and --range. The settings with the best mean
/// of the choosing measure over the seeds are chosen. Only then, and once, --test is ranked by their trainings.
///
/// Trainings run side by side on the given threads, each in a folder of its own. The same command again resumes an
/// interrupted sweep: what is finished is kept. Unless --baselines or --controls ask for them, none are
/// trained beside.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  irgan sweep --grid generator.entropy=0.1,0.3,1 scorer.hidden=[],[46] --seeds 3 --out sweeps/entropy
  irgan sweep --method lambdarank --train train.txt --valid vali.txt --test test.txt --random 20 \
--range fit.optimizer.learning-rate=1e-4..1e-2:log --out sweeps/lambdarank
  irgan sweep --pointwise --ratings u.data --grid interactions.rank=8,16,32 --test test.tsv --out sweeps/rank")]
pub struct SweepArgs {
    /// Setting and the values to try; may be repeated
    #[arg(long, value_name = "KEY=V1,V2…", num_args = 1.., help_heading = "Sweep")]
    grid: Vec<Grid>,
    /// Draw this many points instead of every combination
    #[arg(long, value_name = "N", help_heading = "Sweep")]
    random: Option<usize>,
    /// Setting and the range to draw it from; may be repeated
    #[arg(long, value_name = "KEY=LOW..HIGH[:log]", num_args = 1.., requires = "random", help_heading = "Sweep")]
    range: Vec<Range>,
    /// Number of seeds of every point, counted up from --seed
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000), help_heading = "Sweep")]
    seeds: u64,
    /// Make this part of the trainings alone, such as 2/6; the same command without it chooses among those that parts made in
    /// --out
    #[arg(long, value_name = "I/N", requires = "out", conflicts_with = "force", help_heading = "Sweep")]
    part: Option<Part>,
    /// Test data, ranked once by the chosen point: as the training data; with --index queries, judged by --qrels
    #[arg(long, value_name = "FILE", help_heading = "Sweep")]
    test: Option<PathBuf>,
    #[command(flatten)]
    train: TrainArgs,
}

/// Runs the command.
pub fn run(args: &SweepArgs) -> Result<()> {
    console::goes_on_unread();
    let (task, _) = args.train.task()?;
    let config = args.train.config(&*task)?;
    if args.train.print_config {
        return print_config(&config);
    }
    if args.test.is_some() && args.train.data() == Data::BuiltIn {
        return Err(Error::Config("--test needs --train: the built-in benchmark is not in a file".into()));
    }
    for file in args.train.files() {
        tell_same_files(&[file, ("--test", args.test.as_deref())]);
    }
    let options = args.train.run.options();
    let missing = "sweep needs --out DIR: the same command with the same folder resumes the sweep";
    let (baselines, controls) = args.train.asked();
    refuse_foreign(&*task, &config, &baselines)?;
    args.train.tell_idle_flags(&config, &baselines);
    let resumes = "on a sweep: the same command with the same --out resumes it".to_owned();
    warn_without_effect(&[(&["resume"], Some(resumes))]);
    let sweep = Sweep {
        training: Training { task: &*task, config, baselines, optional: false, controls },
        inputs: args.train.clone().recorded(),
        grids: args.grid.clone(),
        ranges: args.range.clone(),
        random: args.random,
        seeds: args.seeds,
        test: args.test.clone(),
        folder: options.out.ok_or_else(|| Error::Config(missing.into()))?,
        force: options.force,
        part: args.part,
        checkpoint_every: options.checkpoint_every,
    };
    let swept = sweep.run(&mut console::terminal());
    if let Err(Error::Interrupted { .. }) = swept {
        warning!("saved; resume the sweep with: {}", this_command());
    }
    let Some(swept) = swept? else {
        return print_text(&format!(
            "this part is finished; when all are, the same command without --part chooses: {}\n",
            sweep.folder.display()
        ));
    };
    if args.train.format.is_for_programs() {
        return print(&swept.table().render(args.train.format));
    }
    let table = swept.results.table().render(args.train.format);
    let tested = swept.tested.map_or(String::new(), |tested| format!("{tested}\n"));
    print_text(&format!(
        "{table}\nchosen on the validation data, by {}: point {} ({})\n{tested}\
         trainings, sweep.csv and sweep.svg: {}\n",
        swept.results.measure,
        swept.chosen + 1,
        swept.results.named(swept.chosen),
        sweep.folder.display()
    ))
}
