//! The hierarchical judge of pairs: an encoder of words reads every turn, an encoder of turns reads their vectors, and a
//! binary head says whether the last turn, the answer, is a person's (Li et al., 2017, section 3.1).
//!
//! Letters: B pairs, U different turns of a batch, K turns of the longest conversation, H hidden.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::PairClassifier;
use crate::data::pairs::Source;
use crate::data::sentences::Sequences;
use crate::error::{Error, Result};
use crate::game::{Divergence, JudgeStatistics};
use crate::math::parallel::ordered_map;
use crate::nn::{
    CellKind, Embedding, Initializer, Linear, Recurrent, RecurrentCache, State, dropout_mask, impl_parameters,
};
use crate::seed::Rng;
use crate::text::judges::{judgements, loss_gradient};

/// Pairs judged by one task.
const CHUNK: usize = 256;

/// Shape of a hierarchical judge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HierarchicalShape {
    /// Kind of both recurrent layers.
    pub cell: CellKind,
    /// Values of a token's vector.
    pub embedding: usize,
    /// Values of both recurrent states.
    pub hidden: usize,
    /// Share of the inputs of both layers that is dropped while training.
    pub dropout: f32,
}

impl Default for HierarchicalShape {
    fn default() -> Self {
        Self { cell: CellKind::Gru, embedding: 64, hidden: 64, dropout: 0.2 }
    }
}

impl HierarchicalShape {
    /// Checks the shape.
    ///
    /// # Errors
    /// When a size is out of range.
    pub fn validate(&self) -> Result<()> {
        let is_size = |size: usize| (1..=1 << 14).contains(&size);
        if !is_size(self.embedding) || !is_size(self.hidden) || !(0.0..1.0).contains(&self.dropout) {
            let message = "the hierarchical judge: expected sizes of 1 to 16384, and a dropout in [0, 1)";
            return Err(Error::Config(message.into()));
        }
        Ok(())
    }
}

/// A hierarchical classifier of pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct HierarchicalJudge {
    shape: HierarchicalShape,
    divergence: Divergence,
    smoothing: f32,
    turn_end: Option<u32>,
    embedding: Embedding,
    words: Recurrent,
    turns: Recurrent,
    output: Linear, // class 0 generated, class 1 real
}

/// Turns of a batch of conversations, each different one once.
struct Turns<'a> {
    different: Vec<&'a [u32]>,
    of_pairs: Vec<Vec<usize>>, // [B]: numbers of `different`, oldest first
}

impl<'a> Turns<'a> {
    /// Divides `sources` at `turn_end`; each pair ends with its answer, where there are `answers`.
    fn new(sources: &'a [Source], answers: Option<&'a Sequences>, turn_end: Option<u32>) -> Self {
        let mut numbers: HashMap<&[u32], usize, FixedState> = HashMap::default();
        let mut different = vec![];
        let mut number = |turn: &'a [u32]| {
            *numbers.entry(turn).or_insert_with(|| {
                different.push(turn);
                different.len() - 1
            })
        };
        let mut of_pairs = vec![];
        for (row, source) in sources.iter().enumerate() {
            let turns = source.split(|&token| Some(token) == turn_end).filter(|turn| !turn.is_empty());
            of_pairs.push(turns.chain(answers.map(|all| all.sentence(row))).map(&mut number).collect());
        }
        Self { different, of_pairs }
    }

    /// Returns the tokens of the different turns, time-major and padded: `[T · U]`.
    fn tokens(&self) -> Vec<u32> {
        let longest = self.different.iter().map(|turn| turn.len()).max().unwrap_or(0).max(1);
        let at = |step: usize| self.different.iter().map(move |turn| turn.get(step).copied().unwrap_or(0));
        (0..longest).flat_map(at).collect()
    }

    /// Returns the row of every turn's last state in a time-major array: `[U]`.
    fn last_words(&self) -> Vec<usize> {
        let count = self.different.len();
        self.different.iter().enumerate().map(|(i, turn)| turn.len().saturating_sub(1) * count + i).collect()
    }

    /// Returns for every row of a time-major array of turns, `[K · B]`, the number of the turn; `None` beyond the last.
    fn places(&self) -> Vec<Option<usize>> {
        let longest = self.of_pairs.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let at = |step: usize| self.of_pairs.iter().map(move |turns| turns.get(step).copied());
        (0..longest).flat_map(at).collect()
    }

    /// Returns the row of every pair's last state in a time-major array of turns: `[B]`.
    fn last_turns(&self) -> Vec<usize> {
        let count = self.of_pairs.len();
        self.of_pairs.iter().enumerate().map(|(i, turns)| turns.len().saturating_sub(1) * count + i).collect()
    }
}

impl HierarchicalJudge {
    /// Makes a network with random weights that begins with the vectors `known` of tokens, `[V, E]`, where they have its
    /// size E, and with random ones otherwise; turns of a source are parted by `turn_end`.
    pub fn new(shape: &HierarchicalShape, known: &Embedding, turn_end: Option<u32>, rng: &mut Rng) -> Self {
        let HierarchicalShape { cell, embedding, hidden, .. } = *shape;
        let (vocabulary, size) = known.dim();
        // Drawn in any case: the other weights are the same with and without known vectors.
        let random = Embedding::new(vocabulary, embedding, Initializer::Uniform(0.5), rng);
        Self {
            shape: *shape,
            divergence: Divergence::LOGISTIC,
            smoothing: 0.0,
            turn_end,
            embedding: if size == embedding { known.clone() } else { random },
            words: Recurrent::new(cell, embedding, hidden, Initializer::Xavier, rng),
            turns: Recurrent::new(cell, hidden, hidden, Initializer::Xavier, rng),
            output: Linear::new(hidden, 2, Initializer::Xavier, rng),
        }
    }

    /// Returns the network as one whose real answers are real with `1 − share` only, while it learns.
    #[must_use]
    pub fn smoothing(self, share: f32) -> Self {
        Self { smoothing: share, ..self }
    }

    /// Returns the network as one that minimises a divergence.
    #[must_use]
    pub fn minimising(self, divergence: Divergence) -> Self {
        Self { divergence, ..self }
    }

    /// Arranges the vectors of turns, `[U, H]`, time-major: `[K · B, H]`, zero beyond a conversation's end.
    fn arranged(&self, vectors: ArrayView2<'_, f32>, places: &[Option<usize>]) -> Array2<f32> {
        let mut x = Array2::zeros((places.len(), self.shape.hidden));
        for (mut row, place) in x.rows_mut().into_iter().zip(places) {
            place.iter().for_each(|&place| row.assign(&vectors.row(place)));
        }
        x
    }

    /// Returns the vectors of the different turns: `[U, H]`.
    fn vectors(&self, turns: &Turns<'_>) -> Array2<f32> {
        let x = self.embedding.forward(&turns.tokens());
        let cache = self.words.forward(x, turns.different.len());
        cache.hidden().select(Axis(0), &turns.last_words())
    }

    /// Returns the judgements of states: `[N, H]` gives `[N]`.
    fn classify(&self, states: ArrayView2<'_, f32>) -> Vec<f32> {
        judgements(self.divergence, self.output.forward(states).view())
    }

    fn judge(&self, sources: &[Source], answers: &Sequences) -> Vec<f32> {
        let turns = Turns::new(sources, Some(answers), self.turn_end);
        let x = self.arranged(self.vectors(&turns).view(), &turns.places());
        let cache = self.turns.forward(x, sources.len());
        self.classify(cache.hidden().select(Axis(0), &turns.last_turns()).view())
    }

    /// Returns the states after the sources, before their answers.
    fn read_sources(&self, sources: &[Source]) -> State {
        let turns = Turns::new(sources, None, self.turn_end);
        let x = self.arranged(self.vectors(&turns).view(), &turns.places());
        let cache: RecurrentCache = self.turns.forward(x, sources.len());
        let mut state = self.turns.start(0);
        let mut order = vec![0; sources.len()];
        let longest = turns.of_pairs.iter().map(Vec::len).max().unwrap_or(0);
        let mut placed = 0;
        for count in 0..=longest {
            let rows: Vec<usize> = (0..sources.len()).filter(|&i| turns.of_pairs[i].len() == count).collect();
            rows.iter().enumerate().for_each(|(i, &row)| order[row] = placed + i);
            placed += rows.len();
            match count {
                0 => state.append(&self.turns.start(rows.len())),
                _ => state.append(&cache.state(count - 1).select(&rows)),
            }
        }
        state.select(&order)
    }

    fn judge_prefixes(&self, sources: &[Source], answers: &Sequences) -> Array2<f32> {
        let (batch, steps) = answers.tokens().dim();
        let read = self.read_sources(sources);
        let tokens: Vec<u32> = answers.tokens().columns().into_iter().flat_map(|c| c.to_vec()).collect();
        let cache = self.words.forward(self.embedding.forward(&tokens), batch);
        let mut out = Array2::zeros((batch, steps));
        for step in 0..steps {
            let vectors = cache.state(step).hidden;
            let judged = self.classify(self.turns.step(vectors.view(), &read).hidden.view());
            for (row, &length) in answers.lengths().iter().enumerate() {
                // Beyond its end the judgement of an answer stays.
                let ended = step > 0 && step >= length as usize;
                out[[row, step]] = if ended { out[[row, step - 1]] } else { judged[row] };
            }
        }
        out
    }
}

impl PairClassifier for HierarchicalJudge {
    fn divergence(&self) -> Divergence {
        self.divergence
    }

    fn gradient(
        &self,
        sources: &[Source],
        answers: &Sequences,
        real: &[bool],
        rng: &mut Rng,
        gradient: &mut Self,
    ) -> JudgeStatistics {
        let batch = sources.len();
        let turns = Turns::new(sources, Some(answers), self.turn_end);
        let (tokens, last_words) = (turns.tokens(), turns.last_words());
        let (places, last_turns) = (turns.places(), turns.last_turns());
        let keep = 1.0 - self.shape.dropout;

        let mut x = self.embedding.forward(&tokens);
        let x_mask = dropout_mask(x.dim(), keep, rng);
        x *= &x_mask;
        let words = self.words.forward(x, turns.different.len());
        let mut y = self.arranged(words.hidden().select(Axis(0), &last_words).view(), &places);
        let y_mask = dropout_mask(y.dim(), keep, rng);
        y *= &y_mask;
        let conversation = self.turns.forward(y, batch);
        let top = conversation.hidden().select(Axis(0), &last_turns);
        let mut logits = self.output.forward(top.view());
        let (d_logits, seen) = loss_gradient((self.divergence, self.smoothing), &mut logits, real);

        self.output.backward_parameters(top.view(), d_logits.view(), &mut gradient.output);
        let d_top = self.output.backward_input(d_logits.view());
        let mut d_turns = Array2::zeros(conversation.hidden().raw_dim());
        last_turns.iter().zip(d_top.rows()).for_each(|(&row, d)| d_turns.row_mut(row).assign(&d));
        let mut d_y = self.turns.backward(&conversation, d_turns.view(), &mut gradient.turns);
        d_y *= &y_mask;
        let mut d_words = Array2::<f32>::zeros(words.hidden().raw_dim());
        for (place, d) in places.iter().zip(d_y.rows()) {
            place.iter().for_each(|&place| {
                let mut into = d_words.row_mut(last_words[place]);
                into += &d;
            });
        }
        let mut d_x = self.words.backward(&words, d_words.view(), &mut gradient.words);
        d_x *= &x_mask;
        Embedding::backward(&tokens, d_x.view(), &mut gradient.embedding);
        seen
    }

    fn judgements(&self, sources: &[Source], answers: &Sequences) -> Vec<f32> {
        let count = sources.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let rows: Vec<usize> = (part * CHUNK..count.min((part + 1) * CHUNK)).collect();
            self.judge(&sources[rows[0]..=rows[rows.len() - 1]], &answers.select(&rows))
        });
        parts.concat()
    }

    /// Reads every answer once: the state after each word is the vector of the prefix that ends there.
    fn prefix_judgements(&self, sources: &[Source], answers: &Sequences) -> Option<Array2<f32>> {
        let count = sources.len();
        let parts = ordered_map(count.div_ceil(CHUNK), |part| {
            let rows: Vec<usize> = (part * CHUNK..count.min((part + 1) * CHUNK)).collect();
            self.judge_prefixes(&sources[rows[0]..=rows[rows.len() - 1]], &answers.select(&rows))
        });
        let mut out = Array2::zeros((0, answers.steps()));
        parts.iter().for_each(|part| out.append(Axis(0), part.view()).expect("one width"));
        Some(out)
    }
}

impl_parameters!(HierarchicalJudge {
    "embedding": embedding,
    "words": words,
    "turns": turns,
    "output": output,
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Parameters as _;
    use crate::seed::Stream;
    use ndarray::array;

    const EOU: u32 = 4;

    fn network() -> HierarchicalJudge {
        let shape = HierarchicalShape { embedding: 3, hidden: 4, dropout: 0.0, ..Default::default() };
        let known = Embedding::from_weight(Array2::zeros((9, 5))); // of another size
        HierarchicalJudge::new(&shape, &known, Some(EOU), &mut Stream::new(1).rng())
    }

    fn pairs() -> (Vec<Source>, Sequences) {
        let sources = vec![Source::from([5, 6, EOU, 7]), Source::from([7]), Source::from([5, 6])];
        (sources, Sequences::new(array![[5, 6, 2], [8, 2, 0], [7, 7, 2]], vec![3, 2, 3]))
    }

    #[test]
    fn known_vectors_of_its_size_are_where_it_begins() {
        let known = Embedding::from_weight(Array2::from_shape_fn((9, 3), |(i, j)| (i + j) as f32));
        let shape = HierarchicalShape { embedding: 3, ..network().shape };
        let network = HierarchicalJudge::new(&shape, &known, Some(EOU), &mut Stream::new(1).rng());
        assert_eq!(network.embedding, known);
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let (network, (sources, answers), real) = (network(), pairs(), [true, false, true]);
        let loss = |network: &HierarchicalJudge| -> f64 {
            let judged = network.judgements(&sources, &answers);
            let of_one = |(&p, &real): (&f32, &bool)| -f64::from(if real { p } else { 1.0 - p }).ln() / 3.0;
            judged.iter().zip(&real).map(of_one).sum()
        };
        let mut gradient = network.zeros_like();
        let seen = network.gradient(&sources, &answers, &real, &mut Stream::new(2).rng(), &mut gradient);
        assert!((seen.loss.expect("a loss") - loss(&network)).abs() < 1e-5);
        for (tensor, found) in gradient.tensors().iter().enumerate() {
            for (place, &d) in found.values.iter().enumerate() {
                let moved = |by: f32| {
                    let mut network = network.clone();
                    let mut tensors = network.tensors_mut();
                    *tensors[tensor].values.iter_mut().nth(place).expect("a value") += by;
                    drop(tensors);
                    loss(&network)
                };
                let difference = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                let name = &found.name;
                assert!(
                    (difference - f64::from(d)).abs() < 2e-4,
                    "{name}[{place}]: {d}, by differences {difference}"
                );
            }
        }
    }

    #[test]
    fn prefixes_read_at_once_are_judged_as_one_by_one() {
        let (network, (sources, answers)) = (network(), pairs());
        let all = network.prefix_judgements(&sources, &answers).expect("it reads prefixes");
        for step in 1..=3 {
            let judged = network.judgements(&sources, &answers.prefixes(&[step; 3]));
            for (row, judged) in judged.iter().enumerate() {
                assert!((all[[row, step as usize - 1]] - judged).abs() < 1e-6, "{row}, {step}");
            }
        }
    }
}
