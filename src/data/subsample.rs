//! stub
use super::{RankingSet, UNLABELLED};
use crate::error::{Error, Result};
use crate::seed::Stream;
use rand::seq::SliceRandom;

impl RankingSet {
    /// The same documents with only round(fraction · positives) of the positives observed, chosen uniformly; all
    /// others become unlabelled.
    pub fn subsample_positives(&self, fraction: f64, stream: Stream) -> Result<Self> {
        if !(0.0..=1.0).contains(&fraction) {
            return Err(Error::Config(format!("the observed share must lie in [0, 1], not {fraction}")));
        }
        let mut positives: Vec<usize> = (0..self.documents()).filter(|&row| self.grades()[row] > 0).collect();
        let keep = (fraction * positives.len() as f64).round() as usize;
        positives.shuffle(&mut stream.rng());
        let mut grades = vec![UNLABELLED; self.documents()];
        for &row in &positives[..keep] {
            grades[row] = self.grades()[row];
        }
        Ok(self.clone().with_grades(grades))
    }
}
