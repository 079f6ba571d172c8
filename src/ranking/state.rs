//! State of a game between two scorers, the best models of its rounds, and its result.

use super::config::TrainConfig;
use super::scorer::Scorer;
use crate::game::{BestRound, GameResult, Replay};
use crate::nn::{Learner, impl_parameters};
use crate::policy_gradient::BaselineState;

/// Candidates for the best, in the order of their values.
pub(super) const CANDIDATES: usize = 3;

/// Index of the generator among the candidates.
pub(super) const GENERATOR: usize = 0;

/// Index of the discriminator among the candidates.
pub(super) const DISCRIMINATOR: usize = 1;

/// Everything that a game changes: both players with their optimisers, the memory of the reward baseline, and
/// documents drawn in earlier rounds.
#[derive(Clone)]
pub(super) struct GameState<S> {
    pub generator: Learner<S>,
    pub discriminator: Learner<S>,
    pub baseline: BaselineState,
    pub replay: Option<Replay>, // where the discriminator is shown earlier draws
}

impl_parameters!(S: Scorer, GameState<S> {
    "generator": generator,
    "discriminator": discriminator,
    "baseline": baseline,
    "replay": replay,
});

impl<S: Scorer> GameState<S> {
    /// Returns the state before the first round.
    pub fn new(config: &TrainConfig, (generator, discriminator): (S, S)) -> Self {
        Self {
            generator: Learner::new(generator, config.generator.optimizer),
            discriminator: Learner::new(discriminator, config.discriminator.optimizer),
            baseline: BaselineState::for_episodes(config.generator.reward_baseline(), 1, 0),
            replay: None,
        }
    }
}

/// Models of the best rounds.
#[derive(Clone)]
pub(super) struct BestModels<S> {
    generator: S,
    discriminator: S,
    both_generator: S,
    both_discriminator: S,
}

impl_parameters!(S: Scorer, BestModels<S> {
    "generator": generator,
    "discriminator": discriminator,
    "both-generator": both_generator,
    "both-discriminator": both_discriminator,
});

impl<S: Scorer> BestModels<S> {
    /// Returns the players of the start, which are the best before the first round.
    pub fn new((generator, discriminator): (S, S)) -> Self {
        Self {
            generator: generator.clone(),
            discriminator: discriminator.clone(),
            both_generator: generator,
            both_discriminator: discriminator,
        }
    }

    /// Copies the models of `candidate` from `state`.
    pub fn keep(&mut self, candidate: usize, state: &GameState<S>) {
        let (generator, discriminator) = (state.generator.model(), state.discriminator.model());
        match candidate {
            GENERATOR => self.generator = generator.clone(),
            DISCRIMINATOR => self.discriminator = discriminator.clone(),
            _ => {
                self.both_generator = generator.clone();
                self.both_discriminator = discriminator.clone();
            }
        }
    }
}

/// Best model of a player over the rounds.
#[derive(Clone, Debug)]
pub struct Best<M> {
    /// The model.
    pub model: M,
    /// Round after which it was seen, 0 being the start.
    pub round: usize,
    /// Validation measure of the model.
    pub value: f64,
}

/// Result of a game between two scorers.
#[derive(Clone, Debug)]
pub struct RankingGameResult<S> {
    /// Best generator.
    pub generator: Best<S>,
    /// Best discriminator.
    pub discriminator: Best<S>,
    /// Best generator and discriminator of one round, ranking together.
    pub both: Best<(S, S)>,
    /// Generator and discriminator as the game left them.
    pub last: (S, S),
    /// Validation measures of the start: generator, discriminator, both; NaN where there is no discriminator.
    pub start: [f64; 3],
    /// Reason that the game ended early, when a number stopped being finite.
    pub failure: Option<String>,
    /// Signs of collapse that were seen, and what was done about each.
    pub collapses: Vec<String>,
}

impl<S: Scorer> RankingGameResult<S> {
    /// Puts the state after the last of `rounds` in the place of the best ones; their values are not known.
    pub(super) fn at_the_end(self, rounds: usize) -> Self {
        fn last<M>(model: M, round: usize) -> Best<M> {
            Best { model, round, value: f64::NAN }
        }
        let (generator, discriminator) = self.last.clone();
        Self {
            generator: last(generator, rounds),
            discriminator: last(discriminator, rounds),
            both: last(self.last.clone(), rounds),
            ..self
        }
    }
}

impl<S: Scorer> From<GameResult<GameState<S>, BestModels<S>>> for RankingGameResult<S> {
    fn from(result: GameResult<GameState<S>, BestModels<S>>) -> Self {
        fn best<M>(model: M, &BestRound { round, value }: &BestRound) -> Best<M> {
            Best { model, round, value }
        }
        let GameResult { last, best: models, best_rounds: rounds, start, failure, collapses } = result;
        // A generator that learns alone is the only candidate.
        let absent = BestRound { round: 0, value: f64::NAN };
        let round = |candidate: usize| rounds.get(candidate).unwrap_or(&absent);
        Self {
            generator: best(models.generator, round(GENERATOR)),
            discriminator: best(models.discriminator, round(DISCRIMINATOR)),
            both: best((models.both_generator, models.both_discriminator), round(CANDIDATES - 1)),
            last: (last.generator.into_model(), last.discriminator.into_model()),
            start: std::array::from_fn(|candidate| start.get(candidate).copied().unwrap_or(f64::NAN)),
            failure,
            collapses,
        }
    }
}
