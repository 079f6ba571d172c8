//! Made-up words, and the subjects that they belong to.

use std::collections::HashSet;

use ndarray_rand::rand::Rng as _;
use ndarray_rand::rand::seq::{IndexedRandom as _, index};

use super::SyntheticCollection;
use crate::math::sampling::Alias;
use crate::seed::Rng;

/// Aspects of every subject.
pub(super) const ASPECTS: usize = 3;
/// Words that all aspects of a subject share.
const CORE: usize = 16;
/// Words of one aspect alone.
const OWN: usize = 12;
/// Pairs of words that good documents on an aspect write side by side.
const PAIRS: usize = 2;
/// The most frequent words belong to no subject.
const COMMON: usize = 100;

/// English words without meaning of their own: what an analyser of English leaves out.
const FUNCTION_WORDS: [&str; 20] = [
    "the", "of", "and", "in", "to", "a", "is", "for", "on", "with", "that", "by", "as", "are", "from", "it",
    "at", "an", "be", "this",
];
const ONSETS: [&str; 16] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "st"];
const VOWELS: [&str; 5] = ["a", "o", "i", "e", "u"];
const CODAS: [&str; 6] = ["", "", "n", "r", "l", "m"];

/// All words, and what they are used for.
pub(super) struct Language {
    words: Vec<String>, // by falling frequency
    frequency: Alias,   // of `words`
    subjects: Vec<Subject>,
}

/// Words by number.
struct Subject {
    core: [usize; CORE],
    aspects: [Aspect; ASPECTS],
}

struct Aspect {
    own: [usize; OWN],
    pairs: [(usize, usize); PAIRS],
}

impl Language {
    pub(super) fn new(config: &SyntheticCollection, rng: &mut Rng) -> Self {
        let words = words(config.vocabulary, rng);
        let frequency = zipf(words.len());
        let subjects = (0..config.subjects).map(|_| Subject::new(words.len(), rng)).collect();
        Self { words, frequency, subjects }
    }

    /// A word without meaning.
    pub(super) fn function_word(&self, rng: &mut Rng) -> &str {
        FUNCTION_WORDS[(rng.random::<f64>().powi(2) * FUNCTION_WORDS.len() as f64) as usize]
    }

    /// Any word, the frequent ones more often.
    pub(super) fn any_word(&self, rng: &mut Rng) -> &str {
        &self.words[self.frequency.sample(rng)]
    }

    /// A word of an aspect or of its subject's core, the first of each more often.
    pub(super) fn word(&self, about: (usize, usize), rng: &mut Rng) -> &str {
        let words = self.half(about, rng);
        &self.words[words[(rng.random::<f64>().powi(2) * words.len() as f64) as usize]]
    }

    /// A word of an aspect or of its subject's core, each as often as another.
    pub(super) fn uniform_word(&self, about: (usize, usize), rng: &mut Rng) -> &str {
        let words = self.half(about, rng);
        &self.words[words[rng.random_range(0..words.len())]]
    }

    /// The words of a subject's core, or those of an aspect.
    fn half(&self, (subject, aspect): (usize, usize), rng: &mut Rng) -> &[usize] {
        let subject = &self.subjects[subject];
        if rng.random_bool(0.5) { &subject.core } else { &subject.aspects[aspect].own }
    }

    /// Two words of an aspect that belong side by side.
    pub(super) fn pair(&self, (subject, aspect): (usize, usize), rng: &mut Rng) -> [&str; 2] {
        let pairs = &self.subjects[subject].aspects[aspect].pairs;
        let &(first, second) = pairs.choose(rng).expect("there are pairs");
        [&self.words[first], &self.words[second]]
    }
}

impl Subject {
    fn new(vocabulary: usize, rng: &mut Rng) -> Self {
        let chosen = index::sample(rng, vocabulary / 2 - COMMON, CORE + ASPECTS * OWN).into_vec();
        let words: Vec<usize> = chosen.into_iter().map(|word| word + COMMON).collect();
        let core: [usize; CORE] = std::array::from_fn(|i| words[i]);
        let aspects = std::array::from_fn(|aspect| {
            let own: [usize; OWN] = std::array::from_fn(|i| words[CORE + aspect * OWN + i]);
            let pairs =
                std::array::from_fn(|_| (core[rng.random_range(0..CORE)], own[rng.random_range(0..OWN)]));
            Aspect { own, pairs }
        });
        Self { core, aspects }
    }
}

/// Different words of two to four syllables.
fn words(count: usize, rng: &mut Rng) -> Vec<String> {
    let mut words = Vec::with_capacity(count);
    let mut known: HashSet<String> = FUNCTION_WORDS.iter().map(|&word| word.to_owned()).collect();
    while words.len() < count {
        let word = word(rng);
        if known.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

/// A word that ends so that a stemmer takes off a plural's `s` and nothing else.
fn word(rng: &mut Rng) -> String {
    let mut word = String::new();
    for syllable in (0..rng.random_range(2..=4)).rev() {
        let vowels = if syllable == 0 { &VOWELS[..2] } else { &VOWELS[..] };
        let codas = if syllable == 0 { &CODAS[2..] } else { &CODAS[..] };
        for part in [&ONSETS[..], vowels, codas] {
            word.push_str(part[rng.random_range(0..part.len())]);
        }
    }
    word
}

/// Zipf's law: the n-th word has a weight of 1 / (n + 3).
fn zipf(count: usize) -> Alias {
    let weights: Vec<f32> = (0..count).map(|rank| 1.0 / (rank as f32 + 3.0)).collect();
    Alias::new(&weights)
}
