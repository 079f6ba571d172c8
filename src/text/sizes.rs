//! Limits of memory: each setting alone is sensible, not with these data.

use super::config::{JudgeKind, TextConfig};
use super::credit::Credit;
use super::data::TextData;
use crate::error::{Error, Result, require};
use crate::game::MOST_REPLAYED;

/// The most numbers of one kind that a training keeps at a time: 4 GiB.
const LARGEST: usize = 1 << 30;

/// Refuses settings that would need more memory than there is: each alone is sensible, not with these data.
pub(super) fn validate_sizes(config: &TextConfig, data: &TextData) -> Result<()> {
    config.validate()?;
    let TextConfig { generator, discriminator, adversarial, evaluation, .. } = config;
    if adversarial.judge == JudgeKind::Ranker {
        discriminator
            .ranker
            .validate_counts(data.train.len(), discriminator.drawn_beside(data.train.len()))?;
    }
    data.shape(generator.cell, generator.embedding, generator.hidden).validate()?;
    let keeps = discriminator.replay > 0.0 || discriminator.network.minibatch.is_some();
    require(!keeps || data.vocabulary_size <= MOST_REPLAYED, || {
        format!(
            "`discriminator.replay` and `discriminator.network.minibatch` do not apply to vocabularies of more than {MOST_REPLAYED} tokens"
        )
    })?;
    let product = |factors: &[usize]| factors.iter().fold(1usize, |all, &one| all.saturating_mul(one));
    let (steps, cell) = (data.steps, generator.embedding + 8 * generator.hidden);
    let sizes = [
        ("the discriminator's embedding", product(&[data.vocabulary_size, discriminator.network.embedding])),
        (
            "a batch of the adversarial phase (`adversarial.batch`, `generator.hidden`)",
            product(&[adversarial.batch, steps, cell]),
        ),
        ("a batch of maximum likelihood", product(&[config.mle.batch.min(data.train.len()), steps, cell])),
        (
            "the rollouts of one sentence (`adversarial.rollouts`, `generator.hidden`)",
            if adversarial.credit == Credit::Rollouts {
                product(&[adversarial.rollouts, steps, steps + cell])
            } else {
                0
            },
        ),
        (
            "the drawn sentences that are kept (`discriminator.replay`, `discriminator.sentences`)",
            if discriminator.replay > 0.0 {
                product(&[discriminator.drawn_beside(data.train.len()), steps + 1])
            } else {
                0
            },
        ),
        ("an evaluation (`evaluation.sentences`)", product(&[evaluation.sentences, steps])),
    ];
    match sizes.into_iter().find(|&(_, size)| size > LARGEST) {
        Some((what, size)) => Err(Error::Config(format!(
            "{what}: {size} numbers are more than the {LARGEST} there is room for; choose fewer or shorter \
             sentences (`corpus.max-len`, `oracle.steps`) or a smaller network"
        ))),
        None => Ok(()),
    }
}
