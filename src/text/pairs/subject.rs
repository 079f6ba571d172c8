//! Games of answers: the contexts of a step are a mini-batch of sources.

use std::sync::atomic::Ordering;

use super::config::PairConfig;
use super::data::{PairData, words};
use super::judges::{Lesson, PairJudge, accuracy};
use crate::data::pairs::{Pairs, Source};
use crate::data::sentences::Sequences;
use crate::error::Result;
use crate::evaluation::text::{distinct_n, distinct_tokens, mean_length};
use crate::game::{JudgeStatistics, Position, metric};
use crate::math::sampling::subset;
use crate::nn::Parameters;
use crate::seed::Stream;
use crate::text::AdversarialConfig;
use crate::text::hand_made::TermValues;
use crate::text::models::LanguageModel;
use crate::text::subject::{InContext, Subject};

/// Pairs to learn from, how, and by which rules one system plays.
pub(super) struct PairSubject<'a, M> {
    pub config: &'a PairConfig,
    pub data: &'a PairData,
    pub rules: AdversarialConfig,
    pub model: std::marker::PhantomData<M>,
}

impl<'a, M> PairSubject<'a, M> {
    /// Returns the subject of a game by `rules`.
    pub fn new(config: &'a PairConfig, data: &'a PairData, rules: AdversarialConfig) -> Self {
        Self { config, data, rules, model: std::marker::PhantomData }
    }

    /// Chooses `count` training pairs at most.
    fn chosen(&self, count: usize, stream: Stream) -> Pairs {
        let train = &self.data.train;
        train.select(&subset(train.len(), count.min(train.len()), &mut stream.rng()))
    }

    /// Returns the validation pairs of an evaluation.
    fn held_out_pairs(&self) -> Pairs {
        let valid = &self.data.valid;
        let count = valid.len().min(self.config.evaluation.sources);
        valid.select(&(0..count).collect::<Vec<_>>())
    }
}

impl<M: LanguageModel<Context = Source> + Parameters> Subject for PairSubject<'_, M> {
    type Model = M;
    type Judge = PairJudge<M>;
    type Lesson = Lesson;

    fn rules(&self) -> &AdversarialConfig {
        &self.rules
    }

    fn contexts(&self, stream: Stream) -> Vec<Source> {
        let count = self.rules.batch.div_ceil(self.config.draws);
        let chosen = self.chosen(count, stream).sources;
        chosen.into_iter().flat_map(|source| vec![source; self.config.draws]).collect()
    }

    fn real(&self, count: usize, stream: Stream) -> InContext<Source> {
        let Pairs { sources, answers } = self.chosen(count, stream);
        InContext { contexts: sources, sentences: answers }
    }

    fn sample(&self, generator: &M, stream: Stream) -> Sequences {
        generator.draw(&self.held_out_pairs().sources, stream)
    }

    fn measure(&self, generator: &M, stream: Stream) -> Vec<(&'static str, f64)> {
        let valid = &self.data.valid;
        let drawn = words(&self.sample(generator, stream));
        vec![
            (metric::NLL_VALID, generator.nll(&valid.sources, &valid.answers)),
            (metric::DISTINCT_1, distinct_n(&drawn, 1)),
            (metric::DISTINCT_2, distinct_n(&drawn, 2)),
            (metric::LENGTH, mean_length(&drawn)),
            (metric::DISTINCT_TOKENS, distinct_tokens(&drawn) as f64),
        ]
    }

    fn learns(&self, judge: &PairJudge<M>) -> bool {
        judge.learns()
    }

    fn draw_for_judge(&self, generator: &M, _share: f64, stream: Stream) -> Lesson {
        let count = match self.config.discriminator.sentences {
            0 => self.data.train.len(),
            count => count,
        };
        let real = self.chosen(count, stream.named("real"));
        let answers = generator.draw(&real.sources, stream.named("draw"));
        let drawn = Pairs { sources: real.sources.clone(), answers };
        Lesson::new(real, drawn)
    }

    fn judge_epoch(
        &self,
        judge: &mut PairJudge<M>,
        generator: &M,
        lesson: &Lesson,
        stream: Stream,
    ) -> Result<JudgeStatistics> {
        judge.epoch(lesson, generator, &self.config.discriminator, self.rules.credit, stream)
    }

    fn prepare(&self, judge: &PairJudge<M>, at: Position) {
        if let PairJudge::Reward(judge) = judge {
            let turns = self.config.reward.turns_in(at.round, self.rules.schedule.rounds);
            judge.turns.store(turns, Ordering::Relaxed);
        }
    }

    fn held_out(&self, judge: &PairJudge<M>, generator: &M, stream: Stream) -> Vec<(&'static str, f64)> {
        let real = self.held_out_pairs();
        let answers = generator.draw(&real.sources, stream.named("held out"));
        let drawn = Pairs { sources: real.sources.clone(), answers };
        let share = match judge {
            PairJudge::Hierarchical(learner) => accuracy(learner.model(), &real, &drawn),
            PairJudge::Cnn(learner) => accuracy(learner.model(), &real, &drawn),
            PairJudge::Rival(_) => return vec![],
            PairJudge::Reward(judge) => {
                let mean = TermValues::mean(&judge.values(&drawn.sources, &drawn.answers));
                return judge.terms.used().map(|term| (term.name(), mean.get(term))).collect();
            }
        };
        vec![(metric::D_HELD_OUT, share)]
    }

    fn check_judge(&self, judge: &PairJudge<M>, value: f64) -> Result<()> {
        judge.check(value)
    }

    fn scale_judge_rate(&self, judge: &mut PairJudge<M>, rate: f32) {
        judge.scale_rate(&self.config.discriminator, rate);
    }
}
