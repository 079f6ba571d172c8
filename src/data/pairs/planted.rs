//! Generated pairs with a known best answer to every source.
//!
//! A source is some words of a small vocabulary. Its best answer says them from the last to the first, each translated
//! by a permutation π: `best(x_1 … x_n) = π(x_n) … π(x_1)`. The reward of an answer is the share of its places that are
//! right ([`teacher_reward`]), which only the best answer earns in full.
//!
//! Training and validation answers are corrupted: each word is, with the probability of the setting `corrupt`, another one
//! that depends on the right word alone, σ(y). With less than a half the likeliest answer is still the best one, but
//! answers that are drawn are wrong; with more than a half the likeliest answer of a model that learnt the data perfectly
//! is wrong in every place, and only the reward tells. What is known of the data is in [`PlantedPairs::truth`] and [`PlantedTruth`].

use hashbrown::HashSet;
use rand::Rng as _;
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::seed::{Rng, Stream};

/// Most sources of all parts.
const MOST_SOURCES: usize = 1 << 22;

/// Size and seed of generated pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlantedPairsConfig {
    /// Different sources of the training pairs; validation and test data have a tenth as many each, and other ones.
    pub sources: usize,
    /// Training answers to each source, each corrupted apart.
    pub answers: usize,
    /// Words of the vocabulary.
    pub vocabulary: usize,
    /// Words of the longest source; the shortest has 2, or 1 where this is 1.
    pub length: usize,
    /// Probability with which a word of a training or validation answer is wrong.
    pub corrupt: f64,
    /// Seed of all draws.
    #[serde(with = "crate::seed::number")]
    pub seed: u64,
}

impl Default for PlantedPairsConfig {
    fn default() -> Self {
        Self { sources: 1000, answers: 4, vocabulary: 20, length: 4, corrupt: 0.25, seed: 1 }
    }
}

impl PlantedPairsConfig {
    /// Returns the number of sources of validation data, and of test data.
    fn held_out(&self) -> usize {
        self.sources.div_ceil(10)
    }

    fn shortest(&self) -> usize {
        self.length.min(2)
    }

    /// Returns the number of different sources that there are.
    fn different(&self) -> usize {
        let of_length = |length: usize| self.vocabulary.saturating_pow(length as u32);
        (self.shortest()..=self.length).fold(0usize, |sum, length| sum.saturating_add(of_length(length)))
    }

    fn validate(&self) -> Result<()> {
        let fail = |message: String| Err(Error::Config(message));
        let Self { sources, answers, vocabulary, length, corrupt, .. } = *self;
        if sources == 0 || answers == 0 || sources.saturating_mul(answers) > MOST_SOURCES {
            return fail(format!(
                "{sources} sources with {answers} answers each: expected 1 to {MOST_SOURCES} pairs"
            ));
        }
        if !(2..=10_000).contains(&vocabulary) || !(1..=100).contains(&length) {
            return fail(format!(
                "{vocabulary} words, {length} of the longest source: expected 2 to 10000 words and lengths of 1 to 100"
            ));
        }
        if !(0.0..=1.0).contains(&corrupt) {
            return fail(format!("corrupted share {corrupt}: expected 0 to 1"));
        }
        let needed = sources + 2 * self.held_out();
        if needed > self.different() {
            return fail(format!(
                "{needed} different sources (training, validation, test) of at most {length} of {vocabulary} words: there \
                 are {}; ask for fewer, or for longer ones or more words",
                self.different()
            ));
        }
        Ok(())
    }
}

/// Known properties of generated pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlantedTruth {
    /// Mean reward of a corrupted answer: the share of its words that are right.
    pub reward: f64,
    /// Share of corrupted answers that are right in every place.
    pub right: f64,
    /// Least mean negative log-likelihood, in nats, that a model can have of a token of corrupted answers, ends included.
    pub floor: f64,
    /// True when the likeliest answer is the best one.
    pub likeliest_is_best: bool,
}

/// Generated pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct PlantedPairs {
    /// Training pairs, `answers` of every source, corrupted.
    pub train: Vec<(String, String)>,
    /// Validation pairs, one of every source, corrupted as the training pairs are.
    pub valid: Vec<(String, String)>,
    /// Test pairs: sources with their best answers.
    pub test: Vec<(String, String)>,
    /// Every source of the three parts, in this order, with its best answer.
    pub truth: Vec<(String, String)>,
    /// Test sources, each with an answer of which one word is wrong.
    pub errors: Vec<PlantedError>,
}

/// Answer of which one word is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlantedError {
    /// Source.
    pub source: String,
    /// Answer with the wrong word.
    pub answer: String,
    /// Place of the wrong word, from 1.
    pub place: usize,
    /// Best answer.
    pub best: String,
}

impl PlantedPairs {
    /// Generates the pairs of `config`.
    ///
    /// # Errors
    /// When a setting is out of range, or there are not as many different sources.
    ///
    /// ```
    /// use irgan::data::pairs::planted::{PlantedPairs, PlantedPairsConfig};
    ///
    /// let config = PlantedPairsConfig { sources: 10, answers: 3, corrupt: 0.0, ..Default::default() };
    /// let pairs = PlantedPairs::generate(&config)?;
    /// assert_eq!((pairs.train.len(), pairs.valid.len(), pairs.test.len()), (30, 1, 1));
    /// assert_eq!(pairs.truth[0], pairs.train[0]);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn generate(config: &PlantedPairsConfig) -> Result<Self> {
        config.validate()?;
        let stream = Stream::new(config.seed).named("planted pairs");
        let teacher = Teacher::new(config.vocabulary, stream.named("teacher"));
        let sources = sources(config, &mut stream.named("sources").rng());
        let (train, rest) = sources.split_at(config.sources);
        let (valid, test) = rest.split_at(config.held_out());
        let mut rng = stream.named("answers").rng();
        let mut corrupted = |source: &Vec<usize>| {
            let answer = teacher.corrupted(source, config.corrupt, &mut rng);
            (text(source), text(&answer))
        };
        let repeated = train.iter().flat_map(|source| std::iter::repeat_n(source, config.answers));
        let (train, valid) =
            (repeated.map(&mut corrupted).collect(), valid.iter().map(&mut corrupted).collect());
        let best = |source: &Vec<usize>| (text(source), text(&teacher.best(source)));
        let mut rng = stream.named("errors").rng();
        Ok(Self {
            train,
            valid,
            test: test.iter().map(best).collect(),
            truth: sources.iter().map(best).collect(),
            errors: test.iter().map(|source| teacher.error(source, &mut rng)).collect(),
        })
    }

    /// Returns what is known of pairs made by `config`.
    pub fn known(&self, config: &PlantedPairsConfig) -> PlantedTruth {
        let corrupt = config.corrupt;
        let lengths: Vec<i32> =
            self.truth.iter().map(|(source, _)| source.split(' ').count() as i32).collect();
        let words: i32 = lengths.iter().sum();
        let nats = |share: f64| if share > 0.0 { -share * share.ln() } else { 0.0 };
        PlantedTruth {
            reward: 1.0 - corrupt,
            right: lengths.iter().map(|&length| (1.0 - corrupt).powi(length)).sum::<f64>()
                / lengths.len() as f64,
            floor: f64::from(words) * (nats(corrupt) + nats(1.0 - corrupt))
                / (f64::from(words) + lengths.len() as f64),
            likeliest_is_best: corrupt < 0.5,
        }
    }
}

/// Returns the teacher's reward of an answer: the share of places at which it has the word of the best answer, over the
/// length of the longer one. Both are without ends.
///
/// ```
/// use irgan::data::pairs::planted::teacher_reward;
///
/// assert_eq!(teacher_reward(&[7, 8], &[7, 8]), 1.0);
/// assert_eq!(teacher_reward(&[7, 8], &[7, 9, 8, 8]), 0.25);
/// assert_eq!(teacher_reward(&[7, 8], &[]), 0.0);
/// ```
pub fn teacher_reward(best: &[u32], answer: &[u32]) -> f64 {
    let right = best.iter().zip(answer).filter(|(best, found)| best == found).count();
    right as f64 / best.len().max(answer.len()).max(1) as f64
}

/// Map from words to their right translations, and to the wrong words in their place.
struct Teacher {
    translated: Vec<usize>, // π
    wrong: Vec<usize>,      // σ, never the word itself
}

impl Teacher {
    fn new(vocabulary: usize, stream: Stream) -> Self {
        let permutation = |purpose: &str| {
            let mut words: Vec<usize> = (0..vocabulary).collect();
            words.shuffle(&mut stream.named(purpose).rng());
            words
        };
        let circle = permutation("wrong");
        let mut wrong = vec![0; vocabulary];
        for (place, &word) in circle.iter().enumerate() {
            wrong[word] = circle[(place + 1) % vocabulary];
        }
        Self { translated: permutation("translation"), wrong }
    }

    fn best(&self, source: &[usize]) -> Vec<usize> {
        source.iter().rev().map(|&word| self.translated[word]).collect()
    }

    fn corrupted(&self, source: &[usize], share: f64, rng: &mut Rng) -> Vec<usize> {
        let word = |right: usize| if rng.random::<f64>() < share { self.wrong[right] } else { right };
        self.best(source).into_iter().map(word).collect()
    }

    fn error(&self, source: &[usize], rng: &mut Rng) -> PlantedError {
        let best = self.best(source);
        let place = rng.random_range(0..best.len());
        let mut answer = best.clone();
        answer[place] = self.wrong[best[place]];
        PlantedError { source: text(source), answer: text(&answer), place: place + 1, best: text(&best) }
    }
}

/// Draws different sources for all parts.
fn sources(config: &PlantedPairsConfig, rng: &mut Rng) -> Vec<Vec<usize>> {
    let needed = config.sources + 2 * config.held_out();
    if config.different() <= 4 * needed {
        let mut all = every_source(config);
        all.shuffle(rng);
        all.truncate(needed);
        return all;
    }
    // The longest sources alone are more than half of all, so that this ends.
    let (mut seen, mut all) = (HashSet::new(), vec![]);
    while all.len() < needed {
        let length = rng.random_range(config.shortest()..=config.length);
        let source: Vec<usize> = (0..length).map(|_| rng.random_range(0..config.vocabulary)).collect();
        if seen.insert(source.clone()) {
            all.push(source);
        }
    }
    all
}

/// Returns every source, by length and then by its words.
fn every_source(config: &PlantedPairsConfig) -> Vec<Vec<usize>> {
    let mut all = vec![];
    let mut open: Vec<Vec<usize>> = vec![vec![]];
    for length in 1..=config.length {
        let words = 0..config.vocabulary;
        open = open
            .iter()
            .flat_map(|begun| words.clone().map(move |word| [begun.as_slice(), &[word]].concat()))
            .collect();
        if length >= config.shortest() {
            all.extend(open.iter().cloned());
        }
    }
    all
}

fn text(words: &[usize]) -> String {
    words.iter().map(|&word| spelt(word)).collect::<Vec<_>>().join(" ")
}

/// Returns the spelling of a word: a syllable, or several from the hundredth word on.
fn spelt(word: usize) -> String {
    const ONSETS: &[u8] = b"bcdfghjklmnpqrstvwxz";
    const VOWELS: &[u8] = b"aeiou";
    let syllable = [ONSETS[word / VOWELS.len() % ONSETS.len()] as char, VOWELS[word % VOWELS.len()] as char];
    let before = if word < 100 { String::new() } else { spelt(word / 100 - 1) };
    before + &String::from_iter(syllable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn generate(config: PlantedPairsConfig) -> PlantedPairs {
        PlantedPairs::generate(&config).expect("a valid configuration")
    }

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn the_best_answer_is_a_reversed_translation() {
        let pairs = generate(PlantedPairsConfig::default());
        let mut translated = BTreeMap::new();
        for (source, best) in &pairs.truth {
            let (source, best) = (words(source), words(best));
            assert_eq!(source.len(), best.len());
            for (from, to) in source.iter().rev().zip(best) {
                assert_eq!(*translated.entry(from.to_string()).or_insert(to.to_owned()), to);
            }
        }
        assert_eq!(translated.len(), 20);
        assert_eq!(translated.values().collect::<BTreeSet<_>>().len(), 20);
        assert_eq!(pairs.test, pairs.truth[1100..]);
    }

    #[test]
    fn the_parts_share_no_source_and_the_share_of_wrong_words_is_as_asked() {
        let pairs = generate(PlantedPairsConfig { corrupt: 0.6, ..Default::default() });
        let sources = |part: &[(String, String)]| {
            part.iter().map(|(source, _)| source.clone()).collect::<BTreeSet<_>>()
        };
        let parts = [sources(&pairs.train), sources(&pairs.valid), sources(&pairs.test)];
        assert_eq!(parts.each_ref().map(BTreeSet::len), [1000, 100, 100]);
        assert_eq!(parts.iter().flatten().collect::<BTreeSet<_>>().len(), 1200);
        let truth: BTreeMap<_, _> = pairs.truth.iter().cloned().collect();
        let mut wrong_of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let (mut wrong, mut all) = (0, 0);
        for (source, answer) in &pairs.train {
            for (best, found) in words(&truth[source]).into_iter().zip(words(answer)) {
                all += 1;
                if best != found {
                    wrong += 1;
                    wrong_of.entry(best.to_owned()).or_default().insert(found.to_owned());
                }
            }
        }
        // σ < √(0.24 / 11,000) = 0.005
        assert!((wrong as f64 / all as f64 - 0.6).abs() < 0.02, "{wrong} of {all}");
        assert!(wrong_of.len() == 20 && wrong_of.values().all(|words| words.len() == 1));
    }

    #[test]
    fn an_error_is_one_wrong_word_at_its_place() {
        for PlantedError { answer, place, best, .. } in generate(PlantedPairsConfig::default()).errors {
            let (answer, best) = (words(&answer), words(&best));
            let differ: Vec<usize> = (1..=best.len()).filter(|at| answer[at - 1] != best[at - 1]).collect();
            assert_eq!(differ, [place]);
        }
    }

    #[test]
    fn a_toy_language_is_enumerated_and_a_seed_is_repeatable() {
        let toy =
            PlantedPairsConfig { sources: 30, vocabulary: 3, length: 3, answers: 1, ..Default::default() };
        let pairs = generate(toy); // all of 9 + 27 sources
        assert_eq!(pairs.truth.iter().collect::<BTreeSet<_>>().len(), 36);
        assert_eq!(generate(toy), pairs);
        assert_ne!(generate(PlantedPairsConfig { seed: 2, ..toy }), pairs);
        let one = PlantedPairsConfig { sources: 2, vocabulary: 4, length: 1, answers: 1, ..toy };
        assert!(generate(one).truth.iter().all(|(source, _)| words(source).len() == 1));
    }

    #[test]
    fn what_is_known_follows_from_the_corruption() {
        // 4 sources of one word: half of the words is wrong, so ln 2 for a word and nothing for its end.
        let config =
            PlantedPairsConfig { sources: 2, vocabulary: 4, length: 1, answers: 1, corrupt: 0.5, seed: 1 };
        let known = generate(config).known(&config);
        assert_eq!((known.reward, known.right, known.likeliest_is_best), (0.5, 0.5, false));
        assert!((known.floor - 2.0f64.ln() / 2.0).abs() < 1e-12);
        let clean = PlantedPairsConfig { corrupt: 0.0, ..config };
        let known = generate(clean).known(&clean);
        assert_eq!((known.right, known.floor, known.likeliest_is_best), (1.0, 0.0, true));
    }

    #[test]
    fn impossible_settings_are_refused() {
        let usual = PlantedPairsConfig::default();
        for (config, what) in [
            (PlantedPairsConfig { sources: 0, ..usual }, "0 sources"),
            (PlantedPairsConfig { vocabulary: 1, ..usual }, "1 words"),
            (PlantedPairsConfig { corrupt: f64::NAN, ..usual }, "corrupted share NaN"),
            (PlantedPairsConfig { sources: 31, vocabulary: 3, length: 3, ..usual }, "there are 36"),
        ] {
            let error = PlantedPairs::generate(&config).expect_err(what).to_string();
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn words_are_spelt_differently() {
        let all: BTreeSet<String> = (0..10_000).map(spelt).collect();
        assert_eq!(all.len(), 10_000);
    }
}
