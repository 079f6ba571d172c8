//! Generators of whole lines from noise, and critics of lines of soft tokens (WGAN-GP, Gulrajani et al., NIPS 2017, section 5.2).
//!
//! No token is drawn: the generator's softmax goes straight into the critic, and the gradient comes back the same way. The critic
//! estimates the Wasserstein distance of real and generated lines, with bounded slopes ([`Lipschitz`](crate::pathwise::Lipschitz)); with the ordinary objective
//! ([`Objective::Gan`]) the same networks play the game of Goodfellow et al. (2014).
//!
//! | file | holds |
//! |---|---|
//! | `config` | settings, and the sizes of the networks |
//! | `lines` | lines of one length, cut or padded |
//! | `generator`, `critic` | the two networks |
//! | `game` | the turns of the two players |
//! | `measures` | words, n-grams and distinct lines of a generator |
//! | `train`, `model` | a whole training, and its model on disk |

mod config;
mod critic;
mod game;
mod generator;
mod lines;
mod measures;
mod model;
mod train;

pub use config::{CriticConfig, LineGeneratorConfig, NormalizationKind, Objective, WganConfig, WganSize};
pub use critic::{Critic, CriticBatch, CriticStatistics};
pub use game::SampleLog;
pub use generator::{LineGenerator, SoftLines};
pub use lines::LineData;
pub use measures::{LineMeasures, LineReference};
pub(in crate::text) use model::KIND;
pub use model::LineModel;
pub use train::{TrainedLines, WganOptions, train_lines};
