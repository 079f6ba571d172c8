//! Folds of the judged queries over a text index.

use rand::seq::SliceRandom as _;

use super::Fold;
use crate::cli::args::topics::warn;
use crate::data::documents::{Judgements, Topic};
use crate::error::{Error, Result};
use crate::ranking::TrainConfig;
use crate::ranking::documents::{CandidateConfig, Retriever, Texts, tune};
use crate::retrieval::TextIndex;
use crate::seed::Stream;

/// `count` folds; fold i tests part i, chooses by the next one and trains on the others, of whose positives only a share may
/// be `observed`, drawn with a seed.
pub(super) fn folds<'a>(
    index: &'a TextIndex,
    topics: &'a [Topic],
    judgements: &Judgements,
    count: usize,
    candidates: CandidateConfig,
    config: &TrainConfig,
    observed: Option<(f64, u64)>,
) -> Result<Vec<Fold<'a>>> {
    let mut judged: Vec<&Topic> =
        topics.iter().filter(|topic| !judgements.of(&topic.id).is_empty()).collect();
    if count < 3 || judged.len() < count {
        let found = judged.len();
        return Err(Error::Config(format!(
            "--folds {count}: expected at least 3 (to train, to choose, to test), and at most the {found} judged queries"
        )));
    }
    let stream = Stream::new(config.seed);
    judged.shuffle(&mut stream.named("folds").rng());
    let part = |fold: usize| -> Vec<&Topic> {
        judged
            .iter()
            .enumerate()
            .filter(|(i, _)| i % count == fold % count)
            .map(|(_, topic)| *topic)
            .collect()
    };
    let mut folds = vec![];
    for fold in 0..count {
        let (test, valid) = (part(fold), part(fold + 1));
        let train: Vec<&Topic> = (fold + 2..fold + count).flat_map(part).collect();
        let others: Vec<&Topic> = train.iter().chain(&valid).copied().collect();
        let judgements = &match observed {
            Some((share, seed)) => {
                judgements.observed(&train, share, Stream::new(seed).named("observed").at(fold as u64))?
            }
            None => judgements.clone(),
        };
        let tuned = tune(index, &others, judgements, &config.measure()?)?;
        let candidates = CandidateConfig { features: tuned.features, ..candidates };
        let retriever = Retriever { index, config: &candidates };
        let stream = stream.named("candidates").at(fold as u64);
        let (train, skipped) = retriever.training(&train, judgements, stream)?;
        warn(&format!("fold {}, training", fold + 1), &skipped);
        let (valid, _) = retriever.retrieved(&valid, Some(judgements))?;
        let (test, _) = retriever.retrieved(&test, Some(judgements))?;
        let bm25 = tuned.features.bm25;
        note!("fold {}: BM25 k1 {} b {}; {}", fold + 1, bm25.k1, bm25.b, train.summary());
        let column = |name: &str| train.feature_names().iter().position(|known| known == name);
        let references = [("bm25", Some(0)), ("bm25-rm3", column("feedback"))];
        let references = references.into_iter().filter_map(|(name, column)| Some((name, column?))).collect();
        let texts = Some((Texts::new(index, topics), candidates));
        folds.push(Fold { train, valid, test, references, texts });
    }
    Ok(folds)
}
