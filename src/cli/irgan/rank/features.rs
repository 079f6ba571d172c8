//! Ranking feature vectors.

use super::{RankArgs, write_ranking};
use crate::cli::args::vectors::read_vectors;
use crate::error::Result;
use crate::ranking::features::Model;

/// Ranks the documents of a file.
pub(super) fn run(args: &RankArgs) -> Result<()> {
    let data = args.data("feature vectors")?;
    let model = Model::load(&args.model)?;
    let set = read_vectors(data, model.feature_count())?;
    let (player, tag) = args.player_and_tag(&model);
    let scores = model.score(&set, player).map_err(|error| error.in_file(data))?;
    write_ranking(&args.out, &[(&set, &scores)], &tag)?;
    note!("{}: {} queries, {} documents", args.out.display(), set.queries().len(), set.documents());
    Ok(())
}
