//! Length normalisation: a fair comparison of sentences of different lengths.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::files::serde_as_text;

/// Divisor of a sentence's log-probability, by its number of tokens n, in the ranking of a beam.
///
/// ```
/// use irgan::text::LengthNorm;
///
/// assert_eq!("gnmt:0.6".parse::<LengthNorm>()?, LengthNorm::Gnmt(0.6));
/// assert_eq!(LengthNorm::Mean.score(-6.0, 3), -2.0);
/// assert_eq!(LengthNorm::Gnmt(1.0).score(-6.0, 7), -3.0); // ((5 + 7) / 6)^1 = 2
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LengthNorm {
    /// 1: the log-probability itself, which prefers short sentences.
    #[default]
    None,
    /// n: the mean log-probability of a token.
    Mean,
    /// `((5 + n) / 6)^α` (Wu et al., 2016, equation 14).
    Gnmt(f64),
}

/// α where none is given, as Wu et al. (2016) chose it.
const USUAL_ALPHA: f64 = 0.6;

impl LengthNorm {
    /// Returns the score of a sentence of `tokens` tokens.
    pub fn score(self, log_probability: f64, tokens: usize) -> f64 {
        let tokens = tokens.max(1) as f64;
        match self {
            Self::None => log_probability,
            Self::Mean => log_probability / tokens,
            Self::Gnmt(alpha) => log_probability / ((5.0 + tokens) / 6.0).powf(alpha),
        }
    }
}

impl fmt::Display for LengthNorm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Mean => f.write_str("mean"),
            Self::Gnmt(alpha) => write!(f, "gnmt:{alpha}"),
        }
    }
}

impl FromStr for LengthNorm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::Config(format!(
                "length normalisation `{text}`: expected none, mean, gnmt, or gnmt:ALPHA with ALPHA from 0 to 10"
            ))
        };
        match text {
            "none" => Ok(Self::None),
            "mean" => Ok(Self::Mean),
            "gnmt" => Ok(Self::Gnmt(USUAL_ALPHA)),
            _ => {
                let alpha = text.strip_prefix("gnmt:").and_then(|alpha| alpha.parse::<f64>().ok());
                alpha.filter(|alpha| (0.0..=10.0).contains(alpha)).map(Self::Gnmt).ok_or_else(wrong)
            }
        }
    }
}

serde_as_text!(LengthNorm);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_others_are_refused() {
        for norm in [LengthNorm::None, LengthNorm::Mean, LengthNorm::Gnmt(0.25)] {
            assert_eq!(norm.to_string().parse::<LengthNorm>().expect("its own name"), norm);
        }
        assert_eq!("gnmt".parse::<LengthNorm>().expect("a name"), LengthNorm::Gnmt(0.6));
        for bad in ["", "gnmt:", "gnmt:-1", "gnmt:nan", "sum"] {
            let error = bad.parse::<LengthNorm>().expect_err(bad).to_string();
            assert!(error.contains("expected none, mean, gnmt"), "{error}");
        }
    }
}
