//! The front door of pairs: pairs and settings in, one model a system out.
//!
//! Stages, each with a checkpoint: maximum likelihood, the pre-training of every judge that the systems need, one game a
//! system, and its game again with every placebo reward asked for, all games from the same start.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::config::{PairConfig, RewardConfig};
use super::data::PairData;
use super::judges::{HierarchicalJudge, PairCnn, PairJudge, RewardJudge};
use super::subject::PairSubject;
use super::system::System;
use crate::data::pairs::{Pairs, Source};
use crate::error::{Error, Result};
use crate::evaluation::text::perplexity;
use crate::event::{Event, Listener};
use crate::game::{Checkpoints, JudgeStatistics, RewardSource, metric, phase};
use crate::nn::{Embedding, Initializer, Learner, Parameters, load_tensors};
use crate::seed::Stream;
use crate::team::Team;
use crate::text::game::{Playing, play};
use crate::text::hand_made::DullReplies;
use crate::text::likelihood::{Examples, LikelihoodEpoch};
use crate::text::likelihood_stage::{Fitted, LikelihoodStage};
use crate::text::models::{EncoderDecoder, LanguageModel};
use crate::text::pretrain::PretrainingStage;
use crate::text::state::GameState;
use crate::text::subject::Subject as _;
use crate::text::{AdversarialConfig, Credit, DiscriminatorConfig, JudgeKind, Phase};

/// Options of a training on pairs: what stands beside it, and where it is kept.
#[derive(Clone, Debug, Default)]
pub struct PairTrainingOptions {
    /// First stage: maximum likelihood, or the pre-training of judges.
    pub from: Phase,
    /// Folder of a run whose model of maximum likelihood is the start.
    pub init: Option<PathBuf>,
    /// Dull replies of hand-made rewards; English ones by default.
    pub dull: Option<DullReplies>,
    /// Placebo rewards to play every game again with, from the same start.
    pub controls: Vec<RewardSource>,
    /// Checkpoints to resume from; none are kept by default.
    pub checkpoints: Checkpoints,
}

/// A finished training on pairs.
#[derive(Clone, Debug)]
pub struct TrainedPairs<M = EncoderDecoder> {
    /// Model of every system, maximum likelihood first.
    pub systems: Vec<(System, M)>,
    /// Models of the games with placebo rewards.
    pub controls: Vec<(System, RewardSource, M)>,
    /// Model of sources given answers, where one was asked for or hand-made rewards needed it.
    pub reverse: Option<M>,
    /// Signs of collapse that were seen, and what was done about each.
    pub collapses: Vec<String>,
}

/// Trains encoder–decoders on `data`.
///
/// # Errors
/// When settings do not fit the data, a number stops being finite, a file cannot be read or written, or the
/// training was asked to stop.
pub fn train_pairs(
    config: &PairConfig,
    data: &PairData,
    options: &PairTrainingOptions,
    listener: &mut dyn Listener,
) -> Result<TrainedPairs> {
    config.validate()?;
    let stream = Stream::new(config.seed);
    let fresh = |data: &PairData, purpose: &str| {
        let shape = config.shape(data);
        shape.validate()?;
        let initializer = Initializer::Normal(config.generator.deviation);
        Ok(EncoderDecoder::new(&shape, initializer, &mut stream.named(purpose).rng()))
    };
    let mut start = fresh(data, "init generator")?;
    if let Some(run) = &options.init {
        load_tensors(&run.join("mle.safetensors"), &mut start)?;
    }
    train_models(
        config,
        data,
        options,
        listener,
        Models { start, fresh: &fresh, vectors: EncoderDecoder::vectors },
    )
}

/// Function that makes a model of these pairs that has learnt nothing, with weights for its purpose.
type Fresh<'a, M> = &'a dyn Fn(&PairData, &str) -> Result<M>;

/// Models that a training needs of their kind.
struct Models<'a, M> {
    start: M,
    fresh: Fresh<'a, M>,
    vectors: fn(&M) -> &Embedding, // of the tokens of answers
}

/// Trains any model with sources as contexts, from a start and from fresh ones.
fn train_models<M: LanguageModel<Context = Source> + Parameters>(
    config: &PairConfig,
    data: &PairData,
    options: &PairTrainingOptions,
    listener: &mut dyn Listener,
    models: Models<'_, M>,
) -> Result<TrainedPairs<M>> {
    let checkpoints = &options.checkpoints;
    let stream = Stream::new(config.seed);
    let dull = options.dull.as_ref();
    let Models { start, fresh, vectors } = models;
    let mut training =
        PairTraining { config, data, checkpoints, listener, stream, fresh, vectors, reverse: None, dull };
    let fitted = match options.from {
        Phase::Mle => training.maximum_likelihood(start)?,
        _ => Fitted { model: start, epoch: 0 },
    };
    let mut trained = TrainedPairs {
        systems: vec![(System::Mle, fitted.model.clone())],
        controls: vec![],
        reverse: None,
        collapses: vec![],
    };
    if config.reverse_model {
        training.reverse_model()?;
    }
    let mut judges: Vec<(JudgeKind, bool, PairJudge<M>)> = vec![];
    for system in config.all_systems().into_iter().filter(|&system| system != System::Mle) {
        let rules = config.rules(system);
        let key = (rules.judge, rules.credit == Credit::Prefix);
        let judge = match judges.iter().find(|(kind, prefixes, _)| (*kind, *prefixes) == key) {
            Some((.., judge)) => judge.clone(),
            None => {
                let judge = training.pretrained_judge(&rules, &fitted)?;
                judges.push((key.0, key.1, judge.clone()));
                judge
            }
        };
        let game = training.begin(&rules, fitted.model.clone(), judge);
        let mut play =
            |reward, name: &str| training.play(&rules, &game, reward, name, &mut trained.collapses);
        let model = play(rules.reward, system.name())?;
        for &placebo in &options.controls {
            let name = format!("{system} {placebo}{}", phase::PLACEBO_SUFFIX);
            trained.controls.push((system, placebo, play(placebo, &name)?));
        }
        trained.systems.push((system, model));
    }
    trained.reverse = training.reverse;
    Ok(trained)
}

/// Parts that all stages of a training share.
struct PairTraining<'a, M> {
    config: &'a PairConfig,
    data: &'a PairData,
    checkpoints: &'a Checkpoints,
    listener: &'a mut dyn Listener,
    stream: Stream,
    fresh: Fresh<'a, M>,
    vectors: fn(&M) -> &Embedding,
    reverse: Option<M>, // model of sources given answers, after it has learnt
    dull: Option<&'a DullReplies>,
}

impl<M: LanguageModel<Context = Source> + Parameters> PairTraining<'_, M> {
    fn evaluation(&self) -> Stream {
        self.stream.named("evaluation")
    }

    fn maximum_likelihood(&mut self, start: M) -> Result<Fitted<M>> {
        let stream = self.stream.named("mle");
        self.fit(self.data, start, phase::MLE, stream)
    }

    /// Trains a model by maximum likelihood as the stage `name`.
    fn fit(&mut self, data: &PairData, start: M, name: &str, stream: Stream) -> Result<Fitted<M>> {
        let stage = LikelihoodStage {
            name,
            train: examples(&data.train),
            valid: examples(&data.valid),
            settings: &self.config.mle,
            checkpoints: self.checkpoints,
            stream,
        };
        let of = self.config.mle.epochs;
        stage.fit(start, |_, &LikelihoodEpoch { epoch, train, valid }| {
            let metrics = [
                (metric::NLL_TRAIN, train),
                (metric::NLL_VALID, valid),
                (metric::PERPLEXITY, perplexity(valid)),
            ];
            self.listener.event(&Event { phase: name, step: epoch, of, metrics: &metrics });
            Ok(())
        })
    }

    /// Returns the judge of a game, pre-trained against the model of maximum likelihood.
    fn pretrained_judge(&mut self, rules: &AdversarialConfig, fitted: &Fitted<M>) -> Result<PairJudge<M>> {
        let (config, data) = (self.config, self.data);
        let mut rng = self.stream.named("init discriminator").rng();
        let size = data.vocabulary.len();
        let DiscriminatorConfig { optimizer, divergence, label_smoothing, .. } = config.discriminator;
        let judge = match rules.judge {
            JudgeKind::Hierarchical => {
                let turn_end = data.vocabulary.turn_end();
                let known = (self.vectors)(&fitted.model);
                let network = HierarchicalJudge::new(&config.hierarchical, known, turn_end, &mut rng)
                    .minimising(divergence)
                    .smoothing(label_smoothing);
                PairJudge::Hierarchical(Box::new(Learner::new(network, optimizer)))
            }
            JudgeKind::Discriminator => {
                let shape = &config.discriminator.network;
                let network = PairCnn::new(shape, size, data.source_steps, data.steps, &mut rng)
                    .minimising(divergence)
                    .smoothing(label_smoothing);
                PairJudge::Cnn(Box::new(Learner::new(network, optimizer)))
            }
            JudgeKind::Rival => {
                let stream = self.stream.named("rival");
                let start = (self.fresh)(data, "init rival")?;
                let rival = self.fit(data, start, RIVAL, stream)?.model;
                return Ok(PairJudge::Rival(Box::new(Learner::new(rival, config.discriminator.rival))));
            }
            JudgeKind::Reward => return self.hand_made(fitted),
            JudgeKind::Bleu | JudgeKind::Ensemble | JudgeKind::Mediator | JudgeKind::Ranker => {
                return Err(Error::Config("this judge learns nothing about pairs".into()));
            }
        };
        self.pretrain(judge, rules, fitted)
    }

    /// Returns the model of sources given answers, trained at the first call.
    fn reverse_model(&mut self) -> Result<M> {
        if self.reverse.is_none() {
            let reversed = self.data.reversed();
            let start = (self.fresh)(&reversed, "init reverse")?;
            let fitted = self.fit(&reversed, start, REVERSE, self.stream.named("reverse"))?;
            self.reverse = Some(fitted.model);
        }
        Ok(self.reverse.clone().expect("just trained"))
    }

    /// Returns the hand-made reward, for which a model of sources given answers is trained.
    fn hand_made(&mut self, fitted: &Fitted<M>) -> Result<PairJudge<M>> {
        let reverse = self.reverse_model()?;
        let dull = match self.dull {
            Some(replies) => replies.clone(),
            None => DullReplies::english(&self.data.vocabulary)?,
        };
        let RewardConfig { terms, discount, .. } = self.config.reward;
        Ok(PairJudge::Reward(Box::new(RewardJudge {
            forward: fitted.model.clone(),
            reverse,
            dull,
            terms,
            talk: self.data.talk(),
            turns: Arc::new(AtomicUsize::new(1)),
            discount,
        })))
    }

    /// Trains a discriminator on draws of the model of maximum likelihood.
    fn pretrain(
        &mut self,
        judge: PairJudge<M>,
        rules: &AdversarialConfig,
        fitted: &Fitted<M>,
    ) -> Result<PairJudge<M>> {
        let name = if rules.credit == Credit::Prefix { PREFIX_JUDGE } else { phase::DISCRIMINATOR };
        let settings = &self.config.discriminator;
        let subject = PairSubject::new(self.config, self.data, *rules);
        let (root, evaluation) = (self.stream.named("pretrain"), self.evaluation());
        let stage = PretrainingStage { name, steps: settings.pretrain_draws, checkpoints: self.checkpoints };
        stage.run(judge, self.listener, |judge, step| {
            let stream = root.at(step as u64);
            let lesson = subject.draw_for_judge(&fitted.model, 0.0, stream.named("draw"));
            let mut seen = JudgeStatistics::default();
            for epoch in 0..settings.epochs {
                seen = subject.judge_epoch(judge, &fitted.model, &lesson, stream.at(epoch as u64))?;
            }
            let mut metrics = vec![(metric::D_ACCURACY, seen.accuracy)];
            metrics.extend(seen.loss.map(|loss| (metric::D_LOSS, loss)));
            metrics.extend(subject.held_out(judge, &fitted.model, evaluation));
            Ok(metrics)
        })
    }

    /// Returns the state before the first round of a game.
    fn begin(&self, rules: &AdversarialConfig, model: M, judge: PairJudge<M>) -> GameState<M, PairJudge<M>> {
        let width = critic_width(&model, self.data);
        GameState::new(rules, model, judge, self.data.steps, width)
    }

    /// Plays a game from `start`, with `name` in logs, and returns its generator.
    fn play(
        &mut self,
        rules: &AdversarialConfig,
        start: &GameState<M, PairJudge<M>>,
        reward: RewardSource,
        name: &str,
        collapses: &mut Vec<String>,
    ) -> Result<M> {
        let subject = PairSubject::new(self.config, self.data, *rules);
        let (stream, evaluation) = (self.stream.named(name), self.evaluation());
        let (checkpoints, listener) = (self.checkpoints, &mut *self.listener);
        let team = Team::ALONE;
        play(
            &subject,
            start,
            Playing { name, reward, stream, evaluation, checkpoints, team, listener, collapses },
        )
    }
}

fn examples(pairs: &Pairs) -> Examples<'_, Source> {
    Examples { contexts: &pairs.sources, sentences: &pairs.answers }
}

/// Name of the maximum likelihood of a rival.
const RIVAL: &str = "rival likelihood";
/// Name of the maximum likelihood of sources given answers.
const REVERSE: &str = "reverse likelihood";
/// Name of the pre-training of a judge of prefixes.
const PREFIX_JUDGE: &str = "prefix discriminator";

/// Returns the number of values of a state for a critic; 0 for a model without such states.
fn critic_width<M: LanguageModel<Context = Source>>(model: &M, data: &PairData) -> usize {
    let one = data.train.select(&[0]);
    let reading = model.read(&one.sources, one.answers.tokens());
    model.critic_states(&reading, &one.answers).map_or(0, |states| states.dim().2)
}
