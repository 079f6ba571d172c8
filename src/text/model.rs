//! A trained generator on disk: a folder with `model.toml`, one safetensors file a network, and the
//! vocabulary of text.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::TrainedText;
use super::config::MOST_MEMBERS;
use super::models::{Ensemble, RecurrentModel, RecurrentShape};
use super::pairs;
use super::wgan;
use super::writer::SentenceWriter;
use crate::data::words::Vocabulary;
use crate::error::{Error, Result};
use crate::files::{model_folder, toml_file};
use crate::nn::{Initializer, load_tensors, save_tensors};
use crate::seed::Stream;

/// Generator of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// Generator after the adversarial phase.
    #[default]
    Gan,
    /// Generator after maximum likelihood.
    Mle,
    /// Ensemble of maximum likelihood.
    Ensemble,
    /// Generator that was distilled from the ensemble.
    Distilled,
}

/// Returns the generators of maximum likelihood that a game is compared with, beside its start, with their names: another
/// start, the ensemble, and what was distilled from it.
pub(crate) fn controls<'a>(
    ensemble: Option<&'a Ensemble<RecurrentModel>>,
    distilled: Option<&'a RecurrentModel>,
) -> Vec<(String, &'a dyn SentenceWriter)> {
    let mut all: Vec<(String, &dyn SentenceWriter)> = vec![];
    if let Some(ensemble) = ensemble {
        let count = ensemble.members().len();
        all.extend(ensemble.members().get(1).map(|other| ("mle-2".to_owned(), other as &dyn SentenceWriter)));
        all.push((format!("ensemble of {count}"), ensemble));
    }
    all.extend(distilled.map(|model| ("distilled".to_owned(), model as &dyn SentenceWriter)));
    all
}

/// Generators of a run and the vocabulary of their sentences, ready to write.
///
/// ```
/// use irgan::data::sentences::{Corpus, CorpusOptions};
/// use irgan::nn::Initializer;
/// use irgan::seed::Stream;
/// use irgan::text::models::RecurrentModel;
/// use irgan::text::{TextData, TextModel};
///
/// let corpus = Corpus::from_sentences(["a man sleeps", "a dog sleeps"], &CorpusOptions::default())?;
/// let data = TextData::from_corpora(corpus.clone(), corpus);
/// let shape = data.shape(Default::default(), 8, 8);
/// let generator = RecurrentModel::new(&shape, Initializer::Normal(0.1), &mut Stream::new(1).rng());
/// let model = TextModel {
///     likelihood: generator.clone(),
///     generator,
///     ensemble: None,
///     distilled: None,
///     vocabulary: data.vocabulary,
/// };
/// let prefix = model.encode("a dog")?;
/// assert_eq!(model.decode(&prefix), "a dog");
/// # let folder = tempfile::tempdir().expect("a temporary folder");
/// # let folder = folder.path();
/// model.save(folder)?;
/// assert_eq!(TextModel::load(folder)?, model);
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TextModel {
    /// Generator after maximum likelihood.
    pub likelihood: RecurrentModel,
    /// Generator after the adversarial phase.
    pub generator: RecurrentModel,
    /// Ensemble of maximum likelihood, where one was trained.
    pub ensemble: Option<Ensemble<RecurrentModel>>,
    /// Generator that was distilled from the ensemble, where the game had another judge.
    pub distilled: Option<RecurrentModel>,
    /// Names of the tokens; `None` where tokens are ids.
    pub vocabulary: Option<Arc<Vocabulary>>,
}

/// Version of the folder's layout.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    format: u32,
    text: bool,
    /// Members of the ensemble; without one 0.
    #[serde(default, skip_serializing_if = "is_default")]
    ensemble: usize,
    /// True where there is a distilled generator.
    #[serde(default, skip_serializing_if = "is_default")]
    distilled: bool,
    shape: RecurrentShape,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl TextModel {
    /// Takes the generators of a finished training.
    pub fn new(trained: &TrainedText, vocabulary: Option<Arc<Vocabulary>>) -> Self {
        let TrainedText { likelihood, generator, ensemble, distilled, .. } = trained.clone();
        Self { likelihood, generator, ensemble, distilled, vocabulary }
    }

    /// Returns every generator with its name in results: the start of the game, the generator after it, and the controls.
    pub fn writers(&self) -> Vec<(String, &dyn SentenceWriter)> {
        let mut all: Vec<(String, &dyn SentenceWriter)> =
            vec![("mle".to_owned(), &self.likelihood), ("gan".to_owned(), &self.generator)];
        all.extend(controls(self.ensemble.as_ref(), self.distilled.as_ref()));
        all
    }

    /// Returns one of the generators.
    ///
    /// # Errors
    /// When the training made no such generator.
    pub fn get(&self, which: Which) -> Result<&dyn SentenceWriter> {
        let missing = |what: &str| {
            Error::Config(format!(
                "this model has no {what}: it was trained without one (`ensemble.members`)"
            ))
        };
        match which {
            Which::Gan => Ok(&self.generator),
            Which::Mle => Ok(&self.likelihood),
            Which::Ensemble => {
                let found = self.ensemble.as_ref().map(|model| model as &dyn SentenceWriter);
                found.ok_or_else(|| missing("ensemble"))
            }
            Which::Distilled => {
                let found = self.distilled.as_ref().map(|model| model as &dyn SentenceWriter);
                found.ok_or_else(|| missing("distilled generator"))
            }
        }
    }

    /// Writes the model into `folder`; `model.toml` comes last, so that half a model is none.
    ///
    /// # Errors
    /// When the folder or a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, "create the folder", source))?;
        save_tensors(&folder.join("generator.safetensors"), &self.generator)?;
        save_tensors(&folder.join("mle.safetensors"), &self.likelihood)?;
        if let Some(ensemble) = &self.ensemble {
            save_tensors(&folder.join("ensemble.safetensors"), ensemble)?;
        }
        if let Some(distilled) = &self.distilled {
            save_tensors(&folder.join("distilled.safetensors"), distilled)?;
        }
        if let Some(vocabulary) = &self.vocabulary {
            vocabulary.save(folder.join("vocabulary.txt"))?;
        }
        let text = self.vocabulary.is_some();
        let ensemble = self.ensemble.as_ref().map_or(0, |ensemble| ensemble.members().len());
        let distilled = self.distilled.is_some();
        let shape = self.generator.shape().clone();
        let header = Header { format: FORMAT, text, ensemble, distilled, shape };
        toml_file::write(&folder.join("model.toml"), &header)
    }

    /// Reads the model in `folder`.
    ///
    /// # Errors
    /// When a file cannot be read, is damaged, or is of another version or another model.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join("model.toml");
        #[derive(Deserialize)]
        struct Version {
            format: Option<u32>,
            players: Option<toml::Table>,
            kind: Option<String>,
        }
        let description = model_folder::read_description(folder)?;
        let version: Version =
            toml::from_str(&description).map_err(|cause| Error::data(&path, cause.message().to_owned()))?;
        if version.players.is_some() {
            let message =
                "a ranker, made by `irgan`, writes no sentences: `irgan rank` and `irgan inspect` take it";
            return Err(Error::data(folder, message));
        }
        if version.kind.as_deref() == Some(wgan::KIND) {
            let message = "a generator of lines from noise, which has neither likelihoods nor temperatures: `seqgan generate` \
                           and `seqgan eval` take it";
            return Err(Error::data(folder, message));
        }
        if version.kind.as_deref() == Some(pairs::KIND) {
            let message =
                "a model of pairs, which answers sources: `seqgan answer` and `seqgan chat` take it";
            return Err(Error::data(folder, message));
        }
        if version.format != Some(FORMAT) {
            let found = version.format.map_or("none".to_owned(), |format| format.to_string());
            let message = format!("format {found} is not the {FORMAT} this program reads; train again");
            return Err(Error::data(&path, message));
        }
        let header: Header = toml::from_str(&description).map_err(|cause| {
            Error::data(&path, format!("not the description of a generator ({})", cause.message()))
        })?;
        header.shape.validate().map_err(|cause| Error::data(&path, format!("{cause}; train again")))?;
        let vocabulary = match header.text {
            true => Some(Arc::new(Vocabulary::load(folder.join("vocabulary.txt"))?)),
            false => None,
        };
        if let Some(size) =
            vocabulary.as_ref().map(|v| v.len()).filter(|&size| size != header.shape.vocabulary)
        {
            let message =
                format!("{size} tokens, but the model has {}; train again", header.shape.vocabulary);
            return Err(Error::data(folder.join("vocabulary.txt"), message));
        }
        let empty =
            || RecurrentModel::new(&header.shape, Initializer::Uniform(0.0), &mut Stream::new(0).rng());
        let read = |name: &str| {
            let mut generator = empty();
            load_tensors(&folder.join(name), &mut generator).map(|()| generator)
        };
        let ensemble = |count: usize| {
            let mut ensemble = Ensemble::new((0..count).map(|_| empty()).collect());
            load_tensors(&folder.join("ensemble.safetensors"), &mut ensemble).map(|()| ensemble)
        };
        if header.ensemble > MOST_MEMBERS {
            let message = format!("an ensemble of {}: expected at most {MOST_MEMBERS}", header.ensemble);
            return Err(Error::data(&path, message));
        }
        Ok(Self {
            likelihood: read("mle.safetensors")?,
            generator: read("generator.safetensors")?,
            ensemble: (header.ensemble > 0).then(|| ensemble(header.ensemble)).transpose()?,
            distilled: header.distilled.then(|| read("distilled.safetensors")).transpose()?,
            vocabulary,
        })
    }

    /// Returns a sentence as text: the names of its tokens, or their ids.
    pub fn decode(&self, sentence: &[u32]) -> String {
        match &self.vocabulary {
            Some(vocabulary) => vocabulary.decode(sentence),
            None => sentence.iter().map(u32::to_string).collect::<Vec<_>>().join(" "),
        }
    }

    /// Returns the tokens of a text that begins a sentence.
    ///
    /// # Errors
    /// When the model does not know a token.
    pub fn encode(&self, prefix: &str) -> Result<Vec<u32>> {
        let Some(vocabulary) = &self.vocabulary else {
            let size = self.generator.shape().vocabulary;
            let id = |word: &str| word.parse::<u32>().ok().filter(|&id| (id as usize) < size);
            return prefix
                .split_whitespace()
                .map(|word| {
                    id(word).ok_or_else(|| {
                        Error::Config(format!("prefix `{word}`: expected a token id below {size}"))
                    })
                })
                .collect();
        };
        let tokens = vocabulary
            .tokenizer()
            .split(prefix)
            .map_err(|cause| Error::Config(format!("prefix: {cause}")))?;
        for token in &tokens {
            if vocabulary.id(token).is_none() {
                return Err(Error::Config(format!("prefix: the model does not know `{token}`")));
            }
        }
        Ok(vocabulary.encode(&tokens))
    }
}
