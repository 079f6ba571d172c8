//! Order of a ranking, and writer of TREC runs.

use std::io::{self, Write};

use crate::{Error, Result};

/// Returns the indices of documents in rank order: by descending score, ties by descending document id.
///
/// NaN comes last, after negative infinity.
///
/// ```
/// use irgan::evaluation::rank_order;
///
/// let ids = ["d1", "d2", "d3"];
/// assert_eq!(rank_order(&[0.5, 2.0, 0.5], |i| ids[i]), [1, 2, 0]);
/// ```
pub fn rank_order<'a>(scores: &[f32], id: impl Fn(usize) -> &'a str) -> Vec<usize> {
    rank_order_to(usize::MAX, scores, id)
}

/// Returns the first `depth` indices of [`rank_order`] without sorting the others.
pub fn rank_order_to<'a>(depth: usize, scores: &[f32], id: impl Fn(usize) -> &'a str) -> Vec<usize> {
    let mut keys: Vec<(u64, usize)> =
        (0..).zip(scores).map(|(i, &s)| (descending_key(f64::from(s)), i)).collect();
    let order = |a: &(u64, usize), b: &(u64, usize)| {
        a.0.cmp(&b.0).then_with(|| id(b.1).as_bytes().cmp(id(a.1).as_bytes()))
    };
    if depth < keys.len() {
        keys.select_nth_unstable_by(depth, order);
        keys.truncate(depth);
    }
    keys.sort_unstable_by(order);
    keys.into_iter().map(|(_, index)| index).collect()
}

/// Returns a key that ascends as the score descends; equal for 0 and −0, largest for NaN.
#[inline]
pub(super) fn descending_key(score: f64) -> u64 {
    if score.is_nan() {
        return u64::MAX;
    }
    let bits = (score + 0.0).to_bits(); // −0 becomes 0
    if bits >> 63 == 1 { bits } else { !bits & (u64::MAX >> 1) }
}

/// Writes one query's documents as lines `query Q0 document rank score tag` of a TREC run, in rank order.
///
/// Scores are printed with all the digits that are needed to read back the same number.
///
/// # Errors
/// When an id or the tag is empty or holds a blank, a score is not finite, or `writer` fails.
///
/// ```
/// use irgan::evaluation::write_run;
///
/// let mut text = Vec::new();
/// write_run(&mut text, "q1", &[("d1", 0.25), ("d2", 1.5)], "mine")?;
/// assert_eq!(text, b"q1 Q0 d2 1 1.5 mine\nq1 Q0 d1 2 0.25 mine\n");
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn write_run(mut writer: impl Write, query: &str, documents: &[(&str, f32)], tag: &str) -> Result<()> {
    check_id("query", query)?;
    check_id("run tag", tag)?;
    let scores: Vec<f32> = documents.iter().map(|&(_, score)| score).collect();
    for (rank, index) in (1..).zip(rank_order(&scores, |i| documents[i].0)) {
        let (id, score) = documents[index];
        check_id("document", id)?;
        if !score.is_finite() {
            return Err(Error::NonFinite(format!(
                "query {query}, document {id}: the score is {score}, expected a finite number"
            )));
        }
        writeln!(writer, "{query} Q0 {id} {rank} {score} {tag}").map_err(broken)?;
    }
    Ok(())
}

fn broken(source: io::Error) -> Error {
    Error::io("run", "write", source)
}

/// Checks that an id is read back as one column and does not make its line a comment.
pub(crate) fn check_id(what: &str, id: &str) -> Result<()> {
    if id.is_empty() || id.bytes().any(|byte| byte <= b' ') {
        return Err(Error::Config(format!(
            "{what} id {id:?}: expected an id without blanks, as a TREC run needs it"
        )));
    }
    if what == "query" && id.starts_with('#') {
        return Err(Error::Config(format!(
            "query id {id:?}: a line that starts with # would be read as a comment"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_descend_as_scores_ascend() {
        let ascending =
            [f64::NEG_INFINITY, -1e300, -1.5, -1e-310, 0.0, 1e-310, 1.0, 1.0000001, f64::INFINITY];
        assert!(ascending.windows(2).all(|pair| descending_key(pair[0]) > descending_key(pair[1])));
        assert_eq!(descending_key(0.0), descending_key(-0.0));
        assert!(descending_key(f64::NAN) > descending_key(f64::NEG_INFINITY));
    }

    #[test]
    fn a_partial_order_is_the_beginning_of_the_whole() {
        let scores: Vec<f32> = (0..200).map(|i| ((i * 7919) % 23) as f32).collect();
        let ids: Vec<String> = (0..200).map(|i| format!("d{}", (i * 31) % 200)).collect();
        let whole = rank_order(&scores, |i| &ids[i]);
        for depth in [0, 1, 5, 199, 200, 300] {
            assert_eq!(rank_order_to(depth, &scores, |i| &ids[i]), whole[..depth.min(200)]);
        }
    }

    #[test]
    fn ids_with_blanks_and_scores_that_are_not_finite_are_refused() {
        let line = |query, id, score, tag| write_run(Vec::new(), query, &[(id, score)], tag);
        assert!(line("q", "d", 1.0, "t").is_ok());
        for (query, id, score, tag) in [
            ("q 1", "d", 1.0, "t"),
            ("q", "d\t1", 1.0, "t"),
            ("q", "", 1.0, "t"),
            ("q", "d", 1.0, "a b"),
            ("#q", "d", 1.0, "t"),
            ("q", "d", f32::NAN, "t"),
        ] {
            assert!(line(query, id, score, tag).is_err(), "{query} {id} {score} {tag}");
        }
    }
}
