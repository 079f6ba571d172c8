//! Training an answer selector.

use super::model::network;
use super::{AnswerModel, AnswerPools, Lexicon};
use crate::data::answers::AnswerSet;
use crate::error::Result;
use crate::event::Listener;
use crate::ranking::{Beside, TrainConfig, Trained, train_scorers};
use crate::seed::Stream;

/// Trains `config.method` and what stands `beside` it on questions and answers, choosing by the measure on
/// `valid`. Questions without a right or without a wrong answer are not learnt from.
///
/// # Errors
/// When a setting is out of range, or nothing can be learnt or chosen from the data.
pub fn train_answers(
    config: &TrainConfig,
    beside: &Beside,
    train: &AnswerSet,
    valid: &AnswerSet,
    listener: &mut dyn Listener,
) -> Result<Trained<AnswerModel>> {
    config.validate()?;
    let answers = config.answers.clone().unwrap_or_default();
    let lexicon = Lexicon::build(train, answers.min_count);
    let widen = Stream::new(config.seed).named("pool");
    let pools = AnswerPools::new(train, &lexicon, &answers, Some(widen));
    let held_out = AnswerPools::new(valid, &lexicon, &answers, None);
    let fresh = |stream| network(&answers, &lexicon, stream);
    let trained = train_scorers(config, beside, &pools, &held_out, &fresh, listener)?;
    Ok(trained.map(|networks| AnswerModel::new(&answers, lexicon.clone(), networks)))
}
