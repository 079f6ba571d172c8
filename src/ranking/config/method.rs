//! Methods of training, and where a player starts.

use std::fmt;
use std::str::FromStr;

use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::files::serde_as_text;
use crate::ranking::example_loss::Mode;

/// Method of training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// IRGAN with a pairwise discriminator.
    #[default]
    IrganPairwise,
    /// IRGAN with a pointwise discriminator.
    IrganPointwise,
    /// Maximum likelihood of the observed positives (softmax cross-entropy).
    Mle,
    /// Logistic loss of all pairs of different grades.
    Ranknet,
    /// RankNet's pairs weighted by the change of nDCG.
    Lambdarank,
    /// Cross-entropy between the softmax of grades and of scores.
    Listnet,
    /// Positives against uniformly drawn negatives.
    Rns,
    /// Positives against the best scored of several drawn negatives.
    Dns,
    /// Interactions: Bayesian personalised ranking, another name of `rns` (Rendle et al., UAI 2009).
    Bpr,
    /// Interactions: most popular first.
    Pop,
    /// Interactions: nearest neighbours of the items liked.
    #[serde(rename = "itemknn")]
    #[cfg_attr(feature = "cli", value(name = "itemknn"))]
    ItemKnn,
    /// Interactions: truncated singular value decomposition.
    #[serde(rename = "puresvd")]
    #[cfg_attr(feature = "cli", value(name = "puresvd"))]
    PureSvd,
    /// Interactions: linear auto-encoder without a diagonal.
    Ease,
    /// Interactions: factors of weighted least squares over all pairs of user and item.
    Ials,
    /// Feature vectors: boosted trees by LambdaRank's gradients.
    #[serde(rename = "lambdamart")]
    #[cfg_attr(feature = "cli", value(name = "lambdamart"))]
    LambdaMart,
    /// Feature vectors: boosted trees by the cross-entropy loss XE-NDCG.
    #[serde(rename = "xendcg")]
    #[cfg_attr(feature = "cli", value(name = "xendcg"))]
    XeNdcg,
}

impl Method {
    /// Returns true for a method that is made in one step, without epochs.
    pub fn is_closed_form(self) -> bool {
        matches!(self, Self::Pop | Self::ItemKnn | Self::PureSvd | Self::Ease | Self::Ials)
    }

    /// Returns true for boosted trees, of which validation data choose the number.
    pub fn is_trees(self) -> bool {
        matches!(self, Self::LambdaMart | Self::XeNdcg)
    }

    /// Returns true for a baseline that learns by epochs.
    pub fn learns_by_epochs(self) -> bool {
        self.mode().is_none() && !self.is_closed_form() && !self.is_trees()
    }

    /// Returns the discriminator's mode of an adversarial method, `None` for others.
    pub fn mode(self) -> Option<Mode> {
        match self {
            Self::IrganPairwise => Some(Mode::Pairwise),
            Self::IrganPointwise => Some(Mode::Pointwise),
            _ => None,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IrganPairwise => "irgan-pairwise",
            Self::IrganPointwise => "irgan-pointwise",
            Self::Mle => "mle",
            Self::Ranknet => "ranknet",
            Self::Lambdarank => "lambdarank",
            Self::Listnet => "listnet",
            Self::Rns => "rns",
            Self::Dns => "dns",
            Self::Bpr => "bpr",
            Self::Pop => "pop",
            Self::ItemKnn => "itemknn",
            Self::PureSvd => "puresvd",
            Self::Ease => "ease",
            Self::Ials => "ials",
            Self::LambdaMart => "lambdamart",
            Self::XeNdcg => "xendcg",
        })
    }
}

/// Start of a player: random weights, or a trained baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Init {
    /// Random weights.
    None,
    /// The model of this baseline, trained on the same data.
    Baseline(Method),
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Baseline(method) => method.fmt(f),
        }
    }
}

impl FromStr for Init {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "none" {
            return Ok(Self::None);
        }
        let named: Result<Method, serde::de::value::Error> = Method::deserialize(text.into_deserializer());
        match named {
            Ok(method) if method.is_trees() => Err(Error::Config(format!(
                "init `{text}`: a player goes on learning by gradients of its parameters, which trees do not have; {text} can \
                 stand beside the game as a baseline"
            ))),
            Ok(method) if method.mode().is_none() => Ok(Self::Baseline(method)),
            _ => Err(Error::Config(format!(
                "init `{text}`: expected none, mle, listnet, ranknet, lambdarank, rns, dns, bpr, pop, itemknn, puresvd, ease or ials"
            ))),
        }
    }
}

serde_as_text!(Init);
