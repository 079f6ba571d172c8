//! Folds of the judged queries over a text index.

use std::sync::Arc;

use rand::seq::SliceRandom as _;
use serde::Serialize;

use super::retriever::RUN;
use super::{
    CandidateConfig, DocumentTask, LatentSpace, LearnedFeatures, OpenQueries, Retriever, RunCandidates,
    SimilarityConfig, Texts, tune,
};
use crate::data::documents::{Judgements, Topic};
use crate::data::features::RankingSet;
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::game::Checkpoints;
use crate::ranking::features::{TrainingQueries, by_query, test_vectors};
use crate::ranking::{Extras, FeaturePools, Fold, FoldPlan, Folds, TestQueries, Tested, TrainConfig};
use crate::retrieval::TextIndex;
use crate::seed::Stream;
use crate::team::Team;

/// Cuts the judged queries of `task` into the number of parts that `plan` says.
pub(super) fn cut(
    task: &DocumentTask,
    plan: &FoldPlan,
    config: &TrainConfig,
    listener: &mut dyn Listener,
) -> Result<Folds> {
    let OpenQueries { index, topics, run } = task.source().open(listener)?;
    let (index, topics) = (Arc::new(index), Arc::new(topics));
    let judgements = task.read_judgements(listener)?;
    let count = plan.folds.to_str().and_then(|text| text.parse().ok());
    let count: usize =
        count.ok_or_else(|| Error::Config("over an index, `folds.count` is a number, such as 5".into()))?;
    let joined = task.join(&topics, &judgements)?;
    joined.warn(listener);
    let mut judged = joined.judged;
    if count < 3 || judged.len() < count {
        let found = judged.len();
        return Err(Error::Config(format!(
            "{count} folds: expected at least 3 (to train, to choose, to test), and at most the {found} judged queries; \
             change `folds.count`"
        )));
    }
    let latent = LatentSpace::wanted(&task.candidates, &index)?;
    judged.shuffle(&mut Stream::new(config.seed).named("folds").rng());
    let mut folds = |observed| -> Result<Vec<Box<dyn Fold>>> {
        let (index, topics, latent, run) = (&index, &topics, &latent, run.as_ref());
        let cut = Cut { task, index, topics, latent, run, judgements: &judgements, judged: &judged, count };
        (0..count).map(|fold| cut.fold(fold, config, observed, listener)).collect()
    };
    let by_seed = match plan.observed {
        // Parameters are tuned on what is observed, which every seed draws anew.
        Some(share) => plan.seeds.iter().map(|&seed| folds(Some((share, seed)))).collect::<Result<_>>()?,
        None => vec![folds(None)?],
    };
    let check_sum = run.as_ref().map(RunCandidates::check_sum);
    let settings = Settings { candidates: Candidates::new(task.candidates, check_sum) };
    let settings = toml::to_string_pretty(&settings).map_err(|cause| Error::Config(cause.to_string()))?;
    Ok(Folds { by_seed, judgements: judgements.to_trec()?, settings })
}

struct Cut<'a> {
    task: &'a DocumentTask,
    index: &'a Arc<TextIndex>,
    topics: &'a Arc<Vec<Topic>>,
    latent: &'a Option<Arc<LatentSpace>>,
    run: Option<&'a RunCandidates>,
    judgements: &'a Judgements,
    judged: &'a [&'a Topic],
    count: usize,
}

impl<'a> Cut<'a> {
    /// Queries of part number `fold`, counted around.
    fn part(&self, fold: usize) -> Vec<&'a Topic> {
        let count = self.count;
        let mine = self.judged.iter().enumerate().filter(|(i, _)| i % count == fold % count);
        mine.map(|(_, topic)| *topic).collect()
    }

    /// Makes fold number `fold`: it tests its own part, chooses by the next one and trains on the others, of whose
    /// positives only a share may be `observed`, drawn with a seed.
    fn fold(
        &self,
        fold: usize,
        config: &TrainConfig,
        observed: Option<(f64, u64)>,
        listener: &mut dyn Listener,
    ) -> Result<Box<dyn Fold>> {
        let (test, valid) = (self.part(fold), self.part(fold + 1));
        let train: Vec<&Topic> = (fold + 2..fold + self.count).flat_map(|fold| self.part(fold)).collect();
        let others: Vec<&Topic> = train.iter().chain(&valid).copied().collect();
        let judgements = &match observed {
            Some((share, seed)) => {
                let stream = Stream::new(seed).named("observed").at(fold as u64);
                self.judgements.observed(&train, share, stream)?
            }
            None => self.judgements.clone(),
        };
        let tuned = tune(self.index, &others, judgements, &config.measure()?, Team::ALONE)?;
        let candidates = CandidateConfig { features: tuned.features, ..self.task.candidates };
        let retriever =
            Retriever { index: self.index, config: &candidates, run: self.run, team: Team::ALONE };
        let stream = Stream::new(config.seed).named("candidates").at(fold as u64);
        let alone = self.task.chooses_alone(config);
        let (train, skipped) =
            retriever.training(if alone { &others } else { &train }, judgements, stream)?;
        skipped.warn(&format!("fold {}, training", fold + 1), listener);
        let valid = if alone { None } else { Some(retriever.retrieved(&valid, Some(judgements))?) };
        let valid = valid.map(|(valid, skipped)| {
            skipped.warn(&format!("fold {}, validation", fold + 1), listener);
            valid
        });
        let (test, skipped) = retriever.retrieved(&test, Some(judgements))?;
        skipped.warn(&format!("fold {}, test", fold + 1), listener);
        let bm25 = tuned.features.bm25;
        listener.note(&format!(
            "fold {}: BM25 k1 {} b {}; {}",
            fold + 1,
            bm25.k1,
            bm25.b,
            train.set.summary()
        ));
        let column = |name: &str| train.set.feature_names().iter().position(|known| known == name);
        let references = [("bm25", Some(0)), ("bm25-rm3", column("feedback")), ("candidates", column(RUN))];
        let references = references.into_iter().filter_map(|(name, column)| Some((name, column?))).collect();
        let (index, topics, latent) = (self.index.clone(), self.topics.clone(), self.latent.clone());
        let (test, judgements) = (FeaturePools::new(test), judgements.clone());
        Ok(Box::new(DocumentFold {
            index,
            topics,
            latent,
            judgements,
            candidates,
            train,
            valid,
            test,
            references,
        }))
    }
}

struct DocumentFold {
    index: Arc<TextIndex>,
    topics: Arc<Vec<Topic>>,
    latent: Option<Arc<LatentSpace>>,
    candidates: CandidateConfig,
    judgements: Judgements,
    train: TrainingQueries,
    valid: Option<RankingSet>,
    test: FeaturePools,
    references: Vec<(&'static str, usize)>, // features that are rankers themselves, by the name of their run
}

impl Fold for DocumentFold {
    fn test(&self, config: &TrainConfig, extras: &Extras) -> Result<Vec<Tested>> {
        let Self { valid, test, .. } = self;
        let texts = Texts::new(&self.index, self.topics.iter());
        let choosing = valid.as_ref().unwrap_or(&self.train.set);
        let sets = (self.train.set.clone(), choosing, &self.judgements);
        let (latent, nowhere) = (self.latent.clone(), Checkpoints::default());
        let (learned, set) =
            LearnedFeatures::learn(&self.candidates, config, &texts, sets, latent, &nowhere)?;
        let described = |set: &RankingSet| learned.describe(&texts, set.clone());
        let train = TrainingQueries { set, ..self.train.clone() };
        let described_valid = valid.as_ref().map(described).transpose()?;
        let mut tested = test_vectors(config, extras, (train, described_valid), &described(test.set())?)?;
        for &(name, column) in &self.references {
            let validated = choosing.measure(&config.measure()?, &choosing.feature_scores(column));
            let scores = by_query(test.set(), &test.set().feature_scores(column));
            tested.push(Tested { name: name.to_owned(), validated, scores });
        }
        Ok(tested)
    }

    fn queries(&self) -> &dyn TestQueries {
        &self.test
    }
}

/// Making of the folds, in `cv.toml`.
#[derive(Serialize)]
struct Settings {
    candidates: Candidates,
}

/// Search for candidates; the parameters of the features are tuned in each fold.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Candidates {
    depth: usize,
    training_depth: usize,
    random: usize,
    neighbours: bool,
    latent: usize,
    /// Check sum of the run that candidates are taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    similarity: Option<SimilarityConfig>,
}

impl Candidates {
    fn new(config: CandidateConfig, run: Option<u32>) -> Self {
        let CandidateConfig { depth, training_depth, random, neighbours, latent, similarity, .. } = config;
        Self { depth, training_depth, random, neighbours, latent, run, similarity }
    }
}
