//! Documents as a task: loading, ranking and judging them.

use std::path::Path;
use std::sync::Arc;

use super::joined::suspicion;
use super::retriever::RUN;
use super::{
    CandidateConfig, DocumentTask, LatentSpace, LearnedFeatures, OpenQueries, QuerySource, Reranker,
    Retriever, Texts, Tuned, folds, preset, tune,
};
use crate::data::documents::{Judgements, Topic};
use crate::data::features::RankingSet;
use crate::data::{DataSummary, described};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::event::Listener;
use crate::files::count::counted;
use crate::ranking::features::{FeatureRanker, TrainingQueries, train_on};
use crate::ranking::{
    Extras, FoldPlan, Folds, Method, Player, Preset, Rank as _, Ranker, Ranking, Reference, Task,
    TrainConfig, Trained, TrainingData, VALID_SHARE, split_queries,
};
use crate::retrieval::{FeatureSet, TextIndex};
use crate::seed::Stream;

impl Task for DocumentTask {
    fn preset(&self, chosen: Preset, method: Method) -> TrainConfig {
        preset(chosen, method)
    }

    fn load(&self, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Box<dyn TrainingData + '_>> {
        let OpenQueries { index, topics, run } = self.source().open(listener)?;
        let judgements = self.read_judgements(listener)?;
        let sum = crc32c::crc32c(judgements.to_trec()?.as_bytes());
        self.team.agree("set of judgements", sum.into())?;
        let joined = self.join(&topics, &judgements)?;
        joined.warn(listener);
        let judged = joined.judged;
        let alone = self.chooses_alone(config);
        // Also where all train, two are needed at least.
        let parts = split(&judged, self.valid_share.unwrap_or(VALID_SHARE), config.seed)?;
        let (train, valid) = if alone { (judged.clone(), vec![]) } else { parts };
        if !alone {
            let (all, trained, held_out) = (judged.len(), train.len(), valid.len());
            listener.note(&format!(
                "{}: {trained} to train on, {held_out} to choose by",
                counted(all, "judged query")
            ));
        }
        let judgements = match self.observed {
            Some(share) => judgements.observed(&train, share, Stream::new(config.seed).named("observed"))?,
            None => judgements,
        };
        let Tuned { features, .. } = tune(&index, &train, &judgements, &config.measure()?, self.team)?;
        let candidates = CandidateConfig { features, ..self.candidates };
        listener.note(&format!(
            "tuned on the training queries: BM25 k1 {} b {}, feedback of {} documents, {} terms, query share {}",
            features.bm25.k1,
            features.bm25.b,
            features.feedback.documents,
            features.feedback.terms,
            features.feedback.original
        ));
        let retriever = Retriever { index: &index, config: &candidates, run: run.as_ref(), team: self.team };
        let stream = Stream::new(config.seed).named("candidates");
        let (train, skipped) = retriever.training(&train, &judgements, stream)?;
        skipped.warn("training", listener);
        let valid = match alone {
            true => None,
            false => {
                let (valid, skipped) = retriever.retrieved(&valid, Some(&judgements))?;
                skipped.warn("validation", listener);
                Some(valid)
            }
        };
        if let Some(similarity) = &candidates.similarity {
            let parts = similarity.parts + 1;
            listener.note(&format!("learning the similarity of texts, {parts} times over"));
        }
        Ok(Box::new(DocumentData {
            task: self,
            index,
            topics,
            judgements,
            candidates,
            train,
            valid,
            learned: None,
        }))
    }

    fn rank(&self, folder: &Path, test: &Path, listener: &mut dyn Listener) -> Result<Ranking> {
        rank(folder, &QuerySource { queries: test, ..self.source() }, None, listener)
    }

    fn judgements(&self, _: &Path, listener: &mut dyn Listener) -> Result<String> {
        self.read_judgements(listener)?.to_trec()
    }

    fn folds(&self, plan: &FoldPlan, config: &TrainConfig, listener: &mut dyn Listener) -> Result<Folds> {
        folds::cut(self, plan, config, listener)
    }
}

/// Ranks what an index finds for queries, or what a run names, by the model in `folder`.
///
/// # Errors
/// When model, index, queries or run cannot be read, or do not fit each other.
pub fn rank(
    folder: &Path,
    source: &QuerySource<'_>,
    player: Option<Player>,
    listener: &mut dyn Listener,
) -> Result<Ranking> {
    let ranker = Reranker::load(folder)?;
    let OpenQueries { index, topics, run } = source.open(listener)?;
    let topics: Vec<&Topic> = topics.iter().collect();
    let (set, skipped) = ranker.candidates(&index, &topics, run.as_ref(), source.team)?;
    skipped.warn("queries", listener);
    ranker.rank(&set, player).map_err(|error| error.in_file(index.folder()))
}

/// Reads the model in `folder`, and finds what it ranks for the judged ones of the `queries`, with all features.
///
/// # Errors
/// When a file cannot be read, or no query is judged.
pub fn judged(
    folder: &Path,
    source: &QuerySource<'_>,
    judgements: &Judgements,
    listener: &mut dyn Listener,
) -> Result<(FeatureRanker, RankingSet)> {
    let ranker = Reranker::load(folder)?;
    let OpenQueries { index, topics, run } = source.open(listener)?;
    let judged: Vec<&Topic> = topics.iter().filter(|topic| !judgements.of(&topic.id).is_empty()).collect();
    if judged.is_empty() {
        return Err(Error::data(
            source.queries,
            "no query has a judgement: are the ids those of the judgements?",
        ));
    }
    let (set, skipped) = ranker.retriever(&index, run.as_ref())?.retrieved(&judged, Some(judgements))?;
    skipped.warn("queries", listener);
    suspicion(&topics, judgements).iter().for_each(|suspicion| listener.warning(suspicion));
    let set = ranker.learned.describe(&Texts::new(&index, judged.iter().copied()), set)?;
    Ok((ranker.model, set))
}

/// Training and validation queries, at random: both get at least one.
fn split<'a>(topics: &[&'a Topic], share: f64, seed: u64) -> Result<(Vec<&'a Topic>, Vec<&'a Topic>)> {
    let stream = Stream::new(seed).named("split");
    let (train, valid) = split_queries(topics.len(), "judgements", share, stream)?;
    let chosen = |places: Vec<usize>| places.into_iter().map(|place| topics[place]).collect();
    Ok((chosen(train), chosen(valid)))
}

struct DocumentData<'a> {
    task: &'a DocumentTask,
    index: TextIndex,
    topics: Vec<Topic>,
    judgements: Judgements,
    candidates: CandidateConfig,
    train: TrainingQueries,
    valid: Option<RankingSet>,
    learned: Option<LearnedFeatures>,
}

impl TrainingData for DocumentData<'_> {
    fn prepare(
        &mut self,
        config: &TrainConfig,
        extras: &Extras,
        listener: &mut dyn Listener,
    ) -> Result<TrainConfig> {
        let texts = Texts::new(&self.index, &self.topics).shared_by(self.task.team);
        let set = std::mem::take(&mut self.train.set);
        let sets = (set.clone(), self.valid.as_ref().unwrap_or(&set), &self.judgements);
        let latent = LatentSpace::wanted(&self.candidates, &self.index)?;
        let (learned, set) =
            LearnedFeatures::learn(&self.candidates, config, &texts, sets, latent, &extras.checkpoints)?;
        self.train.set = set;
        self.valid = self.valid.take().map(|valid| learned.describe(&texts, valid)).transpose()?;
        self.learned = Some(learned);
        listener.note(&format!("training   {}", self.train.set.summary()));
        if let Some(valid) = &self.valid {
            listener.note(&format!("validation {}", valid.summary()));
        }
        Ok(config.clone())
    }

    fn summary(&self) -> DataSummary {
        DataSummary {
            task: "texts".into(),
            training: described(&self.task.index, self.train.set.summary()),
            validation: match &self.valid {
                Some(valid) => format!("held-out queries: {}", valid.summary()),
                None => "the training queries, by cross-validation".into(),
            },
        }
    }

    fn references(&self, measures: &[Measure]) -> Vec<Reference> {
        let run = self.task.run.as_deref();
        references(self.valid.as_ref().unwrap_or(&self.train.set), measures, &self.candidates, run)
    }

    fn train(
        self: Box<Self>,
        config: &TrainConfig,
        extras: &Extras,
        listener: &mut dyn Listener,
    ) -> Result<Trained<Box<dyn Ranker>>> {
        let Self { task, candidates, train: training, valid, learned, .. } = *self;
        let learned = Arc::new(learned.expect("`prepare` comes before"));
        let trained = train_on(config, extras, training, valid, listener);
        let trained = trained.map_err(|error| error.in_file(task.qrels.as_deref().unwrap_or(&task.index)))?;
        let ranker = |model| Reranker { model, config: candidates, learned: learned.clone() };
        Ok(trained.map(|model| Box::new(ranker(model)) as Box<dyn Ranker>))
    }
}

/// Returns the retrieval itself on the same documents, and the `run` that they come from.
fn references(
    set: &RankingSet,
    measures: &[Measure],
    candidates: &CandidateConfig,
    run: Option<&Path>,
) -> Vec<Reference> {
    let FeatureSet { bm25, feedback, .. } = candidates.features;
    let named = |settings: &[(&str, String)]| -> Vec<(String, String)> {
        settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let mut settings = named(&[
        ("candidates.depth", candidates.depth.to_string()),
        ("bm25.k1", bm25.k1.to_string()),
        ("bm25.b", bm25.b.to_string()),
    ]);
    let mut with_feedback = named(&[
        ("feedback.documents", feedback.documents.to_string()),
        ("feedback.terms", feedback.terms.to_string()),
        ("feedback.original", feedback.original.to_string()),
    ]);
    if run.is_some() {
        // Both re-rank the documents of the run, which no search does.
        settings.clear();
        with_feedback.clear();
    }
    let of_feature = |name: &str, label: &str, settings: Vec<(String, String)>| {
        let column = set.feature_names().iter().position(|known| known == name)?;
        // A document without text has no feature, and nothing to be found by.
        let scores = set.feature_scores(column);
        let by_query = set.measure_by_query(measures.first()?, &scores);
        Some(Reference {
            name: label.to_owned(),
            values: measures.iter().map(|measure| set.measure(measure, &scores)).collect(),
            by_query: by_query.into_iter().map(|value| (!value.is_nan()).then_some(value)).collect(),
            settings,
        })
    };
    let first = set.feature_names().first().cloned().unwrap_or_default();
    let plain = of_feature(&first, "bm25", settings.clone());
    let fed = of_feature("feedback", "bm25 with feedback", [settings, with_feedback].concat());
    let of_run = run.and_then(|path| {
        of_feature(RUN, "candidates", named(&[("candidates.run", path.display().to_string())]))
    });
    plain.into_iter().chain(fed).chain(of_run).collect()
}
