//! Questions with right and wrong answers: `question<TAB>answer<TAB>0|1`.

mod reader;
mod synthetic;
mod writer;

pub use reader::read;
pub use synthetic::{Synthetic, SyntheticConfig};
pub use writer::write;

use std::fmt;

/// A candidate answer of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its text; empty where the file has none.
    pub text: String,
    /// Whether it answers the question.
    pub right: bool,
}

/// A question and its candidate answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its text.
    pub text: String,
    /// Its candidates, in the order of the file.
    pub answers: Vec<Answer>,
}

impl Question {
    /// Whether an answer is right.
    pub fn has_right(&self) -> bool {
        self.answers.iter().any(|answer| answer.right)
    }

    /// Whether an answer is wrong.
    pub fn has_wrong(&self) -> bool {
        self.answers.iter().any(|answer| !answer.right)
    }
}

/// Questions in the order of their first appearance.
///
/// Question n, counted from 1, has the id `qN`, its answer m the id `qN-M`: run files and judgements of
/// one file agree, whatever is left out of either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerSet {
    questions: Vec<Question>,
}

impl AnswerSet {
    /// The set of `questions`.
    pub fn new(questions: Vec<Question>) -> Self {
        Self { questions }
    }

    /// The questions: `[Q]`.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// The id of a question by its place: `q1` for 0.
    pub fn question_id(place: usize) -> String {
        format!("q{}", place + 1)
    }

    /// The id of an answer by the places of its question and its own: `q1-1` for (0, 0).
    pub fn answer_id(question: usize, answer: usize) -> String {
        format!("q{}-{}", question + 1, answer + 1)
    }

    /// What there is, and what cannot be learnt from.
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
    /// Different questions.
    pub questions: usize,
    /// Lines: candidate answers of all questions.
    pub pairs: usize,
    /// Right answers.
    pub right: usize,
    /// Questions without a right answer.
    pub only_wrong: usize,
    /// Questions without a wrong answer.
    pub only_right: usize,
    /// Answers without text.
    pub empty: usize,
    /// Pairs that stand in the file before; each is a candidate of its own.
    pub repeated: usize,
    /// Those of them whose label is another.
    pub contradictory: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { questions, pairs, right, .. } = self;
        write!(f, "{questions} questions, {pairs} answers, {right} right")?;
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
    fn what_cannot_be_learnt_from_is_counted() {
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
