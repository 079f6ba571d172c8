//! A generated collection whose relevance is planted: for tests, and to try a search without data.
//!
//! Every document is mainly about one *subject* and one *aspect* of it, to a share of its words, and a
//! little about another; every topic asks for an aspect of a subject. How relevant a document is
//! follows from what it is about, not from the words it happens to share with the topic. BM25 over
//! all text finds much of it. What it does not see is planted on purpose:
//!
//! | what | seen by |
//! |---|---|
//! | a title on the subject makes a document more relevant than as many words in its body | scores per field |
//! | better documents write certain pairs of words side by side | proximity |
//! | words of the aspect that the topic does not contain tell it from its neighbours | feedback, learned similarity |
//! | longer documents treat a subject better at the same share of words | length |
//! | spam repeats a few words of a subject and is never relevant | term frequencies against length |
//!
//! Words are made up, follow Zipf's law, have plurals, and stand among English function words.

mod language;
mod pool;
mod writing;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use self::language::Language;
use self::pool::Answered;
use self::writing::Plan;
use super::{Document, Judgements, Topic};
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::seed::Stream;

/// The most documents times topics.
const PAIR_LIMIT: usize = 100_000_000_000;

/// Size of a generated collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SyntheticCollection {
    /// Documents, about 90 words each.
    pub documents: usize,
    /// Topics over training, validation and test data: 60 %, 20 % and 20 % of them.
    pub queries: usize,
    /// Subjects that documents are about.
    pub subjects: usize,
    /// Different made-up words.
    pub vocabulary: usize,
    /// Seed of everything.
    pub seed: u64,
}

impl Default for SyntheticCollection {
    fn default() -> Self {
        Self { documents: 2000, queries: 200, subjects: 40, vocabulary: 4000, seed: 1 }
    }
}

/// A generated collection.
#[derive(Clone, Debug)]
pub struct Synthetic {
    /// Each with a title and a body.
    pub documents: Vec<Document>,
    /// Training, validation and test topics with their judgements.
    pub parts: [SyntheticPart; 3],
}

/// The topics of one purpose.
#[derive(Clone, Debug)]
pub struct SyntheticPart {
    /// `train`, `valid` or `test`.
    pub name: &'static str,
    /// What is asked for.
    pub topics: Vec<Topic>,
    /// Grades 0 to 3: every relevant document, and some that are not.
    pub judgements: Judgements,
}

/// Generates the collection of `config`: the same bytes on any number of threads.
///
/// # Errors
/// When a size is out of range.
pub fn generate(config: &SyntheticCollection) -> Result<Synthetic> {
    validate(config)?;
    let root = Stream::new(config.seed).named("synthetic collection");
    let language = Language::new(config, &mut root.named("language").rng());
    let plans: Vec<Plan> = ordered_map(config.documents, |index| {
        Plan::draw(config.subjects, &mut root.named("plans").at(index as u64).rng())
    });
    let write = |index: usize| {
        let fields = plans[index].write(&language, root.named("documents").at(index as u64));
        Document { id: document_id(index), fields }
    };
    let documents = ordered_map(plans.len(), write);
    let answered = ordered_map(config.queries, |query| {
        pool::query(&language, &plans, root.named("queries").at(query as u64))
    });
    let (train, valid) = (config.queries * 3 / 5, config.queries * 4 / 5);
    let part = |name, range| SyntheticPart::new(name, range, &answered);
    let parts = [part("train", 0..train), part("valid", train..valid), part("test", valid..config.queries)];
    Ok(Synthetic { documents, parts })
}

impl SyntheticPart {
    /// The queries numbered `range` of those `answered`.
    fn new(name: &'static str, range: Range<usize>, answered: &[Answered]) -> Self {
        let mut part = Self { name, topics: vec![], judgements: Judgements::default() };
        for query in range {
            let (text, judged) = &answered[query];
            let id = format!("q{}", query + 1);
            for &(document, grade) in judged {
                part.judgements.push(&id, document_id(document), grade);
            }
            part.topics.push(Topic { id, text: text.clone() });
        }
        part
    }
}

fn document_id(index: usize) -> String {
    format!("d{}", index + 1)
}

fn validate(config: &SyntheticCollection) -> Result<()> {
    let &SyntheticCollection { documents, queries, subjects, vocabulary, .. } = config;
    let problem = if !(20..=5_000_000).contains(&documents) {
        format!("expected 20 to 5,000,000 documents (4 GB), not {documents}")
    } else if !(5..=1_000_000).contains(&queries) {
        format!("expected 5 to 1,000,000 queries, not {queries}")
    } else if !(2..=100_000).contains(&subjects) {
        format!("expected 2 to 100,000 subjects, not {subjects}")
    } else if !(500..=1_000_000).contains(&vocabulary) {
        format!("expected a vocabulary of 500 to 1,000,000 words, not {vocabulary}")
    } else if documents.saturating_mul(queries) > PAIR_LIMIT {
        "documents × queries is beyond 10^11 pairs to grade; choose smaller numbers".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::Config(format!("generated collection: {problem}")))
}
