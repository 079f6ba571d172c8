//! Training an answer selector.

use std::path::Path;

use super::model::network;
use super::{AnswerConfig, AnswerModel, AnswerPools, Lexicon};
use crate::data::answers::AnswerSet;
use crate::data::words::WordVectors;
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::ranking::{Extras, TrainConfig, Trained, train_scorers};
use crate::seed::Stream;

/// Trains `config.method` and what stands `beside` it on questions and answers, choosing by the measure on
/// the questions of `valid` that have a right answer. Questions without a right answer are not learnt from, nor
/// are those without a wrong one when their pool holds nothing else.
///
/// The words that the file `vectors` has start from its vectors, all others at random; their number is an event.
///
/// # Errors
/// When a setting is out of range, `vectors` cannot be read or are of another size, or nothing can be learnt or chosen
/// from the data.
///
/// ```
/// use irgan::data::answers::{Answer, AnswerSet, Question};
/// use irgan::event::Silent;
/// use irgan::ranking::answers::{AnswerConfig, train_answers};
/// use irgan::ranking::{FitConfig, Method, Preset, TrainConfig};
///
/// let answer = |text: &str, right| Answer { text: text.into(), right };
/// let question = |text: &str, right: &str, wrong: &str| Question {
///     text: text.into(),
///     answers: vec![answer(right, true), answer(wrong, false)],
/// };
/// let set = AnswerSet::new(vec![
///     question("where do cats sleep", "cats sleep on mats", "dogs bark at night"),
///     question("when do dogs bark", "dogs bark at night", "cats sleep on mats"),
/// ]);
///
/// let ours = TrainConfig::for_answers(Preset::Ours, Method::Mle);
/// let config = TrainConfig {
///     answers: Some(AnswerConfig { min_count: 1, embedding: 8, ..Default::default() }),
///     fit: FitConfig { epochs: 2, ..ours.fit.clone() },
///     ..ours
/// };
/// let trained = train_answers(&config, &Default::default(), &set, &set, None, &mut Silent)?;
/// assert!(trained.value() >= 0.5, "mean average precision over the validation questions");
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn train_answers(
    config: &TrainConfig,
    extras: &Extras,
    train: &AnswerSet,
    valid: &AnswerSet,
    vectors: Option<&Path>,
    listener: &mut dyn Listener,
) -> Result<Trained<AnswerModel>> {
    config.validate()?;
    let answers = config.answers.clone().unwrap_or_default();
    let lexicon = Lexicon::build(train, answers.min_count);
    let vectors = vectors.map(|path| read_vectors(path, &lexicon, &answers, listener)).transpose()?;
    let widen = Stream::new(config.seed).named("pool");
    let pools = AnswerPools::new(train, &lexicon, &answers, Some(widen));
    let held_out = AnswerPools::new(valid, &lexicon, &answers, None).answerable();
    let fresh = |stream| network(&answers, &lexicon, vectors.as_ref(), stream);
    let trained = train_scorers(config, extras, &pools, &held_out, &fresh, listener)?;
    Ok(trained.map(|networks| AnswerModel::new(&answers, lexicon.clone(), networks)))
}

/// The vectors in the file `path` of the words that `lexicon` has.
fn read_vectors(
    path: &Path,
    lexicon: &Lexicon,
    config: &AnswerConfig,
    listener: &mut dyn Listener,
) -> Result<WordVectors> {
    let vectors = WordVectors::read(path, lexicon.vocabulary())?;
    if vectors.size != config.embedding {
        let (found, expected) = (vectors.size, config.embedding);
        let message =
            format!("vectors of {found} values, expected {expected}; set `answers.embedding` to {found}");
        return Err(Error::data(path, message));
    }
    let (found, words) = (vectors.vectors.len(), lexicon.vocabulary().corpus_tokens().len());
    listener.event(&Event {
        phase: "vectors",
        step: found,
        of: words,
        metrics: &[("share", found as f64 / words.max(1) as f64)],
    });
    Ok(vectors)
}
