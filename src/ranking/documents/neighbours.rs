//! Judgements of similar queries as a feature of a document: it remembers instead of generalising.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Texts;
use crate::data::documents::Judgements;
use crate::data::features::{Query, RankingSet};
use crate::error::{Error, Result};
use crate::files::toml_file;
use crate::math::parallel::ordered_map;
use crate::retrieval::Bag;

/// The name of the feature.
const NAME: &str = "judged-neighbours";
/// The file of a ranker that remembers.
const FILE: &str = "neighbours.toml";
/// Queries are compared in `2^BITS` buckets.
const BITS: u32 = 20;

/// The training queries with the documents that answer them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Neighbours {
    queries: Vec<Judged>,
}

/// A training query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Judged {
    id: String,
    text: String,
    documents: Vec<(String, i8)>, // those of grade 1 and more
}

impl Neighbours {
    /// Remembers the positives that `judgements` have for the queries of `train`, found or not.
    pub fn new(texts: &Texts<'_>, train: &RankingSet, judgements: &Judgements) -> Result<Self> {
        let of_query = |query: &Query| {
            let grade = |grade: i32| i8::try_from(grade.min(i32::from(i8::MAX))).expect("within its range");
            let positive = judgements.of(&query.id).iter().filter(|(_, grade)| *grade > 0);
            let documents = positive.map(|(document, value)| (document.clone(), grade(*value)));
            let text = texts.query(&query.id)?.to_owned();
            Ok(Judged { id: query.id.clone(), text, documents: documents.collect() })
        };
        Ok(Self { queries: train.queries().iter().map(of_query).collect::<Result<_>>()? })
    }

    /// `set` with the feature behind the others: `Σ_q' cos(q, q') · grade(q', d)` over the remembered queries q' but
    /// the query itself (the same id and text).
    pub fn describe(&self, texts: &Texts<'_>, set: RankingSet) -> Result<RankingSet> {
        let queries = texts.bags(&set, BITS)?;
        let known: Vec<Bag> = ordered_map(self.queries.len(), |i| texts.bag(&self.queries[i].text, BITS))
            .into_iter()
            .collect::<Result<_>>()?;
        let columns = ordered_map(queries.len(), |q| {
            let query = &set.queries()[q];
            let text = texts.query(&query.id)?;
            let mut sums: HashMap<&str, f32> = HashMap::new();
            for (judged, bag) in self.queries.iter().zip(&known) {
                let cosine = queries[q].cosine(bag);
                if cosine == 0.0 || (judged.id == query.id && judged.text == text) {
                    continue;
                }
                for (document, grade) in &judged.documents {
                    *sums.entry(document).or_insert(0.0) += cosine * f32::from(*grade);
                }
            }
            let of_row = |row: usize| sums.get(set.document(row)).copied().unwrap_or(0.0);
            Ok(query.rows.clone().map(of_row).collect::<Vec<f32>>())
        });
        let column = columns.into_iter().collect::<Result<Vec<_>>>()?.concat();
        Ok(set.with_feature(NAME, &column))
    }

    /// Reads what the ranker in `folder` remembers.
    pub(super) fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        toml_file::read(&path).map_err(|cause| Error::data(&path, cause.to_string()))
    }

    /// Writes it into the folder of a ranker.
    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        toml_file::write(&folder.join(FILE), self)
    }
}
