//! Lists of measures in one text: `nDCG@10,AP`, `ndcg_cut.5,10`, `official`.

use std::str::FromStr;

use super::Measure;
use super::spelling::{expansion, parameter};
use crate::{Error, Result};

/// Measures that one text names, each once.
///
/// Names are separated by commas or blanks. A number alone repeats the name before it with another parameter, and a set
/// of trec_eval (`official`, `set`, `all_trec`) or a name of trec_eval without its parameter (`P`, `ndcg_cut`) stands for
/// the measures that trec_eval computes.
///
/// ```
/// use irgan::evaluation::measure::MeasureList;
///
/// let list: MeasureList = "ndcg_cut.5,10,map MRR@10".parse()?;
/// let names: Vec<String> = list.0.iter().map(ToString::to_string).collect();
/// assert_eq!(names, ["nDCG@5", "nDCG@10", "AP", "RR@10"]);
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureList(pub Vec<Measure>);

impl MeasureList {
    /// Returns the measures of all `lists`, each once, with documents relevant from the grade `level` on where a measure does not name
    /// another (trec_eval `-l`), and of judged documents alone where it is asked for (`-J`).
    ///
    /// ```
    /// use irgan::evaluation::MeasureList;
    ///
    /// let lists: [MeasureList; 2] = ["P@5,AP".parse()?, "map".parse()?];
    /// let names: Vec<String> = MeasureList::joined(&lists, 2, false).iter().map(ToString::to_string).collect();
    /// assert_eq!(names, ["P(rel=2)@5", "AP(rel=2)"]);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn joined<'a>(
        lists: impl IntoIterator<Item = &'a Self>,
        level: i32,
        judged_only: bool,
    ) -> Vec<Measure> {
        let mut measures = Vec::new();
        for measure in lists.into_iter().flat_map(|list| list.0.iter().cloned()) {
            let measure = measure.with_level(level);
            let measure = if judged_only { measure.of_judged_only() } else { measure };
            if !measures.contains(&measure) {
                measures.push(measure);
            }
        }
        measures
    }
}

impl FromStr for MeasureList {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (mut measures, mut stem) = (Vec::new(), None);
        for item in items(text) {
            let name = match &stem {
                Some(stem) if item.parse::<f64>().is_ok() => format!("{stem}{item}"),
                _ => item.to_owned(),
            };
            stem = before_number(&name).map(str::to_owned);
            for name in expansion(&name).unwrap_or_else(|| vec![name]) {
                let measure = name.parse()?;
                if !measures.contains(&measure) {
                    measures.push(measure);
                }
            }
        }
        match measures.is_empty() {
            true => Err(Error::Config(format!("measure `{text}`: expected a name such as nDCG@10"))),
            false => Ok(Self(measures)),
        }
    }
}

/// Splits at commas and blanks outside of parentheses.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0i32;
    let at_separator = move |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth <= 0 && (c == ',' || c.is_whitespace())
    };
    text.split(at_separator).filter(|item| !item.is_empty())
}

/// Returns a name up to the number at its end.
fn before_number(name: &str) -> Option<&str> {
    let number = match name.rsplit_once('@') {
        Some((_, cutoff)) => cutoff,
        None => parameter(name)?.1,
    };
    Some(&name[..name.len() - number.len()])
}
