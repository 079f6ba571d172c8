//! Judgements of feature vectors as TREC qrels.

use super::RankingSet;
use crate::error::Result;
use crate::evaluation::qrels::write_qrels;

/// Returns the judgements of `set` as lines of `query 0 document grade`; unlabelled documents have none.
///
/// # Errors
/// When an id would not be read back as one column.
pub fn qrels(set: &RankingSet) -> Result<String> {
    let mut text = String::new();
    for query in set.queries() {
        let judged = query.rows.clone().filter(|&row| set.grades()[row] >= 0);
        let judged = judged.map(|row| (set.document(row), i32::from(set.grades()[row])));
        write_qrels(&mut text, &query.id, judged)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::features::Query;

    fn set(query: &str, document: &str) -> RankingSet {
        let queries = vec![Query { id: query.into(), rows: 0..3 }];
        RankingSet::new(Array2::zeros((3, 1)), vec![2, -1, 0], queries, ["d1", "d2", document], vec![])
    }

    #[test]
    fn judged_documents_become_lines_and_unlabelled_ones_do_not() {
        assert_eq!(qrels(&set("q", "d3")).expect("plain ids"), "q 0 d1 2\nq 0 d3 0\n");
    }

    #[test]
    fn ids_that_would_not_read_back_are_refused() {
        for (query, document) in
            [("q 1", "d3"), ("q", "d\t3"), ("q", "d\u{1}3"), ("q", ""), ("", "d3"), ("#q", "d3")]
        {
            assert!(qrels(&set(query, document)).is_err(), "`{query}` `{document}`");
        }
    }
}
