//! Reader of ratings and adjacency lists.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashMap;
use ndarray::Array2;

use super::header::{FirstLine, Places};
use super::time::time;
use super::{Ids, Interactions};
use crate::error::{Error, Result};
use crate::files::columns::{Separator, listed};
use crate::files::lines::{for_each_line, utf8};
use crate::files::npy;

/// Layout of a file of interactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Layout {
    /// Lines of `user item [rating [time]]`, by tabs, commas, semicolons, blanks or `::`, or in the order of a header
    #[default]
    Ratings,
    /// Lines of `user item item …`, of which every item is a positive
    Adjacency,
}

/// Rating of one item by one user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rating {
    /// Number of the user in [`Ratings::users`].
    pub user: u32,
    /// Number of the item in [`Ratings::items`].
    pub item: u32,
    /// Value of the rating; infinite in a file without ratings, in which every pair is a positive.
    pub rating: f64,
    /// Time of the rating, if the file has it.
    pub time: Option<f64>,
}

/// Ratings of a file, each pair of user and item once.
///
/// ```
/// use irgan::data::interactions::{Layout, read};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("ratings.tsv");
/// std::fs::write(&path, "ann\tsolaris\t5\nann\tdune\t2\nbob\tdune\t4\n")?;
///
/// let ratings = read(&path, Layout::Ratings)?;
/// let interactions = ratings.positives(4.0)?;
/// assert_eq!(interactions.positives(), [[0], [1]]); // ann likes solaris, bob likes dune
/// assert_eq!(interactions.items().name(1), "dune");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ratings {
    path: PathBuf,
    users: Ids,
    items: Ids,
    rows: Vec<Rating>,
    repeated: usize,
    header: Option<String>,
}

impl Ratings {
    /// Takes rows of user, item, rating and time from memory, as [`read`] does those of a file; errors call them `name`, and count from 1.
    /// A row without a rating is a positive.
    ///
    /// # Errors
    /// When there is no row, an id is empty, or a rating or a time is not finite.
    ///
    /// ```
    /// use irgan::data::interactions::Ratings;
    ///
    /// let rows = [("ann", "solaris", Some(5.0), None), ("ann", "dune", Some(2.0), None)];
    /// assert_eq!(Ratings::from_rows("ratings", rows)?.positives(4.0)?.positives(), [[0]]);
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn from_rows<U: AsRef<str>, I: AsRef<str>>(
        name: &str,
        rows: impl IntoIterator<Item = (U, I, Option<f64>, Option<f64>)>,
    ) -> Result<Self> {
        let mut reader = Reader::new(Path::new(name));
        for (number, (user, item, rating, time)) in (1..).zip(rows) {
            for (what, value) in [("rating", rating), ("time", time)] {
                if let Some(value) = value.filter(|value| !value.is_finite()) {
                    return Err(Error::data(
                        name,
                        format!("row {number}: expected a finite {what}, found {value}"),
                    ));
                }
            }
            let rating = rating.unwrap_or(f64::INFINITY);
            reader.keep(user.as_ref(), item.as_ref(), rating, time, number)?;
        }
        match reader.ratings.rows.is_empty() {
            true => Err(Error::data(name, "holds no ratings")),
            false => Ok(reader.ratings),
        }
    }

    /// Returns the file of the ratings.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the ratings, in the order of the file.
    pub fn rows(&self) -> &[Rating] {
        &self.rows
    }

    /// Returns the users of the file, including those without a positive.
    pub fn users(&self) -> &Ids {
        &self.users
    }

    /// Returns the items of the file, including those that are no user's positive.
    pub fn items(&self) -> &Ids {
        &self.items
    }

    /// Returns the number of lines that rate a pair again; the latest rating of a pair counts, the last of the file where
    /// times are equal or missing.
    pub fn repeated(&self) -> usize {
        self.repeated
    }

    /// Describes which column of the file's header was taken for what; none without a header.
    pub fn header(&self) -> Option<&str> {
        self.header.as_deref()
    }

    /// Returns true when no pair has a rating, so that every pair is a positive.
    pub fn is_implicit(&self) -> bool {
        self.rows.iter().all(|row| row.rating.is_infinite())
    }

    /// Returns true when every rating has a time.
    pub fn has_times(&self) -> bool {
        self.rows.iter().all(|row| row.time.is_some())
    }

    /// Returns the ratings of at least `threshold` as positives, over all users and items of the file.
    ///
    /// # Errors
    /// When there is no such rating.
    pub fn positives(&self, threshold: f64) -> Result<Interactions> {
        let liked = || self.rows.iter().filter(|row| row.rating >= threshold);
        if liked().next().is_none() {
            let largest = self.rows.iter().map(|row| row.rating).fold(f64::NEG_INFINITY, f64::max);
            let message = format!(
                "no rating is {threshold} or more (the largest is {largest}), so that no user has a positive; choose \
                 another `positives.least`"
            );
            return Err(Error::data(&self.path, message));
        }
        let mut positives = vec![vec![]; self.users.len()];
        liked().for_each(|row| positives[row.user as usize].push(row.item));
        Ok(Interactions::new(Arc::new(self.users.clone()), Arc::new(self.items.clone()), positives))
    }
}

/// Reads a file of ratings or of adjacency lists, plain or compressed.
///
/// Empty lines are skipped. Columns are those that a header names, or user, item, rating and time; double quotes around a
/// column are syntax, as in CSV. A NumPy array has a row for each rating, whose ids are numbers. The latest rating of a pair of user and item counts. A file without ratings holds
/// positives.
///
/// # Errors
/// When the file cannot be read or has no rating, its header names no user or no item, or a line lacks a column, has an
/// empty id, a rating that is no finite number, or a time that is neither a number nor a date.
pub fn read(path: impl AsRef<Path>, layout: Layout) -> Result<Ratings> {
    let path = path.as_ref();
    let mut reader = Reader::new(path);
    if npy::is_npy(path) {
        reader.array(layout)?;
        return Ok(reader.ratings);
    }
    for_each_line(path, |number, line, _| {
        let text = utf8(path, number, line)?;
        if text.trim().is_empty() {
            return Ok(());
        }
        let separator = *reader.separator.get_or_insert_with(|| Separator::of(text));
        match layout {
            Layout::Ratings => reader.rating(text, number, separator),
            Layout::Adjacency => reader.adjacency(text, number, separator),
        }
    })?;
    if reader.ratings.rows.is_empty() {
        return Err(Error::data(path, "holds no ratings"));
    }
    Ok(reader.ratings)
}

/// State of reading one file.
struct Reader {
    ratings: Ratings,
    rows_of: HashMap<(u32, u32), usize, foldhash::fast::FixedState>,
    separator: Option<Separator>,
    places: Places, // of no columns before the first line
}

impl Reader {
    fn new(path: &Path) -> Self {
        let (users, items) = (Ids::default(), Ids::default());
        let ratings =
            Ratings { path: path.to_owned(), users, items, rows: vec![], repeated: 0, header: None };
        Self { ratings, rows_of: HashMap::default(), separator: None, places: Places::in_order(0) }
    }

    fn rating(&mut self, text: &str, line: usize, separator: Separator) -> Result<()> {
        let columns = separator.columns(text);
        if self.places.columns == 0 && self.starts(&columns, line, separator)? {
            return Ok(());
        }
        let places = match columns.len() {
            count if count == self.places.columns => self.places.clone(),
            count @ 3..=4 if self.ratings.header.is_none() && self.places.columns > 2 => {
                Places::in_order(count)
            }
            _ => {
                let count = self.places.columns;
                let expected = format!("{count} columns by {} as in the first line", separator.name());
                return Err(Error::parse(&self.ratings.path, line, expected, text.as_bytes()));
            }
        };
        let Places { user, item, rating, time: at, .. } = places;
        let refused =
            |expected: &str, text: &str| Error::parse(&self.ratings.path, line, expected, text.as_bytes());
        let rating = match rating.map(|at| &columns[at]) {
            Some(text) => separator.number(text).ok_or_else(|| refused("a number as the rating", text))?,
            None => f64::INFINITY,
        };
        let time = at.map(|at| {
            time(&columns[at]).ok_or_else(|| refused("a number or a date as the time", &columns[at]))
        });
        let time = time.transpose()?;
        self.keep(&columns[user], &columns[item], rating, time, line)
    }

    /// Takes the places of columns from the first line, and returns true when it is a header.
    fn starts(&mut self, columns: &[Cow<'_, str>], line: usize, separator: Separator) -> Result<bool> {
        let (places, header) = match FirstLine::of(columns, |text| separator.number(text).is_some()) {
            FirstLine::Header(places) => (places, true),
            FirstLine::Data(places) if (2..=4).contains(&places.columns) => (places, false),
            FirstLine::Data(_) => {
                let expected = "user item [rating [time]], or a header that names the columns";
                return Err(self.found(line, expected.into(), listed_columns(columns)));
            }
            FirstLine::Unclear => {
                let expected = "a number as the rating in the third column, or a header that names the columns of users \
                                and items (such as user_id, item_id, rating, timestamp)";
                return Err(self.found(line, expected.into(), listed_columns(columns)));
            }
        };
        self.ratings.header = header.then(|| places.described(columns));
        self.places = places;
        Ok(header)
    }

    /// Reads an array of shape (n, 2), (n, 3) or (n, 4): user, item, rating and time.
    fn array(&mut self, layout: Layout) -> Result<()> {
        let path = self.ratings.path.clone();
        let array: Array2<f64> = npy::read_numbers(&path, |value| value)?;
        let (rows, columns) = array.dim();
        if layout == Layout::Adjacency {
            let message = "an array has rows of user item [rating [time]]; adjacency lists are lines of text";
            return Err(Error::data(path, message));
        }
        if !(2..=4).contains(&columns) {
            let message = format!(
                "expected an array of shape (n, 2), (n, 3) or (n, 4), of user item [rating [time]], found ({rows}, \
                 {columns}); np.argwhere(matrix) lists the pairs of a matrix of users and items"
            );
            return Err(Error::data(path, message));
        }
        for (number, row) in array.rows().into_iter().enumerate() {
            let refused = |what: &str, value: f64| {
                Error::data(&path, format!("row {number}: expected {what}, found {value}"))
            };
            let id = |column: usize| match npy::is_id(row[column]) {
                true => Ok((row[column] as i64).to_string()),
                false => Err(refused("a whole number as the id of a user and of an item", row[column])),
            };
            let finite = |column: usize, what: &str| match row.get(column) {
                Some(value) if !value.is_finite() => Err(refused(what, *value)),
                value => Ok(value.copied()),
            };
            let rating = finite(2, "a finite rating")?.unwrap_or(f64::INFINITY);
            self.keep(&id(0)?, &id(1)?, rating, finite(3, "a finite time")?, number)?;
        }
        match rows {
            0 => Err(Error::data(path, "holds no ratings")),
            _ => Ok(()),
        }
    }

    fn found(&self, line: usize, expected: String, found: String) -> Error {
        Error::Parse { path: self.ratings.path.clone(), line, expected, found }
    }

    fn adjacency(&mut self, text: &str, line: usize, separator: Separator) -> Result<()> {
        let columns = separator.columns(text);
        let user = columns.first().map_or("", |user| user);
        if user.is_empty() {
            return Err(Error::parse(&self.ratings.path, line, "an id of a user", b""));
        }
        self.ratings.users.number(user);
        columns[1..].iter().try_for_each(|item| self.keep(user, item, f64::INFINITY, None, line))
    }

    fn keep(&mut self, user: &str, item: &str, rating: f64, time: Option<f64>, line: usize) -> Result<()> {
        for (what, id) in [("a user", user), ("an item", item)] {
            if id.is_empty() {
                return Err(Error::parse(&self.ratings.path, line, format!("an id of {what}"), b""));
            }
        }
        let ratings = &mut self.ratings;
        let (user, item) = (ratings.users.number(user), ratings.items.number(item));
        let row = Rating { user, item, rating, time };
        match self.rows_of.entry((user, item)) {
            hashbrown::hash_map::Entry::Occupied(known) => {
                ratings.repeated += 1;
                let known = &mut ratings.rows[*known.get()];
                if known.time <= time {
                    *known = row;
                }
            }
            hashbrown::hash_map::Entry::Vacant(new) => {
                new.insert(ratings.rows.len());
                ratings.rows.push(row);
            }
        }
        Ok(())
    }
}

fn listed_columns(columns: &[Cow<'_, str>]) -> String {
    format!("the columns {}", listed(columns.iter().map(|column| &**column)))
}
