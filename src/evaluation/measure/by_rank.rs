//! Values of a ranking that grows rank by rank: what each document earns when it is added.

use super::{LEAST, Measure, Metric};
use crate::evaluation::Judged;

impl Measure {
    /// Returns true for a measure of the order of documents. One of the retrieved set, and a count, is the same for every
    /// order of the same documents.
    pub fn depends_on_order(&self) -> bool {
        !matches!(
            self.metric,
            Metric::SetP | Metric::SetR | Metric::SetF(_) | Metric::SetAp | Metric::SetRelP | Metric::Utility
        ) && !self.is_count()
    }

    /// Returns the value of the first document alone, of the first two, and so on up to the whole ranking: `[K]`. The
    /// difference between two neighbours is what that rank earns, whether or not the measure is a sum over ranks.
    ///
    /// A geometric mean over queries has the logarithm of the value; a query that the measure skips has 0.
    ///
    /// ```
    /// use irgan::evaluation::{Judged, Measure};
    ///
    /// let measure: Measure = "AP".parse()?;
    /// // Hits at ranks 1 and 3, of two relevant documents: 1/1 · 1/2 at once, and 2/3 · 1/2 at rank 3.
    /// let values = measure.by_rank(&[1, 0, 1], &Judged::new([1, 0, 1]));
    /// assert_eq!(values, [0.5, 0.5, 0.5 * (1.0 + 2.0 / 3.0)]);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn by_rank(&self, ranked: &[i32], judged: &Judged) -> Vec<f64> {
        let mut value = 0.0;
        let mut values = Vec::with_capacity(ranked.len());
        for (above, &grade) in ranked.iter().enumerate() {
            if above == 0 || grade > 0 || !self.rises_at_relevant_ranks() {
                value = self.worth(&ranked[..=above], judged);
            }
            values.push(value);
        }
        values
    }

    /// Returns the value of the first ranks of a ranking, on the scale on which the mean over queries is taken.
    fn worth(&self, ranked: &[i32], judged: &Judged) -> f64 {
        match self.value(ranked, judged) {
            value if value.is_nan() => 0.0,
            value if self.is_geometric() => value.max(LEAST).ln(),
            value => value,
        }
    }

    /// Returns true for a measure that a document without relevance leaves as it is when it is added at the end.
    fn rises_at_relevant_ranks(&self) -> bool {
        !matches!(self.metric, Metric::Auc | Metric::RbpResid(_) | Metric::Judged(_) | Metric::Unjudged(_))
            && self.depends_on_order()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::UNJUDGED;

    /// Every measure, with a cutoff inside of the ranking where it takes one.
    const ALL: &str = "P@3 R@4 F1@3 F(beta=2)@5 AUC Success@2 RelP@3 AP AP@3 AP(rel=2) RR RR@2 Rprec BinG nDCG nDCG@3 \
                       nDCG(dcg='exp-log2')@4 nDCG(judged_only=True)@3 ERR ERR@3 RBP RBP(rel=1)@4 RBPResid Bpref infAP IPrec@0.4 \
                       IPrecAvg SetP SetR SetF SetAP SetRelP Judged@3 Unjudged@4 GMAP NumQ NumRet NumRel NumRelRet \
                       NumNonRelRet Utility P(empty=skip)@3";

    /// Grades in rank order, with a document that no judgement mentions, and the judged ones.
    fn rankings() -> [(Vec<i32>, Judged); 3] {
        let ranked = vec![0, 2, UNJUDGED, 0, 1, 3, 0];
        let judged = Judged::new([0, 2, 0, 1, 3, 0, 1]); // one more relevant document is not retrieved
        [
            (ranked.clone(), judged.clone()),
            (ranked.into_iter().rev().collect(), judged),
            (vec![0, UNJUDGED, 0], Judged::new([0, 0])),
        ]
    }

    #[test]
    fn values_by_rank_are_those_of_the_growing_ranking() {
        for name in ALL.split_whitespace() {
            let measure: Measure = name.parse().unwrap();
            for (ranked, judged) in rankings() {
                let expected = (1..=ranked.len()).map(|k| {
                    let value = measure.value(&ranked[..k], &judged);
                    match name {
                        _ if value.is_nan() => 0.0,
                        "GMAP" => value.max(1e-5).ln(),
                        _ => value,
                    }
                });
                let expected: Vec<f64> = expected.collect();
                assert_eq!(measure.by_rank(&ranked, &judged), expected, "{name} of {ranked:?}");
            }
        }
    }

    #[test]
    fn measures_of_the_retrieved_set_know_no_order() {
        let (ranked, judged) = &rankings()[0];
        let swapped: Vec<i32> = ranked.iter().rev().copied().collect();
        for name in ALL.split_whitespace() {
            let measure: Measure = name.parse().unwrap();
            let same = measure.value(ranked, judged) == measure.value(&swapped, judged);
            assert!(measure.depends_on_order() || same, "{name}");
        }
        let of_set =
            ALL.split_whitespace().filter(|name| !name.parse::<Measure>().unwrap().depends_on_order());
        assert_eq!(of_set.count(), 11);
    }
}
