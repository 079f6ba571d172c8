//! What the judgements say about one query as a whole.

/// The grade of a retrieved document that the judgements do not mention.
///
/// Negative grades in a judgement file mean "in the pool, but not judged" (as in TREC files for
/// inferred measures); this one means that the document was never in the pool.
pub const UNJUDGED: i32 = i32::MIN;

/// The judgements of one query, summarised: all that a measure needs besides the ranking.
///
/// ```
/// use irgan::evaluation::Judged;
///
/// let judged = Judged::new([0, 2, 1, 0, -1]);
/// assert_eq!(judged.grades(), [2, 1, 0, 0]); // -1 counts as not judged
/// assert_eq!(judged.relevant(1), 2);
/// assert_eq!(judged.nonrelevant(1), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    descending: Vec<i32>,
}

impl Judged {
    /// Summarises the grades of one query, in any order; negative grades are dropped.
    pub fn new(grades: impl IntoIterator<Item = i32>) -> Self {
        let mut descending: Vec<i32> = grades.into_iter().filter(|&grade| grade >= 0).collect();
        descending.sort_unstable_by(|a, b| b.cmp(a));
        Self { descending }
    }

    /// Every judged grade, highest first: the ideal ranking.
    pub fn grades(&self) -> &[i32] {
        &self.descending
    }

    /// How many documents have a grade of at least `rel`.
    pub fn relevant(&self, rel: i32) -> usize {
        self.descending.partition_point(|&grade| grade >= rel)
    }

    /// How many documents are judged and have a grade below `rel`.
    pub fn nonrelevant(&self, rel: i32) -> usize {
        self.descending.len() - self.relevant(rel)
    }

    /// The highest grade, 0 when nothing is judged.
    pub fn max_grade(&self) -> i32 {
        self.descending.first().copied().unwrap_or(0)
    }
}
