//! Adversarial training for ranking (IRGAN, Wang et al., SIGIR 2017) and for text (SeqGAN, Yu et
//! al., AAAI 2017), driven by one policy-gradient core.

pub mod atomic;
pub mod checkpoint;
pub mod cli;
pub mod data;
pub mod error;
pub mod evaluation;
pub mod event;
pub mod math;
pub mod nn;
pub(crate) mod packed;
pub mod policy_gradient;
pub mod ranking;
pub mod retrieval;
pub mod seed;
pub mod text;
pub mod toml_file;
pub mod training;

pub use error::{Error, Result};
