//! Ranking items for every user.

use super::RankArgs;
use crate::cli::irgan::recommend;
use crate::error::{Error, Result};
use crate::evaluation::write_run;
use crate::files::atomic::write_atomically;
use crate::ranking::interactions::ItemPools;

/// Ranks the best items of every user, without those the user is known to like.
pub(super) fn run(args: &RankArgs) -> Result<()> {
    if args.data.is_some() || args.topics.is_given() {
        let message =
            "this model ranks items for its users: it takes no --data and no --index (see --ratings and -k)";
        return Err(Error::Config(message.into()));
    }
    let model = recommend::load(&args.model, &args.known)?;
    let (player, tag) = args.player_and_tag(&model);
    let known = model.known();
    let users = known.users();
    let pools = ItemPools::unseen(known, (0..users.len() as u32).collect());
    let best = model.top(&pools, player, args.k)?;
    let mut run = Vec::new();
    for (user, items) in users.names().iter().zip(&best) {
        let documents: Vec<_> =
            items.iter().map(|&(item, score)| (known.items().name(item), score)).collect();
        write_run(&mut run, user, &documents, &tag)?;
    }
    write_atomically(&args.out, |writer| writer.write_all(&run))?;
    note!("{}: {} users, at most {} items each", args.out.display(), users.len(), args.k);
    Ok(())
}
