//! Trained generators of lines on disk: `model.toml`, the tensors, the vocabulary, and the words of the training lines.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::config::{LineGeneratorConfig, Objective, WganConfig};
use super::generator::LineGenerator;
use super::lines::{classes, lines, text};
use super::measures::{LineMeasures, LineReference};
use crate::data::sentences::Sequences;
use crate::data::words::Vocabulary;
use crate::error::{Error, Result};
use crate::files::no_follow::replace_atomically;
use crate::files::{model_folder, toml_file};
use crate::nn::{load_tensors, save_tensors};
use crate::seed::Stream;

/// Generator of a run with its vocabulary, ready to write.
#[derive(Clone, Debug)]
pub struct LineModel {
    generator: LineGenerator,
    settings: LineGeneratorConfig,
    objective: Objective,
    vocabulary: Arc<Vocabulary>,
    words: BTreeSet<String>,
}

/// Version of the folder's layout.
const FORMAT: u32 = 1;
/// Kind of model in `model.toml`.
pub(in crate::text) const KIND: &str = "lines";
const TENSORS: &str = "generator.safetensors";
const VOCABULARY: &str = "vocabulary.txt";
const WORDS: &str = "words.txt";

/// Description of a folder of a generator.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    format: u32,
    kind: String,
    objective: Objective,
    length: usize,
    generator: LineGeneratorConfig,
}

impl LineModel {
    /// Takes the generator of a finished training.
    pub fn new(
        config: &WganConfig,
        generator: LineGenerator,
        vocabulary: Arc<Vocabulary>,
        words: BTreeSet<String>,
    ) -> Self {
        Self { generator, settings: config.generator, objective: config.objective, vocabulary, words }
    }

    /// Returns true when the model in `folder` writes lines.
    ///
    /// # Errors
    /// When there is no model.
    pub fn is_in(folder: &Path) -> Result<bool> {
        model_folder::is_of_kind(folder, KIND)
    }

    /// Writes the model into `folder`; `model.toml` comes last, so that half a model is none.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        save_tensors(&folder.join(TENSORS), &self.generator)?;
        self.vocabulary.save(folder.join(VOCABULARY))?;
        let words: String = self.words.iter().flat_map(|word| [word.as_str(), "\n"]).collect();
        replace_atomically(&folder.join(WORDS), |writer| writer.write_all(words.as_bytes()))?;
        let (length, generator) = (self.generator.steps(), self.settings);
        let header =
            Header { format: FORMAT, kind: KIND.into(), objective: self.objective, length, generator };
        toml_file::write(&folder.join(model_folder::DESCRIPTION), &header)
    }

    /// Reads the model in `folder`.
    ///
    /// # Errors
    /// When a file cannot be read, is damaged, or is of another version or another model.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(model_folder::DESCRIPTION);
        let description = model_folder::read_description(folder)?;
        let header: Header = toml::from_str(&description).map_err(|cause| {
            let cause = cause.message();
            Error::data(&path, format!("not the description of a generator of lines ({cause})"))
        })?;
        if header.format != FORMAT || header.kind != KIND {
            let message =
                format!("format {} is not the {FORMAT} this program reads; train again", header.format);
            return Err(Error::data(&path, message));
        }
        let checked = WganConfig {
            objective: header.objective,
            length: header.length,
            generator: header.generator,
            ..WganConfig::preset(header.objective, super::config::WganSize::Small)
        };
        checked.validate().map_err(|cause| Error::data(&path, format!("{cause}; train again")))?;
        let vocabulary = Arc::new(Vocabulary::load(folder.join(VOCABULARY))?);
        let rng = &mut Stream::new(0).rng();
        let mut generator = LineGenerator::new(&header.generator, header.length, classes(&vocabulary), rng);
        load_tensors(&folder.join(TENSORS), &mut generator)?;
        let path = folder.join(WORDS);
        let words = std::fs::read_to_string(&path).map_err(|source| Error::io(&path, "read", source))?;
        let words = words.lines().map(String::from).collect();
        let (settings, objective) = (header.generator, header.objective);
        Ok(Self { generator, settings, objective, vocabulary, words })
    }

    /// Returns the number of tokens of a line, T.
    pub fn steps(&self) -> usize {
        self.generator.steps()
    }

    /// Returns the objective of the training.
    pub fn objective(&self) -> Objective {
        self.objective
    }

    /// Returns the vocabulary.
    pub fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.vocabulary
    }

    /// Writes `count` lines.
    pub fn write(&self, count: usize, stream: Stream) -> Vec<String> {
        let drawn = self.generator.write(count, stream);
        drawn.rows().into_iter().map(|line| text(line, &self.vocabulary)).collect()
    }

    /// Measures drawn lines against those of a `reference`, and the second half of the reference against the first.
    pub fn measure(&self, reference: &Sequences, count: usize, stream: Stream) -> [LineMeasures; 2] {
        let real = lines(reference, self.steps());
        let of = |real: ndarray::ArrayView2<'_, u32>, lines: &Array2<u32>| {
            LineReference::new(real, &self.words, &self.vocabulary).measure(lines.view())
        };
        let drawn = self.generator.write(count, stream);
        let (first, second) = real.view().split_at(ndarray::Axis(0), real.nrows() / 2);
        [of(real.view(), &drawn), of(first, &second.to_owned())]
    }
}
