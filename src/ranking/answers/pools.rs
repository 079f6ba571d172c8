//! Questions and their candidate answers in numbers.

use std::borrow::Cow;
use std::collections::HashMap;

use super::lexicon::Wording;
use super::overlap::distinct;
use super::{AnswerConfig, Lexicon, OVERLAPS, overlaps};
use crate::data::answers::AnswerSet;
use crate::data::words::Interner;
use crate::math::parallel::ordered_map;
use crate::math::sampling;
use crate::ranking::Pools;
use crate::seed::Stream;

/// Candidate answers of a set of questions; every different text is stored once.
#[derive(Clone, Debug)]
pub struct AnswerPools {
    texts: Vec<Vec<u32>>, // the words of each text
    answers: Vec<Stored>,
    questions: Vec<Asked>,
}

/// An answer of the set.
#[derive(Clone, Debug)]
struct Stored {
    id: Box<str>,
    text: u32,
}

/// A question with its pool.
#[derive(Clone, Debug)]
struct Asked {
    id: Box<str>,
    text: u32,
    candidates: Vec<u32>, // places in `answers`
    grades: Vec<i8>,
    positives: Vec<u32>,
    overlaps: Vec<[f32; OVERLAPS]>,
}

impl AnswerPools {
    /// The pools of `set` as `lexicon` reads it.
    ///
    /// With `widen` (training), each pool is filled up to `config.pool` candidates by answers of other
    /// questions, drawn from that stream; they have no grade.
    pub fn new(set: &AnswerSet, lexicon: &Lexicon, config: &AnswerConfig, widen: Option<Stream>) -> Self {
        let (mut seen, mut stems, mut idf) = (Interner::default(), Interner::default(), vec![]);
        let mut wordings: Vec<Wording> = vec![];
        let mut number = |text: &str| {
            let (number, new) = seen.insert(text);
            if new {
                wordings.push(lexicon.read(text, &mut stems, &mut idf));
            }
            number
        };
        let (mut answers, mut questions) = (vec![], vec![]);
        for (q, question) in set.questions().iter().enumerate() {
            let text = number(&question.text);
            let first = answers.len() as u32;
            for (a, answer) in question.answers.iter().enumerate() {
                let id = AnswerSet::answer_id(q, a).into();
                answers.push(Stored { id, text: number(&answer.text) });
            }
            let grades: Vec<i8> = question.answers.iter().map(|answer| i8::from(answer.right)).collect();
            questions.push(Asked {
                id: AnswerSet::question_id(q).into(),
                text,
                candidates: (first..answers.len() as u32).collect(),
                positives: grades.iter().zip(0..).filter(|(grade, _)| **grade > 0).map(|(_, i)| i).collect(),
                grades,
                overlaps: vec![],
            });
        }
        let own: Vec<usize> = questions.iter().map(|question| question.candidates.len()).collect();
        if let Some(stream) = widen {
            for (q, question) in questions.iter_mut().enumerate() {
                question.widen(config.pool, answers.len(), stream.at(q as u64));
            }
        }
        let shared = ordered_map(questions.len(), |q| {
            let stems = |answer: &u32| wordings[answers[*answer as usize].text as usize].stems.as_slice();
            let candidates: Vec<&[u32]> = questions[q].candidates.iter().map(stems).collect();
            shared_words(&wordings[questions[q].text as usize].stems, &candidates, own[q], &idf)
        });
        for (question, shared) in questions.iter_mut().zip(shared) {
            question.overlaps = shared;
        }
        let texts = wordings.into_iter().map(|mut wording| {
            wording.words.truncate(config.max_words);
            wording.words
        });
        Self { texts: texts.collect(), answers, questions }
    }

    /// Returns these pools without the questions that have no right answer: no ranking of theirs is better than another.
    #[must_use]
    pub fn answerable(mut self) -> Self {
        self.questions.retain(|question| !question.positives.is_empty());
        self
    }

    /// The id of a question, for run files.
    pub fn question_id(&self, question: usize) -> &str {
        &self.questions[question].id
    }

    /// The words of a text, as ids of the lexicon's vocabulary.
    pub(super) fn words(&self, text: u32) -> &[u32] {
        &self.texts[text as usize]
    }

    /// The texts of a question and of one of its candidates.
    pub(super) fn pair(&self, question: u32, candidate: u32) -> (u32, u32) {
        let asked = &self.questions[question as usize];
        (asked.text, self.answers[asked.candidates[candidate as usize] as usize].text)
    }

    /// Returns the overlap features of a question and one of its candidates: `[K]`.
    pub(super) fn overlaps(&self, question: u32, candidate: u32) -> &[f32; OVERLAPS] {
        &self.questions[question as usize].overlaps[candidate as usize]
    }
}

/// The overlap features of a question with the stems `asked` and each of its `candidates`, the first `own` of
/// which are its own.
fn shared_words(asked: &[u32], candidates: &[&[u32]], own: usize, idf: &[f32]) -> Vec<[f32; OVERLAPS]> {
    let mut local: HashMap<u32, usize> = HashMap::new();
    for stem in candidates[..own].iter().flat_map(|stems| distinct(stems)) {
        *local.entry(stem).or_default() += 1;
    }
    let (idf, local) = (|stem| idf[stem as usize], |stem| local.get(&stem).copied().unwrap_or(0));
    candidates.iter().map(|stems| overlaps(asked, stems, idf, local, own)).collect()
}

impl Asked {
    /// Fills the pool up to `size` with others of `total` answers.
    fn widen(&mut self, size: usize, total: usize, stream: Stream) {
        let own =
            self.candidates.first().copied().unwrap_or(0)..self.candidates.last().map_or(0, |last| last + 1);
        let others = total - own.len();
        let wanted = size.saturating_sub(own.len()).min(others);
        let mut drawn = sampling::subset(others, wanted, &mut stream.rng());
        drawn.sort_unstable();
        for place in drawn {
            let place = place as u32;
            self.candidates.push(if place < own.start { place } else { place + own.len() as u32 });
            self.grades.push(-1);
        }
    }
}

impl Pools for AnswerPools {
    fn queries(&self) -> usize {
        self.questions.len()
    }

    fn name(&self, query: usize) -> &str {
        &self.questions[query].id
    }

    fn candidates(&self, query: usize) -> usize {
        self.questions[query].candidates.len()
    }

    fn positives(&self, query: usize) -> &[u32] {
        &self.questions[query].positives
    }

    fn grades(&self, query: usize) -> Cow<'_, [i8]> {
        self.questions[query].grades.as_slice().into()
    }

    fn document(&self, query: usize, candidate: usize) -> &str {
        &self.answers[self.questions[query].candidates[candidate] as usize].id
    }
}
