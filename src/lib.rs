//! Adversarial training for ranking (IRGAN, Wang et al., SIGIR 2017) and for text (SeqGAN, Yu et
//! al., AAAI 2017), driven by one policy-gradient core.
//!
//! Three doors lead in, each from data and settings that have defaults to a result:
//!
//! | door | from | to |
//! |---|---|---|
//! | [`train_ranker`] | judged feature vectors: [`data::features::RankingSet`] from memory, [`data::letor`] from files | a [`FeatureRanker`](ranking::features::FeatureRanker) that scores documents, and what it was compared with |
//! | [`train_generator`] | sentences: [`text::Corpus`], joined to [`text::TextData`] | generators that draw sentences, in a [`text::TextModel`] |
//! | [`evaluation::evaluate()`] | judgements and a run | measures, as trec_eval computes them |
//!
//! Behind the first two stand [`ranking::train`] and [`text::train_text`], which also take what to train beside (baselines,
//! reward controls), a [`Listener`](event::Listener) of every step, and checkpoints; [`ranking::interactions`] trains
//! recommenders, [`ranking::answers`] answer selectors, and [`ranking::rerank`] rankers of what a [`retrieval`] index
//! finds. Presets are [`TrainConfig::preset`](ranking::TrainConfig::preset) and
//! [`TextConfig::preset`](text::TextConfig::preset).
//!
//! ```
//! use irgan::data::features::RankingSet;
//! use irgan::ranking::{Method, Preset, Ranker as _, TrainConfig};
//! use ndarray::array;
//!
//! // Two queries of two documents; the document with the larger first feature is the right one.
//! let features = array![[0.9, 3.0], [0.2, 1.0], [0.1, 2.0], [0.8, 2.0]];
//! let train = RankingSet::from_rows(features.view(), &[1, 0, 0, 1], &[2, 2])?;
//! let valid = train.clone();
//!
//! let config = TrainConfig::preset(Preset::Ours, Method::Listnet);
//! let model = irgan::train_ranker(&config, train, valid.clone())?.model;
//! let scores = model.predict(array![[0.3, 1.0], [0.7, 2.0], [0.5, 1.0]].view())?;
//! assert!(scores[1] > scores[2] && scores[2] > scores[0]);
//! assert_eq!(valid.measure(&"P@1".parse()?, &model.score(&valid, model.chosen())?), 1.0);
//! # Ok::<(), irgan::Error>(())
//! ```
//!
//! `examples/` holds a whole program for each of the two.

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod data;
pub mod error;
pub mod evaluation;
pub mod event;
#[cfg(feature = "report")]
pub mod experiments;
pub mod files;
pub mod game;
pub mod math;
pub mod memory;
pub mod nn;
pub mod policy_gradient;
pub mod ranking;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "retrieval")]
pub mod retrieval;
pub mod runs;
pub mod seed;
pub mod text;

pub use error::{Error, Result};

/// Trains `config.method` on the feature vectors of `train`, choosing epochs and rounds by `config.measure` on
/// `valid`: [`ranking::train`] with nothing beside it and nobody listening.
///
/// # Errors
/// When a setting is out of range, or nothing can be learnt or chosen from the data.
pub fn train_ranker(
    config: &ranking::TrainConfig,
    train: data::features::RankingSet,
    valid: data::features::RankingSet,
) -> Result<ranking::Trained> {
    ranking::train(config, &ranking::Beside::default(), train, valid, &mut event::Silent)
}

/// Trains a generator of sentences like those of `data`: [`text::train_text`] from its first phase, without controls and
/// checkpoints, and nobody listening.
///
/// # Errors
/// When a setting is out of range or does not fit the data, or a number stops being finite.
pub fn train_generator(config: &text::TextConfig, data: &text::TextData) -> Result<text::TextModel> {
    let trained = text::train_text(config, data, &text::TextOptions::default(), &mut event::Silent)?;
    Ok(text::TextModel::new(&trained, data.vocabulary.clone()))
}
