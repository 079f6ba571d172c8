//! The turns of generator and critic: some steps of the critic, then one of the generator (Gulrajani et al., algorithm 1).

use std::path::PathBuf;

use ndarray::{Array2, ArrayView2, ArrayView3, Axis};
use rand::Rng as _;

use super::config::WganConfig;
use super::critic::{Critic, CriticBatch, estimate};
use super::generator::{LineGenerator, flat_view};
use super::lines::{LineData, text};
use super::measures::{LineMeasures, LineReference};
use crate::error::{Error, Result};
use crate::files::no_follow::replace_atomically;
use crate::game::{Examination, JudgeStatistics, Players, Position, Round, metric};
use crate::nn::{Learner, Parameters as _, SpectralNorm, impl_parameters};
use crate::pathwise::Lipschitz;
use crate::policy_gradient::Diagnostics;
use crate::seed::{Rng, Stream};
use crate::text::Grammatical;

/// Lines of each kind by which the critic's estimate is measured after a round.
const ESTIMATED_ON: usize = 256;
/// Lines of a round that are written down.
const SAMPLES: usize = 10;

/// Everything that the game changes: both players with their optimisers, and the memory of spectral normalisation.
#[derive(Clone, Debug)]
pub(super) struct WganState {
    pub generator: Learner<LineGenerator>,
    pub critic: Learner<Critic>,
    pub spectral: Option<SpectralNorm>,
}

impl_parameters!(WganState { "generator": generator, "critic": critic, "spectral": spectral });

impl WganState {
    /// Returns the state before the first round.
    pub fn new(config: &WganConfig, data: &LineData, stream: Stream) -> Self {
        let (steps, classes) = (data.steps(), data.classes());
        let rng = |name: &str| stream.named(name).rng();
        let generator =
            LineGenerator::new(&config.generator, steps, classes, &mut rng("generator's weights"));
        let critic = Critic::new(&config.critic, steps, classes, &mut rng("critic's weights"));
        let spectral = (config.critic.lipschitz == Lipschitz::Spectral)
            .then(|| SpectralNorm::new(&critic, &mut rng("power method")));
        Self {
            generator: Learner::new(generator, config.generator.optimizer),
            critic: Learner::new(critic, config.critic.optimizer),
            spectral,
        }
    }

    /// Returns the critic as it judges.
    fn judge(&self) -> Critic {
        match self.spectral.clone() {
            Some(mut spectral) => spectral.normalize(self.critic.model()).0,
            None => self.critic.model().clone(),
        }
    }
}

/// File of the first lines of every round: `round`, a tab, the line.
#[derive(Clone, Debug)]
pub struct SampleLog(pub PathBuf);

impl SampleLog {
    /// Writes the lines of a round in the place of those of this round and of later ones.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn record(&self, round: usize, lines: &[String]) -> Result<()> {
        let old = std::fs::read_to_string(&self.0).unwrap_or_default();
        let is_earlier = |line: &&str| {
            line.split('\t').next().and_then(|number| number.parse().ok()).is_some_and(|n: usize| n < round)
        };
        let mut all: String = old.lines().filter(is_earlier).flat_map(|line| [line, "\n"]).collect();
        lines.iter().for_each(|line| all.push_str(&format!("{round}\t{line}\n")));
        replace_atomically(&self.0, |writer| writer.write_all(all.as_bytes()))
    }
}

/// Players of a game of lines.
pub(super) struct LinePlayers<'a> {
    pub config: &'a WganConfig,
    pub data: &'a LineData,
    pub reference: &'a LineReference<'a>,
    pub stream: Stream,
    pub evaluation: Stream,
    pub samples: Option<SampleLog>,
    /// Failure to write a round's lines.
    pub failure: Option<Error>,
}

impl Players for LinePlayers<'_> {
    type State = WganState;
    type Best = LineGenerator;

    fn start(&mut self, state: &WganState) -> Vec<f64> {
        vec![self.measure(state.generator.model()).0.value()]
    }

    fn redraw(&mut self, _state: &WganState, _at: Position) -> Result<()> {
        Ok(())
    }

    fn discriminator_epoch(
        &mut self,
        _state: &mut WganState,
        _at: Position,
    ) -> Result<Option<JudgeStatistics>> {
        Ok(None) // the critic moves before every step of the generator
    }

    fn prepare_reward(&mut self, _state: &WganState, _at: Position) -> Result<()> {
        Ok(())
    }

    fn generator_epoch(&mut self, state: &mut WganState, at: Position) -> Result<Diagnostics> {
        self.failure.take().map_or(Ok(()), Err)?;
        let stream = at.stream(self.stream);
        for step in 0..self.config.critic.steps {
            self.critic_step(state, &mut stream.named("critic").at(step as u64).rng())?;
        }
        self.generator_step(state, &mut stream.named("generator").rng())
    }

    fn examine(&mut self, state: &WganState, round: &Round) -> Examination {
        let (measures, lines) = self.measure(state.generator.model());
        let first = lines.rows().into_iter().take(SAMPLES).map(|line| text(line, &self.data.vocabulary));
        let first: Vec<String> = first.collect();
        if let Some(Err(cause)) = self.samples.as_ref().map(|samples| samples.record(round.number, &first)) {
            self.failure = Some(cause); // told by the next turn, or after the game
        }
        let LineMeasures { words, js, distinct, language } = measures;
        let [train, valid] = self.estimates(state);
        let mut metrics = vec![
            (metric::CRITIC_TRAIN, train),
            (metric::CRITIC_VALID, valid),
            (metric::WORDS, words),
            (metric::JS_1, js[0]),
            (metric::JS_2, js[1]),
            (metric::JS_3, js[2]),
            (metric::JS_4, js[3]),
            (metric::DISTINCT_LINES, distinct),
            (metric::REWARD, round.generator.reward),
            (metric::ENTROPY, round.generator.entropy),
        ];
        if let Some(Grammatical { share, entropy }) = language {
            metrics.extend([(metric::GRAMMATICAL, share), (metric::LANGUAGE_ENTROPY, entropy)]);
        }
        let values = vec![measures.value()];
        Examination { values, metrics, is_complete: true, ..Examination::default() }
    }

    fn keep_best(&self, _candidate: usize, state: &WganState, best: &mut LineGenerator) {
        *best = state.generator.model().clone();
    }

    fn scale_learning_rates(&self, state: &mut WganState, rate: f32) {
        state.generator.set_learning_rate(rate * self.config.generator.optimizer.learning_rate);
        state.critic.set_learning_rate(rate * self.config.critic.optimizer.learning_rate);
    }
}

impl LinePlayers<'_> {
    /// Measures a generator, and returns the lines it was measured on.
    pub fn measure(&self, generator: &LineGenerator) -> (LineMeasures, Array2<u32>) {
        let lines = generator.write(self.config.evaluate_on, self.evaluation);
        (self.reference.measure(lines.view()), lines)
    }

    fn critic_step(&self, state: &mut WganState, rng: &mut Rng) -> Result<()> {
        let WganConfig { batch, objective, critic, .. } = self.config;
        let real = chosen(self.data.train.view(), *batch, rng);
        let noise = state.generator.noise(*batch, rng);
        let drawn = state.generator.forward(noise).soft;
        let mixture: Vec<f32> = match critic.lipschitz {
            Lipschitz::Penalty => (0..*batch).map(|_| rng.random()).collect(),
            _ => vec![],
        };
        let lines = CriticBatch { real: real.view(), drawn: drawn.view(), mixture: &mixture };
        let (mut gradient, found) = match &mut state.spectral {
            None => state.critic.gradient(lines, *objective, critic.penalty),
            Some(spectral) => {
                let (normal, singular) = spectral.normalize(state.critic.model());
                let (mut gradient, found) = normal.gradient(lines, *objective, critic.penalty);
                SpectralNorm::pull_back(&normal, &singular, &mut gradient);
                (gradient, found)
            }
        };
        check_finite("critic's loss", found.estimate + found.penalty)?;
        state.critic.update(&mut gradient);
        Ok(())
    }

    fn generator_step(&self, state: &mut WganState, rng: &mut Rng) -> Result<Diagnostics> {
        let WganConfig { batch, objective, .. } = self.config;
        let noise = state.generator.noise(*batch, rng);
        let lines = state.generator.forward(noise);
        let normal = state.spectral.is_some().then(|| state.judge());
        let critic = normal.as_ref().unwrap_or(state.critic.model());
        let (d_soft, reward) = critic.gradient_at_input(lines.soft.view(), *objective);
        check_finite("critic's mean score", reward)?;
        let mut gradient = state.generator.model().zeros_like();
        state.generator.backward(&lines, d_soft, &mut gradient);
        let entropy = entropy_of_mean(lines.soft.view());
        state.generator.update(&mut gradient);
        state.generator.model_mut().remember(&lines);
        Ok(Diagnostics { reward, entropy, effective_sample: 1.0, contexts: 1, ..Diagnostics::default() })
    }

    /// Returns the critic's estimates of the divergence from training lines and from held-out ones.
    fn estimates(&self, state: &WganState) -> [f64; 2] {
        let stream = self.evaluation.named("critic");
        let critic = state.judge();
        let noise = state.generator.noise(ESTIMATED_ON, &mut stream.named("noise").rng());
        let drawn = critic.scores(state.generator.predict(noise.view()).view());
        let of = |lines: &Array2<u32>, name: &str| {
            let real = chosen(lines.view(), ESTIMATED_ON, &mut stream.named(name).rng());
            estimate(&critic.scores_of_real(real.view()), &drawn, self.config.objective)
        };
        [of(&self.data.train, "train"), of(&self.data.valid, "valid")]
    }
}

/// Draws `count` lines with repetition.
fn chosen(lines: ArrayView2<'_, u32>, count: usize, rng: &mut Rng) -> Array2<u32> {
    let places: Vec<usize> = (0..count).map(|_| rng.random_range(0..lines.nrows())).collect();
    lines.select(Axis(0), &places)
}

/// Returns the entropy, in nats, of the mean distribution over tokens: 0 when one token is everywhere.
fn entropy_of_mean(soft: ArrayView3<'_, f32>) -> f64 {
    let rows = flat_view(&soft);
    let count = rows.nrows().max(1) as f64;
    let mut mean = vec![0.0f64; rows.ncols()];
    for row in rows.rows() {
        mean.iter_mut().zip(row).for_each(|(mean, &part)| *mean += f64::from(part) / count);
    }
    mean.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum()
}

fn check_finite(what: &str, value: f64) -> Result<()> {
    if value.is_finite() {
        return Ok(());
    }
    Err(Error::NonFinite(format!("the {what} is not finite; lower the learning rates")))
}
