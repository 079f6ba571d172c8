//! Positives to train on and to choose by, and what a recommender starts from.

use std::path::Path;

use super::fitting::fitted;
use super::{InteractionTask, Recommender, RecommenderModel, has_npy, read_npy, train_recommender, tune};
use crate::data::interactions::{Interactions, SplitOrder};
use crate::data::{DataSummary, described};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::ranking::{Extras, Player, Ranker, TrainConfig, Trained, TrainingData};

/// Positives of a task to train on and to choose by.
pub(super) struct InteractionData<'a> {
    pub(super) task: &'a InteractionTask,
    pub(super) train: Interactions,
    pub(super) valid: Interactions,
    pub(super) start: Option<Recommender>,
}

impl TrainingData for InteractionData<'_> {
    fn prepare(
        &mut self,
        config: &TrainConfig,
        extras: &Extras,
        listener: &mut dyn Listener,
    ) -> Result<TrainConfig> {
        let data = (&self.train, &self.valid);
        let config = fitted(config, extras, &self.train, listener);
        match self.task.tune {
            0 => Ok(config),
            count => tune(&config, extras, count, data, self.start.as_ref(), listener),
        }
    }

    fn summary(&self) -> DataSummary {
        let validation = match &self.task.valid {
            Some(file) => described(file, format!("{} positives", self.valid.count())),
            None => {
                let which = match self.task.split.order {
                    SplitOrder::Random => "at random",
                    SplitOrder::Last => "the last by time",
                };
                format!("{} of the positives, held out {which}", self.valid.count())
            }
        };
        let training = described(&self.task.ratings, self.train.summary());
        DataSummary { task: "interactions".into(), training, validation }
    }

    fn train(
        self: Box<Self>,
        config: &TrainConfig,
        extras: &Extras,
        listener: &mut dyn Listener,
    ) -> Result<Trained<Box<dyn Ranker>>> {
        Ok(self.fit(config, extras, listener)?.map(|model| Box::new(model) as Box<dyn Ranker>))
    }
}

impl InteractionData<'_> {
    /// Trains `config.method` and what stands beside it.
    pub(super) fn fit(
        &self,
        config: &TrainConfig,
        extras: &Extras,
        listener: &mut dyn Listener,
    ) -> Result<Trained<RecommenderModel>> {
        let InteractionTask { ratings, valid, refit, split, .. } = self.task;
        let mut config = config.clone();
        if valid.is_some() || split.order == SplitOrder::Last {
            config.choice.folds = 0; // another split at random would not be of their kind
        }
        let (data, start) = ((&self.train, &self.valid), self.start.as_ref());
        let trained = train_recommender(&config, extras, data, start, *refit, listener);
        trained.map_err(|error| error.in_file(valid.as_ref().unwrap_or(ratings)))
    }
}

/// Network of the model in `folder` for the users and items of `data`, which it must know by their names.
pub(super) fn network(folder: &Path, data: &Interactions) -> Result<Recommender> {
    let model = read_model(folder)?;
    let player = match model.chosen() {
        Player::Both => Player::G,
        one => one,
    };
    let network = model.scorers(player)?[0];
    network.renamed(model.known(), data).ok_or_else(|| {
        let message = "the model does not know every user and item of `interactions.ratings`; train without \
                       `interactions.init-model`";
        Error::data(folder, message)
    })
}

/// Reads the model in `folder`, or that of its NumPy arrays.
pub(super) fn read_model(folder: &Path) -> Result<RecommenderModel> {
    if has_npy(folder) { read_npy(folder) } else { RecommenderModel::load(folder) }
}
