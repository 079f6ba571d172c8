//! The trait that credit assignment asks for judgements.

use ndarray::Array2;

use crate::data::sentences::Sequences;
use crate::text::models::LanguageModel;

/// A measure of how good the sentences of a language model `M` are: a discriminator, a rival, BLEU.
pub trait SentenceScorer<M: LanguageModel>: Sync {
    /// Judges whole sentences, or prefixes, of `contexts: [N]`: one number each, larger is better, `[N]`.
    fn score(&self, contexts: &[M::Context], sentences: &Sequences) -> Vec<f32>;

    /// Judges every token that `policy` wrote: `[N, T]`; `None` where only whole sentences are judged.
    fn score_tokens(
        &self,
        _policy: &M,
        _contexts: &[M::Context],
        _sentences: &Sequences,
    ) -> Option<Array2<f32>> {
        None
    }

    /// Judges every prefix of every sentence at once, `[N, T]`, from a sentence's end on the whole; `None` where prefixes are
    /// judged one by one.
    fn score_prefixes(&self, _contexts: &[M::Context], _sentences: &Sequences) -> Option<Array2<f32>> {
        None
    }
}
