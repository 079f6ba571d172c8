//! Topics of a synthetic collection, and their judged documents.

use ndarray_rand::rand::Rng as _;

use super::language::ArtificialLanguage;
use super::writing::DocumentPlan;
use crate::seed::{Rng, Stream};

/// Least relevance of grades 1, 2 and 3.
const GRADES: [f64; 3] = [0.06, 0.15, 0.28];
/// Mean number of judged documents that are not on the topic's subject.
const RANDOM: usize = 10;

/// Text of a topic, and its judged documents with their grades, in the order of the collection.
pub(super) type Answered = (String, Vec<(usize, i32)>);

/// Makes a topic about the subject and aspect of some document, so that there is a relevant one.
pub(super) fn query(language: &ArtificialLanguage, plans: &[DocumentPlan], stream: Stream) -> Answered {
    let rng = &mut stream.rng();
    let answer = answer(plans, rng);
    let need = plans[answer].subject;
    let text = text(language, need, rng);
    let random = RANDOM as f64 / plans.len() as f64;
    let mut judged = Vec::new();
    for (document, plan) in plans.iter().enumerate() {
        let noise = rng.random_range(0.85..1.15);
        let grade = match grade(noise * plan.relevance(need)) {
            0 if document == answer => 1,
            grade => grade,
        };
        let likely = if plan.subject.0 == need.0 || plan.second.0 == need.0 { 0.6 } else { random.min(1.0) };
        let drawn = rng.random_bool(likely);
        if grade > 0 || drawn {
            judged.push((document, grade));
        }
    }
    (text, judged)
}

/// Returns a document with much of its subject: the best of ten, where a share of 0.35 is as good as any larger one.
fn answer(plans: &[DocumentPlan], rng: &mut Rng) -> usize {
    let worth = |document: usize| if plans[document].spam { 0.0 } else { plans[document].share.min(0.35) };
    let tried = (0..10).map(|_| rng.random_range(0..plans.len()));
    tried.max_by(|&a, &b| worth(a).total_cmp(&worth(b))).expect("ten were tried")
}

/// Draws the text of a topic: two to four words of the aspect, of which the first two are often a pair of the aspect.
fn text(language: &ArtificialLanguage, need: (usize, usize), rng: &mut Rng) -> String {
    let mut words: Vec<&str> = Vec::new();
    if rng.random_bool(0.6) {
        words.extend(language.pair(need, rng));
    }
    let count = rng.random_range(2..=4);
    while words.len() < count {
        let word = language.uniform_word(need, rng);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if rng.random_bool(0.25) {
        let place = rng.random_range(1..words.len());
        words.insert(place, language.function_word(rng));
    }
    words.join(" ")
}

/// Returns the grade, 0 to 3, of a relevance.
fn grade(relevance: f64) -> i32 {
    GRADES.iter().filter(|&&least| relevance >= least).count() as i32
}
