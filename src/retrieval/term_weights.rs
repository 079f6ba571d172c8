//! Terms of a collection with their weights: what the dimensions of a bag of terms mean.

use std::collections::{BTreeMap, HashMap};

use super::analysis::for_each_term;
use super::scoring::idf;
use super::{Bag, TextIndex};
use crate::error::Result;
use crate::math::parallel::ordered_map;

/// Documents whose terms are counted before the next ones are read.
const BLOCK: usize = 1024;
/// Fewest documents that have a term: one that stands in a single document relates it to no other.
const LEAST: u32 = 2;

/// Terms of a collection, numbered in ascending order, with their inverse document frequencies.
///
/// In the bag of a text a term weighs `(1 + ln tf) · idf`, and other terms are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct TermWeights {
    terms: Vec<String>,
    idf: Vec<f32>,
    numbers: HashMap<String, u32>,
}

impl TermWeights {
    /// Chooses the terms that at least two of `documents` have, at most the `most` frequent ones. Also returns the bags of
    /// `documents`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn learn(index: &TextIndex, documents: &[u32], most: usize) -> Result<(Self, Vec<Bag>)> {
        let (found, counts) = count(index, documents)?;
        let mut having = vec![0u32; found.len()];
        counts.iter().flatten().for_each(|&(number, _)| having[number as usize] += 1);
        let mut kept: Vec<(String, u32)> =
            found.into_iter().filter(|&(_, number)| having[number as usize] >= LEAST).collect();
        let frequency = |number: u32| having[number as usize];
        kept.sort_unstable_by(|(a, i), (b, j)| frequency(*j).cmp(&frequency(*i)).then_with(|| a.cmp(b)));
        kept.truncate(most);
        kept.sort_unstable();
        let (terms, old): (Vec<String>, Vec<u32>) = kept.into_iter().unzip();
        let idf = terms.iter().map(|term| Ok(idf(index.documents(), index.having(term)?)));
        let weights = Self::numbered(idf.collect::<Result<_>>()?, terms);
        let mut numbers = vec![None; having.len()];
        old.iter().zip(0..).for_each(|(&old, number)| numbers[old as usize] = Some(number));
        let bag = |counts: Vec<(u32, u32)>| {
            weights.bag(counts.into_iter().filter_map(|(old, count)| Some((numbers[old as usize]?, count))))
        };
        let bags = counts.into_iter().map(bag).collect();
        Ok((weights, bags))
    }

    /// Takes terms with their inverse document frequencies; `None` unless terms ascend and each has one above 0.
    pub fn new(terms: Vec<String>, idf: Vec<f32>) -> Option<Self> {
        let ascending = terms.windows(2).all(|pair| pair[0] < pair[1]);
        let weighted = idf.len() == terms.len() && idf.iter().all(|&idf| idf > 0.0);
        (ascending && weighted).then(|| Self::numbered(idf, terms))
    }

    fn numbered(idf: Vec<f32>, terms: Vec<String>) -> Self {
        let numbers = terms.iter().cloned().zip(0..).collect();
        Self { terms, idf, numbers }
    }

    /// Returns the terms, in ascending order: `[T]`.
    pub fn terms(&self) -> &[String] {
        &self.terms
    }

    /// Returns the inverse document frequency of every term: `[T]`.
    pub fn idf(&self) -> &[f32] {
        &self.idf
    }

    /// Returns the bag of a query to `index`, by the numbers of terms.
    pub fn query(&self, index: &TextIndex, text: &str) -> Bag {
        self.bag_of([text], index)
    }

    /// Returns the bag of all texts of a document of `index` together, by the numbers of terms.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn document(&self, index: &TextIndex, document: u32) -> Result<Bag> {
        let texts = index.texts(document)?;
        Ok(self.bag_of(texts.iter().map(|(_, text)| text.as_str()), index))
    }

    fn bag_of<'t>(&self, texts: impl IntoIterator<Item = &'t str>, index: &TextIndex) -> Bag {
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        let mut analyzer = index.analyzer();
        for text in texts {
            for_each_term(&mut analyzer, text, |term| {
                if let Some(&number) = self.numbers.get(term) {
                    *counts.entry(number).or_insert(0) += 1;
                }
            });
        }
        self.bag(counts)
    }

    fn bag(&self, counts: impl IntoIterator<Item = (u32, u32)>) -> Bag {
        let weight = |(number, count)| (number, (1.0 + (count as f32).ln()) * self.idf[number as usize]);
        Bag::new(counts.into_iter().map(weight))
    }
}

/// Numbers of all terms of `documents`, and the counts of terms by number in each of them.
type Counted = (HashMap<String, u32>, Vec<Vec<(u32, u32)>>);

fn count(index: &TextIndex, documents: &[u32]) -> Result<Counted> {
    let (mut numbers, mut counts) = (HashMap::new(), Vec::with_capacity(documents.len()));
    for block in documents.chunks(BLOCK) {
        for terms in ordered_map(block.len(), |i| terms(index, block[i])) {
            let numbered = terms?.into_iter().map(|(term, count)| {
                let next = numbers.len() as u32;
                (*numbers.entry(term).or_insert(next), count)
            });
            counts.push(numbered.collect());
        }
    }
    Ok((numbers, counts))
}

/// Counts of the terms of a document.
fn terms(index: &TextIndex, document: u32) -> Result<HashMap<String, u32>> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut analyzer = index.analyzer();
    for (_, text) in index.texts(document)? {
        for_each_term(&mut analyzer, &text, |term| match counts.get_mut(term) {
            Some(count) => *count += 1,
            None => drop(counts.insert(term.to_owned(), 1)),
        });
    }
    Ok(counts)
}
