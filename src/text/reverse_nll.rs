//! Reverse likelihood: how much of the language the sentences of a generator cover.

use super::likelihood::Examples;
use super::likelihood_stage::fit_likelihood;
use super::models::{RecurrentModel, RecurrentShape};
use super::{MleConfig, SentenceWriter, TextConfig};
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::nn::Initializer;
use crate::seed::Stream;

/// Returns the negative log-likelihood of a token of `reference` under a new model of this `shape` that was trained
/// by maximum likelihood on `count` sentences of the generator (reverse NLL), in nats.
///
/// # Errors
/// When a number stops being finite.
pub fn reverse_nll(
    generator: &dyn SentenceWriter,
    shape: &RecurrentShape,
    reference: &Sequences,
    config: &TextConfig,
    count: usize,
    stream: Stream,
) -> Result<f64> {
    let (learnt, chosen_by) = (count, count.div_ceil(10));
    let train = generator.write(learnt, stream.named("train"));
    let valid = generator.write(chosen_by, stream.named("valid"));
    let train = Examples { contexts: &vec![(); learnt], sentences: &train };
    let valid = Examples { contexts: &vec![(); chosen_by], sentences: &valid };
    let mut rng = Stream::new(config.seed).named("init generator").rng();
    let initializer = Initializer::Normal(config.generator.deviation);
    let model = RecurrentModel::new(shape, initializer, &mut rng);
    let settings = MleConfig { patience: config.mle.patience.max(1), ..config.mle };
    let model = fit_likelihood(model, train, valid, &settings, stream.named("mle"), |_| Ok(()))?;
    Ok(model.nll(reference))
}
