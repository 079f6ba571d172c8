//! Searches of many topics by the processes of a team: each searches its share of the topics or, where the index has shards, its
//! share of the shards.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::feedback::counts;
use super::postings::FieldTerms;
use super::shard_list::ShardList;
use super::{Feedback, Hit, SearchConfig, Searcher, TextIndex, WeightedQuery};
use crate::data::documents::Topic;
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::team::{Team, Wire};

/// Most topics that are searched between two messages.
const TOPICS: usize = 1024;
/// Most hits of all processes in one message, some 90 bytes each in the memory of the first.
const HITS: usize = 1 << 22;

/// Searcher of many topics by all processes of a team, with the hits of one process.
///
/// Over an index of shards each process opens its own ones alone. The processes add up the counts of every term, score their documents
/// by the sums, and the first process merges the hits: two messages for up to 1,024 topics, and three more with feedback.
#[derive(Debug)]
pub struct TopicSearcher {
    searcher: Searcher,
    team: Team,
    shards: Option<usize>, // their number, where this process opened its share of them
}

/// Hits of many topics, in the order of the topics.
#[derive(Debug)]
pub struct TopicHits<'a> {
    /// Hits of every topic, best first: `[Q]`. Only the first process of a team has those of shards.
    pub hits: Vec<Vec<Hit>>,
    index: &'a TextIndex,
    ids: HashMap<u32, String>, // of documents in shards that are not open here
}

impl<'a> TopicHits<'a> {
    /// Takes the hits of topics in an open index.
    pub fn new(index: &'a TextIndex, hits: Vec<Vec<Hit>>) -> Self {
        Self { hits, index, ids: HashMap::new() }
    }

    /// Returns the id of a document among the hits.
    pub fn id(&self, document: u32) -> &str {
        self.ids.get(&document).map_or_else(|| self.index.id(document), String::as_str)
    }
}

impl TopicSearcher {
    /// Opens the index in `folder` for searches by `config`, or this process's share of its shards.
    ///
    /// # Errors
    /// As [`Searcher::open`], and when the processes have different indexes.
    pub fn open(folder: &Path, config: &SearchConfig, team: Team) -> Result<Self> {
        let list = if team.size() > 1 { ShardList::read(folder)? } else { None };
        let (index, shards) = match list {
            None => (TextIndex::open(folder)?, None),
            Some(list) => {
                let all = list.shards.len();
                let share = all * team.rank() / team.size()..all * (team.rank() + 1) / team.size();
                (TextIndex::open_share(folder, &list, share)?, Some(all))
            }
        };
        team.agree("index", index.check_sum().into())?;
        Ok(Self { searcher: Searcher::new(index, config)?, team, shards })
    }

    /// Returns the name of the method, such as `bm25`.
    pub fn name(&self) -> String {
        self.searcher.to_string()
    }

    /// Returns the number of processes without a shard to search.
    pub fn idle(&self) -> usize {
        self.shards.map_or(0, |shards| self.team.size().saturating_sub(shards))
    }

    /// Returns the hits of every topic.
    ///
    /// # Errors
    /// When the index cannot be read, or the processes have different topics.
    pub fn search_all(&self, topics: &[Topic]) -> Result<TopicHits<'_>> {
        self.team.agree("set of queries", Topic::digest(topics))?;
        if self.shards.is_none() {
            return Ok(TopicHits::new(&self.searcher.index, self.search_shares(topics)?));
        }
        let mut found = TopicHits::new(&self.searcher.index, vec![]);
        for topics in topics.chunks((HITS / self.team.size() / self.searcher.k.max(1)).clamp(1, TOPICS)) {
            self.search_shards(topics, &mut found)?;
        }
        Ok(found)
    }

    /// Searches a share of the topics in the whole index: `[Q]`.
    fn search_shares(&self, topics: &[Topic]) -> Result<Vec<Vec<Hit>>> {
        let hits = self.team.map(topics.len(), |topic| {
            let query = WeightedQuery::parse(&self.searcher.index, &topics[topic].text);
            self.searcher.search(&query).map_err(|cause| cause.to_string())
        });
        let unread = |cause: String| Error::data(self.searcher.index.folder(), cause);
        hits.into_iter().map(|hits| hits.map_err(unread)).collect()
    }

    /// Searches all topics in the own shards; the first process adds the hits of all to those that were `found`.
    fn search_shards(&self, topics: &[Topic], found: &mut TopicHits<'_>) -> Result<()> {
        let Searcher { index, feedback, k, .. } = &self.searcher;
        let parsed = ordered_map(topics.len(), |topic| WeightedQuery::parse(index, &topics[topic].text));
        let queries = match feedback {
            Some(feedback) => self.expanded(feedback, &parsed)?,
            None => parsed,
        };
        let of_processes = self.team.at_first(self.own_hits(&queries, *k)?);
        for topic in merged(&of_processes, *k) {
            for &(hit, id) in topic.iter().filter(|(hit, _)| !index.owns(hit.document)) {
                found.ids.entry(hit.document).or_insert_with(|| id.to_owned());
            }
            found.hits.push(topic.into_iter().map(|(hit, _)| hit).collect());
        }
        Ok(())
    }

    /// Returns the best `k` hits of every query in the own shards, with their ids: `[Q]`. Scores are by the counts of all shards.
    fn own_hits(&self, queries: &[WeightedQuery], k: usize) -> Result<Vec<NamedHits>> {
        let Searcher { index, field, scoring, .. } = &self.searcher;
        let terms = ordered_map(queries.len(), |query| FieldTerms::look_up(index, &queries[query], *field));
        let mut terms: Vec<FieldTerms<'_>> = terms.into_iter().collect::<Result<_>>()?;
        let mut sums: Vec<u64> = terms.iter().flat_map(FieldTerms::counts).collect();
        self.team.sum(&mut sums);
        let mut rest = sums.as_slice();
        for terms in &mut terms {
            let (own, others) = rest.split_at(2 * terms.terms.len());
            terms.set_counts(own);
            rest = others;
        }
        let search = |query: usize| {
            let found = index.search_terms(&terms[query], queries[query].length(), &[*scoring], k)?;
            let mut named = NamedHits::default();
            found.into_iter().flatten().for_each(|hit| named.push(hit, index.id(hit.document)));
            Ok(named)
        };
        ordered_map(queries.len(), search).into_iter().collect()
    }

    /// Expands every query by its first documents in all shards: `[Q]`.
    fn expanded(&self, feedback: &Feedback, queries: &[WeightedQuery]) -> Result<Vec<WeightedQuery>> {
        let index = &self.searcher.index;
        let of_processes = self.team.all(self.own_hits(queries, feedback.documents)?);
        let first = merged(&of_processes, feedback.documents);
        let documents: BTreeSet<u32> = first
            .iter()
            .flatten()
            .map(|(hit, _)| hit.document)
            .filter(|&document| index.owns(document))
            .collect();
        let documents: Vec<u32> = documents.into_iter().collect();
        let own = ordered_map(documents.len(), |i| Ok((documents[i], pairs(counts(index, documents[i])?))));
        let own: Vec<(u32, Vec<(String, u32)>)> = own.into_iter().collect::<Result<_>>()?;
        let all: HashMap<u32, BTreeMap<String, u32>> = self
            .team
            .all(own)
            .into_iter()
            .flatten()
            .map(|(document, counts)| (document, counts.into_iter().collect()))
            .collect();
        let expand = |query: usize| {
            let hits: Vec<Hit> = first[query].iter().map(|(hit, _)| *hit).collect();
            feedback.expand_by(&queries[query], &hits, |document| Ok(all[&document].clone()))
        };
        ordered_map(queries.len(), expand).into_iter().collect()
    }
}

fn pairs(counts: BTreeMap<String, u32>) -> Vec<(String, u32)> {
    counts.into_iter().collect()
}

/// Hits of a query, best first, with the ids of their documents.
#[derive(Debug, Default)]
struct NamedHits {
    hits: Vec<Hit>,
    ids: String,    // one behind the other
    ends: Vec<u64>, // of the ids: [hits]
}

impl NamedHits {
    fn push(&mut self, hit: Hit, id: &str) {
        self.hits.push(hit);
        self.ids.push_str(id);
        self.ends.push(self.ids.len() as u64);
    }

    /// Returns the hit of a rank from 0 and its id, where there are so many.
    fn get(&self, rank: usize) -> Option<(Hit, &str)> {
        let hit = *self.hits.get(rank)?;
        let start = if rank == 0 { 0 } else { self.ends[rank - 1] };
        Some((hit, &self.ids[start as usize..self.ends[rank] as usize]))
    }
}

impl Wire for NamedHits {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.hits.write(bytes);
        self.ids.write(bytes);
        self.ends.write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        Self { hits: Wire::read(bytes), ids: Wire::read(bytes), ends: Wire::read(bytes) }
    }
}

/// Returns the best `k` of the hits that all processes have of each query, in the order of a search of the whole index: `[Q]`.
fn merged(of_processes: &[Vec<NamedHits>], k: usize) -> Vec<Vec<(Hit, &str)>> {
    let queries = of_processes.first().map_or(0, Vec::len);
    ordered_map(queries, |query| {
        let lists: Vec<&NamedHits> = of_processes.iter().map(|lists| &lists[query]).collect();
        let mut taken = vec![0; lists.len()];
        let mut best = vec![];
        while best.len() < k {
            let heads = lists.iter().zip(&taken).enumerate();
            let heads = heads.filter_map(|(list, (hits, &taken))| Some((list, hits.get(taken)?)));
            let next = heads.max_by(|(_, (a, of_a)), (_, (b, of_b))| {
                a.score.total_cmp(&b.score).then_with(|| of_a.cmp(of_b))
            });
            let Some((list, hit)) = next else { break };
            taken[list] += 1;
            best.push(hit);
        }
        best
    })
}

impl Wire for Hit {
    fn write(&self, bytes: &mut Vec<u8>) {
        (self.document, self.score).write(bytes);
    }

    fn read(bytes: &mut &[u8]) -> Self {
        let (document, score) = Wire::read(bytes);
        Self { document, score }
    }
}
