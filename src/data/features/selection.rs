//! Choosing features by number or by name.

use std::str::FromStr;

use ndarray::Axis;
use serde::{Deserialize, Serialize};

use super::RankingSet;
use crate::error::{Error, Result};

/// Choice of features by number, from 1, or by name: `1,3,5-9,bm25.body`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FeatureSelection(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Numbers(usize, usize), // first and last, from 1
    Name(String),
}

impl FromStr for FeatureSelection {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split(',').map(|part| part.trim().parse()).collect::<Result<_>>()?;
        Ok(Self(parts))
    }
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = || {
            Error::Config(format!(
                "feature `{text}`: expected a number from 1, a range such as 5-9, or a name"
            ))
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.parse::<usize>(), last.parse::<usize>()) {
            (Ok(first), Ok(last)) if 1 <= first && first <= last => Ok(Self::Numbers(first, last)),
            (Ok(_), Ok(_)) => Err(refuse()),
            _ if text.is_empty() => Err(refuse()),
            _ => Ok(Self::Name(text.to_owned())),
        }
    }
}

impl TryFrom<String> for FeatureSelection {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<FeatureSelection> for String {
    fn from(selection: FeatureSelection) -> Self {
        let part = |part: Part| match part {
            Part::Numbers(first, last) if first == last => first.to_string(),
            Part::Numbers(first, last) => format!("{first}-{last}"),
            Part::Name(name) => name,
        };
        selection.0.into_iter().map(part).collect::<Vec<_>>().join(",")
    }
}

impl FeatureSelection {
    /// Returns `set` with the chosen features only, in the order in which they are chosen.
    ///
    /// # Errors
    /// When `set` has no feature of a chosen number or name.
    ///
    /// ```
    /// use irgan::data::features::{FeatureSelection, RankingSet};
    /// use ndarray::array;
    ///
    /// let set = RankingSet::from_rows(array![[1.0, 2.0, 3.0]].view(), &[0], &[1])?;
    /// let chosen = "3,1".parse::<FeatureSelection>()?.apply(set)?;
    /// assert_eq!(chosen.features(), array![[3.0, 1.0]]);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn apply(&self, set: RankingSet) -> Result<RankingSet> {
        let columns = self.columns(set.feature_count(), set.feature_names())?;
        Ok(set.with_columns(&columns))
    }

    /// Returns the columns, counted from 0, of the chosen features among `count`, which have `names` or none.
    pub(crate) fn columns(&self, count: usize, names: &[String]) -> Result<Vec<usize>> {
        let mut columns = vec![];
        for part in &self.0 {
            match part {
                Part::Numbers(first, last) if *last <= count => columns.extend(first - 1..*last),
                Part::Numbers(_, last) => {
                    return Err(Error::Config(format!("feature {last}: the data has only {count} features")));
                }
                Part::Name(name) => match names.iter().position(|known| known == name) {
                    Some(column) => columns.push(column),
                    None => return Err(unknown(name, names)),
                },
            }
        }
        Ok(columns)
    }
}

impl RankingSet {
    /// Returns the set with the features of `columns`, counted from 0, in this order.
    pub(crate) fn with_columns(self, columns: &[usize]) -> Self {
        let names = self.feature_names();
        let names =
            if names.is_empty() { vec![] } else { columns.iter().map(|&c| names[c].clone()).collect() };
        let features = self.features().select(Axis(1), columns);
        self.with_features(features, names)
    }
}

fn unknown(name: &str, names: &[String]) -> Error {
    let known = match names {
        [] => "the data names no features; lines such as `# feature 1 bm25` at its top do".to_owned(),
        names => format!("the data has {}", names.join(", ")),
    };
    Error::Config(format!("feature `{name}` is unknown: {known}"))
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::*;
    use ndarray::array;

    fn set() -> RankingSet {
        let names = ["bm25", "length", "age"].map(String::from).to_vec();
        let query = Query { id: "q".into(), rows: 0..1 };
        RankingSet::new(array![[1.0, 2.0, 3.0]], vec![0], vec![query], ["d"], names)
    }

    fn chosen(text: &str) -> Result<Vec<f32>> {
        Ok(text.parse::<FeatureSelection>()?.apply(set())?.features().row(0).to_vec())
    }

    #[test]
    fn numbers_ranges_and_names() {
        assert_eq!(chosen("3,1").expect("known"), [3.0, 1.0]);
        assert_eq!(chosen("2-3").expect("known"), [2.0, 3.0]);
        assert_eq!(chosen("age,bm25").expect("known"), [3.0, 1.0]);
        let text = "1,2-3,age";
        assert_eq!(String::from(text.parse::<FeatureSelection>().expect("valid")), text);
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        for text in ["0", "4", "3-2", "1-4", "colour", "", "1,,2"] {
            assert!(matches!(chosen(text), Err(Error::Config(_))), "{text}");
        }
    }
}
