//! Maximum likelihood of any language model as a stage of a training: with checkpoints, until the validation sentences get
//! no likelier.

use serde::{Deserialize, Serialize};

use super::config::MleConfig;
use super::likelihood::{
    BestEpoch, Examples, LikelihoodEpoch, MLE_RATE, check_finite, end_epoch, likelihood_epoch,
};
use super::models::LanguageModel;
use crate::error::Result;
use crate::game::Checkpoints;
use crate::nn::{Learner, Parameters, impl_parameters};
use crate::seed::Stream;

/// Language model that was trained by maximum likelihood.
#[derive(Clone, Debug)]
pub(super) struct Fitted<M> {
    /// Model of the best epoch.
    pub model: M,
    /// Best epoch, 0 when it is not known.
    pub epoch: usize,
}

/// Sentences, settings and checkpoints of a stage of maximum likelihood.
pub(super) struct LikelihoodStage<'a, C> {
    /// Name of the checkpoint.
    pub name: &'a str,
    /// Sentences to learn from.
    pub train: Examples<'a, C>,
    /// Sentences by which the epoch is chosen.
    pub valid: Examples<'a, C>,
    /// Settings.
    pub settings: &'a MleConfig,
    /// Checkpoints of the training.
    pub checkpoints: &'a Checkpoints,
    /// Stream of the epochs.
    pub stream: Stream,
}

/// Everything that maximum likelihood changes.
#[derive(Clone)]
struct LikelihoodState<M> {
    last: Learner<M>,
    best: M,
}

impl_parameters!(M: Parameters, LikelihoodState<M> { "last": last, "best": best });

/// Position of maximum likelihood.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LikelihoodRecord {
    epochs: usize,
    over: bool,
    best_nll: Option<f64>,
    best_epoch: usize,
    #[serde(default)]
    worse: usize,
}

/// Trains `model` by maximum likelihood until `valid` gets no likelier, and returns the model of the best epoch.
///
/// `each` is called after every epoch; its error ends the training.
///
/// ```
/// use irgan::nn::Initializer;
/// use irgan::seed::Stream;
/// use irgan::text::models::{RecurrentModel, oracle_shape, random_oracle};
/// use irgan::text::{Examples, MleConfig, fit_likelihood};
///
/// let shape = oracle_shape(10, 4);
/// let real = random_oracle(&shape, 1).draw(100, Stream::new(2));
/// let examples = Examples { contexts: &[(); 100], sentences: &real };
/// let model = RecurrentModel::new(&shape, Initializer::Normal(0.1), &mut Stream::new(3).rng());
/// let before = model.nll(&real);
/// let config = MleConfig { epochs: 5, ..MleConfig::default() };
/// let model = fit_likelihood(model, examples, examples, &config, Stream::new(4), |_| Ok(()))?;
/// assert!(model.nll(&real) < before);
/// # Ok::<(), irgan::Error>(())
/// ```
///
/// # Errors
/// When a number stops being finite, or `each` fails.
pub fn fit_likelihood<M: LanguageModel + Parameters>(
    model: M,
    train: Examples<'_, M::Context>,
    valid: Examples<'_, M::Context>,
    settings: &MleConfig,
    stream: Stream,
    mut each: impl FnMut(&LikelihoodEpoch) -> Result<()>,
) -> Result<M> {
    let checkpoints = Checkpoints::default();
    let stage = LikelihoodStage { name: "fit", train, valid, settings, checkpoints: &checkpoints, stream };
    Ok(stage.fit(model, |_, epoch| each(epoch))?.model)
}

impl<C> LikelihoodStage<'_, C> {
    /// Trains from `start`, or from the checkpoint; `each` is called after every epoch with the model, and its error ends
    /// the training.
    ///
    /// # Errors
    /// When a number stops being finite, a checkpoint cannot be read or written, or the training was asked to stop.
    pub fn fit<M>(
        &self,
        start: M,
        mut each: impl FnMut(&M, &LikelihoodEpoch) -> Result<()>,
    ) -> Result<Fitted<M>>
    where
        M: LanguageModel<Context = C> + Parameters,
    {
        let settings = self.settings;
        let mut stage = self.checkpoints.stage(self.name);
        let mut state =
            LikelihoodState { last: Learner::new(start.clone(), settings.optimizer), best: start };
        let mut record: LikelihoodRecord = stage.load(&mut state)?.unwrap_or_default();
        let mut best = BestEpoch { nll: record.best_nll, epoch: record.best_epoch, worse: record.worse };
        state.last.set_learning_rate(settings.rate(best.worse));
        while !record.over
            && record.epochs < settings.epochs
            && !best.is_over(record.epochs, settings.patience)
        {
            let done = self.epoch(&mut state.last, record.epochs + 1)?;
            each(state.last.model(), &done)?;
            let LikelihoodEpoch { epoch, valid, .. } = done;
            end_epoch(&mut state.last, &mut state.best, &mut best, (epoch, valid), settings);
            let BestEpoch { nll: best_nll, epoch: best_epoch, worse } = best;
            record = LikelihoodRecord { epochs: epoch, over: false, best_nll, best_epoch, worse };
            stage.step(&state, &record)?;
        }
        if !record.over {
            record.over = true;
            stage.save(&state, &record)?;
        }
        self.checkpoints.check_interrupt()?;
        Ok(Fitted { model: state.best, epoch: best.epoch })
    }

    /// Makes epoch `epoch` (from 1).
    fn epoch<M>(&self, learner: &mut Learner<M>, epoch: usize) -> Result<LikelihoodEpoch>
    where
        M: LanguageModel<Context = C> + Parameters,
    {
        let (settings, stream) = (self.settings, self.stream.at(epoch as u64));
        let train = likelihood_epoch(learner, self.train, settings, settings.sampling_in(epoch), stream)?;
        let valid = LanguageModel::nll(learner.model(), self.valid.contexts, self.valid.sentences);
        check_finite(valid, learner.model(), "language model", MLE_RATE)?;
        Ok(LikelihoodEpoch { epoch, train, valid })
    }
}
