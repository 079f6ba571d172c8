//! Training of the convolutional judge on real and drawn sentences.

use rand::Rng as _;

use super::{CnnJudge, SETTLED};
use crate::data::sentences::Sequences;
use crate::game::JudgeStatistics;
use crate::nn::Learner;
use crate::seed::Stream;
use crate::text::judges::examples::Shown;
use crate::text::judges::two_classes::{share_right, train_batches};

/// Passes once over `shown` in batches of `batch` sentences, cut at random lengths when the judge is one of `prefixes`,
/// and returns the means over the batches.
pub(in crate::text::judges) fn train_epoch(
    learner: &mut Learner<CnnJudge>,
    shown: &Shown,
    batch: usize,
    prefixes: bool,
    stream: Stream,
) -> JudgeStatistics {
    let cut = |sentences: Sequences, stream: Stream| match prefixes {
        true => random_prefixes(&sentences, stream.named("prefix")),
        false => sentences,
    };
    let compares = learner.shape.compares();
    let batches = shown.batches(batch, if compares { 2 } else { 1 });
    let seen = train_batches(learner, batches, stream, |network, (sentences, labels), stream, gradient| {
        let sentences = cut(sentences, stream);
        network.gradient(&sentences, &labels, &mut stream.named("dropout").rng(), gradient)
    });
    if compares && let Some((sentences, labels)) = shown.batches(SETTLED, 1).next() {
        learner.model_mut().settle(&cut(sentences, stream.named("settled")), &labels);
    }
    seen
}

/// Returns the share of `real` and `drawn` sentences, as many of both, that the judge classifies correctly.
pub(in crate::text::judges) fn held_out_accuracy(
    network: &CnnJudge,
    mut real: Sequences,
    mut drawn: Sequences,
    prefixes: bool,
    stream: Stream,
) -> f64 {
    if prefixes {
        real = random_prefixes(&real, stream.named("prefix of real"));
        drawn = random_prefixes(&drawn, stream.named("prefix of drawn"));
    }
    let right = |sentences: &Sequences, is_real: bool| {
        share_right(network.divergence(), &network.judgements_of_kind(sentences), is_real)
    };
    (right(&real, true) + right(&drawn, false)) / 2.0
}

/// Cuts every sentence at a random length, for a judge of prefixes.
pub(in crate::text) fn random_prefixes(sentences: &Sequences, stream: Stream) -> Sequences {
    let mut rng = stream.rng();
    let lengths: Vec<u32> =
        sentences.lengths().iter().map(|&length| rng.random_range(1..=length.max(1))).collect();
    sentences.prefixes(&lengths)
}
