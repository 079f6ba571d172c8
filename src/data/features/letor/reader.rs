//! LETOR reader: one pass over the file, into the matrix itself.

use std::path::{Path, PathBuf};

use super::builder::{Builder, LetorFile};
use super::line::{Line, feature_name, for_each_feature, split_comment};
use super::table::Table;
use crate::data::features::{RankingSet, check_width};
use crate::error::{Error, Result};
use crate::files::count::counted;
use crate::files::lines::for_each_line;
use crate::files::packed::is_standard_input;

/// Form and limits of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetorOptions {
    /// Largest number of features; more are an error, as the matrix is dense: 4 bytes a document and feature.
    pub max_features: usize,
    /// True when the file counts features from 0, as LightGBM and scikit-learn do, and not from 1.
    pub zero_based: bool,
}

impl Default for LetorOptions {
    fn default() -> Self {
        Self { max_features: 10_000, zero_based: false }
    }
}

/// Reads a LETOR file, or a table with a header, plain, gzip or zstandard.
///
/// # Errors
/// When a line is malformed (the error says its number, what was expected and what was found), the file has no
/// document, or a document stands twice in its query.
///
/// ```
/// use irgan::data::features::RankingSet;
/// use irgan::data::features::letor::{self, LetorOptions};
/// use ndarray::array;
///
/// let folder = tempfile::tempdir().expect("a temporary folder");
/// let path = folder.path().join("data.txt");
/// let set = RankingSet::from_rows(array![[0.5, 0.0], [0.25, 1.0]].view(), &[2, 0], &[2])?;
/// letor::write(&path, &set)?;
/// assert_eq!(letor::read(&path, &LetorOptions::default())?, set);
///
/// std::fs::write(&path, "2 qid:1 1:0.5\n0 qid:1 1:x\n").expect("a writable folder");
/// let error = letor::read(&path, &LetorOptions::default()).unwrap_err();
/// assert!(error.to_string().ends_with(":2: expected FEATURE:VALUE with a finite number or NULL, found `1:x`"));
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn read(path: impl AsRef<Path>, options: &LetorOptions) -> Result<RankingSet> {
    Ok(read_file(path, options, None)?.set)
}

/// Reads a file as [`read`] does, and tells what was guessed. Its documents are to have `width` features, where that is
/// known from the training data or the model.
///
/// A sparse file leaves out features that are 0; where it leaves out the last ones of every document, it seems to have
/// fewer features. They are added as 0, with a warning.
///
/// # Errors
/// As [`read`]; also when a document has a feature beyond `width`.
///
/// ```
/// use irgan::data::features::letor::{LetorOptions, read_file};
///
/// let folder = tempfile::tempdir().expect("a temporary folder");
/// let path = folder.path().join("data.txt");
/// std::fs::write(&path, "1 qid:7 1:0.5 # docid = D1\n0 qid:7 2:0.25 # docid = D2\n").expect("a writable folder");
/// let file = read_file(&path, &LetorOptions::default(), Some(4))?;
/// assert_eq!(file.set.feature_count(), 4);
/// assert_eq!(file.warnings, ["the last 2 of 4 features are absent from the file; they count as 0"]);
/// assert!(read_file(&path, &LetorOptions::default(), Some(1)).is_err());
/// # Ok::<(), irgan::Error>(())
/// ```
pub fn read_file(path: impl AsRef<Path>, options: &LetorOptions, width: Option<usize>) -> Result<LetorFile> {
    let path = path.as_ref();
    let mut reader = Reader::new(path, options);
    for_each_line(path, |number, line, complete| reader.line(number, line, complete))?;
    let file = reader.finish()?;
    match width {
        None => Ok(file),
        Some(width) => file.with_width(width).map_err(|error| error.in_file(path)),
    }
}

impl LetorFile {
    /// Returns the file with `width` features, of which those that it leaves out at the end are 0.
    pub(crate) fn with_width(self, width: usize) -> Result<Self> {
        let Self { set, mut warnings } = self;
        let found = set.feature_count();
        if found > width {
            check_width(found, width)?;
        }
        if found < width {
            let absent = width - found;
            warnings.push(format!(
                "the last {absent} of {width} features are absent from the file; they count as 0"
            ));
        }
        Ok(Self { set: set.padded(width), warnings })
    }
}

struct Reader<'p> {
    path: &'p Path,
    options: &'p LetorOptions,
    builder: Builder<'p>,
    table: Option<Table>,
    uniform: bool, // every row so far has had all features
    groups: Option<Groups>,
    seen: Vec<usize>, // the features of the present line
}

impl<'p> Reader<'p> {
    fn new(path: &'p Path, options: &'p LetorOptions) -> Self {
        let builder = Builder::new(path);
        Self { path, options, builder, table: None, uniform: true, groups: None, seen: vec![] }
    }

    fn line(&mut self, number: usize, bytes: &[u8], complete: bool) -> Result<()> {
        if let Some(table) = &mut self.table {
            return table.line(self.path, number, bytes, &mut self.builder);
        }
        let (body, comment) = split_comment(bytes);
        if body.iter().all(u8::is_ascii_whitespace) {
            let first = usize::from(!self.options.zero_based);
            if let Some((feature, name)) = comment.and_then(|comment| feature_name(comment, first)) {
                self.builder.name_feature(feature + 1 - first, String::from_utf8_lossy(name).into_owned());
            }
            return Ok(());
        }
        if self.builder.rows() == 0
            && let Some(table) = Table::of_header(self.path, number, bytes, self.options.max_features)?
        {
            self.table = Some(table);
            return Ok(());
        }
        let refuse = |(expected, found): (&str, &[u8])| Error::parse(self.path, number, expected, found);
        let line = Line::parse(bytes).map_err(refuse)?;
        match (line.query, &mut self.groups) {
            (Some(query), None) => self.builder.enter(number, query)?,
            (None, None) if self.builder.rows() == 0 => {
                self.groups = Some(Groups::open(self.path, number, body)?);
            }
            (None, Some(_)) => {}
            (query, _) => return Err(refuse(("qid:QUERY on every line or on none", query.unwrap_or(body)))),
        }
        if let Some(groups) = &mut self.groups {
            let query = groups.next(self.path)?;
            self.builder.enter(number, query.to_string().as_bytes())?;
        }
        self.row(number, &line, complete)
    }

    /// Reads the features of a line into a new row.
    fn row(&mut self, number: usize, line: &Line<'_>, complete: bool) -> Result<()> {
        self.builder.begin_row()?;
        self.seen.clear();
        let (mut largest, mut ascending) = (0, true);
        let (most, first) = (self.options.max_features, usize::from(!self.options.zero_based));
        for_each_feature(line.features, |feature, value| {
            if feature < first {
                return Err("features counted from 1; set `zero-based` for a file that counts from 0");
            }
            let feature = feature.saturating_add(1 - first);
            if feature > most {
                return Err(BEYOND);
            }
            ascending &= feature > largest;
            largest = largest.max(feature);
            self.builder.set(feature, value);
            self.seen.push(feature);
            Ok(())
        })
        .map_err(|(expected, found)| match expected {
            BEYOND => {
                let limit = format!("at most {most} features (the matrix is dense)");
                Error::parse(self.path, number, limit, found)
            }
            _ => Error::parse(self.path, number, expected, found),
        })?;
        self.check_features(number, line, complete, ascending)?;
        self.builder.end_row(number, largest, line.grade, line.document)?;
        self.uniform &= self.seen.len() == self.builder.width();
        Ok(())
    }

    fn check_features(
        &mut self,
        number: usize,
        line: &Line<'_>,
        complete: bool,
        ascending: bool,
    ) -> Result<()> {
        if !ascending {
            self.seen.sort_unstable();
            if let Some(pair) = self.seen.windows(2).find(|pair| pair[0] == pair[1]) {
                let found = (pair[0] - usize::from(self.options.zero_based)).to_string();
                return Err(Error::parse(self.path, number, "every feature once", found.as_bytes()));
            }
        }
        let (rows, width) = (self.builder.rows(), self.builder.width());
        let cut = !complete && self.uniform && rows > 0 && self.seen.len() < width;
        if cut {
            let expected = format!("{width} features, as on every line before; the file seems cut");
            return Err(Error::parse(self.path, number, expected, line.features.trim_ascii()));
        }
        Ok(())
    }

    fn finish(self) -> Result<LetorFile> {
        let mut file = self.builder.finish()?;
        if let Some(groups) = &self.groups {
            groups.check_end()?;
        }
        if let Some(table) = self.table {
            file.warnings.extend(table.warning());
        }
        Ok(file)
    }
}

/// Mark of a feature number beyond the limit.
const BEYOND: &str = "a feature number within the limit";

/// LightGBM's group file: documents per query, a number a line.
struct Groups {
    path: PathBuf,
    counts: Vec<usize>,
    query: usize, // queries begun
    left: usize,  // documents still to come in the present one
}

impl Groups {
    fn open(data: &Path, line: usize, body: &[u8]) -> Result<Self> {
        if is_standard_input(data) {
            return Err(Error::parse(data, line, "qid:QUERY", body));
        }
        let mut path = data.as_os_str().to_owned();
        path.push(".query");
        let path = PathBuf::from(path);
        if !path.exists() {
            let expected = format!("qid:QUERY (there is no {} either)", path.display());
            return Err(Error::parse(data, line, expected, body));
        }
        let mut counts = vec![];
        for_each_line(&path, |number, line, _| {
            let count = std::str::from_utf8(line).ok().map(str::trim);
            match count.map(str::parse::<u32>) {
                Some(Ok(count)) if count > 0 => counts.push(count as usize),
                _ if line.trim_ascii().is_empty() => {}
                _ => return Err(Error::parse(&path, number, "the number of a query's documents", line)),
            }
            Ok(())
        })?;
        Ok(Self { path, counts, query: 0, left: 0 })
    }

    /// The number of the query that the next document belongs to, from 1.
    fn next(&mut self, data: &Path) -> Result<usize> {
        if self.left == 0 {
            self.left = *self.counts.get(self.query).ok_or_else(|| {
                let total: usize = self.counts.iter().sum();
                Error::data(
                    &self.path,
                    format!("counts {}, but {} has more", counted(total, "document"), data.display()),
                )
            })?;
            self.query += 1;
        }
        self.left -= 1;
        Ok(self.query)
    }

    fn check_end(&self) -> Result<()> {
        let missing = self.left + self.counts[self.query.min(self.counts.len())..].iter().sum::<usize>();
        match missing {
            0 => Ok(()),
            _ => Err(Error::data(
                &self.path,
                format!("counts {} more than the data file has", counted(missing, "document")),
            )),
        }
    }
}
