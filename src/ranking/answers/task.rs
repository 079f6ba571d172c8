//! Questions and answers as a task.

use std::path::Path;

use super::folds::{self, judged};
use super::{AnswerModel, AnswerTask, Keep, train_answers};
use crate::data::answers::{self, AnswerSet, Question};
use crate::data::{DataSummary, described};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::files::count::counted;
use crate::ranking::held_out::split_useful;
use crate::ranking::{
    Extras, FoldPlan, Folds, Method, Player, Preset, Rank as _, Ranker, Ranking, Task, TrainConfig, Trained,
    TrainingData,
};

impl Task for AnswerTask {
    fn preset(&self, preset: Preset, method: Method) -> TrainConfig {
        TrainConfig::for_answers(preset, method)
    }

    fn measures(&self) -> [&'static str; 3] {
        ["AP", "RR", "P@1"]
    }

    fn load(&self, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Box<dyn TrainingData + '_>> {
        config.refuse_bag("questions and answers")?;
        let all = answers::read(&self.train)?;
        let (train, valid, places) = match &self.valid {
            Some(valid) => (all, answers::read(valid)?, None),
            None => {
                let useful: Vec<bool> = all
                    .questions()
                    .iter()
                    .map(|question| question.has_right() && question.has_wrong())
                    .collect();
                let split = split_useful(&useful, self.valid_share, config.seed);
                let (train, valid) = split.map_err(|error| error.in_file(&self.train))?;
                (all.with_questions(&train), all.with_questions(&valid), Some(valid))
            }
        };
        if places.is_some() {
            let (trained, held_out) = (train.questions().len(), valid.questions().len());
            listener.note(&format!(
                "{}: {} to train on, {held_out} held out to choose by",
                self.train.display(),
                counted(trained, "question")
            ));
        }
        listener.note(&format!("training   {}", train.summary()));
        listener.note(&format!("validation {}", valid.summary()));
        Ok(Box::new(AnswerData { task: self, train, valid, places }))
    }

    fn rank(&self, folder: &Path, test: &Path, _: &mut dyn Listener) -> Result<Ranking> {
        rank(folder, test, None)
    }

    fn judgements(&self, test: &Path, listener: &mut dyn Listener) -> Result<String> {
        judgements(test, Keep::Right, listener)
    }

    fn folds(&self, plan: &FoldPlan, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Folds> {
        config.refuse_bag("questions and answers")?;
        folds::cut(self, plan, config, listener)
    }
}

/// Ranks the answers of every question of a file by the model in `folder`.
///
/// # Errors
/// When model or file cannot be read, or the model has no such player.
pub fn rank(folder: &Path, test: &Path, player: Option<Player>) -> Result<Ranking> {
    let model = AnswerModel::load(folder)?;
    let set = answers::read_to_rank(test)?;
    let ranking = model.rank(&set, player)?;
    Ok(Ranking { summary: set.summary().to_string(), ..ranking })
}

/// Returns the judgements of the questions to `keep`, as lines of `question 0 answer 0|1`, and tells `listener` how many
/// there are.
///
/// # Errors
/// When the file cannot be read or holds no such question.
pub fn judgements(path: &Path, keep: Keep, listener: &mut dyn Listener) -> Result<String> {
    let set = answers::read(path)?;
    let (text, questions) = judged(&set, keep)?;
    listener.note(&format!("{questions} of {}", counted(set.questions().len(), "question")));
    match questions {
        0 => Err(Error::data(path, "holds no such question; see `judgements.keep`")),
        _ => Ok(text),
    }
}

struct AnswerData<'a> {
    task: &'a AnswerTask,
    train: AnswerSet,
    valid: AnswerSet,
    places: Option<Vec<usize>>, // of the held-out questions in the training file
}

impl TrainingData for AnswerData<'_> {
    fn summary(&self) -> DataSummary {
        DataSummary {
            task: "questions and answers".into(),
            training: described(&self.task.train, self.train.summary()),
            validation: match &self.task.valid {
                Some(valid) => described(valid, self.valid.summary()),
                None => format!("held-out questions: {}", self.valid.summary()),
            },
        }
    }

    fn train(
        self: Box<Self>,
        config: &TrainConfig,
        extras: &Extras,
        listener: &mut dyn Listener,
    ) -> Result<Trained<Box<dyn Ranker>>> {
        let AnswerTask { train, valid, vectors, .. } = self.task;
        let valid = valid.as_ref().unwrap_or(train);
        let learnable = |set: &AnswerSet| set.questions().iter().any(Question::has_right);
        if !learnable(&self.train) {
            return Err(Error::data(train, "no question has a right answer: nothing to learn from"));
        }
        let trained = train_answers(config, extras, &self.train, &self.valid, vectors.as_deref(), listener);
        let unfit = if learnable(&self.valid) { train } else { valid };
        let mut trained = trained.map_err(|error| error.in_file(unfit))?;
        if let Some(places) = &self.places {
            let name = |id: &mut String| {
                let place = (0..places.len()).find(|&place| AnswerSet::question_id(place) == *id);
                place.into_iter().for_each(|place| *id = AnswerSet::question_id(places[place]));
            };
            trained.queries.iter_mut().for_each(name); // by their places in the file
        }
        Ok(trained.map(|model| Box::new(model) as Box<dyn Ranker>))
    }
}
