//! A trained answer selector: a folder with `model.toml`, its lexicon, and one safetensors file a network.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{AnswerConfig, AnswerPools, AnswerScorer, Lexicon};
use crate::data::answers::AnswerSet;
use crate::data::words::WordVectors;
use crate::error::{Error, Result};
use crate::nn::{Embedding, Initializer};
use crate::ranking::networks::{FORMAT, Roster, forget_description, read_description};
use crate::ranking::{Candidates, Method, Networks, Player, Pools, Rank, Ranker, ScoredQuery, Scorer};
use crate::seed::Stream;

/// Networks over questions and answers, ready to rank.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerModel {
    header: Header,
    lexicon: Lexicon,
    networks: Networks<AnswerScorer>,
}

/// Content of `model.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    format: u32,
    kind: String,
    players: Roster,
    scorer: AnswerConfig,
}

impl AnswerModel {
    /// The kind of data in its description.
    pub const KIND: &str = "answers";

    /// A model of `networks` that read by `lexicon`.
    pub(super) fn new(config: &AnswerConfig, lexicon: Lexicon, networks: Networks<AnswerScorer>) -> Self {
        let header = Header {
            format: FORMAT,
            kind: Self::KIND.to_owned(),
            players: networks.roster(),
            scorer: config.clone(),
        };
        Self { header, lexicon, networks }
    }

    /// Reads the model in `folder`.
    ///
    /// # Errors
    /// When the folder holds no model of answers, or a file of it is damaged.
    pub fn load(folder: &Path) -> Result<Self> {
        let header: Header = read_description(folder, Self::KIND)?;
        let path = folder.join("model.toml");
        header.scorer.validate().map_err(|cause| Error::data(&path, format!("{cause}; train again")))?;
        let lexicon = Lexicon::load(folder)?;
        let fresh = |_: &str| Ok(network(&header.scorer, &lexicon, None, Stream::new(0)));
        let values = header.scorer.weights() + lexicon.vocabulary().len() * header.scorer.embedding;
        let networks = Networks::load(folder, &header.players, |_| values as u64, fresh)?;
        Ok(Self { header, lexicon, networks })
    }
}

/// A fresh network over the words of `lexicon`, of which `vectors` may know some.
pub(super) fn network(
    config: &AnswerConfig,
    lexicon: &Lexicon,
    vectors: Option<&WordVectors>,
    stream: Stream,
) -> AnswerScorer {
    let words = lexicon.vocabulary().len();
    let mut weight = Initializer::Uniform(0.25).sample(
        (words, config.embedding),
        words,
        config.embedding,
        &mut stream.named("embedding").rng(),
    );
    for (id, vector) in vectors.iter().flat_map(|vectors| &vectors.vectors) {
        weight.row_mut(*id as usize).assign(vector);
    }
    AnswerScorer::new(config, Embedding::from_weight(weight), stream)
}

impl Ranker for AnswerModel {
    fn method(&self) -> Method {
        self.networks.method()
    }

    fn chosen(&self) -> Player {
        self.networks.chosen()
    }

    fn save(&self, folder: &Path) -> Result<()> {
        forget_description(folder)?;
        self.lexicon.save(folder)?;
        self.networks.save(folder, &self.header)
    }
}

impl Rank for AnswerModel {
    type Queries = AnswerSet;

    /// Scores all answers of `set`, question after question.
    fn scored(&self, set: &AnswerSet, player: Player) -> Result<Vec<ScoredQuery>> {
        let pools = AnswerPools::new(set, &self.lexicon, &self.header.scorer, None);
        let score = |network: &AnswerScorer, q| network.score(&pools, Candidates::Pools(&[q]));
        let scores = self.networks.score(player, pools.queries(), score)?;
        let named = |(q, scores): (usize, Vec<f32>)| {
            let answer = |(i, score)| (pools.document(q, i).to_owned(), score);
            let candidates = scores.into_iter().enumerate().map(answer).collect();
            ScoredQuery { id: pools.question_id(q).to_owned(), candidates }
        };
        Ok(scores.into_iter().enumerate().map(named).collect())
    }
}
