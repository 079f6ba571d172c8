//! Summary of the judgements of one query.

/// Grade of a retrieved document that the judgements do not mention, that is, which was never in the pool.
///
/// Other negative grades mean "in the pool, but not judged", as in TREC's files for inferred measures.
pub const UNJUDGED: i32 = i32::MIN;

/// Judged grades of one query: all that a measure needs besides the ranking.
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
    /// Summarises grades in any order; negative ones are dropped.
    pub fn new(grades: impl IntoIterator<Item = i32>) -> Self {
        let mut descending: Vec<i32> = grades.into_iter().filter(|&grade| grade >= 0).collect();
        descending.sort_unstable_by(|a, b| b.cmp(a));
        Self { descending }
    }

    /// Returns the grades in descending order: the ideal ranking.
    pub fn grades(&self) -> &[i32] {
        &self.descending
    }

    /// Counts the documents with a grade of at least `rel`.
    pub fn relevant(&self, rel: i32) -> usize {
        self.descending.partition_point(|&grade| grade >= rel)
    }

    /// Counts the judged documents with a grade below `rel`.
    pub fn nonrelevant(&self, rel: i32) -> usize {
        self.descending.len() - self.relevant(rel)
    }

    /// Returns the highest grade, 0 when nothing is judged.
    pub fn max_grade(&self) -> i32 {
        self.descending.first().copied().unwrap_or(0)
    }
}
