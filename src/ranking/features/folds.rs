//! Folds of feature vectors: folders `Fold1`, `Fold2`, … that each hold `train.txt`, `vali.txt` and `test.txt`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::reader::{Known, read_vectors};
use crate::data::features::{RankingSet, qrels};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::ranking::held_out::cut_useful;
use crate::ranking::{Fold, FoldPlan, Folds, TrainConfig};
use crate::seed::Stream;

struct FeatureFold {
    folder: PathBuf,
    number: u64, // from 0
    observed: Option<f64>,
    train: RankingSet,
    valid: RankingSet,
    test: RankingSet,
}

/// Reads the folds in the folder of `plan`.
pub(super) fn read(plan: &FoldPlan, zero_based: bool, listener: &mut dyn Listener) -> Result<Folds> {
    let mut folds: Vec<FeatureFold> = vec![];
    for number in 0.. {
        let folder = plan.folds.join(format!("Fold{}", number + 1));
        if !folder.is_dir() {
            break;
        }
        let mut read =
            |name, known: Option<Known<'_>>| read_vectors(&part(&folder, name), zero_based, known, listener);
        let train = read("train.txt", None)?;
        let known = Some((train.feature_count(), train.feature_names()));
        let (valid, test) = (read("vali.txt", known)?, read("test.txt", known)?);
        folds.push(FeatureFold { folder, number, observed: plan.observed, train, valid, test });
    }
    if folds.is_empty() {
        return Err(Error::data(&plan.folds, "holds no Fold1 with train.txt, vali.txt and test.txt"));
    }
    tell_apart(&mut folds, listener);
    let judgements = folds.iter().map(|fold| qrels(&fold.test)).collect::<Result<String>>()?;
    let folds = folds.into_iter().map(|fold| Box::new(fold) as Box<dyn Fold>).collect();
    Ok(Folds { by_seed: vec![folds], judgements, settings: String::new() })
}

/// Names test queries after their folds, as in `Fold1/7`, where two folds have an id in common.
fn tell_apart(folds: &mut [FeatureFold], listener: &mut dyn Listener) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let ids = folds.iter().flat_map(|fold| fold.test.queries()).map(|query| query.id.as_str());
    ids.for_each(|id| *seen.entry(id).or_default() += 1);
    let shared: Vec<&str> = seen.into_iter().filter(|&(_, folds)| folds > 1).map(|(id, _)| id).collect();
    let Some(example) = shared.iter().min() else { return };
    listener.warning(&format!(
        "test queries of several folds have the same id: {}, such as {example}; in runs and judgements they are named \
         Fold1/{example}, …, and if they are the same queries, significance counts them more than once",
        shared.len()
    ));
    for fold in folds {
        let number = fold.number + 1;
        fold.test.rename_queries(|id| format!("Fold{number}/{id}"));
    }
}

/// Cuts the queries of the file `train` into the number of parts that `plan` says: each is tested once, by a model that the
/// next part chose and the others trained.
pub(super) fn cut(
    plan: &FoldPlan,
    train: &Path,
    config: &TrainConfig,
    listener: &mut dyn Listener,
) -> Result<Folds> {
    let set = read_vectors(train, config.zero_based, None, listener)?;
    let parts = cut_useful(&set.useful(), &plan.folds, config.seed)?;
    let count = parts.len();
    listener.note(&format!("{}: {}, cut into {count} folds", train.display(), set.summary()));
    let fold = |test: usize| -> Box<dyn Fold> {
        let valid = (test + 1) % count;
        let mut others: Vec<usize> = (0..count)
            .filter(|part| ![test, valid].contains(part))
            .flat_map(|part| parts[part].clone())
            .collect();
        others.sort_unstable();
        Box::new(FeatureFold {
            folder: train.to_owned(),
            number: test as u64,
            observed: plan.observed,
            train: set.with_queries(&others),
            valid: set.with_queries(&parts[valid]),
            test: set.with_queries(&parts[test]),
        })
    };
    let folds = (0..count).map(fold).collect();
    Ok(Folds { by_seed: vec![folds], judgements: qrels(&set)?, settings: String::new() })
}

/// Returns the path of the file `name` of a fold, or of its packed form where there is no plain one.
fn part(folder: &Path, name: &str) -> PathBuf {
    let plain = folder.join(name);
    let packed = ["gz", "zst"].map(|end| folder.join(format!("{name}.{end}")));
    packed.into_iter().find(|path| path.exists() && !plain.exists()).unwrap_or(plain)
}

impl Fold for FeatureFold {
    fn sets(&self, config: &TrainConfig) -> Result<[RankingSet; 3]> {
        let train = self.train.clone();
        let train = match self.observed {
            Some(share) => {
                let stream = Stream::new(config.seed).named("observed").at(self.number);
                train.subsample_positives(share, stream)?
            }
            None => train,
        };
        Ok([train, self.valid.clone(), self.test.clone()])
    }

    fn references(&self) -> (&RankingSet, &RankingSet, &[(&'static str, usize)]) {
        (&self.valid, &self.test, &[])
    }

    fn named(&self, error: Error) -> Error {
        error.in_file(&self.folder)
    }
}
