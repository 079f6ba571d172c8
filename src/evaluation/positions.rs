//! Judgements that count queries by their position in a file, beside queries that carry other numbers.

/// Returns a sentence where the ids of queries, as they are `written`, go beyond their number while the `judged` ones are 1 to n:
/// the judgements seem to count queries by position, as Cranfield's do, and most of what has the same id is another query.
pub(crate) fn counted_by_position<'a>(
    written: impl Iterator<Item = &'a [u8]>,
    judged: impl Iterator<Item = &'a [u8]>,
) -> Option<String> {
    let (written, judged) = (numbers(written)?, numbers(judged)?);
    let (count, largest) = (written.len() as u64, *written.last()?);
    let positions = judged.len() as u64;
    let by_position = positions > 1 && judged.iter().copied().eq(1..=positions);
    (by_position && largest > count && largest > positions).then(|| {
        format!(
            "the ids of the queries go up to {largest}, but there are {count} of them, and the judgements number theirs 1 to \
             {positions}: they seem to count the queries by position; set `topics.ids` to by-position"
        )
    })
}

/// Returns ids as numbers in ascending order, each once; none when one is no number.
fn numbers<'a>(ids: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u64>> {
    let mut numbers =
        ids.map(|id| std::str::from_utf8(id).ok()?.parse().ok()).collect::<Option<Vec<u64>>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(written: &[&str], judged: &[&str]) -> bool {
        let bytes = |ids: &[&str]| ids.iter().map(|id| id.as_bytes().to_vec()).collect::<Vec<_>>();
        let (written, judged) = (bytes(written), bytes(judged));
        counted_by_position(written.iter().map(Vec::as_slice), judged.iter().map(Vec::as_slice)).is_some()
    }

    #[test]
    fn gaps_beside_judgements_without_gaps_are_told() {
        assert!(told(&["001", "002", "004", "008"], &["3", "1", "2", "4"]));
        assert!(!told(&["1", "2", "3", "4"], &["1", "2"]), "more topics than judged");
        assert!(!told(&["1", "2", "4", "8"], &["1", "2", "4", "8"]), "the same ids");
        assert!(!told(&["301", "302"], &["301", "302"]), "topics of TREC");
        assert!(!told(&["q1", "q9"], &["1", "2"]) && !told(&["7"], &["1"]) && !told(&[], &[]));
    }
}
