//! The texts behind a ranking set.

use std::collections::HashMap;
use std::ops::Range;

use crate::data::documents::Topic;
use crate::data::features::RankingSet;
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::ranking::documents::towers::TextPools;
use crate::retrieval::{Bag, Bagger, TextIndex};
use crate::team::Team;

/// Texts of queries and documents.
#[derive(Clone, Debug)]
pub struct Texts<'a> {
    index: &'a TextIndex,
    queries: HashMap<&'a str, &'a str>, // by id
    team: Team,
}

impl<'a> Texts<'a> {
    /// The texts of the documents of `index` and of `topics`.
    pub fn new(index: &'a TextIndex, topics: impl IntoIterator<Item = &'a Topic>) -> Self {
        let queries = topics.into_iter().map(|topic| (topic.id.as_str(), topic.text.as_str())).collect();
        Self { index, queries, team: Team::ALONE }
    }

    /// Returns the texts for processes that read a share of them each.
    pub fn shared_by(self, team: Team) -> Self {
        Self { team, ..self }
    }

    /// The processes that read a share of the texts each.
    pub(super) fn team(&self) -> Team {
        self.team
    }

    /// The text of a query.
    pub(super) fn query(&self, id: &str) -> Result<&'a str> {
        let text = self.queries.get(id).copied();
        text.ok_or_else(|| Error::Unfit(format!("query {id} is none of the queries that have a text")))
    }

    /// The index of the documents.
    pub(super) fn index(&self) -> &'a TextIndex {
        self.index
    }

    /// The different documents of `rows` of `set`, and the place of each row's document among them.
    pub(super) fn documents(&self, set: &RankingSet, rows: Range<usize>) -> Result<(Vec<u32>, Vec<u32>)> {
        let (mut places, mut documents) = (HashMap::new(), vec![]);
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let id = set.document(row);
            let document = self.index.find(id);
            let document =
                document.ok_or_else(|| Error::Unfit(format!("document {id} is not in the index")))?;
            found.push(*places.entry(document).or_insert_with(|| {
                documents.push(document);
                documents.len() as u32 - 1
            }));
        }
        Ok((documents, found))
    }

    /// The pools of `set` as bags of `2^bits` buckets.
    pub(super) fn pools(&self, set: &RankingSet, bits: u32) -> Result<TextPools> {
        let bagger = Bagger::new(self.index, bits);
        let queries = self.bags(set, bits)?;
        let (documents, rows) = self.documents(set, 0..set.documents())?;
        let bags = ordered_map(documents.len(), |i| bagger.document(documents[i]));
        Ok(TextPools::new(set, queries, bags.into_iter().collect::<Result<_>>()?, rows))
    }

    /// The bags of the queries of `set`: `[Q]`.
    pub(super) fn bags(&self, set: &RankingSet, bits: u32) -> Result<Vec<Bag>> {
        let bag = |q: usize| self.bag(self.query(&set.queries()[q].id)?, bits);
        ordered_map(set.queries().len(), bag).into_iter().collect()
    }

    /// The bag of a query's text.
    pub(super) fn bag(&self, query: &str, bits: u32) -> Result<Bag> {
        Bagger::new(self.index, bits).query(query)
    }
}
