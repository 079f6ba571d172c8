//! The phases before the game: maximum likelihood of the generator, and the pre-training of its judge.

use super::judges::Classroom;
use super::learned::Learned;
use super::likelihood::{BestEpoch, Examples, check_finite, likelihood_epoch};
use super::monitor::measure_generator;
use super::train::Trainer;
use crate::error::Result;
use crate::event::Event;
use crate::game::{metric, phase};

impl Trainer<'_> {
    /// Trains the generator by maximum likelihood and leaves it at its best epoch.
    pub(super) fn maximum_likelihood(&mut self) -> Result<()> {
        let settings = &self.config.mle;
        let contexts = vec![(); self.data.train.len()];
        let examples = Examples { contexts: &contexts, sentences: &self.data.train };
        for epoch in self.position.done + 1..=settings.epochs {
            let mut best = BestEpoch { nll: self.position.best, epoch: self.position.best_at };
            // Asked before an epoch, so that a training resumed after its last one stops there too.
            if best.is_over(self.position.done, settings.patience) {
                break;
            }
            let stream = self.stream.named("mle").at(epoch as u64);
            let Learned { generator, likelihood, .. } = &mut self.kept.learned;
            let loss = likelihood_epoch(generator, examples, settings, stream)?;
            let valid = generator.nll(&self.data.valid);
            check_finite(valid, generator.model(), "generator", "mle.optimizer.learning-rate")?;
            if best.observe(epoch, valid, settings.patience) {
                *likelihood = generator.model().clone();
                (self.position.best, self.position.best_at) = (best.nll, best.epoch);
            }
            let mut metrics = vec![(metric::NLL_TRAIN, loss), (metric::NLL_VALID, valid)];
            let every = self.config.adversarial.evaluate_every;
            if epoch == 1 || (epoch - 1).is_multiple_of(every) || epoch == settings.epochs {
                let generator = &self.kept.learned.generator;
                let measured = measure_generator(generator, self.data, self.config, self.evaluation());
                metrics.extend(measured.into_iter().filter(|(name, _)| *name != metric::NLL_VALID)); // it is there
            }
            self.listener.event(&Event {
                phase: phase::MLE,
                step: epoch,
                of: settings.epochs,
                metrics: &metrics,
            });
            self.position.done = epoch;
            self.stage.step(&self.kept, &self.position)?;
        }
        *self.kept.learned.generator.model_mut() = self.kept.learned.likelihood.clone();
        Ok(())
    }

    /// Prepares the judge for the game.
    pub(super) fn pretrain_judge(&mut self) -> Result<()> {
        let steps = self.kept.learned.judge.pretraining_steps(self.config, self.position.best_at);
        for step in self.position.done + 1..=steps {
            let evaluation = self.evaluation();
            let Learned { judge, generator, .. } = &mut self.kept.learned;
            let room = Classroom { config: self.config, data: self.data, generator };
            let metrics = judge.pretrain(step, room, self.stream, evaluation)?;
            self.listener.event(&Event { phase: phase::DISCRIMINATOR, step, of: steps, metrics: &metrics });
            self.position.done = step;
            self.stage.step(&self.kept, &self.position)?;
        }
        Ok(())
    }
}
