//! Feature vectors as NumPy arrays: `features.npy` with `labels.npy`, and `queries.npy` or `groups.npy`.

use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, Ix1};

use super::{RankingSet, UNLABELLED, whole_grades};
use crate::error::{Error, Result};
use crate::files::npy::{self, is_id};

/// Names of each array, in the place of one another in a file's name.
const FEATURES: [&str; 2] = ["features", "X"];
const LABELS: [&str; 3] = ["labels", "y", "grades"];
const QUERIES: [&str; 3] = ["queries", "qid", "qids"];
const GROUPS: [&str; 2] = ["groups", "group"];

/// Arrays of a set of documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayFiles {
    /// Features: `[D, F]`.
    features: PathBuf,
    /// Grades: `[D]`; without it the documents are unlabelled.
    labels: Option<PathBuf>,
    /// Query of every document: `[D]`.
    queries: Option<PathBuf>,
    /// Number of documents of every query: `[Q]`.
    groups: Option<PathBuf>,
}

impl ArrayFiles {
    /// Returns the arrays that `path` stands for: a folder with `features.npy` (or `X.npy`), or such a file, beside which the
    /// others stand; none where it is neither.
    pub fn of(path: &Path) -> Option<Self> {
        let named = || FEATURES.map(|name| path.join(format!("{name}.npy"))).into_iter();
        let features = match path.is_dir() {
            true => named().find(|file| file.is_file())?,
            false => Some(path.to_owned()).filter(|path| npy::is_npy(path))?,
        };
        let beside =
            |names: &[&str]| names.iter().map(|name| renamed(&features, name)).find(|file| file.is_file());
        let (labels, queries, groups) = (beside(&LABELS), beside(&QUERIES), beside(&GROUPS));
        Some(Self { features, labels, queries, groups })
    }

    /// Returns all files that are read.
    pub fn paths(self) -> Vec<PathBuf> {
        [Some(self.features), self.labels, self.queries, self.groups].into_iter().flatten().collect()
    }

    /// Reads the documents, and what is to be said of them.
    ///
    /// # Errors
    /// When an array is missing, cannot be read or does not fit the others, or a value is out of range.
    pub(crate) fn read(&self) -> Result<(RankingSet, Option<String>)> {
        let features: Array2<f32> = npy::read_numbers(&self.features, |value| value as f32)?;
        let grades = match &self.labels {
            Some(path) => grades(path)?,
            None => vec![UNLABELLED; features.nrows()],
        };
        let expect_rows = |path: &Path, found: usize| match found == features.nrows() {
            true => Ok(()),
            false => Err(Error::data(
                path,
                format!(
                    "{found} values, but {} has {} rows; give one a row",
                    self.features.display(),
                    features.nrows()
                ),
            )),
        };
        self.labels.iter().try_for_each(|path| expect_rows(path, grades.len()))?;
        let set = match (&self.queries, &self.groups) {
            (Some(path), _) => {
                let ids = whole(path, "the id of a query")?;
                expect_rows(path, ids.len())?;
                let set = RankingSet::from_rows_by_id(features.view(), &grades, &ids);
                set.map_err(|error| error.in_file(self.culprit(&features, path)))?
            }
            (None, Some(path)) => {
                let groups = whole(path, "the number of a query's documents")?;
                let groups: Vec<usize> = groups.into_iter().map(|count| count.max(0) as usize).collect();
                let set = RankingSet::from_rows(features.view(), &grades, &groups);
                set.map_err(|error| error.in_file(self.culprit(&features, path)))?
            }
            (None, None) => return Err(self.without_queries()),
        };
        let unlabelled =
            || format!("there is no {} beside it, so that every document is unlabelled", self.usual(&LABELS));
        Ok((set, self.labels.is_none().then(unlabelled)))
    }

    /// Returns the file to name for data that do not fit: that of the features where one of them is infinite, else `other`.
    fn culprit<'a>(&'a self, features: &Array2<f32>, other: &'a Path) -> &'a Path {
        if features.iter().any(|value| value.is_infinite()) { &self.features } else { other }
    }

    fn without_queries(&self) -> Error {
        let (queries, groups) = (self.usual(&QUERIES), self.usual(&GROUPS));
        let message = format!(
            "expected {queries} beside it, the query of every row, or {groups}, the number of rows of every query"
        );
        Error::data(&self.features, message)
    }

    /// Returns the name that a file with one of these `names` has beside the features: the short one beside `X`.
    fn usual(&self, names: &[&str]) -> String {
        let stem = self.features.file_stem().unwrap_or_default().to_string_lossy();
        let short = word(&stem).is_some_and(|(start, end)| end - start == 1);
        let path = renamed(&self.features, names[usize::from(short)]);
        path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Returns the path of `features` with another name in the place of `features` or `X`: `y_train.npy` for `X_train.npy`;
/// where there is neither, `NAME.labels.npy` for `NAME.npy`.
fn renamed(features: &Path, name: &str) -> PathBuf {
    let stem = features.file_stem().unwrap_or_default().to_string_lossy();
    let renamed = match word(&stem) {
        Some((start, end)) => format!("{}{name}{}.npy", &stem[..start], &stem[end..]),
        None => format!("{stem}.{name}.npy"),
    };
    features.with_file_name(renamed)
}

/// Returns start and end of the word `features` or `X` in a name, whose words are separated by other characters than letters
/// and digits.
fn word(stem: &str) -> Option<(usize, usize)> {
    let mut start = 0;
    for part in stem.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
        if FEATURES.iter().any(|name| word.eq_ignore_ascii_case(name)) {
            return Some((start, start + word.len()));
        }
        start += part.len();
    }
    None
}

/// Reads the grades of documents.
fn grades(path: &Path) -> Result<Vec<i8>> {
    let grades: Array1<f64> = npy::read_numbers::<_, Ix1>(path, |value| value)?;
    whole_grades(grades).map_err(|error| error.in_file(path))
}

/// Reads whole numbers, each of which is `what`.
fn whole(path: &Path, what: &str) -> Result<Vec<i64>> {
    let numbers: Array1<f64> = npy::read_numbers::<_, Ix1>(path, |value| value)?;
    let whole = |(row, &value): (usize, &f64)| match is_id(value) {
        true => Ok(value as i64),
        false => Err(Error::data(path, format!("row {row}: expected {what}, a whole number, found {value}"))),
    };
    numbers.iter().enumerate().map(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_arrays_are_called_as_the_features_are() {
        let beside = |features: &str, name: &str| renamed(Path::new(features), name).display().to_string();
        assert_eq!(beside("d/features.npy", "labels"), "d/labels.npy");
        assert_eq!(beside("d/X_train.npy", "y"), "d/y_train.npy");
        assert_eq!(beside("fold1.features.npy", "queries"), "fold1.queries.npy");
        assert_eq!(beside("Xylo.npy", "groups"), "Xylo.groups.npy");
        let usual = |features: &str| {
            let files = ArrayFiles { features: features.into(), labels: None, queries: None, groups: None };
            [files.usual(&LABELS), files.usual(&QUERIES), files.usual(&GROUPS)]
        };
        assert_eq!(usual("X.npy"), ["y.npy", "qid.npy", "group.npy"]);
        assert_eq!(usual("features.npy"), ["labels.npy", "queries.npy", "groups.npy"]);
    }
}
