//! Bags of hashed n-grams: the sparse vectors of texts from which a similarity is learned.

use std::collections::BTreeMap;

use super::TextIndex;
use super::analysis::for_each_term;
use super::scoring::idf;
use crate::error::Result;
use crate::seed::{fnv1a, mix};

/// Factor of the weight of a pair of terms, against the mean idf of the two.
const PAIR: f32 = 0.5;

/// Sparse vector of a text: ascending buckets with weights, of Euclidean norm 1 unless the text is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bag {
    buckets: Vec<u32>,
    weights: Vec<f32>,
}

impl Bag {
    /// Makes a bag of `(bucket, weight)` pairs: adds the weights of equal buckets and scales the sums to norm 1.
    pub fn new(grams: impl IntoIterator<Item = (u32, f32)>) -> Self {
        let mut sums: BTreeMap<u32, f32> = BTreeMap::new();
        for (bucket, weight) in grams {
            *sums.entry(bucket).or_insert(0.0) += weight;
        }
        let norm = sums.values().map(|&weight| f64::from(weight).powi(2)).sum::<f64>().sqrt();
        if norm == 0.0 {
            return Self::default();
        }
        let (buckets, weights) =
            sums.into_iter().map(|(bucket, weight)| (bucket, (f64::from(weight) / norm) as f32)).unzip();
        Self { buckets, weights }
    }

    /// Iterates over `(bucket, weight)` in ascending order of buckets.
    pub fn iter(&self) -> impl Iterator<Item = (u32, f32)> {
        self.buckets.iter().copied().zip(self.weights.iter().copied())
    }

    /// Returns true for the bag of a text without terms.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Returns the cosine of two bags, 0 when one of them is empty.
    pub fn cosine(&self, other: &Self) -> f32 {
        let (mut sum, mut theirs) = (0.0, other.iter().peekable());
        for (bucket, weight) in self.iter() {
            while theirs.next_if(|&(their, _)| their < bucket).is_some() {}
            if let Some((_, their)) = theirs.next_if(|&(their, _)| their == bucket) {
                sum += weight * their;
            }
        }
        sum
    }
}

/// Maker of bags for the documents of an index and the queries to it.
///
/// The grams of a text are its terms, as the index analyses them, and the pairs of adjacent terms. A gram weighs
/// `(1 + ln tf) · idf`; the idf of a pair is half the mean idf of its terms. The hash is fixed, so that a model finds
/// the same buckets in any index.
#[derive(Clone, Copy, Debug)]
pub struct Bagger<'a> {
    index: &'a TextIndex,
    bits: u32,
}

impl<'a> Bagger<'a> {
    /// Makes bags over `2^bits` buckets.
    ///
    /// # Panics
    /// When `bits` is not within 1 to 32.
    pub fn new(index: &'a TextIndex, bits: u32) -> Self {
        assert!((1..=32).contains(&bits), "buckets are numbered by u32");
        Self { index, bits }
    }

    /// Returns the bag of a query.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn query(&self, text: &str) -> Result<Bag> {
        self.bag([text])
    }

    /// Returns the bag of all texts of a document together.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn document(&self, document: u32) -> Result<Bag> {
        let texts = self.index.texts(document)?;
        self.bag(texts.iter().map(|(_, text)| text.as_str()))
    }

    /// Returns the bag of several texts; a pair of terms never spans two of them.
    fn bag<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Result<Bag> {
        let mut terms: BTreeMap<String, u32> = BTreeMap::new();
        let mut pairs: BTreeMap<(String, String), u32> = BTreeMap::new();
        let mut analyzer = self.index.analyzer();
        for text in texts {
            let mut before: Option<String> = None;
            for_each_term(&mut analyzer, text, |term| {
                *terms.entry(term.to_owned()).or_insert(0) += 1;
                if let Some(before) = before.replace(term.to_owned()) {
                    *pairs.entry((before, term.to_owned())).or_insert(0) += 1;
                }
            });
        }
        let mut idfs: BTreeMap<&str, f32> = BTreeMap::new();
        for term in terms.keys() {
            idfs.insert(term, idf(self.index.documents(), self.index.having(term)?));
        }
        let damped = |count: u32| 1.0 + (count as f32).ln();
        let of_terms = terms
            .iter()
            .map(|(term, &count)| (self.bucket(term.bytes()), damped(count) * idfs[term.as_str()]));
        let of_pairs = pairs.iter().map(|((first, second), &count)| {
            let idf = (idfs[first.as_str()] + idfs[second.as_str()]) / 2.0;
            (self.bucket(first.bytes().chain([b' ']).chain(second.bytes())), PAIR * damped(count) * idf)
        });
        Ok(Bag::new(of_terms.chain(of_pairs)))
    }

    fn bucket(&self, gram: impl Iterator<Item = u8>) -> u32 {
        (mix(fnv1a(gram)) >> (64 - self.bits)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bags_have_norm_one_and_cosines_are_dot_products() {
        let bag = Bag::new([(7, 3.0), (2, 2.0), (7, 1.0)]); // (2, 4)/√20
        let all: Vec<_> = bag.iter().collect();
        let norm = 20f32.sqrt();
        assert_eq!(all, [(2, 2.0 / norm), (7, 4.0 / norm)]);
        let other = Bag::new([(1, 5.0), (7, 1.0), (9, 2.0)]);
        assert!((bag.cosine(&other) - 4.0 / norm / 30f32.sqrt()).abs() < 1e-6);
        assert_eq!(bag.cosine(&other), other.cosine(&bag));
        assert!((bag.cosine(&bag) - 1.0).abs() < 1e-6);
        let nothing = Bag::new([]);
        assert!(nothing.is_empty());
        assert_eq!((nothing.cosine(&bag), bag.cosine(&nothing)), (0.0, 0.0));
    }
}
