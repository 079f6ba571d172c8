//! Adversarial training for ranking (IRGAN, Wang et al., SIGIR 2017) and for text (SeqGAN, Yu et al., AAAI 2017) on
//! CPUs, with the baselines, measures and tests that tell whether it helped.
//!
//! # By the data at hand
//!
//! | data | read or made by | call | gives |
//! |---|---|---|---|
//! | judged feature vectors in arrays | [`RankingSet::from_rows`](data::features::RankingSet::from_rows) | [`train_ranker`] | a ranker whose `predict` scores the documents of a query |
//! | … in LETOR files | [`data::features::letor::read`] | [`train_ranker`] | the same |
//! | what users liked | [`data::interactions::read`] | [`ranking::interactions::train_recommender`] | a recommender: the best items of each user |
//! | questions with right and wrong answers | [`data::answers::read`] | [`ranking::answers::train_answers`] | a ranker of answers |
//! | documents, queries and judgements | [`retrieval`], [`data::documents`] | [`ranking::documents`] | a ranker of the documents that an index finds |
//! | sentences | [`data::sentences::Corpus`] | [`train_generator`] | a generator that writes sentences |
//! | sentences of a grammar | [`data::grammar::Grammar`] | [`TextData::from_grammar`](text::TextData::from_grammar) | the same |
//! | sources and their answers, conversations | [`data::pairs::PairCorpus`] | | pairs of token ids |
//! | a TREC run and judgements | [`evaluation::Qrels`] | [`evaluation::evaluate()`] | measures, as trec_eval computes them |
//!
//! ```
//! use irgan::data::features::RankingSet;
//! use irgan::ranking::{Method, Preset, TrainConfig};
//! use ndarray::array;
//!
//! // Two queries of two documents; the document with the larger first feature is the right one.
//! let features = array![[0.9, 3.0], [0.2, 1.0], [0.1, 2.0], [0.8, 2.0]];
//! let train = RankingSet::from_rows(features.view(), &[1, 0, 0, 1], &[2, 2])?;
//! let valid = train.clone();
//!
//! let config = TrainConfig::preset(Preset::Ours, Method::Listnet);
//! let model = irgan::train_ranker(&config, train, valid)?.model;
//! let scores = model.predict(array![[0.3, 1.0], [0.7, 2.0]].view())?;
//! assert!(scores[1] > scores[0]);
//! # Ok::<(), irgan::Error>(())
//! ```
//!
//! [`ranking::train`] and [`text::train_text`] stand behind the two short calls: they also train baselines and games with
//! a placebo reward beside the method, tell a [`Listener`](event::Listener) every step, and keep checkpoints from which a
//! training resumes. Settings start from [`TrainConfig::preset`](ranking::TrainConfig::preset) and
//! [`TextConfig::preset`](text::TextConfig::preset). `examples/` holds whole programs.
//!
//! # Modules
//!
//! Each imports only from those above it:
//!
//! | modules | hold |
//! |---|---|
//! | [`error`], [`seed`], [`event`], [`memory`] | the error type, named random streams, events of a training, the allocator's settings |
//! | [`files`], [`math`], [`nn`] | formats of files, numerical kernels, layers and optimisers |
//! | [`policy_gradient`], [`pathwise`], [`game`] | the score-function gradient; the gradient through relaxed draws; the rounds of two players |
//! | [`evaluation`], [`data`], [`retrieval`] | measures and significance, readers and writers of each kind of data, an index of texts |
//! | [`ranking`], [`text`] | players, judges and trainings of each kind of data |
//! | [`runs`], [`report`], [`experiments`] | folders of runs, pages about them, cross-validation and sweeps |
//! | [`serve`] | a page and a service over HTTP |
//!
//! # Features of Cargo
//!
//! All are on by default.
//!
//! | feature | adds | needs |
//! |---|---|---|
//! | `retrieval` | [`retrieval`] and [`ranking::documents`] | tantivy |
//! | `serve` | [`serve`]; the feature `retrieval` | axum, hyper, tokio |
//! | `report` | [`report`], sweeps, and trainings that end with a report | plotters |
//! | `cli` | the programs `irgan` and `seqgan`, progress on a terminal; the two other features | clap, indicatif |

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod data;
pub mod error;
pub mod evaluation;
pub mod event;
pub mod experiments;
pub mod files;
pub mod game;
pub mod math;
pub mod memory;
pub mod nn;
pub mod pathwise;
pub mod policy_gradient;
pub mod ranking;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "retrieval")]
pub mod retrieval;
pub mod runs;
pub mod seed;
#[cfg(feature = "serve")]
pub mod serve;
pub mod team;
pub mod text;

pub use error::{Error, Result};

/// Trains `config.method` on the feature vectors of `train`, choosing epochs and rounds by `config.measure` on
/// `valid`: [`ranking::train`] with nothing beside it and nobody listening.
///
/// # Errors
/// When a setting is out of range, the two sets have different numbers of features, or nothing can be learnt or chosen
/// from the data.
///
/// ```
/// use irgan::data::features::planted::{Planted, PlantedConfig};
/// use irgan::game::Schedule;
/// use irgan::ranking::{Method, Ranker as _, TrainConfig};
///
/// let data = Planted::generate(&PlantedConfig { queries: 4, documents: 20, ..Default::default() })?;
/// let schedule = Schedule { rounds: 2, ..Default::default() };
/// let config = TrainConfig { method: Method::IrganPairwise, schedule, ..Default::default() };
/// let trained = irgan::train_ranker(&config, data.train, data.valid)?;
///
/// // Generator, discriminator, or both together: the one that did best on the validation data.
/// let player = trained.model.chosen();
/// assert_eq!(trained.model.score(&data.test, player)?.len(), data.test.documents());
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn train_ranker(
    config: &ranking::TrainConfig,
    train: data::features::RankingSet,
    valid: data::features::RankingSet,
) -> Result<ranking::Trained> {
    ranking::train(config, &ranking::Extras::default(), train, valid, &mut event::Silent)
}

/// Trains a generator of sentences like those of `data`: [`text::train_text`] from its first phase, without games with a
/// placebo reward, without checkpoints, and nobody listening.
///
/// # Errors
/// When a setting is out of range or does not fit the data, or a number stops being finite.
pub fn train_generator(config: &text::TextConfig, data: &text::TextData) -> Result<text::TextModel> {
    let trained = text::train_text(config, data, &text::TextOptions::default(), &mut event::Silent)?;
    Ok(text::TextModel::new(&trained, data.vocabulary.clone()))
}
