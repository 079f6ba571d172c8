//! Interactions as a task: ratings of users and items.

use std::path::Path;

use super::training_data::{InteractionData, network, read_model};
use super::{InteractionTask, ItemPools, RecommenderModel, UserQueries, folds, preset};
use crate::data::interactions::{Interactions, Ratings, RatingsFormat, Split, read};
use crate::error::{Error, Result};
use crate::evaluation::qrels::write_qrels;
use crate::event::Listener;
use crate::files::count::counted;
use crate::ranking::{
    Extras, FoldPlan, Folds, Method, Player, Preset, Rank as _, Ranking, Task, TrainConfig, Trained,
    TrainingData,
};
use crate::seed::Stream;

/// Items that are ranked for every user.
const RANKED: usize = 100;

impl Task for InteractionTask {
    fn preset(&self, chosen: Preset, method: Method) -> TrainConfig {
        preset(chosen, method)
    }

    fn baselines(&self) -> Vec<Method> {
        vec![Method::Pop, Method::ItemKnn, Method::PureSvd, Method::Ease, Method::Ials]
    }

    fn has(&self, method: Method) -> bool {
        !method.is_trees()
    }

    fn load(&self, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Box<dyn TrainingData + '_>> {
        config.refuse_bag("ratings")?;
        config.refuse_history()?;
        let of_file = |path: &Path| read(path, self.format.layout);
        let ratings = of_file(&self.ratings)?;
        let valid = self.valid.as_deref().map(of_file).transpose()?;
        Ok(Box::new(self.divided(ratings, valid, config, listener)?))
    }

    fn rank(&self, folder: &Path, _: &Path, listener: &mut dyn Listener) -> Result<Ranking> {
        rank(folder, None, RANKED, None, listener)
    }

    fn judgements(&self, test: &Path, listener: &mut dyn Listener) -> Result<String> {
        judgements(test, self.format, listener)
    }

    fn folds(&self, plan: &FoldPlan, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Folds> {
        config.refuse_bag("ratings")?;
        config.refuse_history()?;
        folds::cut(self, plan, config, listener)
    }
}

impl InteractionTask {
    /// Trains `config.method` on `ratings` from memory, in the place of the files that the task names, chosen by `valid` or by the positives
    /// that are held out.
    ///
    /// # Errors
    /// When the ratings do not fit the settings, nothing can be learned from them, or the training is interrupted.
    pub fn train_on(
        &self,
        ratings: Ratings,
        valid: Option<Ratings>,
        config: &TrainConfig,
        extras: &Extras,
        listener: &mut dyn Listener,
    ) -> Result<Trained<RecommenderModel>> {
        config.refuse_bag("ratings")?;
        config.refuse_history()?;
        let mut data = self.divided(ratings, valid, config, listener)?;
        let config = data.prepare(config, extras, listener)?;
        data.fit(&config, extras, listener)
    }

    /// Returns the positives of `ratings` to train on and those to choose by: of `valid`, or held out.
    fn divided(
        &self,
        ratings: Ratings,
        valid: Option<Ratings>,
        config: &TrainConfig,
        listener: &mut dyn Listener,
    ) -> Result<InteractionData<'_>> {
        let positives = self.format.positives(&ratings, listener)?;
        let (train, valid) = match valid {
            Some(valid) => {
                let valid = self.format.held_out(&valid, &positives, listener)?;
                (positives, valid)
            }
            None => {
                let stream = Stream::new(config.seed).named("split");
                self.held_out(&ratings, &positives, stream, listener)?
            }
        };
        drop(ratings);
        learnable(&self.ratings, &train)?;
        listener.note(&format!("training   {} positives", train.count()));
        listener.note(&format!("validation {} positives", valid.count()));
        let start = self.init_model.as_ref().map(|path| network(path, &train)).transpose()?;
        Ok(InteractionData { task: self, train, valid, start })
    }

    /// Splits the positives by the share; where that holds nothing out, half of every user's.
    fn held_out(
        &self,
        ratings: &Ratings,
        positives: &Interactions,
        stream: Stream,
        listener: &mut dyn Listener,
    ) -> Result<(Interactions, Interactions)> {
        let (train, valid) = self.split.apply(ratings, positives, stream)?;
        if valid.count() > 0 {
            return Ok((train, valid));
        }
        let half = Split { share: 0.5, ..self.split };
        let (train, valid) = half.apply(ratings, positives, stream)?;
        if valid.count() == 0 {
            let message = "no user has two positives, so that none can be held out to choose by; give more ratings, or \
                           name `ratings.validation`";
            return Err(Error::data(&self.ratings, message));
        }
        listener.warning(&format!(
            "{}: a share of {} of so few positives is none: half of every user's are held out",
            self.ratings.display(),
            self.split.share
        ));
        Ok((train, valid))
    }
}

/// Refuses positives from which nothing can be learned, as every user likes all items or none.
fn learnable(path: &Path, data: &Interactions) -> Result<()> {
    let items = data.items().len();
    if data.positives().iter().any(|list| !list.is_empty() && list.len() < items) {
        return Ok(());
    }
    let message =
        format!("no user has both a positive and another item ({items} in all): nothing to learn from");
    Err(Error::data(path, message))
}

/// Ranks the `k` best items of every user by the model in `folder`, without those that the user is known to like: by the
/// model, or by a file of further ratings.
///
/// # Errors
/// When model or ratings cannot be read, or the model has no such player.
pub fn rank(
    folder: &Path,
    known: Option<(&Path, RatingsFormat)>,
    k: usize,
    player: Option<Player>,
    listener: &mut dyn Listener,
) -> Result<Ranking> {
    let model = load(folder, known, listener)?;
    let users = model.known().users().len();
    let pools = ItemPools::unseen(model.known(), (0..users as u32).collect());
    let mut ranking = model.rank(&UserQueries { pools, k }, player)?;
    ranking.summary = format!("{}, at most {} each", counted(users, "user"), counted(k, "item"));
    let empty = ranking.queries.iter().filter(|query| query.candidates.is_empty()).count();
    if empty > 0 {
        listener
            .warning(&format!("users who are known to like every item, without a line in the run: {empty}"));
    }
    Ok(ranking)
}

/// Reads the model in `folder`, or that of its NumPy arrays, and what users are known to like by a further file.
///
/// # Errors
/// When model or ratings cannot be read.
pub fn load(
    folder: &Path,
    known: Option<(&Path, RatingsFormat)>,
    listener: &mut dyn Listener,
) -> Result<RecommenderModel> {
    let model = read_model(folder)?;
    let Some((path, format)) = known else { return Ok(model) };
    let more = format.read_held_out(path, model.known(), listener)?;
    let all = model.known().and(&more);
    Ok(model.with_known(all))
}

/// Returns the positives of a file as lines of `user 0 item 1`.
///
/// # Errors
/// When the file cannot be read or holds no positive.
pub fn judgements(path: &Path, format: RatingsFormat, listener: &mut dyn Listener) -> Result<String> {
    let (_, data) = format.read(path, listener)?;
    let mut text = String::new();
    for (user, list) in data.users().names().iter().zip(data.positives()) {
        write_qrels(&mut text, user, list.iter().map(|&item| (data.items().name(item), 1)))?;
    }
    Ok(text)
}
