//! Bags: models that differ by seed, of which the mean of the scores ranks (bagging of a whole training; Breiman, 1996).
//!
//! Every model of a bag is what a single training makes, with its own choice of strengths, rounds and player, and of the queries that
//! choose where the training holds them out itself. The rows of the comparison are honest: each query is ranked by the mean of
//! those models, or of those of their folds, that have not learned from it.

use super::inner::{TrainingQueries, distinct, median};
use super::model::FeatureRanker;
use super::phases::Phases;
use super::single::train_one;
use crate::data::features::RankingSet;
use crate::error::Result;
use crate::evaluation::Measure;
use crate::evaluation::significance::fisher_randomisation;
use crate::event::Listener;
use crate::game::RewardSource;
use crate::ranking::validation::mean_of_models;
use crate::ranking::{
    ComparisonRow, Extras, PlaceboOutcome, Player, Ranker as _, Snapshot, TrainConfig, Trained,
};
use crate::seed::Stream;

/// Data of one model of a bag.
pub(super) struct Dealt {
    pub training: TrainingQueries,
    pub valid: Option<RankingSet>,
    /// Places of the queries that choose, ascending, among all that choose for one of the models.
    pub places: Vec<usize>,
}

/// One model of a bag, and the places of the queries that chose it.
struct Member {
    trained: Trained,
    places: Vec<usize>,
}

/// Trains `config.bag` models on what `deal` gives for the seed of each. Queries of `choosing` choose; its documents are all that
/// are to be ranked. The first model has the seed of the settings, and is what a single training makes.
pub(super) fn train_bag(
    config: &TrainConfig,
    extras: &Extras,
    choosing: &RankingSet,
    deal: &dyn Fn(u64) -> Result<Dealt>,
    listener: &mut dyn Listener,
) -> Result<Trained> {
    let mut members = vec![];
    for number in 0..config.bag {
        let config = TrainConfig { seed: seed_of(config.seed, number), ..config.clone() };
        let checkpoints = match number {
            0 => extras.checkpoints.clone(),
            _ => extras.checkpoints.within(&format!("model-{}", number + 1)),
        };
        let extras = Extras { checkpoints, ..extras.clone() };
        listener.note(&format!("model {} of {}", number + 1, config.bag));
        let Dealt { training, valid, places } = deal(config.seed)?;
        let mut phases = Phases::new("model", number, listener);
        members.push(Member { trained: train_one(&config, &extras, training, valid, &mut phases)?, places });
    }
    Bag::new(&members, config, extras, choosing)?.together(members)
}

/// Returns the seed of a model of a bag: bags of neighbouring seeds have no model in common.
fn seed_of(seed: u64, number: usize) -> u64 {
    match number {
        0 => seed,
        _ => Stream::new(seed).named("bag").at(number as u64).number(),
    }
}

/// Queries by which the models of a bag are measured together.
struct Bag {
    measures: Vec<Measure>,
    queries: RankingSet,
    /// Of each model the place among `queries` of each query that chose it.
    places: Vec<Vec<usize>>,
    seed: u64,
}

impl Bag {
    fn new(members: &[Member], config: &TrainConfig, extras: &Extras, all: &RankingSet) -> Result<Self> {
        let mut measures = vec![config.measure()?];
        measures.extend(extras.measures.iter().cloned());
        let mut known: Vec<usize> = members.iter().flat_map(|member| member.places.clone()).collect();
        known.sort_unstable();
        known.dedup();
        let place = |place: &usize| known.binary_search(place).expect("all are known");
        let places = members.iter().map(|member| member.places.iter().map(place).collect()).collect();
        Ok(Self { measures, queries: all.with_queries(&known), places, seed: config.seed })
    }

    /// Joins the trainings of all models to one.
    fn together(&self, members: Vec<Member>) -> Result<Trained> {
        let trained: Vec<&Trained> = members.iter().map(|member| &member.trained).collect();
        let first = trained[0];
        let mut contenders: Vec<ComparisonRow> = vec![];
        contenders.extend(first.contenders.iter().filter_map(|row| Some(self.mean(&like(&trained, row)?))));
        if let Some(row) = chosen(&trained) {
            let own = contenders.iter().take_while(|row| row.state == Snapshot::Best).count();
            contenders.insert(own.min(3), ComparisonRow { player: Player::Each, ..self.mean(&row) });
        }
        let controls = first.controls.iter().map(|first| self.outcome(&trained, first.control)).collect();
        let queries = self.queries.queries().iter().map(|query| query.id.clone()).collect();
        let failure = trained.iter().find_map(|trained| trained.failure.clone());
        let warnings = distinct(trained.iter().flat_map(|trained| &trained.warnings));
        let plan = first.plan.clone();
        let (models, baselines): (Vec<_>, Vec<_>) =
            members.into_iter().map(|Member { trained, .. }| (trained.model, trained.baselines)).unzip();
        let baselines = bags_of_baselines(baselines);
        let model = FeatureRanker::bag(models);
        Ok(Trained { model, baselines, queries, contenders, controls, failure, warnings, plan })
    }

    /// Returns the row of a bag from those of its models.
    fn mean(&self, rows: &[&ComparisonRow]) -> ComparisonRow {
        let scores = self.unseen(rows);
        let by_measure: Vec<Vec<f64>> =
            self.measures.iter().map(|measure| self.queries.measure_by_query(measure, &scores)).collect();
        let valued = self.measures.iter().zip(&by_measure);
        let moved: Vec<usize> = rows.iter().map(|row| row.step).filter(|&step| step > 0).collect();
        let player = match rows.iter().all(|row| row.player == rows[0].player) {
            true => rows[0].player,
            false => Player::Each,
        };
        ComparisonRow {
            player,
            step: median(moved),
            values: valued.map(|(measure, values)| measure.aggregate(values.iter().copied())).collect(),
            by_query: by_measure[0].iter().map(|&value| (!value.is_nan()).then_some(value)).collect(),
            scores,
            ..rows[0].clone()
        }
    }

    /// Returns the mean scores of the documents of every query by the models that it chose, which have not learned from it: `[D]`.
    fn unseen(&self, rows: &[&ComparisonRow]) -> Vec<f32> {
        let mut by_query: Vec<Vec<&[f32]>> = vec![vec![]; self.queries.queries().len()];
        for (row, places) in rows.iter().zip(&self.places) {
            let mut rest = row.scores.as_slice();
            for &place in places {
                let (own, behind) = rest.split_at(self.queries.queries()[place].rows.len());
                by_query[place].push(own);
                rest = behind;
            }
        }
        by_query.iter().flat_map(|models| mean_of_models(models)).collect()
    }

    /// Returns the outcome of the games with one placebo reward, against the same players of the real games.
    fn outcome(&self, trained: &[&Trained], control: RewardSource) -> PlaceboOutcome {
        let of = |trained: &&Trained| trained.controls.iter().any(|it| it.control == control && it.failed);
        let failed = trained.iter().any(of);
        let pairs: Option<(Vec<&ComparisonRow>, Vec<&ComparisonRow>)> = trained
            .iter()
            .map(|trained| {
                let row = |state| trained.contenders.iter().filter(move |row| row.state == state);
                let placebo = row(Snapshot::Control(control)).next()?;
                let is_real =
                    |row: &&ComparisonRow| (row.method, row.player) == (placebo.method, placebo.player);
                Some((row(Snapshot::Best).find(is_real)?, placebo))
            })
            .collect();
        let differences: Vec<f64> = pairs.map_or(vec![], |(real, placebo)| {
            let (real, placebo) = (self.mean(&real).by_query, self.mean(&placebo).by_query);
            real.iter().zip(&placebo).filter_map(|(real, placebo)| Some((*real)? - (*placebo)?)).collect()
        });
        PlaceboOutcome {
            control,
            failed,
            gain: differences.iter().sum::<f64>() / differences.len().max(1) as f64,
            p_value: fisher_randomisation(&differences, self.seed),
        }
    }
}

/// Returns the row of every training that is like `row`; none where one lacks it.
fn like<'a>(trained: &[&'a Trained], row: &ComparisonRow) -> Option<Vec<&'a ComparisonRow>> {
    let found = |trained: &&'a Trained| trained.contenders.iter().find(|other| other.is_like(row));
    trained.iter().map(found).collect()
}

/// Returns the row of each model's chosen player, where they are not all of the same player.
fn chosen<'a>(trained: &[&'a Trained]) -> Option<Vec<&'a ComparisonRow>> {
    let chosen = |trained: &Trained| trained.model.chosen();
    if trained.iter().all(|other| chosen(other) == chosen(trained[0])) {
        return None;
    }
    let row = |trained: &&'a Trained| {
        let is_chosen = |row: &&ComparisonRow| {
            row.state == Snapshot::Best
                && (row.method, row.player) == (trained.model.method(), chosen(trained))
        };
        trained.contenders.iter().find(is_chosen)
    };
    trained.iter().map(row).collect()
}

/// Returns one bag for every baseline that each training has.
fn bags_of_baselines(mut of_models: Vec<Vec<FeatureRanker>>) -> Vec<FeatureRanker> {
    let mut others = of_models.split_off(1);
    let bag = |first: FeatureRanker| -> Option<FeatureRanker> {
        let mut models = vec![first];
        for baselines in &mut others {
            let place = baselines.iter().position(|other| other.method() == models[0].method())?;
            models.push(baselines.swap_remove(place));
        }
        Some(FeatureRanker::bag(models))
    };
    of_models.swap_remove(0).into_iter().filter_map(bag).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use ndarray::Array2;

    use super::*;
    use crate::ranking::Method;

    fn row(scores: &[f32], step: usize) -> ComparisonRow {
        ComparisonRow {
            method: Method::Mle,
            player: Player::Single,
            state: Snapshot::Best,
            step,
            origin: None,
            values: vec![],
            by_query: vec![],
            scores: scores.to_vec(),
        }
    }

    #[test]
    fn a_query_is_ranked_by_the_models_that_it_chose() {
        // Three queries of two documents, of which the second is relevant.
        let all = RankingSet::from_rows(Array2::zeros((6, 1)).view(), &[0, 1].repeat(3), &[2; 3])
            .expect("they fit");
        let bag = Bag {
            measures: vec!["P@1".parse().expect("a measure")],
            queries: all,
            places: vec![vec![0, 1], vec![1, 2]],
            seed: 1,
        };
        // The first model ranks queries 1 and 2, on the scale of thousands; the second queries 2 and 3, on that of thousandths.
        let (first, second) = (row(&[1e3, 3e3, 4e3, 2e3], 4), row(&[1e-3, 5e-3, 7e-3, 1e-3], 0));
        let found = bag.mean(&[&first, &second]);
        // Two numbers standardise to −1 and 1. On query 2 the models disagree: 0 each, and the later document is first.
        for (score, expected) in found.scores.iter().zip([-1.0, 1.0, 0.0, 0.0, 1.0, -1.0]) {
            assert_abs_diff_eq!(*score, expected, epsilon = 1e-5);
        }
        assert_eq!((found.by_query.len(), found.by_query[0], found.by_query[2]), (3, Some(1.0), Some(0.0)));
        assert_eq!(found.step, 4); // of the models that moved
    }

    #[test]
    fn models_of_neighbouring_seeds_are_not_the_same() {
        assert_eq!(seed_of(7, 0), 7);
        let seeds = (1..4).flat_map(|seed| (0..5).map(move |number| seed_of(seed, number)));
        assert_eq!(seeds.collect::<std::collections::HashSet<_>>().len(), 15);
    }
}
