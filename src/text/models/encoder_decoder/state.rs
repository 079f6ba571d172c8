//! States of answers that are being written, and of answers that were read.

use std::sync::Arc;

use ndarray::{Array2, Axis, s};

use super::super::language_model::{BatchState, Reading};
use crate::nn::{self, Memory};

/// Vectors of one source that attention looks at, and their keys.
#[derive(Debug)]
pub(super) struct Remembered {
    pub keys: Vec<f32>,   // [S · H]
    pub values: Vec<f32>, // [S · H]
}

impl Remembered {
    pub fn of(memory: Memory<'_>) -> Self {
        Self { keys: memory.keys.to_vec(), values: memory.values.to_vec() }
    }

    pub fn memory(&self) -> Memory<'_> {
        Memory { keys: &self.keys, values: &self.values }
    }
}

/// States of a batch of unfinished answers: the decoder's, and what its attention looks at.
///
/// Answers to one source share what was made of it, so a selection copies the decoder's states alone.
#[derive(Clone, Debug)]
pub struct AnswerState {
    pub(super) recurrent: nn::State,
    /// h̃, from which the next token is chosen: `[B, H]`.
    pub(super) output: Array2<f32>,
    pub(super) sources: Vec<Arc<Remembered>>,
}

impl BatchState for AnswerState {
    fn select(&self, rows: &[usize]) -> Self {
        Self {
            recurrent: self.recurrent.select(rows),
            output: self.output.select(Axis(0), rows),
            sources: rows.iter().map(|&row| self.sources[row].clone()).collect(),
        }
    }

    fn append(&mut self, other: &Self) {
        self.recurrent.append(&other.recurrent);
        self.output.append(Axis(0), other.output.view()).expect("states have one width");
        self.sources.extend(other.sources.iter().cloned());
    }
}

/// States of a batch of whole answers, rows time-major: `[T · B]`.
#[derive(Clone, Debug)]
pub struct AnswerReading {
    pub(super) hidden: Array2<f32>,
    pub(super) memory: Array2<f32>,
    pub(super) output: Array2<f32>,
    pub(super) sources: Vec<Arc<Remembered>>,
}

impl AnswerReading {
    /// Joins readings of `steps` steps, whose sentences follow each other.
    pub(super) fn joined(parts: Vec<Self>, steps: usize) -> Self {
        let join = |part: fn(&Self) -> &Array2<f32>| {
            let wide = parts.first().map_or(0, |first| part(first).ncols());
            let sentences: usize = parts.iter().map(|part| part.sources.len()).sum();
            let mut values = Vec::with_capacity(steps * sentences * wide);
            for step in 0..steps {
                for reading in &parts {
                    let size = reading.sources.len() * wide;
                    let all = part(reading).as_slice().expect("states are contiguous");
                    values.extend_from_slice(&all[step * size..(step + 1) * size]);
                }
            }
            Array2::from_shape_vec((steps * sentences, wide), values).expect("one row a step of a sentence")
        };
        let [hidden, memory, output] =
            [join(|part| &part.hidden), join(|part| &part.memory), join(|part| &part.output)];
        Self { hidden, memory, output, sources: parts.into_iter().flat_map(|part| part.sources).collect() }
    }
}

impl Reading for AnswerReading {
    type State = AnswerState;

    fn state(&self, step: usize) -> AnswerState {
        let batch = self.sources.len();
        let rows = s![step * batch..(step + 1) * batch, ..];
        AnswerState {
            recurrent: nn::State {
                hidden: self.hidden.slice(rows).to_owned(),
                memory: self.memory.slice(rows).to_owned(),
            },
            output: self.output.slice(rows).to_owned(),
            sources: self.sources.clone(),
        }
    }
}
