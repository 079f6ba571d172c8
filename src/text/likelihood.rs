//! The first two phases: maximum likelihood of the generator, and pre-training of who judges it.

use ndarray::Array2;
use rand::seq::SliceRandom as _;

use super::game::{check, discriminator_epoch, draw_negatives};
use super::learned::{Learned, Rival};
use super::look::{held_out_accuracy, look_at};
use super::models::Generator;
use super::train::Trainer;
use super::{JudgeKind, TextConfig, TextData, TextOptions};
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::event::{Event, Silent};
use crate::nn::Optimizer;
use crate::seed::Stream;

impl Trainer<'_> {
    pub(super) fn maximum_likelihood(&mut self) -> Result<()> {
        let settings = &self.config.mle;
        let keep_last = settings.patience == 0;
        for epoch in self.position.done + 1..=settings.epochs {
            // Asked before an epoch, so that a training resumed after its last one stops there too.
            if !keep_last && self.position.done >= self.position.best_at.saturating_add(settings.patience) {
                break;
            }
            let stream = self.stream.named("mle").at(epoch as u64);
            let Learned { generator, mle_optimizer, .. } = &mut self.kept.learned;
            let loss = likelihood_epoch(self.config, self.data, generator, mle_optimizer, stream)?;
            let valid = self.kept.learned.generator.nll(&self.data.valid);
            check(valid, &self.kept.learned.generator, "generator", "--mle-lr")?;
            if keep_last || self.position.best.is_none_or(|best| valid < best) {
                self.kept.learned.likelihood = self.kept.learned.generator.clone();
                self.position.best = Some(valid);
                self.position.best_at = epoch;
            }
            let mut metrics = vec![("nll-train", loss), ("nll-valid", valid)];
            let every = self.config.adversarial.evaluate_every;
            if epoch == 1 || (epoch - 1).is_multiple_of(every) || epoch == settings.epochs {
                let looked = look_at(&self.kept.learned.generator, self.data, self.config, self.evaluation());
                metrics.extend(looked.into_iter().filter(|(name, _)| *name != "nll-valid")); // it is there
            }
            self.listener.event(&Event { phase: "mle", step: epoch, of: settings.epochs, metrics: &metrics });
            self.position.done = epoch;
            self.stage.step(&self.kept, &self.position)?;
        }
        self.kept.learned.generator = self.kept.learned.likelihood.clone();
        Ok(())
    }

    pub(super) fn pretrain_discriminator(&mut self) -> Result<()> {
        match self.config.adversarial.judge {
            JudgeKind::Discriminator => {}
            JudgeKind::Bleu => return Ok(()),
            JudgeKind::Rival => return self.pretrain_rival(),
        }
        let settings = &self.config.discriminator;
        for draw in self.position.done + 1..=settings.pretrain_draws {
            let stream = self.stream.named("pretrain").at(draw as u64);
            let drawn = draw_negatives(self.config, self.data, &self.kept.learned, stream.named("draw"));
            let mut seen = Default::default();
            for epoch in 0..settings.epochs {
                let stream = stream.at(epoch as u64);
                seen = discriminator_epoch(self.config, self.data, &mut self.kept.learned, &drawn, stream)?;
            }
            self.listener.event(&Event {
                phase: "discriminator",
                step: draw,
                of: settings.pretrain_draws,
                metrics: &[
                    ("d-loss", seen.loss),
                    ("d-accuracy", seen.accuracy),
                    ("d-calibration", seen.calibration),
                    (
                        "d-held-out",
                        held_out_accuracy(&self.kept.learned, self.data, self.config, self.evaluation()),
                    ),
                ],
            });
            self.position.done = draw;
            self.stage.step(&self.kept, &self.position)?;
        }
        Ok(())
    }

    /// Maximum likelihood of the rival, for as many epochs as were best for the generator.
    fn pretrain_rival(&mut self) -> Result<()> {
        let epochs = if self.position.best_at > 0 { self.position.best_at } else { self.config.mle.epochs };
        for epoch in self.position.done + 1..=epochs {
            let stream = self.stream.named("rival").at(epoch as u64);
            let Rival { model: rival, mle_optimizer, .. } =
                self.kept.learned.rival.as_mut().expect("it judges");
            let loss = likelihood_epoch(self.config, self.data, rival, mle_optimizer, stream)?;
            let metrics = [("nll-train", loss), ("nll-valid", rival.nll(&self.data.valid))];
            self.listener.event(&Event {
                phase: "discriminator",
                step: epoch,
                of: epochs,
                metrics: &metrics,
            });
            self.position.done = epoch;
            self.stage.step(&self.kept, &self.position)?;
        }
        Ok(())
    }
}

/// One pass over the training sentences; returns the mean negative log-likelihood of a token.
fn likelihood_epoch(
    config: &TextConfig,
    data: &TextData,
    generator: &mut Generator,
    optimizer: &mut Optimizer,
    stream: Stream,
) -> Result<f64> {
    let settings = &config.mle;
    let mut order: Vec<usize> = (0..data.train.len()).collect();
    order.shuffle(&mut stream.named("order").rng());
    let (mut loss, mut batches) = (0.0, 0.0);
    for (step, batch) in order.chunks(settings.batch).enumerate() {
        let sentences = data.train.select(batch);
        let weight = 1.0 / sentences.token_count().max(1) as f32;
        let weights = Array2::from_elem(sentences.tokens().raw_dim(), weight);
        let dropout =
            (settings.dropout > 0.0).then(|| (settings.dropout, stream.named("dropout").at(step as u64)));
        let mut step = generator.gradient(&sentences, weights.view(), dropout);
        optimizer.step(generator, &mut step.gradient);
        loss += step.loss;
        batches += 1.0;
    }
    check(loss, generator, "generator", "--mle-lr")?;
    Ok(loss / batches)
}

/// Negative log-likelihood of `reference` under a new generator of the same shape that was trained by maximum
/// likelihood on `count` sentences of `generator`: how much of the language they cover (reverse NLL).
pub fn reverse_nll(
    generator: &Generator,
    reference: &Sequences,
    config: &TextConfig,
    count: usize,
    stream: Stream,
) -> Result<f64> {
    let shape = generator.shape().clone();
    let data = TextData {
        train: generator.draw(count, stream.named("train")),
        valid: generator.draw(count.div_ceil(10), stream.named("valid")),
        vocabulary_size: shape.vocabulary,
        steps: shape.steps,
        start: shape.start,
        end: shape.end,
        never: shape.never,
        oracle: None,
        vocabulary: None,
    };
    let mut config = config.clone();
    config.evaluation.sentences = 1; // nobody listens
    (config.generator.cell, config.generator.embedding, config.generator.hidden) =
        (shape.cell, shape.embedding, shape.hidden);
    config.mle.patience = config.mle.patience.max(1);
    let options = TextOptions::default();
    let mut nobody = Silent;
    let mut trainer = Trainer { stream, ..Trainer::new(&config, &data, &options, &mut nobody)? };
    trainer.maximum_likelihood()?;
    Ok(trainer.kept.learned.likelihood.nll(reference))
}
