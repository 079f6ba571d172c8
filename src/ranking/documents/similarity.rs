//! A learned text similarity as a feature: towers that were trained on the same judgements as the ranker.
//!
//! A training query's documents are described by towers that have not seen its judgements (cross-fitting): the ranker
//! would else trust a feature that knows the answers, and be let down by it on new queries.

use std::path::Path;

use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};

use super::Texts;
use crate::data::features::RankingSet;
use crate::error::{Error, Result};
use crate::event::Silent;
use crate::game::Checkpoints;
use crate::game::Schedule;
use crate::math::parallel::ordered_map;
use crate::nn::OptimizerConfig;
use crate::ranking::documents::towers::{TextPools, Towers};
use crate::ranking::networks::{FORMAT, read_description};
use crate::ranking::{
    Candidates, ChoiceConfig, DiscriminatorConfig, Extras, FitConfig, GeneratorConfig, Init, Method,
    Networks, Pools, Roster, Scorer, TrainConfig, train_scorers,
};
use crate::seed::Stream;

/// Settings of the similarity and of its training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SimilarityConfig {
    /// Method that trains the towers.
    pub method: Method,
    /// Bags have `2^bits` buckets.
    pub bits: u32,
    /// Values of an embedding.
    pub width: usize,
    /// Parts of the training queries, each described by towers trained on the others.
    pub parts: usize,
    /// Rounds of the game, or epochs of another method.
    pub rounds: usize,
    /// Step size of every optimiser.
    pub learning_rate: f32,
    /// Weight decay towards the untrained cosine.
    pub weight_decay: f32,
}

impl Default for SimilarityConfig {
    fn default() -> Self {
        Self {
            method: Method::IrganPairwise,
            bits: 14,
            width: 16,
            parts: 5,
            rounds: 10,
            learning_rate: 3e-3,
            weight_decay: 1e-5,
        }
    }
}

impl SimilarityConfig {
    /// Refuses what cannot be.
    pub fn validate(&self) -> Result<()> {
        let within = (1..=20).contains(&self.bits) && (1..=256).contains(&self.width);
        if within && (2..=100).contains(&self.parts) {
            return Ok(());
        }
        Err(Error::Config(
            "similarity: expected bits in 1 to 20, a width in 1 to 256 and 2 to 100 parts".into(),
        ))
    }

    /// Untrained towers.
    fn fresh(&self) -> Towers {
        Towers::new(1 << self.bits, self.width)
    }

    /// The game that the towers play: both start at the cosine, as good a start as any baseline of so few queries.
    fn training(&self, measure: &str, seed: u64) -> TrainConfig {
        let optimizer = OptimizerConfig {
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            ..Default::default()
        };
        TrainConfig {
            method: self.method,
            seed,
            measure: measure.to_owned(),
            patience: 4,
            choice: ChoiceConfig::fixed(),
            schedule: Schedule { rounds: self.rounds, d_epochs: 1, g_epochs: 1, ..Default::default() },
            fit: FitConfig { optimizer, epochs: self.rounds, patience: 4, ..Default::default() },
            generator: GeneratorConfig { init: Init::None, optimizer, ..Default::default() },
            discriminator: DiscriminatorConfig { init: Init::None, optimizer, ..Default::default() },
            ..Default::default()
        }
    }
}

/// A text similarity that was learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Similarity {
    config: SimilarityConfig,
    towers: Networks<Towers>,
}

/// Content of the `model.toml` of a similarity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    format: u32,
    kind: String,
    players: Roster,
}

impl Similarity {
    /// The name of the feature, and of the folder that holds its towers.
    pub const NAME: &str = "similarity";

    /// Learns from `train`, choosing by the measure of `training` on `valid`, with its seed. Also returns the feature
    /// of the documents of `train`, by cross-fitting: `[D]`.
    pub fn learn(
        config: &SimilarityConfig,
        training: &TrainConfig,
        texts: &Texts<'_>,
        (train, valid): (&RankingSet, &RankingSet),
        checkpoints: &Checkpoints,
    ) -> Result<(Self, Vec<f32>)> {
        let pools = texts.pools(train, config.bits)?;
        let held_out = texts.pools(valid, config.bits)?;
        let training = config.training(&training.measure, training.seed);
        let stream = Stream::new(training.seed).named(Self::NAME);
        let count = config.parts.min(pools.queries());
        let parts = parts(pools.queries(), count, stream);
        // The last towers learn from all queries: no query is in the part behind the last.
        let fitted = ordered_map(count + 1, |part| {
            let others = pools.learning_from(|query| parts[query as usize] != part);
            let checkpoints = checkpoints.beside_others().within(&format!("{}-{}", Self::NAME, part + 1));
            let towers = fit(config, &training, &others, &held_out, checkpoints)?;
            let own: Vec<u32> = (0..pools.queries() as u32).filter(|&q| parts[q as usize] == part).collect();
            let scores = score(&towers, &pools, &own)?;
            Ok((towers, own.into_iter().zip(scores).collect::<Vec<_>>()))
        });
        let mut column = vec![0.0; train.documents()];
        let mut last = None;
        for fitted in fitted {
            let (towers, scores) = fitted?;
            for (query, scores) in scores {
                column[train.queries()[query as usize].rows.clone()].copy_from_slice(&scores);
            }
            last = Some(towers);
        }
        let towers = last.expect("at least one part");
        Ok((Self { config: *config, towers }, column))
    }

    /// `set` with the feature behind the others.
    pub fn describe(&self, texts: &Texts<'_>, set: RankingSet) -> Result<RankingSet> {
        let pools = texts.pools(&set, self.config.bits)?;
        let queries: Vec<u32> = (0..pools.queries() as u32).collect();
        let column = score(&self.towers, &pools, &queries)?.concat();
        Ok(set.with_feature(Self::NAME, &column))
    }

    /// Reads the similarity that is kept in the folder of a ranker.
    pub(super) fn load(ranker: &Path, config: SimilarityConfig) -> Result<Self> {
        let folder = ranker.join(Self::NAME);
        let header: Header = read_description(&folder, Self::NAME)?;
        let fresh = |_: &str| Ok(config.fresh());
        Ok(Self { config, towers: Networks::load(&folder, &header.players, |_| 0, fresh)? })
    }

    /// Writes it into the folder of a ranker.
    pub(super) fn save(&self, ranker: &Path) -> Result<()> {
        let header = Header { format: FORMAT, kind: Self::NAME.to_owned(), players: self.towers.roster() };
        self.towers.save(&ranker.join(Self::NAME), &header)
    }
}

/// The part of every query: equal in size but for one, at random.
fn parts(queries: usize, count: usize, stream: Stream) -> Vec<usize> {
    let mut parts: Vec<usize> = (0..queries).map(|query| query % count).collect();
    parts.shuffle(&mut stream.rng());
    parts
}

/// Towers trained on `pools`; untrained where there is nothing to learn from.
fn fit(
    config: &SimilarityConfig,
    training: &TrainConfig,
    pools: &TextPools,
    held_out: &TextPools,
    checkpoints: Checkpoints,
) -> Result<Networks<Towers>> {
    let fresh = |_| config.fresh();
    if pools.trainable().is_empty() {
        return Ok(Networks::baseline(training.method, config.fresh()));
    }
    let extras = Extras { checkpoints, ..Default::default() };
    let trained = train_scorers(training, &extras, pools, held_out, &fresh, &mut Silent)?;
    Ok(trained.model)
}

/// The scores of the chosen player for every document of each of `queries`.
fn score(towers: &Networks<Towers>, pools: &TextPools, queries: &[u32]) -> Result<Vec<Vec<f32>>> {
    let of_query = |towers: &Towers, i: u32| towers.score(pools, Candidates::Pools(&[queries[i as usize]]));
    towers.score(towers.chosen(), queries.len(), of_query)
}
