//! Generator of questions and answers by a small grammar.
//!
//! A question asks for one kind of fact about an invented subject. Every candidate answer states a fact about the same
//! subject; the right one states the kind that was asked for, such as a year, a name or a number. Words of the question
//! occur in right and wrong answers alike, so that counting common words does not find the right one.

use rand::Rng as _;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use serde::{Deserialize, Serialize};

use super::{Answer, AnswerSet, Question};
use crate::error::{Error, Result};
use crate::seed::{Rng, Stream};

/// Most training questions that can be generated.
const MOST_QUESTIONS: usize = 1 << 20;

/// Size and seed of generated answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SyntheticAnswersConfig {
    /// Number of training questions; validation and test data have half as many each.
    pub questions: usize,
    /// Number of candidate answers of every question, of which one is right.
    pub answers: usize,
    /// Seed of all draws.
    #[serde(with = "crate::seed::number")]
    pub seed: u64,
}

impl Default for SyntheticAnswersConfig {
    fn default() -> Self {
        Self { questions: 80, answers: 6, seed: 1 }
    }
}

/// Generated questions and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntheticAnswers {
    /// Training data.
    pub train: AnswerSet,
    /// Validation data.
    pub valid: AnswerSet,
    /// Test data.
    pub test: AnswerSet,
}

impl SyntheticAnswers {
    /// Generates the data of `config`.
    ///
    /// # Errors
    /// When a size is out of range.
    ///
    /// ```
    /// use irgan::data::answers::{SyntheticAnswers, SyntheticAnswersConfig};
    ///
    /// let config = SyntheticAnswersConfig { questions: 4, answers: 3, seed: 1 };
    /// let data = SyntheticAnswers::generate(&config)?;
    /// let question = &data.train.questions()[0];
    /// assert_eq!(question.answers.iter().filter(|answer| answer.right).count(), 1);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn generate(config: &SyntheticAnswersConfig) -> Result<Self> {
        if !(1..=MOST_QUESTIONS).contains(&config.questions) {
            return Err(Error::Config(format!("questions must lie between 1 and {MOST_QUESTIONS}")));
        }
        if !(2..=FACTS.len()).contains(&config.answers) {
            return Err(Error::Config(format!("answers must lie between 2 and {}", FACTS.len())));
        }
        let part = |name: &str, count: usize| {
            let stream = Stream::new(config.seed).named("synthetic answers").named(name);
            let question = |n: usize| question(config.answers, &mut stream.at(n as u64).rng());
            AnswerSet::new((0..count).map(question).collect())
        };
        let held_out = config.questions.div_ceil(2);
        Ok(Self {
            train: part("train", config.questions),
            valid: part("valid", held_out),
            test: part("test", held_out),
        })
    }
}

/// Kind of fact: patterns of questions and statements, with `S` for the subject and `F` for the fact, and its generator.
struct Fact {
    asks: &'static [&'static str],
    states: &'static [&'static str],
    value: fn(&mut Rng) -> String,
}

/// Kinds of facts.
const FACTS: [Fact; 8] = [
    Fact {
        asks: &["when was S founded ?", "what year did S begin ?"],
        states: &["S began in F .", "the founding of S goes back to F ."],
        value: year,
    },
    Fact {
        asks: &["who founded S ?", "who is the founder of S ?"],
        states: &["F founded S with a few friends .", "the founder of S was F ."],
        value: person,
    },
    Fact {
        asks: &["where is S ?", "where can S be found ?"],
        states: &["S lies on the coast of F .", "S is a town in F ."],
        value: name,
    },
    Fact {
        asks: &["how many people live in S ?", "what is the population of S ?"],
        states: &["about F people live in S .", "S has F inhabitants ."],
        value: number,
    },
    Fact {
        asks: &["what is S known for ?", "what does S make ?"],
        states: &["S is known for its F .", "the people of S make F ."],
        value: product,
    },
    Fact {
        asks: &["how high is S ?", "what is the height of S ?"],
        states: &["S stands F metres above the sea .", "the hill of S is F metres high ."],
        value: number,
    },
    Fact {
        asks: &["which river flows through S ?", "what river is near S ?"],
        states: &["the river F flows through S .", "S stands where the river F bends ."],
        value: name,
    },
    Fact {
        asks: &["what do people speak in S ?", "which language is spoken in S ?"],
        states: &["most people in S speak F .", "the language of S is F ."],
        value: language,
    },
];

/// Draws a question with one right and `answers` − 1 wrong answers.
fn question(answers: usize, rng: &mut Rng) -> Question {
    let subject = name(rng);
    let mut facts: Vec<usize> = (0..FACTS.len()).collect();
    facts.shuffle(rng);
    facts.truncate(answers);
    let asked = facts[0];
    facts.shuffle(rng);
    let filled = |pattern: &str, fact: &str| {
        let word = |word: &str| match word {
            "S" => subject.clone(),
            "F" => fact.to_owned(),
            other => other.to_owned(),
        };
        pattern.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    let text = filled(one_of(FACTS[asked].asks, rng), "");
    let answers = facts.into_iter().map(|fact| {
        let value = (FACTS[fact].value)(rng);
        Answer { text: filled(one_of(FACTS[fact].states, rng), &value), right: fact == asked }
    });
    Question { text, answers: answers.collect() }
}

fn one_of(list: &[&'static str], rng: &mut Rng) -> &'static str {
    list.choose(rng).copied().expect("no list is empty")
}

fn year(rng: &mut Rng) -> String {
    rng.random_range(1100..2020).to_string()
}

fn number(rng: &mut Rng) -> String {
    (rng.random_range(3..900) * 10).to_string()
}

fn person(rng: &mut Rng) -> String {
    format!("{} {}", one_of(&["Anna", "Carl", "Emma", "Hugo", "Ida", "Karl", "Lea", "Otto"], rng), name(rng))
}

fn product(rng: &mut Rng) -> String {
    one_of(&["cheese", "clocks", "glass", "honey", "paper", "salt", "shoes", "wine"], rng).to_owned()
}

fn language(rng: &mut Rng) -> String {
    format!("{}ish", name(rng))
}

/// Draws an invented name of three syllables.
fn name(rng: &mut Rng) -> String {
    let syllable = |rng: &mut Rng| {
        let first = one_of(&["b", "d", "f", "g", "k", "l", "m", "n", "r", "s", "t", "v"], rng);
        format!("{first}{}", one_of(&["a", "e", "i", "o", "u", "al", "en", "or"], rng))
    };
    let name = [syllable(rng), syllable(rng), syllable(rng)].concat();
    name[..1].to_uppercase() + &name[1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_is_right_and_the_same_seed_gives_the_same_data() {
        let config = SyntheticAnswersConfig { questions: 9, answers: 4, seed: 3 };
        let made = SyntheticAnswers::generate(&config).expect("in range");
        let sizes = [&made.train, &made.valid, &made.test].map(|part| part.questions().len());
        assert_eq!(sizes, [9, 5, 5]);
        for question in made.train.questions() {
            let right = question.answers.iter().filter(|answer| answer.right).count();
            assert_eq!((question.answers.len(), right), (4, 1), "{}", question.text);
        }
        assert_eq!(SyntheticAnswers::generate(&config).expect("in range"), made);
    }

    #[test]
    fn sizes_out_of_range_are_refused() {
        for (questions, answers) in [(0, 4), (1 << 21, 4), (4, 1), (4, 9)] {
            assert!(
                SyntheticAnswers::generate(&SyntheticAnswersConfig { questions, answers, seed: 1 }).is_err()
            );
        }
    }
}
