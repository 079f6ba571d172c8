//! Numbers about a generator and its discriminator while they learn.

use super::judges::Judge as _;
use super::judges::random_prefixes;
use super::judges::without_end;
use super::learned::Learned;
use super::models::Generator;
use super::{Credit, TextConfig, TextData};
use crate::evaluation::text::{References, distinct_tokens, mean_bleu, self_bleu};
use crate::seed::Stream;

/// Numbers about a generator: against the oracle, or on held-out text, and how diverse it is.
pub fn look_at(
    generator: &Generator,
    data: &TextData,
    config: &TextConfig,
    stream: Stream,
) -> Vec<(&'static str, f64)> {
    let drawn = generator.draw(config.evaluation.sentences, stream);
    let mut found = vec![];
    match &data.oracle {
        Some(oracle) => {
            found.push(("nll-oracle", oracle.model.nll(&drawn)));
            found.push(("nll-test", generator.nll(&oracle.test)));
        }
        None => {
            found.push(("nll-valid", generator.nll(&data.valid)));
            let plain: Vec<&[u32]> = drawn.iter().map(|s| without_end(s, data.end)).collect();
            let real: Vec<&[u32]> = data.valid.iter().map(|s| without_end(s, data.end)).collect();
            found.push(("bleu-3", mean_bleu(&plain, &References::new(&real, 3), 3..=3)[0]));
            found.push(("self-bleu-3", self_bleu(&plain, 3..=3)[0]));
        }
    }
    found.push(("distinct-tokens", distinct_tokens(&drawn.iter().collect::<Vec<_>>()) as f64));
    found
}

/// Share of held-out real sentences and of freshly drawn ones that the discriminator judges rightly: what it
/// knows beyond the sentences it was shown.
pub(super) fn held_out_accuracy(
    learned: &Learned,
    data: &TextData,
    config: &TextConfig,
    stream: Stream,
) -> f64 {
    let count = data.valid.len().min(config.evaluation.sentences);
    let drawn = learned.generator.draw(count, stream.named("held out"));
    let real = data.valid.select(&(0..count).collect::<Vec<_>>());
    let (mut real, mut drawn) = (real, drawn);
    if config.adversarial.credit == Credit::Prefix {
        real = random_prefixes(&real, stream.named("prefix of real"));
        drawn = random_prefixes(&drawn, stream.named("prefix of drawn"));
    }
    let right = learned.discriminator.score(&real).into_iter().filter(|&p| p > 0.5).count()
        + learned.discriminator.score(&drawn).into_iter().filter(|&p| p <= 0.5).count();
    right as f64 / (2 * count).max(1) as f64
}
