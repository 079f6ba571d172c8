//! Training again, on all data, what validation data chose.

use std::collections::HashMap;

use super::config::{Method, TrainConfig};
use super::example_loss::Mode;
use super::extras::Extras;
use super::networks::Networks;
use super::scorer::Scorer;
use super::source::Source;
use super::trained::RefitPlan;
use super::training::{End, Run};
use super::validation::Validation;
use crate::error::{Error, Result};
use crate::event::{Event, Listener};

/// Trains what `plan` chose again: `config.method`, then the baselines `beside` it, on `pools` without validation. Every
/// training ends where the plan says, and its last state is kept. The stages in `checkpoints` are called `refit-…`.
pub fn refit_scorers<S: Scorer>(
    config: &TrainConfig,
    plan: &RefitPlan,
    extras: &Extras,
    (pools, nothing): (&S::Pools, &S::Pools),
    source: &dyn Source<S>,
    listener: &mut dyn Listener,
) -> Result<(Networks<S>, Vec<Networks<S>>)> {
    let mut config = config.clone();
    (config.patience, config.fit.patience) = (usize::MAX, usize::MAX);
    config.schedule.rounds = plan.game.map_or(0, |(rounds, _)| rounds);
    let validation = Validation::new(nothing, config.measure()?);
    let baselines = &extras.baselines;
    let extras = Extras { checkpoints: extras.checkpoints.within("refit"), ..Default::default() };
    let mut run = Run {
        config: &config,
        extras: &extras,
        pools,
        validation,
        source,
        fits: HashMap::new(),
        warnings: vec![],
        listener: &mut Refit(listener),
        epochs: Some(&plan.epochs),
        end: End::Last,
    };
    let model = match (config.method.mode(), plan.game) {
        (Some(mode), Some((_, chosen))) => {
            let (g, d) = run.play_to_the_end(mode)?;
            match config.generator.learns_alone() {
                true => Networks::generator(config.method, g),
                false => Networks::players(config.method, chosen, g.clone(), d.clone(), (g, d)),
            }
        }
        _ => run.last(config.method)?,
    };
    let trained = |method: &Method| *method != config.method && plan.epochs.contains_key(method);
    let others = baselines.iter().filter(|&method| trained(method));
    let baselines = others.map(|&method| run.last(method)).collect::<Result<_>>()?;
    match run.warnings.pop() {
        Some(failure) => Err(Error::NonFinite(format!("training again on all data: {failure}"))),
        None => Ok((model, baselines)),
    }
}

/// Tells the phases of a training on all data from those before: the same steps come again.
struct Refit<'a>(&'a mut dyn Listener);

impl Listener for Refit<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.0.event(&Event { phase: &format!("refit {}", event.phase), ..event.clone() });
    }

    fn note(&mut self, message: &str) {
        self.0.note(message);
    }

    fn warning(&mut self, message: &str) {
        self.0.warning(message);
    }
}

impl<S: Scorer> Run<'_, S> {
    /// The players after the last round.
    fn play_to_the_end(&mut self, mode: Mode) -> Result<(S, S)> {
        let start = self.starts()?;
        let played = self.play(self.config, mode, &start)?;
        self.warnings.extend(played.failure);
        Ok(played.last)
    }

    /// A baseline after its last epoch.
    fn last(&mut self, method: Method) -> Result<Networks<S>> {
        Ok(Networks::baseline(method, self.fitted(method)?.last.clone()))
    }
}
