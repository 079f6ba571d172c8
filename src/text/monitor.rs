//! Measures of a generator while it learns.

use super::{Grammatical, SentenceWriter, TextConfig, TextData};
use crate::evaluation::text::{References, distinct_tokens, mean_bleu, self_bleu, unknown_share};
use crate::game::metric;
use crate::seed::Stream;

/// Measures sentences drawn by `stream`: their likelihood under the oracle, or BLEU against held-out text
/// with the share of unknown words; the likelihood of held-out sentences; of a known grammar the share of grammatical
/// sentences and their entropy; and the number of distinct tokens.
pub fn measure_generator(
    generator: &dyn SentenceWriter,
    data: &TextData,
    config: &TextConfig,
    stream: Stream,
) -> Vec<(&'static str, f64)> {
    let drawn = generator.write(config.evaluation.sentences, stream);
    let mut found = vec![];
    match &data.oracle {
        Some(oracle) => {
            found.push((metric::NLL_ORACLE, oracle.model.nll(&drawn)));
            found.push((metric::NLL_TEST, generator.token_nll(&oracle.test)));
        }
        None => {
            found.push((metric::NLL_VALID, generator.token_nll(&data.valid)));
            let (words, real) = (data.words(&drawn), data.words(&data.valid));
            found.push((metric::BLEU_3, mean_bleu(&words, &References::new(&real, 3), 3..=3)[0]));
            found.push((metric::SELF_BLEU_3, self_bleu(&words, 3..=3)[0]));
            found.push((metric::UNKNOWN, unknown_share(&words)));
        }
    }
    if let Some(Grammatical { share, entropy }) = data.grammatical(&drawn) {
        found.extend([(metric::GRAMMATICAL, share), (metric::LANGUAGE_ENTROPY, entropy)]);
    }
    found.push((metric::DISTINCT_TOKENS, distinct_tokens(&drawn.iter().collect::<Vec<_>>()) as f64));
    found
}
