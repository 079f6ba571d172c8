//! Trained systems on disk: a folder with `model.toml`, one safetensors file a system, one of the model of sources given
//! answers where there is one, and the vocabulary.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::answers::MutualSearch;
use super::system::System;
use super::train::TrainedPairs;
use crate::data::words::{UNKNOWN, Vocabulary};
use crate::error::{Error, Result};
use crate::files::{model_folder, toml_file};
use crate::nn::{Initializer, load_tensors, save_tensors};
use crate::seed::Stream;
use crate::text::Beam;
use crate::text::models::{EncoderDecoder, EncoderDecoderShape};

/// Systems of a run and their vocabulary, ready to answer.
#[derive(Clone, Debug)]
pub struct PairModel {
    /// Every system, maximum likelihood first.
    pub systems: Vec<(System, EncoderDecoder)>,
    /// Model of sources given answers, where the training made one.
    pub reverse: Option<EncoderDecoder>,
    /// Vocabulary of both sides.
    pub vocabulary: Arc<Vocabulary>,
    /// Most turns of a source in training.
    pub turns: usize,
}

/// Version of the folder's layout.
const FORMAT: u32 = 1;

/// Description of a folder of systems.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    format: u32,
    kind: String,
    turns: usize,
    systems: Vec<System>,
    shape: EncoderDecoderShape,
    /// Shape of the model of sources given answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reverse: Option<EncoderDecoderShape>,
}

/// File of the model of sources given answers.
const REVERSE_FILE: &str = "reverse.safetensors";

/// Kind of model in `model.toml`.
pub(crate) const KIND: &str = "pairs";

impl PairModel {
    /// Takes the systems of a finished training, whose sources had at most `turns` turns.
    pub fn new(trained: &TrainedPairs, vocabulary: Arc<Vocabulary>, turns: usize) -> Self {
        let (systems, reverse) = (trained.systems.clone(), trained.reverse.clone());
        Self { systems, reverse, vocabulary, turns }
    }

    /// Returns the systems as ones that write known words alone.
    #[must_use]
    pub fn of_known_words(mut self) -> Self {
        self.systems.iter_mut().for_each(|(_, model)| model.forbid(&[UNKNOWN]));
        self
    }

    /// Returns the model of a system, or without a name the last one that was trained.
    ///
    /// # Errors
    /// When the training made no such system.
    pub fn system(&self, system: Option<System>) -> Result<(System, &EncoderDecoder)> {
        let Some(system) = system else {
            let (system, model) = self.systems.last().expect("maximum likelihood is always trained");
            return Ok((*system, model));
        };
        let found = self.systems.iter().find(|(known, _)| *known == system);
        found.map(|(system, model)| (*system, model)).ok_or_else(|| {
            let names: Vec<&str> = self.systems.iter().map(|(system, _)| system.name()).collect();
            let known = names.join(", ");
            Error::Config(format!("this model has no system `{system}`, but {known} (`pairs.systems`)"))
        })
    }

    /// Returns the search of a beam of `width` for answers by mutual information, of which the likelihood of the source
    /// weighs `weight`.
    ///
    /// # Errors
    /// When the training made no model of sources given answers, or the weight or the beam is out of range.
    pub fn mutual(&self, beam: Beam, weight: f64) -> Result<MutualSearch<'_, EncoderDecoder>> {
        let Some(reverse) = &self.reverse else {
            let message = "this model has no model of sources given answers, which mutual information needs: train with \
                           `reverse-model`, or with the judge of hand-made rewards";
            return Err(Error::Config(message.into()));
        };
        let search = MutualSearch { reverse, weight, beam, turn_end: self.vocabulary.turn_end() };
        search.validate()?;
        Ok(search)
    }

    /// Returns the shape that all systems share.
    pub fn shape(&self) -> &EncoderDecoderShape {
        self.systems[0].1.shape()
    }

    /// Returns true when the model in `folder` answers sources.
    ///
    /// # Errors
    /// When there is no model.
    pub fn is_in(folder: &Path) -> Result<bool> {
        model_folder::is_of_kind(folder, KIND)
    }

    /// Writes the systems into `folder`; `model.toml` comes last, so that half a model is none.
    ///
    /// # Errors
    /// When the folder or a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, "create the folder", source))?;
        for (system, model) in &self.systems {
            save_tensors(&folder.join(file_name(*system)), model)?;
        }
        if let Some(reverse) = &self.reverse {
            save_tensors(&folder.join(REVERSE_FILE), reverse)?;
        }
        self.vocabulary.save(folder.join("vocabulary.txt"))?;
        let systems = self.systems.iter().map(|(system, _)| *system).collect();
        let shape = self.shape().clone();
        let reverse = self.reverse.as_ref().map(|model| model.shape().clone());
        let header = Header { format: FORMAT, kind: KIND.into(), turns: self.turns, systems, shape, reverse };
        toml_file::write(&folder.join("model.toml"), &header)
    }

    /// Reads the systems in `folder`.
    ///
    /// # Errors
    /// When a file cannot be read, is damaged, or is of another version or another kind of model.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join("model.toml");
        if !Self::is_in(folder)? {
            let message = "this model has no sources to answer: it was not trained on pairs";
            return Err(Error::data(folder, message));
        }
        let header: Header = toml_file::read(&path)?;
        if header.format != FORMAT {
            let found = header.format;
            let message = format!("format {found} is not the {FORMAT} this program reads; train again");
            return Err(Error::data(&path, message));
        }
        for shape in [Some(&header.shape), header.reverse.as_ref()].into_iter().flatten() {
            shape.validate().map_err(|cause| Error::data(&path, format!("{cause}; train again")))?;
        }
        if header.systems.first() != Some(&System::Mle) || header.turns == 0 {
            return Err(Error::data(&path, "no system of maximum likelihood, or no turn; train again"));
        }
        let vocabulary = Arc::new(Vocabulary::load(folder.join("vocabulary.txt"))?);
        if vocabulary.len() != header.shape.vocabulary || vocabulary.turn_end() != header.shape.turn_end {
            let (size, known) = (vocabulary.len(), header.shape.vocabulary);
            let message = format!("{size} tokens, but the model has {known}, or other turns; train again");
            return Err(Error::data(folder.join("vocabulary.txt"), message));
        }
        if header.reverse.as_ref().is_some_and(|shape| shape.vocabulary != header.shape.vocabulary) {
            return Err(Error::data(&path, "the reverse model has another vocabulary; train again"));
        }
        let read = |&system: &System| {
            network(&header.shape, &folder.join(file_name(system))).map(|model| (system, model))
        };
        let systems = header.systems.iter().map(read).collect::<Result<_>>()?;
        let reverse = header.reverse.map(|shape| network(&shape, &folder.join(REVERSE_FILE))).transpose()?;
        Ok(Self { systems, reverse, vocabulary, turns: header.turns })
    }
}

/// Reads the weights of a network of this shape.
fn network(shape: &EncoderDecoderShape, path: &Path) -> Result<EncoderDecoder> {
    let mut model = EncoderDecoder::new(shape, Initializer::Uniform(0.0), &mut Stream::new(0).rng());
    load_tensors(path, &mut model)?;
    Ok(model)
}

fn file_name(system: System) -> String {
    format!("{system}.safetensors")
}
