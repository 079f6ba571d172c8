//! Answers of a trained system: by beam, greedily, or drawn.

use std::fmt;

use crate::data::pairs::Source;
use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;
use crate::seed::Stream;
use crate::text::models::LanguageModel;
use crate::text::{Decoding, beam_search, decode};

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
            Search::Beam(width) => ordered_map(sources.len(), |i| {
                let found = beam_search(model, &sources[i], &[], width.max(self.count));
                found.into_iter().take(self.count).map(|(answer, _)| answer).collect()
            }),
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
