//! Coverage of a catalogue by recommendations: one number a run, not a mean over queries.

use std::collections::HashSet;

use super::{Qrels, RunFile};
use crate::{Error, Result};

/// Returns the share of all items that stand among the first k documents of some judged query, for every k of `cutoffs`
/// (catalogue coverage; Ge et al., RecSys 2010).
///
/// `items` is the number of all items; without it, those that the judgements or the run name.
///
/// # Errors
/// When a line of the run is malformed, or the run has more items than `items`.
///
/// ```
/// use irgan::evaluation::{Qrels, RunFile, coverage};
///
/// let qrels = Qrels::from_bytes("qrels", b"u1 0 a 1\nu2 0 d 1\n".to_vec())?;
/// let lines = b"u1 Q0 a 1 2 t\nu1 Q0 b 2 1 t\nu2 Q0 a 1 2 t\nu2 Q0 c 2 1 t\n";
/// let run = RunFile::from_bytes("run", lines.to_vec());
/// // First comes a for both users; a, b and c are among the first two. The judgements name d too.
/// assert_eq!(coverage(&qrels, &run, &[1, 2], None)?, [1.0 / 4.0, 3.0 / 4.0]);
/// assert_eq!(coverage(&qrels, &run, &[2], Some(10))?, [3.0 / 10.0]);
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn coverage(qrels: &Qrels, run: &RunFile, cutoffs: &[usize], items: Option<usize>) -> Result<Vec<f64>> {
    let mut shown: Vec<HashSet<&[u8]>> = vec![HashSet::new(); cutoffs.len()];
    let mut named: HashSet<&[u8]> = qrels.judgements().map(|(_, _, document, _)| document).collect();
    run.map_queries(|id, ranked| {
        named.extend(ranked.iter().map(|retrieved| retrieved.document));
        if qrels.query(id).is_some() {
            for (shown, &k) in shown.iter_mut().zip(cutoffs) {
                shown.extend(ranked.iter().take(k).map(|retrieved| retrieved.document));
            }
        }
    })?;
    let most = shown.iter().map(HashSet::len).max().unwrap_or(0);
    let all = items.unwrap_or(named.len());
    if most > all {
        let message =
            format!("ranks {most} different documents, more than the {all} items that there are said to be");
        return Err(Error::data(run.path(), message));
    }
    Ok(shown.iter().map(|shown| shown.len() as f64 / all.max(1) as f64).collect())
}
