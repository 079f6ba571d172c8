//! Documents of a synthetic collection: plan, relevance and text.

use ndarray_rand::rand::Rng as _;
use ndarray_rand::rand::seq::IndexedRandom as _;

use super::language::{ASPECTS, ArtificialLanguage};
use crate::data::documents::document::{BODY, TITLE};
use crate::seed::{Rng, Stream};

/// Number of words of the shortest body, and of those that the longest has more.
const LENGTHS: (f64, f64) = (30.0, 170.0);

/// Content of a document: its subjects, each with the number of an aspect, and its qualities.
pub(super) struct DocumentPlan {
    /// Main subject and aspect.
    pub(super) subject: (usize, usize),
    /// Share of the content words that belong to the main subject.
    pub(super) share: f64,
    /// Second subject and aspect.
    pub(super) second: (usize, usize),
    /// Share of the content words that belong to the second subject.
    pub(super) second_share: f64,
    /// Names the subject in the title when true.
    pub(super) titled: bool,
    /// Writes the words of a pair side by side when true.
    pub(super) coherent: bool,
    /// Only repeats words of the subject when true.
    pub(super) spam: bool,
    /// Length of the body, from 0 (shortest) to 1 (longest).
    pub(super) length: f64,
}

impl DocumentPlan {
    /// Draws the plan of a document about two of `subjects`.
    pub(super) fn draw(subjects: usize, rng: &mut Rng) -> Self {
        let about = |rng: &mut Rng| (rng.random_range(0..subjects), rng.random_range(0..ASPECTS));
        let (subject, second) = (about(rng), about(rng));
        Self {
            subject,
            share: rng.random_range(0.05..0.65),
            second,
            second_share: rng.random_range(0.0..0.25),
            titled: rng.random_bool(0.5),
            coherent: rng.random_bool(0.5),
            spam: rng.random_bool(0.1),
            length: rng.random::<f64>().powi(2),
        }
    }

    /// Returns the planted relevance for a subject and aspect, from 0 to about 0.8.
    pub(super) fn relevance(&self, need: (usize, usize)) -> f64 {
        if self.spam {
            return 0.0;
        }
        let to = |subject: (usize, usize), share: f64| match (subject.0 == need.0, subject.1 == need.1) {
            (true, true) => share,
            (true, false) => 0.25 * share,
            _ => 0.0,
        };
        let planted = |there: bool, worth: f64| if there { worth } else { 0.0 };
        let quality = 0.15 + planted(self.titled, 0.6) + planted(self.coherent, 0.35);
        (0.7 + 0.6 * self.length)
            * (quality * to(self.subject, self.share) + 0.25 * to(self.second, self.second_share))
    }

    /// Writes title and body, each with the name of its field.
    pub(super) fn write(&self, language: &ArtificialLanguage, stream: Stream) -> Vec<(String, String)> {
        let mut writer = Writer { language, plan: self, repeated: vec![], rng: stream.rng() };
        if self.spam {
            writer.repeated = writer.words_to_repeat();
        }
        let title = writer.title();
        let length = (LENGTHS.0 + LENGTHS.1 * self.length) as usize;
        vec![(TITLE.to_owned(), title), (BODY.to_owned(), writer.body(length))]
    }
}

/// Writer of one document.
struct Writer<'a> {
    language: &'a ArtificialLanguage,
    plan: &'a DocumentPlan,
    repeated: Vec<&'a str>, // words of spam
    rng: Rng,
}

impl<'a> Writer<'a> {
    /// Draws the words that spam repeats.
    fn words_to_repeat(&mut self) -> Vec<&'a str> {
        let pair = self.language.pair(self.plan.subject, &mut self.rng);
        vec![pair[0], pair[1], self.language.word(self.plan.subject, &mut self.rng)]
    }

    /// Writes a title; one that names the subject begins with a pair of words of the aspect.
    fn title(&mut self) -> String {
        let words = self.rng.random_range(5..=10);
        if !self.plan.titled {
            return self.words(words, 0.0, 0.1);
        }
        let pair = self.language.pair(self.plan.subject, &mut self.rng);
        format!("{} {}", pair.join(" "), self.words(words - 2, 0.5, 0.1))
    }

    /// Writes a body of `length` words in sentences.
    fn body(&mut self, length: usize) -> String {
        let mut body = String::new();
        let mut left = length;
        while left > 0 {
            let words = self.rng.random_range(7..=14).min(left);
            left -= words;
            let sentence = self.words(words, self.plan.share, self.plan.second_share);
            if !body.is_empty() {
                body.push(' ');
            }
            body.push_str(&capitalised(&sentence));
            body.push('.');
        }
        body
    }

    /// Draws `count` words, of whose content words `share` belong to the main subject and `second` to the other.
    fn words(&mut self, count: usize, share: f64, second: f64) -> String {
        let mut words: Vec<String> = Vec::with_capacity(count + 1);
        while words.len() < count {
            let (language, rng) = (self.language, &mut self.rng);
            if rng.random_bool(0.35) {
                words.push(language.function_word(rng).to_owned());
                continue;
            }
            let drawn: f64 = rng.random();
            if drawn < share && self.plan.spam {
                words.push((*self.repeated.choose(rng).expect("spam has words to repeat")).to_owned());
            } else if drawn < share && self.plan.coherent && rng.random_bool(0.3) {
                words.extend(language.pair(self.plan.subject, rng).map(str::to_owned));
            } else {
                let word = match drawn {
                    _ if drawn < share => language.word(self.plan.subject, rng),
                    _ if drawn < share + second => language.word(self.plan.second, rng),
                    _ => language.any_word(rng),
                };
                words.push(format!("{word}{}", if rng.random_bool(0.12) { "s" } else { "" }));
            }
        }
        words.truncate(count);
        words.join(" ")
    }
}

fn capitalised(sentence: &str) -> String {
    let (first, rest) = sentence.split_at(sentence.len().min(1));
    first.to_uppercase() + rest
}
