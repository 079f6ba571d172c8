//! Sources of a batch as an encoder reads them.

use std::collections::HashMap;
use std::ops::Range;

use super::shape::{EncoderDecoderShape, EncoderKind, HALVINGS};
use crate::data::pairs::Source;

/// Different sources of a batch, and which of them each sentence has.
pub(super) struct Distinct<'a> {
    /// Different sources, in the order of their first occurrence.
    pub sources: Vec<&'a Source>,
    /// Number of the source of every sentence: `[B]`.
    pub of: Vec<usize>,
}

impl<'a> Distinct<'a> {
    pub fn new(contexts: impl Iterator<Item = &'a Source>) -> Self {
        let (mut sources, mut of) = (vec![], vec![]);
        let mut numbers = HashMap::new();
        for source in contexts {
            let number = *numbers.entry(&source[..]).or_insert_with(|| {
                sources.push(source);
                sources.len() - 1
            });
            of.push(number);
        }
        Self { sources, of }
    }
}

/// Tokens of sources in the order in which they are read, and how they are divided.
pub(super) struct Reading {
    /// Tokens of all sources, one below the other.
    pub tokens: Vec<u32>,
    /// Tokens of every sequence that the lowest layer reads: of every source, or, hierarchically, of every turn.
    pub lengths: Vec<usize>,
    /// Sequences of every source.
    pub turns: Vec<usize>,
}

impl Reading {
    pub fn new(shape: &EncoderDecoderShape, sources: &[&Source]) -> Self {
        let mut reading = Self { tokens: vec![], lengths: vec![], turns: vec![] };
        for source in sources {
            let turns = turns(shape, source);
            reading.turns.push(turns.len());
            for turn in turns {
                reading.lengths.push(turn.len());
                match shape.reverse_source {
                    true => reading.tokens.extend(turn.iter().rev()),
                    false => reading.tokens.extend(turn),
                }
            }
        }
        reading
    }
}

/// Returns the parts of a source that are read one by one: its turns, each with the token that ends it, or the whole.
fn turns<'a>(shape: &'a EncoderDecoderShape, source: &'a [u32]) -> Vec<&'a [u32]> {
    if source.is_empty() {
        return vec![std::slice::from_ref(&shape.start)];
    }
    match shape.encoder {
        EncoderKind::Hierarchical => source.split_inclusive(|&token| Some(token) == shape.turn_end).collect(),
        EncoderKind::Flat | EncoderKind::Pyramid => vec![source],
    }
}

/// Shares the weights of what attention looks at in `source`, `[S]`, out over its tokens: the weight of a step of a pyramid
/// goes in equal parts to the tokens below it, that of a turn to the tokens of the turn.
pub(super) fn by_tokens(shape: &EncoderDecoderShape, source: &[u32], weights: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; source.len()];
    for (tokens, &weight) in seen(shape, source).into_iter().zip(weights) {
        let part = weight / tokens.len().max(1) as f32;
        out[tokens].iter_mut().for_each(|value| *value += part);
    }
    out
}

/// Returns the tokens of `source` that each of the vectors that attention looks at was made of.
fn seen(shape: &EncoderDecoderShape, source: &[u32]) -> Vec<Range<usize>> {
    let count = source.len();
    let steps = |wide: usize| {
        let range = |from: usize| from..count.min(from + wide);
        let reversed = |range: Range<usize>| count - range.end..count - range.start;
        let ranges = (0..count).step_by(wide).map(range);
        if shape.reverse_source { ranges.map(reversed).collect() } else { ranges.collect() }
    };
    match shape.encoder {
        EncoderKind::Flat => steps(1),
        EncoderKind::Pyramid => steps(1 << HALVINGS),
        EncoderKind::Hierarchical => {
            let mut end = 0;
            let range = |turn: &[u32]| {
                end += turn.len();
                end - turn.len()..end
            };
            turns(shape, source).into_iter().map(range).filter(|range| range.end <= count).collect()
        }
    }
}
