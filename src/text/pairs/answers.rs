//! Answers of a trained system: by beam, greedily, or drawn.

use std::fmt;

use crate::data::pairs::Source;
use crate::error::{Error, Result};
use crate::seed::Stream;
use crate::text::models::LanguageModel;
use crate::text::{Beam, Decoding, Hypothesis, decode};

/// Sources that are searched for at a time: the lists of no more are in memory at once.
const BATCH: usize = 1024;

/// Way in which an answer is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Search {
    /// Likeliest answers that a beam of this width finds.
    Beam(usize),
    /// Answers drawn, or the likeliest token always.
    Draw(Decoding),
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beam(width) => write!(f, "beam {width}"),
            Self::Draw(decoding) if decoding.temperature == 0.0 => f.write_str("greedy"),
            Self::Draw(Decoding { temperature, .. }) if *temperature != 1.0 => {
                write!(f, "drawn at {temperature}")
            }
            Self::Draw(_) => f.write_str("drawn"),
        }
    }
}

/// Way in which answers are found, and how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answering {
    /// Search for one answer.
    pub search: Search,
    /// Answers to each source.
    pub count: usize,
}

impl Answering {
    /// Checks the settings.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn validate(&self) -> Result<()> {
        if !(1..=1000).contains(&self.count) {
            return Err(Error::Config(format!("{} answers to a source: expected 1 to 1000", self.count)));
        }
        match self.search {
            Search::Beam(width) if !(1..=1000).contains(&width) => {
                Err(Error::Config(format!("a beam of {width}: expected 1 to 1000")))
            }
            Search::Beam(_) => Ok(()),
            Search::Draw(decoding) => decoding.validate(),
        }
    }

    /// Returns up to `count` answers to each of `sources`, the likeliest first where they are searched for; source i draws
    /// by `stream.at(i)`.
    pub fn answers<M: LanguageModel<Context = Source>>(
        &self,
        model: &M,
        sources: &[Source],
        stream: Stream,
    ) -> Vec<Vec<Vec<u32>>> {
        match self.search {
            Search::Beam(width) => searched(model, sources, width, self.count, |_, _| ()),
            Search::Draw(decoding) => {
                let repeated: Vec<Source> =
                    sources.iter().flat_map(|source| vec![source.clone(); self.count]).collect();
                let prefixes = vec![&[][..]; repeated.len()];
                let drawn = decode(model, &repeated, &prefixes, &decoding, stream);
                let all: Vec<Vec<u32>> = drawn.iter().map(<[u32]>::to_vec).collect();
                all.chunks(self.count).map(<[Vec<u32>]>::to_vec).collect()
            }
        }
    }
}

/// Returns the `count` best answers to each source that a beam of `width`, or of `count` if that is more, finds, in the
/// order of the lists that `sort` leaves of a batch of sources.
fn searched<M: LanguageModel<Context = Source>>(
    model: &M,
    sources: &[Source],
    width: usize,
    count: usize,
    sort: impl Fn(&[Source], &mut [Vec<Hypothesis>]),
) -> Vec<Vec<Vec<u32>>> {
    let beam = Beam::new(width.max(count));
    let of_batch = |batch: &[Source]| {
        let mut lists = beam.search(model, batch, &[]);
        sort(batch, &mut lists);
        let best = |list: Vec<Hypothesis>| list.into_iter().take(count).map(|found| found.tokens).collect();
        lists.into_iter().map(best).collect::<Vec<_>>()
    };
    sources.chunks(BATCH).flat_map(of_batch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::words::{END, PAD, START};
    use crate::nn::{AttentionKind, CellKind, Initializer};
    use crate::text::beam_search;
    use crate::text::models::{EncoderDecoder, EncoderDecoderShape, EncoderKind};

    /// A random model of 9 tokens, and sources of several lengths, more than a batch of them.
    fn model_and_sources() -> (EncoderDecoder, Vec<Source>) {
        let shape = EncoderDecoderShape {
            vocabulary: 9,
            embedding: 4,
            hidden: 5,
            source_steps: 6,
            steps: 5,
            start: START,
            end: Some(END),
            never: vec![PAD, START],
            cell: CellKind::Lstm,
            encoder: EncoderKind::Flat,
            bidirectional: false,
            attention: AttentionKind::General,
            input_feeding: true,
            reverse_source: false,
            shared_embeddings: true,
            turn_end: None,
        };
        let model = EncoderDecoder::new(&shape, Initializer::Normal(1.0), &mut Stream::new(3).rng());
        let source = |i: usize| (0..1 + i % 6).map(|at| (5 + (i / 7 + at) % 4) as u32).collect::<Vec<_>>();
        (model, (0..BATCH + 9).map(|i| source(i).into()).collect())
    }

    #[test]
    fn batches_of_sources_have_the_answers_of_each_source_alone() {
        let (model, sources) = model_and_sources();
        let found = Answering { search: Search::Beam(4), count: 2 }.answers(&model, &sources, Stream::new(0));
        assert_eq!(found.len(), sources.len());
        for (source, found) in sources.iter().zip(&found) {
            let alone = beam_search(&model, source, &[], 4);
            let alone: Vec<Vec<u32>> = alone.into_iter().take(2).map(|(answer, _)| answer).collect();
            assert_eq!(found, &alone);
        }
    }
}
