//! `irgan recommend`.

use std::path::PathBuf;

use clap::Args;

use super::effects;
use crate::cli::args::ratings::KnownArgs;
use crate::cli::console;
use crate::cli::console::print;
use crate::error::Result;
use crate::evaluation::table::Cell;
use crate::evaluation::{Format, Table};
use crate::files::count::counted;
use crate::ranking::interactions::load;
use crate::ranking::{Player, Ranker};

/// Recommend items to users by a trained model
///
/// Items that a user is known to like are left out.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan recommend --model runs/mf --user 42 -k 10
  irgan recommend --model runs/mf --user anna --user ben --with-known --format json")]
pub struct RecommendArgs {
    /// Folder of a trained model
    #[arg(long)]
    model: PathBuf,
    /// User, by the id of the training data; may be repeated
    #[arg(long = "user", required = true, value_name = "ID")]
    users: Vec<String>,
    /// Number of items for each user
    #[arg(short, default_value_t = 10)]
    k: usize,
    /// Show also the items that the user is known to like
    #[arg(long)]
    with_known: bool,
    /// Player that ranks [default: the one chosen on the validation data]
    #[arg(long)]
    player: Option<Player>,
    #[command(flatten)]
    known: KnownArgs,
    /// Format of the table
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
pub fn run(args: &RecommendArgs) -> Result<()> {
    effects::of_ratings_format(args.known.source().is_some());
    let model = load(&args.model, args.known.source(), &mut console::terminal())?;
    let player = args.player.unwrap_or(model.chosen());
    let best = model.recommend(&args.users, player, args.k, args.with_known)?;
    let mut table = Table::new(["user", "rank", "item", "score"].map(String::from));
    for (user, items) in args.users.iter().zip(best) {
        if items.is_empty() && args.k > 0 {
            let all = counted(model.known().items().len(), "item");
            warning!(
                "user `{user}` is known to like all of {all}: nothing is left to recommend; --with-known shows them"
            );
        }
        for (rank, (item, score)) in (1..).zip(items) {
            let score = Cell::Number(f64::from(score), 4);
            table.row([user.as_str().into(), Cell::count(rank), item.into(), score]);
        }
    }
    print(&table.render(args.format))
}
