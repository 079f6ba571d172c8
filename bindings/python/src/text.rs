//! Generators of sentences, behind `irgan.TextGenerator`.

use std::path::{Path, PathBuf};

use irgan::data::sentences::{Corpus, CorpusOptions};
use irgan::data::words::{Level, Tokenizer};
use irgan::files::overlaid;
use irgan::text::{
    self, Decoding, Draws, TextConfig, TextData, TextOptions, TextPreset, Which, log_likelihoods,
};
use pyo3::prelude::*;

use crate::compute::{released, saved, trained};
use crate::error::checked;
use crate::settings::{chosen, table};

/// A trained generator of sentences.
#[pyclass(frozen, module = "irgan")]
pub struct TextModel(text::TextModel);

/// Kind of token, lower case, longest sentence, least count of a word, and the seed of the sentences held out.
#[derive(FromPyObject)]
pub(crate) struct Reading(String, bool, usize, usize, u64);

/// Trains a generator on sentences, chosen by those of `valid` or by a tenth that is held out.
#[pyfunction]
pub fn train_text(
    py: Python<'_>,
    preset: Option<String>,
    settings: &str,
    reading: Reading,
    sentences: Vec<String>,
    valid: Option<Vec<String>>,
    watcher: &Bound<'_, PyAny>,
) -> PyResult<(TextModel, Vec<String>)> {
    let Reading(level, lowercase, max_len, min_count, seed) = reading;
    let tokenizer = Tokenizer { level: chosen::<Level>("level", &level)?, lowercase };
    let options = CorpusOptions { tokenizer, max_len, cuts: false, min_count };
    let preset = preset.map(|preset| chosen::<TextPreset>("preset", &preset)).transpose()?;
    let over = table(settings)?;
    let read = || {
        let corpus = Corpus::from_sentences(sentences, &options)?;
        let longest = corpus.sequences.steps() - 1;
        let valid = valid
            .map(|valid| Corpus::sentences_with_vocabulary(valid, &corpus.vocabulary, longest))
            .transpose()?;
        let (train, valid) = corpus.with_held_out(valid, seed)?;
        let said = [("training", &train.report), ("validation", &valid.report)]
            .map(|(name, report)| format!("{name} {report}"));
        let data = TextData::from_corpora(train, valid);
        let preset = preset.unwrap_or_else(|| TextPreset::for_tokens(data.train.token_count()));
        let config: TextConfig = overlaid(&TextConfig::preset(preset), &over)?;
        config.validate()?;
        Ok((said, data, config))
    };
    let (said, data, config) = checked(py, read())?;
    let (model, collapses) = trained(py, watcher, move |checkpoints, listener| {
        said.iter().for_each(|text| listener.note(text));
        let options = TextOptions { checkpoints: checkpoints.clone(), ..TextOptions::default() };
        let trained = text::train_text(&config, &data, &options, listener)?;
        Ok((text::TextModel::new(&trained, data.vocabulary.clone()), trained.collapses))
    })?;
    Ok((TextModel(model), collapses))
}

#[pymethods]
impl TextModel {
    /// Reads the model in a folder.
    #[staticmethod]
    fn load(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        released(py, || text::TextModel::load(&folder)).map(Self)
    }

    /// Writes the model into a folder.
    fn save(&self, py: Python<'_>, folder: PathBuf, force: bool) -> PyResult<()> {
        saved(py, &folder, force, || self.0.save(&folder))
    }

    /// Draws sentences.
    fn generate(
        &self,
        py: Python<'_>,
        count: usize,
        decoding: (f32, Option<usize>, Option<f32>),
        prefix: &str,
        which: &str,
        seed: u64,
    ) -> PyResult<Vec<String>> {
        let (temperature, top_k, top_p) = decoding;
        let decoding = Decoding { temperature, top_k, top_p };
        let draws = Draws { which: chosen::<Which>("which", which)?, count, decoding, prefix, seed };
        released(py, || Ok(self.0.drawn(&draws)?.flatten().collect()))
    }

    /// Returns the log-likelihood of every sentence, in nats, and the number of its tokens with the end.
    fn score(&self, py: Python<'_>, sentences: Vec<String>, which: &str) -> PyResult<(Vec<f64>, Vec<usize>)> {
        let which = chosen::<Which>("which", which)?;
        released(py, || {
            let generator = self.0.get(which)?;
            let read =
                |(number, line): (usize, &String)| self.0.read_sentence(Path::new("sentences"), number, line);
            let tokens = (1..).zip(&sentences).map(read).collect::<irgan::Result<Vec<_>>>()?;
            Ok((log_likelihoods(generator, &tokens), tokens.iter().map(Vec::len).collect()))
        })
    }

    /// Number of tokens of the vocabulary.
    #[getter]
    fn vocabulary_size(&self) -> usize {
        self.0.generator.shape().vocabulary
    }
}
