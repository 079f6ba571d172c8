//! Answers of a trained system: by beam, greedily, or drawn.

use std::fmt;

use crate::data::pairs::Source;
use crate::error::{Error, Result, require};
use crate::seed::Stream;
use crate::text::models::LanguageModel;
use crate::text::{Beam, Decoding, Hypothesis, MOST_WIDTH, decode, rerank, reverse_scores};

/// Sources that are searched for at a time: the lists of no more are in memory at once.
const BATCH: usize = 1024;

/// Way in which an answer is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Search {
    /// Likeliest answers that a beam finds.
    Beam(Beam),
    /// Answers drawn, or the likeliest token always.
    Draw(Decoding),
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beam(beam) => beam.fmt(f),
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
        let Self { count, .. } = *self;
        require((1..=MOST_WIDTH).contains(&count), || {
            format!("{count} answers to a source: expected 1 to {MOST_WIDTH}")
        })?;
        match self.search {
            Search::Beam(beam) => beam.validate(),
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
            Search::Beam(beam) => searched(model, sources, beam, self.count, |_, _| ()),
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

/// Search for answers by mutual information (Li et al., 2016): a beam's list is sorted again by
/// `log p(answer | source) + λ · log p(source | answer)`.
#[derive(Debug)]
pub struct MutualSearch<'a, M> {
    /// Model of sources given answers.
    pub reverse: &'a M,
    /// Weight λ of its likelihood.
    pub weight: f64,
    /// Beam whose list is sorted.
    pub beam: Beam,
    /// Token between two turns of a source, of which the last one counts.
    pub turn_end: Option<u32>,
}

impl<M> fmt::Display for MutualSearch<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, mutual {}", self.beam, self.weight)
    }
}

impl<M: LanguageModel<Context = Source>> MutualSearch<'_, M> {
    /// Checks the settings.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn validate(&self) -> Result<()> {
        self.beam.validate()?;
        match self.weight {
            weight if weight > 0.0 && weight <= 1000.0 => Ok(()),
            weight => Err(Error::Config(format!(
                "mutual information of weight {weight}: expected more than 0, and 1000 at most"
            ))),
        }
    }

    /// Returns up to `count` answers of `model` to each of `sources`, those of the most mutual information first.
    pub fn answers(&self, model: &M, sources: &[Source], count: usize) -> Vec<Vec<Vec<u32>>> {
        searched(model, sources, self.beam, count, |batch, lists| {
            rerank(batch, lists, self.weight, |sources, answers| {
                reverse_scores(self.reverse, sources, answers, self.turn_end)
            });
        })
    }
}

/// Way in which a system answers: by a search of its own, or by one that a model of sources given answers sorts.
#[derive(Debug)]
pub enum Way<'a, M> {
    /// Search of its own.
    Alone(Search),
    /// Search by mutual information.
    Mutual(&'a MutualSearch<'a, M>),
}

impl<M> Clone for Way<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Way<'_, M> {}

impl<M> fmt::Display for Way<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone(search) => search.fmt(f),
            Self::Mutual(search) => search.fmt(f),
        }
    }
}

impl<M: LanguageModel<Context = Source>> Way<'_, M> {
    /// Returns up to `count` answers of `model` to each of `sources`, the best first; source i draws by `stream.at(i)`.
    pub fn answers(self, model: &M, sources: &[Source], count: usize, stream: Stream) -> Vec<Vec<Vec<u32>>> {
        match self {
            Self::Alone(search) => Answering { search, count }.answers(model, sources, stream),
            Self::Mutual(search) => search.answers(model, sources, count),
        }
    }
}

/// Returns the `count` best answers to each source that a beam finds, one wide enough for so many, in the order of the lists
/// that `sort` leaves of a batch of sources.
fn searched<M: LanguageModel<Context = Source>>(
    model: &M,
    sources: &[Source],
    beam: Beam,
    count: usize,
    sort: impl Fn(&[Source], &mut [Vec<Hypothesis>]),
) -> Vec<Vec<Vec<u32>>> {
    let beam = Beam { width: beam.width.max(count.next_multiple_of(beam.groups)), ..beam };
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
    use crate::data::sentences::Sequences;
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
        let found = Answering { search: Search::Beam(Beam::new(4)), count: 2 }.answers(
            &model,
            &sources,
            Stream::new(0),
        );
        assert_eq!(found.len(), sources.len());
        for (source, found) in sources.iter().zip(&found) {
            let alone = beam_search(&model, source, &[], 4);
            let alone: Vec<Vec<u32>> = alone.into_iter().take(2).map(|(answer, _)| answer).collect();
            assert_eq!(found, &alone);
        }
    }

    #[test]
    fn mutual_information_sorts_the_list_of_the_beam_by_both_likelihoods() {
        let (model, sources) = model_and_sources();
        let reverse = {
            let shape = EncoderDecoderShape { source_steps: 5, steps: 7, ..model.shape().clone() };
            EncoderDecoder::new(&shape, Initializer::Normal(1.0), &mut Stream::new(4).rng())
        };
        let search = MutualSearch { reverse: &reverse, weight: 0.7, beam: Beam::new(4), turn_end: None };
        let found = search.answers(&model, &sources, 4);
        let mut moved = 0;
        for (source, found) in sources.iter().zip(&found).take(40) {
            let list = beam_search(&model, source, &[], 4);
            let score = |(answer, log_p): &(Vec<u32>, f64)| {
                let words: Source = answer.iter().copied().filter(|&token| token != END).collect();
                if words.is_empty() {
                    return f64::NEG_INFINITY;
                }
                let ended: Vec<u32> = source.iter().copied().chain([END]).collect();
                let back = reverse.log_probabilities(&[words], &Sequences::of_rows(&[ended], 7));
                log_p + 0.7 * f64::from(back.sum())
            };
            let mut expected: Vec<(Vec<u32>, f64)> =
                list.iter().map(|entry| (entry.0.clone(), score(entry))).collect();
            expected.sort_by(|a, b| b.1.total_cmp(&a.1));
            moved += usize::from(expected[0].0 != list[0].0);
            assert_eq!(found, &expected.into_iter().map(|(answer, _)| answer).collect::<Vec<_>>());
        }
        assert!(moved > 0, "the second likelihood changed no answer");
    }

    #[test]
    fn a_weight_that_is_none_is_refused() {
        let (model, _) = model_and_sources();
        for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let search = MutualSearch { reverse: &model, weight, beam: Beam::new(4), turn_end: None };
            assert!(search.validate().is_err(), "{weight}");
        }
    }
}
