//! Partial observation: data in which only some of the positives are known.

use rand::seq::SliceRandom;

use super::{RankingSet, UNLABELLED};
use crate::error::{Error, Result};
use crate::seed::Stream;

impl RankingSet {
    /// Keeps the grades of round(`fraction` · positives) of the positives, chosen uniformly over all queries, and makes
    /// all other documents [`UNLABELLED`]: implicit feedback does not tell which documents are bad.
    ///
    /// # Errors
    /// When `fraction` is not within [0, 1].
    ///
    /// ```
    /// use irgan::data::features::RankingSet;
    /// use irgan::seed::Stream;
    /// use ndarray::Array2;
    ///
    /// let set = RankingSet::from_rows(Array2::zeros((4, 1)).view(), &[1, 0, 1, 0], &[4])?;
    /// let observed = set.subsample_positives(0.5, Stream::new(1))?;
    /// assert_eq!(observed.grades().iter().filter(|&&grade| grade == 1).count(), 1);
    /// assert_eq!(observed.grades().iter().filter(|&&grade| grade == -1).count(), 3);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn subsample_positives(self, fraction: f64, stream: Stream) -> Result<Self> {
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
        Ok(self.with_grades(grades))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::*;
    use ndarray::Array2;

    #[test]
    fn positives_keep_their_grade_by_the_stated_share() {
        let original: Vec<i8> = (0..100).map(|row| [0, 2, -1, 1][row % 4]).collect();
        let query = vec![Query { id: "q".into(), rows: 0..100 }];
        let ids = (0..100).map(|row| row.to_string());
        let set = RankingSet::new(Array2::zeros((100, 1)), original.clone(), query, ids, vec![]);
        let kept = set.clone().subsample_positives(0.25, Stream::new(1)).expect("a share");
        let observed: Vec<usize> = (0..100).filter(|&row| kept.grades()[row] != UNLABELLED).collect();
        assert_eq!(observed.len(), 13); // 50 positives, a quarter is 12.5, rounded away from zero
        assert!(observed.iter().all(|&row| original[row] > 0 && kept.grades()[row] == original[row]));
        assert_ne!(kept, set.clone().subsample_positives(0.25, Stream::new(2)).expect("a share"));
        assert!(set.subsample_positives(1.5, Stream::new(1)).is_err());
    }
}
