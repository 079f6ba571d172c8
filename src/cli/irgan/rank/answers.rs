//! Ranking the answers of questions.

use super::RankArgs;
use crate::data::answers;
use crate::error::Result;
use crate::evaluation::write_run;
use crate::files::atomic::write_atomically;
use crate::ranking::answers::AnswerModel;

/// Ranks the answers of every question of a file.
pub(super) fn run(args: &RankArgs) -> Result<()> {
    let data = args.data("questions and answers")?;
    let model = AnswerModel::load(&args.model)?;
    let set = answers::read(data)?;
    let (player, tag) = args.player_and_tag(&model);
    let mut run = Vec::new();
    for question in model.rank(&set, player)? {
        let answers: Vec<_> = question.answers.iter().map(|(id, score)| (id.as_str(), *score)).collect();
        write_run(&mut run, &question.id, &answers, &tag)?;
    }
    write_atomically(&args.out, |writer| writer.write_all(&run))?;
    note!("{}: {}", args.out.display(), set.summary());
    Ok(())
}
