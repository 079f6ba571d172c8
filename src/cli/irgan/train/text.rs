//! Training on queries over a text index.

use std::path::Path;
use std::sync::Arc;

use rand::seq::SliceRandom as _;

use super::{Context, Finished, Job, described, train_and_report};
use crate::cli::args::topics::warn;
use crate::data::documents::Topic;
use crate::data::features::RankingSet;
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::ranking::Beside;
use crate::ranking::documents::{CandidateConfig, LearnedFeatures, Reranker, Retriever, Texts, Tuned, tune};
use crate::report::results::DataSummary;
use crate::seed::Stream;

/// Runs the training.
pub(super) fn run(job: &Job<'_>, beside: Beside) -> Result<Finished> {
    let Job { args, config, .. } = *job;
    let (index, topics) = args.texts.topics.open()?;
    let index = &index;
    let judgements = args.texts.judgements.read()?;
    let candidates = args.texts.candidates()?;
    let judged: Vec<&Topic> = topics.iter().filter(|topic| !judgements.of(&topic.id).is_empty()).collect();
    let (train, valid) = split(&judged, args.valid_share.unwrap_or(0.25), config.seed)?;
    note!("{} judged queries: {} to train on, {} to choose by", judged.len(), train.len(), valid.len());
    let judgements = match args.observed {
        Some(share) => judgements.observed(&train, share, Stream::new(config.seed).named("observed"))?,
        None => judgements,
    };
    let Tuned { features, .. } = tune(index, &train, &judgements, &config.measure()?)?;
    let candidates = CandidateConfig { features, ..candidates };
    note!(
        "tuned on the training queries: BM25 k1 {} b {}, feedback of {} documents, {} terms, query share {}",
        features.bm25.k1,
        features.bm25.b,
        features.feedback.documents,
        features.feedback.terms,
        features.feedback.original
    );
    let retriever = Retriever { index, config: &candidates };
    let stream = Stream::new(config.seed).named("candidates");
    let (train, skipped) = retriever.training(&train, &judgements, stream)?;
    warn("training", &skipped);
    let (valid, skipped) = retriever.retrieved(&valid, Some(&judgements))?;
    warn("validation", &skipped);
    if let Some(similarity) = &candidates.similarity {
        note!("learning the similarity of texts, {} times over", similarity.parts + 1);
    }
    let (session, beside) = job.begin(beside)?;
    let beside = &beside;
    let texts = Texts::new(index, &topics);
    let sets = (train, &valid);
    let learned = LearnedFeatures::learn(&candidates, config, &texts, sets, &beside.checkpoints);
    let (learned, train) = session.told("irgan", learned)?;
    let valid = learned.describe(&texts, valid)?;
    let learned = Arc::new(learned);
    note!("training   {}", train.summary());
    note!("validation {}", valid.summary());
    let measures: Vec<Measure> =
        std::iter::once(config.measure()?).chain(beside.measures.iter().cloned()).collect();
    let index = args.texts.topics.index.as_deref().unwrap_or(Path::new(""));
    let data = DataSummary {
        task: "texts".into(),
        training: described(index, train.summary()),
        validation: format!("held-out queries: {}", valid.summary()),
    };
    let context = Context {
        data,
        references: references(&valid, &measures),
        rank: "--index DIR --queries FILE --out FILE.run",
    };
    let qrels = args.texts.judgements.qrels.clone().unwrap_or_default();
    train_and_report(config, beside, &context, session, |listener| {
        let trained = crate::ranking::train(config, beside, train, valid, listener);
        let trained = trained.map_err(|error| error.in_file(Path::new(&qrels)))?;
        Ok(trained.map(|model| Reranker { model, config: candidates, learned: learned.clone() }))
    })
}

/// Training and validation queries, at random: both get at least one.
fn split<'a>(topics: &[&'a Topic], share: f64, seed: u64) -> Result<(Vec<&'a Topic>, Vec<&'a Topic>)> {
    if !(share > 0.0 && share < 1.0) {
        return Err(Error::Config("--valid-share must lie between 0 and 1".into()));
    }
    if topics.len() < 2 {
        let found = topics.len();
        return Err(Error::Unfit(format!(
            "{found} queries have judgements; at least 2 are needed, to train and to choose"
        )));
    }
    let mut order = topics.to_vec();
    order.shuffle(&mut Stream::new(seed).named("split").rng());
    let held_out = ((share * topics.len() as f64).round() as usize).clamp(1, topics.len() - 1);
    let train = order.split_off(held_out);
    Ok((train, order))
}

/// What the retrieval itself is worth on the same documents.
pub(in crate::cli) fn references(set: &RankingSet, measures: &[Measure]) -> Vec<(String, Vec<f64>)> {
    let of_feature = |name: &str, label: &str| {
        let column = set.feature_names().iter().position(|known| known == name)?;
        // A document without text has no feature, and nothing to be found by.
        let scores = set.feature_scores(column);
        Some((label.to_owned(), measures.iter().map(|measure| set.measure(measure, &scores)).collect()))
    };
    let first = set.feature_names().first().cloned().unwrap_or_default();
    [of_feature(&first, "bm25"), of_feature("feedback", "bm25 with feedback")].into_iter().flatten().collect()
}
