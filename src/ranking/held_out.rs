//! Queries that are held out of training data: a share to choose by, or folds.

use std::path::Path;

use rand::seq::SliceRandom as _;

use crate::error::{Error, Result};
use crate::seed::Stream;

/// Share of the queries that is held out to choose by unless another is asked for.
pub const VALID_SHARE: f64 = 0.25;

/// Splits `count` queries at random into those to train on and those to choose by, each at least one.
///
/// # Errors
/// When the share is not between 0 and 1, or there are fewer than two queries; what they have is `named`.
pub fn split_queries(
    count: usize,
    named: &str,
    share: f64,
    stream: Stream,
) -> Result<(Vec<usize>, Vec<usize>)> {
    if !(share > 0.0 && share < 1.0) {
        return Err(Error::Config("the share held out, `split.share`, must lie between 0 and 1".into()));
    }
    if count < 2 {
        return Err(Error::Unfit(format!(
            "queries that have {named}: {count}; at least 2 are needed, to train and to choose"
        )));
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut stream.rng());
    let held_out = ((share * count as f64).round() as usize).clamp(1, count - 1);
    let train = order.split_off(held_out);
    Ok((train, order))
}

/// Splits queries, of which `useful` tells those that can be learned from, and returns their places in ascending order. The
/// useful ones are split at random by the share; the others are trained on, where they do no harm.
///
/// # Errors
/// As [`split_queries`], for the useful ones.
pub(super) fn split_useful(useful: &[bool], share: f64, seed: u64) -> Result<(Vec<usize>, Vec<usize>)> {
    let chosen: Vec<usize> = (0..useful.len()).filter(|&query| useful[query]).collect();
    let named = "both a positive and another candidate";
    let stream = Stream::new(seed).named("split");
    let (_, valid) = split_queries(chosen.len(), named, share, stream)?;
    let mut held_out = vec![false; useful.len()];
    valid.into_iter().for_each(|place| held_out[chosen[place]] = true);
    Ok((0..useful.len()).partition(|&query| !held_out[query]))
}

/// Cuts queries, of which `useful` tells those that can be learned from, into as many parts as `folds` says, at random; of
/// each kind every part has as many, give or take one. Returns the places of each part in ascending order.
///
/// # Errors
/// When `folds` is no number of at least 3 and at most the number of useful queries.
pub(super) fn cut_useful(useful: &[bool], folds: &Path, seed: u64) -> Result<Vec<Vec<usize>>> {
    let count = folds.to_str().and_then(|text| text.parse::<usize>().ok());
    let count = count
        .ok_or_else(|| Error::Config("of one training file, `folds.count` is a number, such as 5".into()))?;
    let (mut order, mut others): (Vec<usize>, Vec<usize>) =
        (0..useful.len()).partition(|&query| useful[query]);
    if count < 3 || order.len() < count {
        let found = order.len();
        return Err(Error::Config(format!(
            "{count} folds: expected at least 3 (to train, to choose, to test), and at most the {found} queries that have \
             both a positive and another candidate; change `folds.count`"
        )));
    }
    let mut rng = Stream::new(seed).named("folds").rng();
    order.shuffle(&mut rng);
    others.shuffle(&mut rng);
    order.extend(others);
    let part = |fold: usize| {
        let mut places: Vec<usize> = order.iter().skip(fold).step_by(count).copied().collect();
        places.sort_unstable();
        places
    };
    Ok((0..count).map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_and_folds_use_every_query_once() {
        let useful: Vec<bool> = (0..23).map(|query| query % 3 != 0).collect(); // 15 of them
        let (train, valid) = split_useful(&useful, 0.25, 1).expect("enough");
        assert_eq!(valid.len(), 4); // round(15 / 4)
        assert!(valid.iter().all(|&query| useful[query]));
        let mut all = [train, valid].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..23));

        let parts = cut_useful(&useful, Path::new("5"), 1).expect("enough");
        assert!(parts.iter().all(|part| part.iter().filter(|&&query| useful[query]).count() == 3));
        let mut all = parts.concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..23));
        for folds in ["2", "16", "Fold1"] {
            assert!(cut_useful(&useful, Path::new(folds), 1).is_err(), "{folds}");
        }
        assert!(
            split_useful(&[true, false], 0.5, 1)
                .expect_err("one query")
                .to_string()
                .starts_with("queries that have both a positive and another candidate: 1;")
        );
    }
}
