//! Inner cross-validation: all queries train, and all queries choose.
//!
//! Where judged queries are few, a share that is held out is too small to choose by, and missed in training. Here the queries are
//! cut into parts. Each part is ranked by models that were trained on the others, so every query has a value by models that have
//! not seen it; strengths, rounds and player are chosen by all of them, and the choice is trained again on all queries.

mod merge;
mod parts;
mod strength;

use std::ops::Range;

use self::merge::merged;
pub(super) use self::merge::{distinct, median};
pub(super) use self::parts::Fold;
use self::parts::cut;
use super::phases::Phases;
use super::pools::FeaturePools;
use super::prior::Prior;
use super::source::VectorSource;
use super::vector_scorer::VectorScorer;
use crate::data::features::RankingSet;
use crate::error::Result;
use crate::event::Listener;
use crate::nn::Parameters as _;
use crate::ranking::config::ChoiceRule;
use crate::ranking::simplest::{back_to_start, simplest_player};
use crate::ranking::train::train_to;
use crate::ranking::training::End;
use crate::ranking::{
    ComparisonRow, Extras, Networks, Player, RefitPlan, Snapshot, Source as _, TrainConfig, Trained,
    refit_scorers,
};
use crate::seed::Stream;
pub(super) use strength::choose_strength;

/// Queries that both train and choose.
#[derive(Clone, Debug)]
pub struct TrainingQueries {
    /// Their documents with all features: those that a ranker will have to rank.
    pub set: RankingSet,
    /// Documents among them that networks learn from: `[D]`; all are where it is empty.
    pub learned_from: Vec<bool>,
    /// Features that rank well untrained; the best of them is the prior, unless one is named.
    pub references: Vec<String>,
}

impl From<RankingSet> for TrainingQueries {
    fn from(set: RankingSet) -> Self {
        Self { set, learned_from: vec![], references: vec![] }
    }
}

/// Trains `config.method`, and what stands beside it, on the normalised queries of `learned_from`, which choose by
/// cross-validation: the rows of the comparison hold values of every query by models that have not seen it. `ranked` holds the same
/// queries with all documents that a ranker has to rank.
pub(super) fn train_by_folds(
    config: &TrainConfig,
    extras: &Extras,
    (learned_from, ranked): (RankingSet, &RankingSet),
    column: Option<usize>,
    listener: &mut dyn Listener,
) -> Result<(Trained<Networks<VectorScorer>>, Option<Prior>)> {
    let mut folds = cut(&learned_from, ranked, config)?;
    listener.note(&format!(
        "{} queries choose by cross-validation in {} parts, and train again all together",
        ranked.queries().len(),
        folds.len()
    ));
    let (config, prior) = choose_strength(config, &mut folds, column, &extras.checkpoints, listener)?;
    let team = extras.checkpoints.team();
    folds.iter_mut().for_each(|fold| fold.share(team));
    let source = VectorSource { config: &config, features: ranked.feature_count(), trees: None };
    // No fold decides alone, as it has few queries: all epochs and rounds are made, and the last ones count.
    let mut of_fold = TrainConfig { patience: usize::MAX, ..config.clone() };
    of_fold.choice.rule = ChoiceRule::Best;
    of_fold.fit.patience = usize::MAX;
    let mut trained = vec![];
    for (number, fold) in folds.iter().enumerate() {
        let checkpoints = extras.checkpoints.within(&format!("fold-{}", number + 1));
        let extras = Extras { checkpoints, ..extras.clone() };
        let mut phases = Phases::new("fold", number, listener);
        let pools = (&fold.train, &fold.held_out);
        trained.push(train_to(End::Last, &of_fold, &extras, pools, &source, &mut phases)?);
    }
    let mut found = merged(trained, config.seed);
    if let Some(prior) = prior {
        found.contenders.push(prior_row(&config, extras, &folds, prior)?);
    }
    in_order(&mut found, &folds);
    let starts = found.contenders.clone();
    back_to_start(config.choice.rule, &mut found.contenders, starts.iter());
    let chosen = simplest_player(config.choice.rule, config.method, &found.contenders);
    let plan = RefitPlan {
        game: found.plan.game.map(|(_, (_, weight))| {
            let alone = config.generator.learns_alone();
            game(&found.contenders, (chosen, alone), weight)
        }),
        ..found.plan
    };
    let mut all = FeaturePools::new(learned_from);
    all.set_prior(prior);
    all.share(team);
    let nothing = FeaturePools::new(ranked.with_queries(&[]));
    let (model, baselines) = refit_scorers(&config, &plan, extras, (&all, &nothing), &source, listener)?;
    let zero = source.fresh(Stream::new(0)).zeros_like();
    let model = if prior.is_some() { model.with_prior(zero, chosen == Player::Prior) } else { model };
    Ok((Trained { model, baselines, plan, ..found }, prior))
}

/// The row of the prior alone.
fn prior_row(config: &TrainConfig, extras: &Extras, folds: &[Fold], prior: Prior) -> Result<ComparisonRow> {
    let mut measures = vec![config.measure()?];
    measures.extend(extras.measures.iter().cloned());
    let mut by_measure = vec![vec![]; measures.len()];
    let mut kept = vec![];
    for fold in folds {
        let scores = fold.held_out.set().feature_scores(prior.column);
        for (measure, values) in measures.iter().zip(&mut by_measure) {
            values.extend(fold.held_out.set().measure_by_query(measure, &scores));
        }
        kept.extend(scores);
    }
    let values =
        measures.iter().zip(&by_measure).map(|(measure, values)| measure.aggregate(values.iter().copied()));
    Ok(ComparisonRow {
        method: config.method,
        player: Player::Prior,
        state: Snapshot::Best,
        step: 0,
        origin: None,
        values: values.collect(),
        by_query: by_measure[0].iter().map(|&value| (!value.is_nan()).then_some(value)).collect(),
        scores: if config.bag > 1 { kept } else { vec![] },
    })
}

/// Puts the queries of all folds in the order of the set that they are cut from.
fn in_order(found: &mut Trained<Networks<VectorScorer>>, folds: &[Fold]) {
    let places: Vec<usize> = folds.iter().flat_map(|fold| fold.places.iter().copied()).collect();
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_unstable_by_key(|&i| places[i]);
    found.queries = order.iter().map(|&i| found.queries[i].clone()).collect();
    let mut documents: Vec<Range<usize>> = vec![];
    for query in folds.iter().flat_map(|fold| fold.held_out.set().queries()) {
        let start = documents.last().map_or(0, |last| last.end);
        documents.push(start..start + query.rows.len());
    }
    for row in &mut found.contenders {
        row.by_query = order.iter().map(|&i| row.by_query[i]).collect();
        if !row.scores.is_empty() {
            row.scores = order.iter().flat_map(|&i| row.scores[documents[i].clone()].to_vec()).collect();
        }
    }
}

/// Rounds to play on all queries, and the player that ranks then; where the prior alone is chosen, the start stands beside it.
fn game(rows: &[ComparisonRow], (chosen, alone): (Player, bool), weight: f32) -> (usize, (Player, f32)) {
    let player = match chosen {
        Player::Prior if alone => Player::G,
        Player::Prior => Player::Both,
        player => player,
    };
    let best = rows.iter().find(|row| row.state == Snapshot::Best && row.player == chosen);
    (best.map_or(0, |row| row.step), (player, weight))
}
