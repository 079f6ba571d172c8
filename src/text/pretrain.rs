//! The stages before the game: maximum likelihood of the generator, and the pre-training of its judge.

use serde::{Deserialize, Serialize};

use super::config::TextConfig;
use super::data::TextData;
use super::fresh::{fresh_member, member_stream};
use super::judges::{Classroom, Judge};
use super::likelihood::{Examples, LikelihoodEpoch};
use super::likelihood_stage::{Fitted, LikelihoodStage};
use super::models::{Ensemble, RecurrentModel};
use super::monitor::measure_generator;
use crate::error::Result;
use crate::event::{Event, Listener};
use crate::game::{Checkpoints, metric, phase};
use crate::nn::{Learner, Parameters};
use crate::seed::Stream;
use crate::team::Team;

/// Parts that all stages of a training share.
pub(super) struct TextTraining<'a> {
    pub config: &'a TextConfig,
    pub data: &'a TextData,
    pub checkpoints: &'a Checkpoints,
    pub team: Team,
    pub listener: &'a mut dyn Listener,
    pub stream: Stream,
}

/// Position of the pre-training of a judge.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JudgeRecord {
    steps: usize,
    over: bool,
}

/// Pre-training of a judge, as a stage of a training.
pub(super) struct PretrainingStage<'a> {
    /// Name in logs and of the checkpoint.
    pub name: &'a str,
    /// Number of steps.
    pub steps: usize,
    /// Checkpoints of the training.
    pub checkpoints: &'a Checkpoints,
}

impl PretrainingStage<'_> {
    /// Makes the steps, each of which `step` makes and measures by its number from 1.
    ///
    /// # Errors
    /// When `step` fails, a checkpoint cannot be read or written, or the training was asked to stop.
    pub fn run<J: Parameters>(
        &self,
        mut judge: J,
        listener: &mut dyn Listener,
        mut step: impl FnMut(&mut J, usize) -> Result<Vec<(&'static str, f64)>>,
    ) -> Result<J> {
        let mut stage = self.checkpoints.stage(self.name);
        let mut record: JudgeRecord = stage.load(&mut judge)?.unwrap_or_default();
        while !record.over && record.steps < self.steps {
            let number = record.steps + 1;
            let metrics = step(&mut judge, number)?;
            listener.event(&Event { phase: self.name, step: number, of: self.steps, metrics: &metrics });
            record.steps = number;
            stage.step(&judge, &record)?;
        }
        if !record.over {
            record.over = true;
            stage.save(&judge, &record)?;
        }
        self.checkpoints.check_interrupt()?;
        Ok(judge)
    }
}

impl TextTraining<'_> {
    /// Stream of every evaluation: one for all, so that generators are compared on the same draws.
    pub fn evaluation(&self) -> Stream {
        self.stream.named("evaluation")
    }

    /// Trains member `member` of an ensemble by maximum likelihood, from `start`; member 1 is the generator.
    ///
    /// # Errors
    /// When a number stops being finite, a checkpoint cannot be read or written, or the training was asked to stop.
    pub fn maximum_likelihood(
        &mut self,
        start: RecurrentModel,
        member: usize,
    ) -> Result<Fitted<RecurrentModel>> {
        let stream = member_stream(self.stream, member).named("mle");
        self.fit(start, &phase::of_member(member), stream)
    }

    /// Trains a language model by maximum likelihood, from `start`, as the stage `phase`; epochs draw from `stream`.
    fn fit(&mut self, start: RecurrentModel, phase: &str, stream: Stream) -> Result<Fitted<RecurrentModel>> {
        let (train, valid) = (&self.data.train, &self.data.valid);
        let contexts = vec![(); train.len().max(valid.len())];
        let stage = LikelihoodStage {
            name: phase,
            train: Examples { contexts: &contexts[..train.len()], sentences: train },
            valid: Examples { contexts: &contexts[..valid.len()], sentences: valid },
            settings: &self.config.mle,
            checkpoints: self.checkpoints,
            stream,
        };
        stage.fit(start, |model, epoch| {
            self.report_likelihood(phase, model, epoch);
            Ok(())
        })
    }

    fn report_likelihood(&mut self, phase: &str, generator: &RecurrentModel, done: &LikelihoodEpoch) {
        let &LikelihoodEpoch { epoch, train, valid } = done;
        let mut metrics = vec![(metric::NLL_TRAIN, train), (metric::NLL_VALID, valid)];
        let (every, epochs) = (self.config.adversarial.evaluate_every, self.config.mle.epochs);
        if epoch == 1 || (epoch - 1).is_multiple_of(every) || epoch == epochs {
            let measured = measure_generator(generator, self.data, self.config, self.evaluation());
            metrics.extend(measured.into_iter().filter(|(name, _)| *name != metric::NLL_VALID)); // it is there
        }
        self.listener.event(&Event { phase, step: epoch, of: epochs, metrics: &metrics });
    }

    /// Trains the members of the ensemble by maximum likelihood, each from its own start and by its own streams; the first
    /// is the `generator`.
    ///
    /// # Errors
    /// When a number stops being finite, a checkpoint cannot be read or written, or the training was asked to stop.
    pub fn ensemble(&mut self, generator: &RecurrentModel) -> Result<Ensemble<RecurrentModel>> {
        let mut members = vec![generator.clone()];
        for member in 2..=self.config.ensemble.members {
            let start = fresh_member(self.config, self.data, member);
            members.push(self.maximum_likelihood(start, member)?.model);
        }
        Ok(Ensemble::new(members))
    }

    /// Prepares `judge` for a game with the `generator`.
    ///
    /// # Errors
    /// When a number stops being finite, a checkpoint cannot be read or written, or the training was asked to stop.
    pub fn pretrain_judge(&mut self, judge: Judge, generator: &Fitted<RecurrentModel>) -> Result<Judge> {
        if let Judge::Rival(rival) | Judge::Mediator(rival) = &judge
            && self.config.mle.anneal < 1.0
        {
            // The number of the generator's epochs says nothing where each training has rates of its own.
            let start = rival.model().clone();
            let fitted = self.fit(start, phase::DISCRIMINATOR, self.stream.named("rival"))?;
            let learner = Learner::new(fitted.model, self.config.mle.optimizer);
            return Ok(match judge {
                Judge::Mediator(_) => Judge::Mediator(learner),
                _ => Judge::Rival(learner),
            });
        }
        let (config, data, root, evaluation) = (self.config, self.data, self.stream, self.evaluation());
        let steps = judge.pretraining_steps(config, generator.epoch);
        let stage = PretrainingStage { name: phase::DISCRIMINATOR, steps, checkpoints: self.checkpoints };
        stage.run(judge, self.listener, |judge, step| {
            judge.pretrain(step, Classroom { config, data, generator: &generator.model }, root, evaluation)
        })
    }
}
