//! Folds of questions and answers: the questions of one file in parts.

use std::borrow::Cow;
use std::path::PathBuf;

use super::{AnswerTask, Keep, train_answers};
use crate::data::answers::{self, AnswerSet, Question};
use crate::error::Result;
use crate::evaluation::qrels::write_qrels;
use crate::event::{Listener, Silent};
use crate::ranking::fold::tested;
use crate::ranking::held_out::cut_useful;
use crate::ranking::{
    Extras, Fold, FoldPlan, Folds, Rank as _, ScoredCandidates, TestQueries, Tested, TrainConfig,
};

/// Cuts the questions of the training file into the number of parts that `plan` says, at random: those of each part that have
/// a right answer are tested once, by a model that the next part chose and the others trained.
pub(super) fn cut(
    task: &AnswerTask,
    plan: &FoldPlan,
    config: &TrainConfig,
    listener: &mut dyn Listener,
) -> Result<Folds> {
    let set = answers::read(&task.train)?;
    let useful: Vec<bool> = set.questions().iter().map(|one| one.has_right() && one.has_wrong()).collect();
    let parts = cut_useful(&useful, &plan.folds, config.seed)?;
    let count = parts.len();
    listener.note(&format!("{}: {}, cut into {count} folds", task.train.display(), set.summary()));
    let fold = |fold: usize| -> Box<dyn Fold> {
        let valid = (fold + 1) % count;
        let others = (0..count).filter(|part| ![fold, valid].contains(part));
        let mut others: Vec<usize> = others.flat_map(|part| parts[part].clone()).collect();
        others.sort_unstable();
        let answerable: Vec<usize> =
            parts[fold].iter().copied().filter(|&place| set.questions()[place].has_right()).collect();
        Box::new(AnswerFold {
            file: task.train.clone(),
            vectors: task.vectors.clone(),
            train: set.with_questions(&others),
            valid: set.with_questions(&parts[valid]),
            test: TestQuestions::new(&set, &answerable),
        })
    };
    let folds = (0..count).map(fold).collect();
    Ok(Folds { by_seed: vec![folds], judgements: judged(&set, Keep::Right)?.0, settings: String::new() })
}

/// Returns the judgements of the questions of `set` to keep, as lines of `question 0 answer 0|1`, and their number.
pub(super) fn judged(set: &AnswerSet, keep: Keep) -> Result<(String, usize)> {
    let kept = |question: &Question| match keep {
        Keep::All => true,
        Keep::Right => question.has_right(),
        Keep::Both => question.has_right() && question.has_wrong(),
    };
    let (mut text, mut questions) = (String::new(), 0);
    for (q, question) in set.questions().iter().enumerate().filter(|(_, question)| kept(question)) {
        questions += 1;
        let ids: Vec<String> = (0..question.answers.len()).map(|a| AnswerSet::answer_id(q, a)).collect();
        let grades = question.answers.iter().map(|answer| i32::from(answer.right));
        write_qrels(&mut text, &AnswerSet::question_id(q), ids.iter().map(String::as_str).zip(grades))?;
    }
    Ok((text, questions))
}

struct AnswerFold {
    file: PathBuf,
    vectors: Option<PathBuf>,
    train: AnswerSet,
    valid: AnswerSet,
    test: TestQuestions,
}

impl Fold for AnswerFold {
    fn test(&self, config: &TrainConfig, extras: &Extras) -> Result<Vec<Tested>> {
        let Self { train, valid, test, .. } = self;
        let trained = train_answers(config, extras, train, valid, self.vectors.as_deref(), &mut Silent);
        let trained = trained.map_err(|error| error.in_file(&self.file))?;
        tested(&trained, |model, player| {
            let scored = model.scored(&test.set, player)?.into_iter();
            let numbered = scored.map(|query| (0..).zip(query.candidates.into_iter().map(|one| one.1)));
            Ok(numbered.map(Iterator::collect::<ScoredCandidates>).collect())
        })
    }

    fn queries(&self) -> &dyn TestQueries {
        &self.test
    }
}

/// Questions of one fold, called by their places in the whole file.
struct TestQuestions {
    set: AnswerSet,
    names: Vec<(String, Vec<String>)>, // of a question and its answers
    grades: Vec<Vec<i8>>,
}

impl TestQuestions {
    fn new(all: &AnswerSet, places: &[usize]) -> Self {
        let set = all.with_questions(places);
        let names = places.iter().zip(set.questions()).map(|(&place, question)| {
            let answers = (0..question.answers.len()).map(|answer| AnswerSet::answer_id(place, answer));
            (AnswerSet::question_id(place), answers.collect())
        });
        let grades = |question: &Question| question.answers.iter().map(|one| i8::from(one.right)).collect();
        Self { names: names.collect(), grades: set.questions().iter().map(grades).collect(), set }
    }
}

impl TestQueries for TestQuestions {
    fn name(&self, query: usize) -> &str {
        &self.names[query].0
    }

    fn document(&self, query: usize, candidate: usize) -> &str {
        &self.names[query].1[candidate]
    }

    fn grades(&self, query: usize) -> Cow<'_, [i8]> {
        self.grades[query].as_slice().into()
    }
}
