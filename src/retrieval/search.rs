//! Search of the whole index by one or several scores, in one pass over the postings.

use std::cmp::Ordering;

use tantivy::TERMINATED;
use tantivy::postings::BlockSegmentPostings;

use super::postings::FieldTerms;
use super::scoring::Contribution;
use super::{Scoring, TextIndex, WeightedQuery};
use crate::error::Result;

/// Number of documents scored at a time, whose sums fit the cache of one core.
const WINDOW: u32 = 1 << 13;

/// Document found by a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Number of the document in the index.
    pub document: u32,
    /// Score of the document.
    pub score: f32,
}

impl TextIndex {
    /// Returns the `k` best documents for `query` by `scoring` over the field numbered `field`, best first.
    ///
    /// Documents that share no term with the query are not found. Equal scores are in descending order of ids, as in
    /// trec_eval.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(
        &self,
        query: &WeightedQuery,
        field: usize,
        scoring: Scoring,
        k: usize,
    ) -> Result<Vec<Hit>> {
        Ok(self.search_by(query, field, &[scoring], k)?.swap_remove(0))
    }

    /// Returns the `k` best documents by each of `scorings`, reading the postings once: `[scorings]`, each as by
    /// [`Self::search`].
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search_by(
        &self,
        query: &WeightedQuery,
        field: usize,
        scorings: &[Scoring],
        k: usize,
    ) -> Result<Vec<Vec<Hit>>> {
        self.search_terms(&FieldTerms::look_up(self, query, field)?, query.length(), scorings, k)
    }

    /// Returns the `k` best documents of the open shards by each of `scorings`, for a query of looked-up terms whose weights sum to
    /// `length`: `[scorings]`.
    pub(super) fn search_terms(
        &self,
        terms: &FieldTerms<'_>,
        length: f32,
        scorings: &[Scoring],
        k: usize,
    ) -> Result<Vec<Vec<Hit>>> {
        let field = terms.field;
        let mut best: Vec<_> = scorings.iter().map(|_| Best::new(self, k)).collect();
        let mut sums = vec![vec![0.0f32; WINDOW as usize]; scorings.len()];
        for segment in 0..self.segments.len() {
            let mut cursors = vec![];
            for (number, term) in terms.terms.iter().enumerate() {
                if let Some(blocks) = terms.blocks(number, segment)? {
                    let parts = scorings.iter().filter_map(|s| s.contribution(self, field, term)).collect();
                    cursors.push(Cursor { blocks, at: 0, parts });
                }
            }
            let (base, documents) = (self.segments[segment].base, self.segments[segment].documents);
            let lengths = self.lengths_in(&self.segments[segment], field);
            let mut start = 0;
            // Windows without a posting are skipped.
            while let Some(next) = cursors.iter().map(Cursor::document).min().filter(|&next| next < documents)
            {
                start = next.max(start);
                let end = documents.min(start.saturating_add(WINDOW));
                let window = &lengths[start as usize..end as usize];
                for cursor in &mut cursors {
                    cursor.add(start, window, &mut sums);
                }
                for ((scoring, sums), best) in scorings.iter().zip(&mut sums).zip(&mut best) {
                    best.take(*scoring, length, base + start, window, &mut sums[..window.len()]);
                }
                start = end;
            }
        }
        Ok(best.into_iter().map(Best::sorted).collect())
    }
}

/// Reading position in the postings of a term.
struct Cursor {
    blocks: BlockSegmentPostings,
    at: usize,                // within the block
    parts: Vec<Contribution>, // one a score
}

impl Cursor {
    /// Returns the document at the position; `TERMINATED` at the end.
    fn document(&self) -> u32 {
        if self.blocks.block_len() == 0 { TERMINATED } else { self.blocks.doc(self.at) }
    }

    /// Adds the term's contributions to the sums of the window of documents from `start` on, which have these `lengths`.
    fn add(&mut self, start: u32, lengths: &[u32], sums: &mut [Vec<f32>]) {
        let end = start + lengths.len() as u32;
        while self.blocks.block_len() > 0 {
            let documents = &self.blocks.docs()[self.at..];
            let frequencies = &self.blocks.freqs()[self.at..];
            let inside = match documents.last() {
                Some(&last) if last < end => documents.len(),
                _ => documents.partition_point(|&document| document < end),
            };
            for (&part, sums) in self.parts.iter().zip(&mut *sums) {
                let postings = documents[..inside].iter().zip(&frequencies[..inside]);
                match part {
                    // BM25, the common case, keeps its constants in registers.
                    Contribution::Saturating { scale, base, slope } => {
                        for (&document, &frequency) in postings {
                            let place = (document - start) as usize;
                            let tf = frequency as f32;
                            sums[place] += scale * tf / (tf + base + slope * lengths[place] as f32);
                        }
                    }
                    _ => {
                        for (&document, &frequency) in postings {
                            let place = (document - start) as usize;
                            sums[place] += part.of(frequency, lengths[place]);
                        }
                    }
                }
            }
            if inside < documents.len() {
                self.at += inside;
                return;
            }
            self.blocks.advance();
            self.at = 0;
        }
    }
}

/// Best documents so far by one score.
struct Best<'a> {
    index: &'a TextIndex,
    k: usize,
    hits: Vec<Hit>,
    least: f32, // scores below it are out
}

impl<'a> Best<'a> {
    fn new(index: &'a TextIndex, k: usize) -> Self {
        Self { index, k, hits: Vec::with_capacity(2 * k.min(1 << 16)), least: f32::NEG_INFINITY }
    }

    /// Takes the documents of a window whose sums are above 0 (every contribution is positive), and clears the sums.
    fn take(&mut self, scoring: Scoring, query: f32, first: u32, lengths: &[u32], sums: &mut [f32]) {
        let plain = !matches!(scoring, Scoring::LmDirichlet { .. });
        for (chunk, part) in sums.chunks_mut(64).enumerate() {
            let most = part.iter().fold(0.0f32, |most, &sum| if sum > most { sum } else { most });
            let hopeless = most <= 0.0 || (plain && most < self.least);
            if !hopeless {
                for (i, &sum) in part.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
                    let place = chunk * 64 + i;
                    let score = if plain { sum } else { sum + scoring.of_length(query, lengths[place]) };
                    self.offer(Hit { document: first + place as u32, score });
                }
            }
            if most > 0.0 {
                part.fill(0.0);
            }
        }
    }

    fn offer(&mut self, hit: Hit) {
        if hit.score < self.least || self.k == 0 {
            return;
        }
        self.hits.push(hit);
        if self.hits.len() >= 2 * self.k {
            self.trim();
        }
    }

    /// Drops all but the k best.
    fn trim(&mut self) {
        if self.hits.len() > self.k {
            self.hits.select_nth_unstable_by(self.k - 1, |a, b| order(self.index, a, b));
            self.hits.truncate(self.k);
            self.least = self.hits[self.k - 1].score;
        }
    }

    fn sorted(mut self) -> Vec<Hit> {
        self.trim();
        self.hits.sort_unstable_by(|a, b| order(self.index, a, b));
        self.hits
    }
}

/// Orders by descending scores, then by descending ids.
fn order(index: &TextIndex, a: &Hit, b: &Hit) -> Ordering {
    b.score.total_cmp(&a.score).then_with(|| index.order_of_ids(b.document, a.document))
}
