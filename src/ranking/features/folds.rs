//! Folds of feature vectors: folders `Fold1`, `Fold2`, … that each hold `train.txt`, `vali.txt` and `test.txt`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::TrainingQueries;
use super::pools::FeaturePools;
use super::reader::{Known, read_vectors};
use super::train::train_on;
use crate::data::features::{Query, RankingSet, qrels};
use crate::error::{Error, Result};
use crate::event::{Listener, Silent};
use crate::ranking::fold::tested;
use crate::ranking::held_out::cut_useful;
use crate::ranking::pools::Pools;
use crate::ranking::{Extras, Fold, FoldPlan, Folds, ScoredCandidates, TestQueries, Tested, TrainConfig};
use crate::seed::Stream;

struct FeatureFold {
    folder: PathBuf,
    number: u64, // from 0
    observed: Option<f64>,
    train: RankingSet,
    valid: RankingSet,
    test: FeaturePools,
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
        let test = FeaturePools::new(test);
        folds.push(FeatureFold { folder, number, observed: plan.observed, train, valid, test });
    }
    if folds.is_empty() {
        return Err(Error::data(&plan.folds, "holds no Fold1 with train.txt, vali.txt and test.txt"));
    }
    tell_apart(&mut folds, listener);
    let judgements = folds.iter().map(|fold| qrels(fold.test.set())).collect::<Result<String>>()?;
    let folds = folds.into_iter().map(|fold| Box::new(fold) as Box<dyn Fold>).collect();
    Ok(Folds { by_seed: vec![folds], judgements, settings: String::new() })
}

/// Names test queries after their folds, as in `Fold1/7`, where two folds have an id in common.
fn tell_apart(folds: &mut [FeatureFold], listener: &mut dyn Listener) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let ids = folds.iter().flat_map(|fold| fold.test.set().queries()).map(|query| query.id.as_str());
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
            test: FeaturePools::new(set.with_queries(&parts[test])),
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
    fn test(&self, config: &TrainConfig, extras: &Extras) -> Result<Vec<Tested>> {
        let training = self.train.clone();
        let training = match self.observed {
            Some(share) => {
                let stream = Stream::new(config.seed).named("observed").at(self.number);
                training.subsample_positives(share, stream)?
            }
            None => training,
        };
        let tested =
            test_vectors(config, extras, (training.into(), Some(self.valid.clone())), self.test.set());
        tested.map_err(|error| error.in_file(&self.folder))
    }

    fn queries(&self) -> &dyn TestQueries {
        &self.test
    }
}

/// Trains on the first of two sets, chooses by the second, and ranks the documents of `test`.
pub(in crate::ranking) fn test_vectors(
    config: &TrainConfig,
    extras: &Extras,
    (training, valid): (TrainingQueries, Option<RankingSet>),
    test: &RankingSet,
) -> Result<Vec<Tested>> {
    let trained = train_on(config, extras, training, valid, &mut Silent)?;
    tested(&trained, |model, player| Ok(by_query(test, &model.score(test, player)?)))
}

/// Returns `scores: [D]` of the documents of `set`, apart for every query.
pub(in crate::ranking) fn by_query(set: &RankingSet, scores: &[f32]) -> Vec<ScoredCandidates> {
    let of_query = |query: &Query| (0..).zip(scores[query.rows.clone()].iter().copied()).collect();
    set.queries().iter().map(of_query).collect()
}

impl TestQueries for FeaturePools {
    fn name(&self, query: usize) -> &str {
        Pools::name(self, query)
    }

    fn document(&self, query: usize, candidate: usize) -> &str {
        Pools::document(self, query, candidate)
    }

    fn grades(&self, query: usize) -> Cow<'_, [i8]> {
        Pools::grades(self, query)
    }

    fn unretrieved(&self, query: usize) -> &[i8] {
        Pools::unretrieved(self, query)
    }
}
