//! Generator of a collection with planted relevance, for tests and first trials.
//!
//! Every document is mainly about one *subject* and one *aspect* of it, by a share of its words, and a little about a
//! second subject; every topic asks for an aspect of a subject. The relevance of a document follows from its plan, not
//! from the words that it shares with the topic. BM25 over all text finds much of it, but misses signals that are planted
//! on purpose:
//!
//! | signal | features that show it |
//! |---|---|
//! | a title on the subject makes a document more relevant than as many words in its body | scores of single fields |
//! | better documents write certain pairs of words side by side | proximity |
//! | words of the aspect that the topic lacks distinguish it from other aspects | feedback, learned similarity |
//! | longer documents are more relevant at the same share of words | length |
//! | spam repeats a few words of a subject and is never relevant | term frequencies against length |
//!
//! Words are invented, follow Zipf's law, have plurals, and are mixed with English function words.

mod config;
mod language;
mod pool;
mod writing;

use std::ops::Range;

pub use self::config::SyntheticCollectionConfig;
use self::language::ArtificialLanguage;
use self::pool::Answered;
use self::writing::DocumentPlan;
use super::{Document, Judgements, Topic};
use crate::error::Result;
use crate::math::parallel::ordered_map;
use crate::seed::Stream;

/// Generated collection with topics and judgements.
#[derive(Clone, Debug)]
pub struct SyntheticCollection {
    /// Documents, each with a title and a body.
    pub documents: Vec<Document>,
    /// Training, validation and test topics with their judgements.
    pub parts: [SyntheticPart; 3],
}

/// Topics and judgements of one purpose.
#[derive(Clone, Debug)]
pub struct SyntheticPart {
    /// Name of the purpose: `train`, `valid` or `test`.
    pub name: &'static str,
    /// Topics.
    pub topics: Vec<Topic>,
    /// Judgements with grades 0 to 3: every relevant document and some others.
    pub judgements: Judgements,
}

/// Generates the collection of `config`. The result does not depend on the number of threads.
///
/// # Errors
/// When a size is out of range.
///
/// ```
/// use irgan::data::documents::{SyntheticCollectionConfig, generate};
///
/// let config = SyntheticCollectionConfig { documents: 50, queries: 10, ..Default::default() };
/// let collection = generate(&config)?;
/// assert_eq!(collection.documents.len(), 50);
/// let [train, valid, test] = &collection.parts;
/// assert_eq!([train, valid, test].map(|part| part.topics.len()), [6, 2, 2]);
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn generate(config: &SyntheticCollectionConfig) -> Result<SyntheticCollection> {
    config.validate()?;
    let root = Stream::new(config.seed).named("synthetic collection");
    let language = ArtificialLanguage::new(config, &mut root.named("language").rng());
    let plans: Vec<DocumentPlan> = ordered_map(config.documents, |index| {
        DocumentPlan::draw(config.subjects, &mut root.named("plans").at(index as u64).rng())
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
    Ok(SyntheticCollection { documents, parts })
}

impl SyntheticPart {
    /// Makes a part of the queries numbered `range` of those `answered`.
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
