//! Models that write sentences without a context, whatever their kind: what measures of a generator take.

use ndarray::Array2;

use super::beam::{Beam, Hypothesis};
use super::decode::{Decoding, decode};
use super::models::LanguageModel;
use crate::data::sentences::Sequences;
use crate::seed::Stream;

/// A language model of sentences alone, of any kind. Every [`LanguageModel`] whose context is `()` is one.
pub trait SentenceWriter: Sync {
    /// Returns the model with its logits divided by `temperature`.
    fn scaled(&self, temperature: f32) -> Box<dyn SentenceWriter + '_>;

    /// Draws `count` sentences; sentence i uses the stream `stream.at(i)`.
    fn write(&self, count: usize, stream: Stream) -> Sequences;

    /// Draws the rest of a sentence after each of `prefixes`; sentence i uses the stream `stream.at(i)`.
    fn decoded(&self, prefixes: &[&[u32]], decoding: &Decoding, stream: Stream) -> Sequences;

    /// Finds the sentences after `prefix` with the best scores of a beam search.
    fn searched(&self, prefix: &[u32], beam: &Beam) -> Vec<Hypothesis>;

    /// Returns `log π` of every token: `[B, T]`, 0 beyond each sentence's end.
    fn token_log_probabilities(&self, sentences: &Sequences) -> Array2<f32>;

    /// Returns the mean negative log-likelihood of a token of `sentences`, in nats.
    fn token_nll(&self, sentences: &Sequences) -> f64;
}

impl<M: LanguageModel<Context = ()>> SentenceWriter for M {
    fn scaled(&self, temperature: f32) -> Box<dyn SentenceWriter + '_> {
        Box::new(self.at_temperature(temperature))
    }

    fn write(&self, count: usize, stream: Stream) -> Sequences {
        self.draw(&vec![(); count], stream)
    }

    fn decoded(&self, prefixes: &[&[u32]], decoding: &Decoding, stream: Stream) -> Sequences {
        decode(self, &vec![(); prefixes.len()], prefixes, decoding, stream)
    }

    fn searched(&self, prefix: &[u32], beam: &Beam) -> Vec<Hypothesis> {
        beam.search(self, &[()], &[prefix]).remove(0)
    }

    fn token_log_probabilities(&self, sentences: &Sequences) -> Array2<f32> {
        self.log_probabilities(&vec![(); sentences.len()], sentences)
    }

    fn token_nll(&self, sentences: &Sequences) -> f64 {
        self.nll(&vec![(); sentences.len()], sentences)
    }
}
