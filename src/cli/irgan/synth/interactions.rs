//! Ratings by hidden preferences.

use super::args::SynthArgs;
use crate::data::interactions::planted::{PlantedInteractions, lines};
use crate::error::Result;
use crate::runs::{FolderKind, RunDir};

/// Writes the ratings.
pub(super) fn run(args: &SynthArgs) -> Result<()> {
    let flags = &args.interactions;
    let config = PlantedInteractions {
        users: flags.users,
        items: flags.items,
        liked: flags.liked,
        rank: flags.rank,
        seed: args.seed,
        ..PlantedInteractions::default()
    };
    let kind = &FolderKind::INTERACTIONS;
    RunDir::check(&args.out, args.force, kind)?;
    let (train, test) = config.generate()?;
    let folder = RunDir::create(&args.out, args.force, kind)?;
    for (name, ratings) in [("train.tsv", &train), ("test.tsv", &test)] {
        folder.save_text(name, &lines(ratings))?;
        note!("{name}: {} ratings", ratings.len());
    }
    folder.save_toml("settings.toml", &config)
}
