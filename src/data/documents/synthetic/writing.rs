//! What a document is about, and its text.

use ndarray_rand::rand::Rng as _;
use ndarray_rand::rand::seq::IndexedRandom as _;

use super::language::{ASPECTS, Language};
use crate::data::documents::{BODY, TITLE};
use crate::seed::{Rng, Stream};

/// The shortest body and how many words the longest has more.
const LENGTHS: (f64, f64) = (30.0, 170.0);

/// What a document is about. Subjects come with the number of an aspect.
pub(super) struct Plan {
    pub(super) subject: (usize, usize),
    /// Share of the content words that are the subject's.
    pub(super) share: f64,
    /// Another subject, in passing.
    pub(super) second: (usize, usize),
    pub(super) second_share: f64,
    /// Whether the title names the subject.
    pub(super) titled: bool,
    /// Whether words that belong together stand together.
    pub(super) coherent: bool,
    /// Whether it only repeats words of the subject.
    pub(super) spam: bool,
    /// From 0 (shortest) to 1 (longest).
    pub(super) length: f64,
}

impl Plan {
    /// A document about one of so many subjects.
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

    /// The planted relevance for an aspect of a subject: from 0 to about 0.8.
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

    /// Title and body.
    pub(super) fn write(&self, language: &Language, stream: Stream) -> Vec<(String, String)> {
        let mut writer = Writer { language, plan: self, repeated: vec![], rng: stream.rng() };
        if self.spam {
            writer.repeated = writer.words_to_repeat();
        }
        let title = writer.title();
        let length = (LENGTHS.0 + LENGTHS.1 * self.length) as usize;
        vec![(TITLE.to_owned(), title), (BODY.to_owned(), writer.body(length))]
    }
}

struct Writer<'a> {
    language: &'a Language,
    plan: &'a Plan,
    repeated: Vec<&'a str>, // a spammer's
    rng: Rng,
}

impl<'a> Writer<'a> {
    fn words_to_repeat(&mut self) -> Vec<&'a str> {
        let pair = self.language.pair(self.plan.subject, &mut self.rng);
        vec![pair[0], pair[1], self.language.word(self.plan.subject, &mut self.rng)]
    }

    /// A title on the subject begins with two words that belong together.
    fn title(&mut self) -> String {
        let words = self.rng.random_range(5..=10);
        if !self.plan.titled {
            return self.words(words, 0.0, 0.1);
        }
        let pair = self.language.pair(self.plan.subject, &mut self.rng);
        format!("{} {}", pair.join(" "), self.words(words - 2, 0.5, 0.1))
    }

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

    /// `count` words, of the content words a `share` about the subject and `second` about the other.
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
                words.push((*self.repeated.choose(rng).expect("a spammer has words")).to_owned());
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
