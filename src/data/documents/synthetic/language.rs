//! Artificial language of a synthetic collection: words, and the subjects to which they belong.

use std::collections::HashSet;

use ndarray_rand::rand::Rng as _;
use ndarray_rand::rand::seq::{IndexedRandom as _, index};

use super::config::SyntheticCollectionConfig;
use crate::math::sampling::Alias;
use crate::seed::Rng;

/// Number of aspects of every subject.
pub(super) const ASPECTS: usize = 3;
/// Number of words that all aspects of a subject share.
const CORE: usize = 16;
/// Number of words of one aspect alone.
const OWN: usize = 12;
/// Number of pairs of words of an aspect, which coherent documents write side by side.
const PAIRS: usize = 2;
/// Number of most frequent words, which belong to no subject.
const COMMON: usize = 100;

/// English function words, which an analyser of English leaves out as stop words.
const FUNCTION_WORDS: [&str; 20] = [
    "the", "of", "and", "in", "to", "a", "is", "for", "on", "with", "that", "by", "as", "are", "from", "it",
    "at", "an", "be", "this",
];
const ONSETS: [&str; 16] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "st"];
const VOWELS: [&str; 5] = ["a", "o", "i", "e", "u"];
const CODAS: [&str; 6] = ["", "", "n", "r", "l", "m"];

/// Words, their frequencies, and the subjects that use them.
pub(super) struct ArtificialLanguage {
    words: Vec<String>, // by falling frequency
    frequency: Alias,   // of `words`
    subjects: Vec<Subject>,
}

/// Words of a subject, by number.
struct Subject {
    core: [usize; CORE],
    aspects: [Aspect; ASPECTS],
}

/// Words of one aspect of a subject, by number.
struct Aspect {
    own: [usize; OWN],
    pairs: [(usize, usize); PAIRS],
}

impl ArtificialLanguage {
    /// Draws the words and subjects of `config`.
    pub(super) fn new(config: &SyntheticCollectionConfig, rng: &mut Rng) -> Self {
        let words = words(config.vocabulary, rng);
        let frequency = zipf(words.len());
        let subjects = (0..config.subjects).map(|_| Subject::new(words.len(), rng)).collect();
        Self { words, frequency, subjects }
    }

    /// Draws a function word, the first ones more often.
    pub(super) fn function_word(&self, rng: &mut Rng) -> &str {
        FUNCTION_WORDS[(rng.random::<f64>().powi(2) * FUNCTION_WORDS.len() as f64) as usize]
    }

    /// Draws any word by its frequency.
    pub(super) fn any_word(&self, rng: &mut Rng) -> &str {
        &self.words[self.frequency.sample(rng)]
    }

    /// Draws a word of an aspect or of its subject's core, the first ones of each more often.
    pub(super) fn word(&self, about: (usize, usize), rng: &mut Rng) -> &str {
        let words = self.half(about, rng);
        &self.words[words[(rng.random::<f64>().powi(2) * words.len() as f64) as usize]]
    }

    /// Draws a word of an aspect or of its subject's core, uniformly within each.
    pub(super) fn uniform_word(&self, about: (usize, usize), rng: &mut Rng) -> &str {
        let words = self.half(about, rng);
        &self.words[words[rng.random_range(0..words.len())]]
    }

    /// Returns the words of a subject's core or those of an aspect, with equal probability.
    fn half(&self, (subject, aspect): (usize, usize), rng: &mut Rng) -> &[usize] {
        let subject = &self.subjects[subject];
        if rng.random_bool(0.5) { &subject.core } else { &subject.aspects[aspect].own }
    }

    /// Draws one of the pairs of words of an aspect.
    pub(super) fn pair(&self, (subject, aspect): (usize, usize), rng: &mut Rng) -> [&str; 2] {
        let pairs = &self.subjects[subject].aspects[aspect].pairs;
        let &(first, second) = pairs.choose(rng).expect("there are pairs");
        [&self.words[first], &self.words[second]]
    }
}

impl Subject {
    /// Draws different words for a subject from the more frequent half of the vocabulary.
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

/// Draws different words of two to four syllables.
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

/// Draws a word whose end makes a stemmer remove the `s` of a plural and nothing else.
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

/// Returns word frequencies by Zipf's law: the n-th word, from 0, weighs 1 / (n + 3).
fn zipf(count: usize) -> Alias {
    let weights: Vec<f32> = (0..count).map(|rank| 1.0 / (rank as f32 + 3.0)).collect();
    Alias::new(&weights)
}
