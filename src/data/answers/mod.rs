//! Questions with right and wrong answers: `question<TAB>answer<TAB>0|1`.

mod reader;
mod synthetic;
mod writer;

pub use reader::{read, read_to_rank};
pub use synthetic::{SyntheticAnswers, SyntheticAnswersConfig};
pub use writer::write;

use std::fmt;

use crate::files::count::counted;

/// Candidate answer of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Text of the answer; may be empty.
    pub text: String,
    /// True for a right answer.
    pub right: bool,
}

/// Question with its candidate answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Text of the question.
    pub text: String,
    /// Candidate answers, in the order of the file.
    pub answers: Vec<Answer>,
}

impl Question {
    /// Returns true when at least one answer is right.
    pub fn has_right(&self) -> bool {
        self.answers.iter().any(|answer| answer.right)
    }

    /// Returns true when at least one answer is wrong.
    pub fn has_wrong(&self) -> bool {
        self.answers.iter().any(|answer| !answer.right)
    }
}

/// Questions with their answers, in order of first appearance.
///
/// The n-th question, from 1, has the id `qN`, and its m-th answer the id `qN-M`, so that run files and judgements of one
/// data file agree even when either leaves some out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerSet {
    questions: Vec<Question>,
}

impl AnswerSet {
    /// Makes a set of questions.
    pub fn new(questions: Vec<Question>) -> Self {
        Self { questions }
    }

    /// Returns the questions: `[Q]`.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// Returns the questions at `places`, counted from 0, in this order; ids are those of the new places.
    ///
    /// # Panics
    /// When there is no question at a place.
    pub fn with_questions(&self, places: &[usize]) -> Self {
        Self::new(places.iter().map(|&place| self.questions[place].clone()).collect())
    }

    /// Returns the id of the question at a place from 0: `q1` for 0.
    pub fn question_id(place: usize) -> String {
        format!("q{}", place + 1)
    }

    /// Returns the id of the answer at a place of the question at a place, both from 0: `q1-1` for (0, 0).
    pub fn answer_id(question: usize, answer: usize) -> String {
        format!("q{}-{}", question + 1, answer + 1)
    }

    /// Counts questions and answers, and those from which nothing can be learned.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { questions: self.questions.len(), ..Summary::default() };
        for question in &self.questions {
            let answers = &question.answers;
            summary.pairs += answers.len();
            summary.right += answers.iter().filter(|answer| answer.right).count();
            summary.empty += answers.iter().filter(|answer| answer.text.is_empty()).count();
            summary.only_wrong += usize::from(!question.has_right());
            summary.only_right += usize::from(!question.has_wrong());
            let mut sorted: Vec<_> = answers.iter().map(|answer| (&answer.text, answer.right)).collect();
            sorted.sort_unstable();
            let repeated = sorted.windows(2).filter(|pair| pair[0].0 == pair[1].0);
            for pair in repeated {
                summary.repeated += 1;
                summary.contradictory += usize::from(pair[0].1 != pair[1].1);
            }
        }
        summary
    }
}

/// Counts of an [`AnswerSet`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of questions.
    pub questions: usize,
    /// Number of candidate answers of all questions.
    pub pairs: usize,
    /// Number of right answers.
    pub right: usize,
    /// Number of questions without a right answer.
    pub only_wrong: usize,
    /// Number of questions without a wrong answer.
    pub only_right: usize,
    /// Number of answers without text.
    pub empty: usize,
    /// Number of pairs of question and answer that repeat an earlier one; each is a candidate of its own.
    pub repeated: usize,
    /// Number of repeated pairs with another label than before.
    pub contradictory: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (questions, pairs) = (counted(self.questions, "question"), counted(self.pairs, "answer"));
        write!(f, "{questions}, {pairs}, {} right", self.right)?;
        let notes = [
            (self.only_wrong, "questions without a right answer"),
            (self.only_right, "questions without a wrong answer"),
            (self.empty, "empty answers"),
            (self.repeated, "repeated pairs"),
            (self.contradictory, "of them with another label"),
        ];
        for (count, what) in notes.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "; {what}: {count}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str, answers: &[(&str, bool)]) -> Question {
        let answer = |&(text, right): &(&str, bool)| Answer { text: text.into(), right };
        Question { text: text.into(), answers: answers.iter().map(answer).collect() }
    }

    #[test]
    fn questions_and_answers_without_information_are_counted() {
        let set = AnswerSet::new(vec![
            question("a", &[("x", true), ("y", false), ("x", false), ("", false), ("y", false)]),
            question("b", &[("x", false)]),
            question("c", &[("x", true)]),
        ]);
        assert_eq!(
            set.summary().to_string(),
            "3 questions, 7 answers, 2 right; questions without a right answer: 1; questions without a wrong \
             answer: 1; empty answers: 1; repeated pairs: 2; of them with another label: 1"
        );
        assert_eq!((AnswerSet::question_id(0), AnswerSet::answer_id(1, 2)), ("q1".into(), "q2-3".into()));
    }
}
