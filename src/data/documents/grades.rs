//! Grades of judgements: parsing, and the mapping of a file's grades to a common scale.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::evaluation::read_grade;
use crate::files::serde_as_text;

/// Map from the grades of a file to grades that rise with relevance.
///
/// For Cranfield, whose best grade is 1, it is `1=4,2=3,3=2,4=1,5=0,-1=0`.
///
/// ```
/// use irgan::data::documents::GradeMap;
///
/// let map: GradeMap = "1=4, 2=3, -1=0".parse()?;
/// assert_eq!((map.get(1), map.get(-1), map.get(3)), (Some(4), Some(0), None));
/// assert_eq!(map.to_string(), "-1=0,1=4,2=3");
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GradeMap(BTreeMap<i32, i32>);

impl GradeMap {
    /// Returns the grade to which `grade` is mapped, if it is.
    pub fn get(&self, grade: i32) -> Option<i32> {
        self.0.get(&grade).copied()
    }
}

impl FromStr for GradeMap {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: String| Error::Config(format!("grades {text:?}: {why}"));
        let mut map = BTreeMap::new();
        for pair in text.split(',') {
            let number = |text: &str| read_grade(text.trim().as_bytes());
            let grades = pair.split_once('=').and_then(|(from, to)| Some((number(from)?, number(to)?)));
            let (from, to) = grades.ok_or_else(|| {
                wrong(format!("expected pairs of integers such as 1=4,2=3, found {:?}", pair.trim()))
            })?;
            if map.insert(from, to).is_some() {
                return Err(wrong(format!("the grade {from} is there twice")));
            }
        }
        Ok(Self(map))
    }
}

impl fmt::Display for GradeMap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.0.iter().map(|(from, to)| format!("{from}={to}")).collect();
        formatter.write_str(&pairs.join(","))
    }
}

serde_as_text!(GradeMap);
