//! Ranking what an index finds.

use super::{RankArgs, write_ranking};
use crate::cli::args::topics::warn;
use crate::data::documents::Topic;
use crate::error::Result;
use crate::ranking::documents::Reranker;

/// Ranks the candidates of every query.
pub(super) fn run(args: &RankArgs) -> Result<()> {
    let (index, topics) = args.topics.open()?;
    let ranker = Reranker::load(&args.model)?;
    let topics: Vec<&Topic> = topics.iter().collect();
    let (set, skipped) = ranker.candidates(&index, &topics)?;
    warn("queries", &skipped);
    let (player, tag) = args.player_and_tag(&ranker);
    let scores = ranker.score(&set, player).map_err(|error| error.in_file(index.folder()))?;
    write_ranking(&args.out, &[(&set, &scores)], &tag)?;
    note!("{}: {} queries, {} documents", args.out.display(), set.queries().len(), set.documents());
    Ok(())
}
