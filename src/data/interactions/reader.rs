//! Reader of ratings and adjacency lists.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashMap;

use super::line::{Separator, is_header, number};
use super::{Ids, Interactions};
use crate::error::{Error, Result};
use crate::files::lines::for_each_line;

/// Layout of a file of interactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Layout {
    /// Lines of `user item rating [time]`, by tabs, blanks, commas or `::`
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
    /// Value of the rating; infinite in an adjacency list.
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
}

impl Ratings {
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

    /// Returns the number of lines that rate a pair again; the last rating of a pair counts.
    pub fn repeated(&self) -> usize {
        self.repeated
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
            let message = format!(
                "no rating is {threshold} or more, so that no user has a positive; choose another `positives.least`"
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
/// Empty lines are skipped, and so is a header line. The last rating of a pair of user and item counts.
///
/// # Errors
/// When the file cannot be read or has no rating, or a line lacks a column, has an empty id, or a rating or time that is
/// no finite number.
pub fn read(path: impl AsRef<Path>, layout: Layout) -> Result<Ratings> {
    let path = path.as_ref();
    let mut reader = Reader {
        ratings: Ratings {
            path: path.to_owned(),
            users: Ids::default(),
            items: Ids::default(),
            rows: vec![],
            repeated: 0,
        },
        rows_of: HashMap::default(),
        separator: None,
    };
    for_each_line(path, |number, line, _| {
        let text = std::str::from_utf8(line).map_err(|_| Error::parse(path, number, "UTF-8 text", line))?;
        if text.trim().is_empty() {
            return Ok(());
        }
        let first = reader.separator.is_none();
        let separator = *reader.separator.get_or_insert_with(|| Separator::of(text));
        match layout {
            Layout::Ratings => reader.rating(text, number, separator, first),
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
}

impl Reader {
    fn rating(&mut self, text: &str, line: usize, separator: Separator, first: bool) -> Result<()> {
        let columns = separator.columns(text);
        if first && is_header(&columns) {
            return Ok(());
        }
        let (user, item, rating, time) = match columns[..] {
            [user, item, rating] => (user, item, rating, None),
            [user, item, rating, time] => (user, item, rating, Some(time)),
            _ => {
                let expected = format!(
                    "user item rating [time] by {} as in the first line ({} columns)",
                    separator.name(),
                    columns.len()
                );
                return Err(Error::parse(&self.ratings.path, line, expected, text.as_bytes()));
            }
        };
        let parsed = |what: &str, text: &str| {
            number(text).ok_or_else(|| {
                let expected = format!("a number as {what}");
                Error::parse(&self.ratings.path, line, expected, text.as_bytes())
            })
        };
        let (rating, time) =
            (parsed("the rating", rating)?, time.map(|time| parsed("the time", time)).transpose()?);
        self.keep(user, item, rating, time, line)
    }

    fn adjacency(&mut self, text: &str, line: usize, separator: Separator) -> Result<()> {
        let columns = separator.columns(text);
        if columns[0].is_empty() {
            return Err(Error::parse(&self.ratings.path, line, "an id of a user", b""));
        }
        self.ratings.users.number(columns[0]);
        columns[1..].iter().try_for_each(|item| self.keep(columns[0], item, f64::INFINITY, None, line))
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
                ratings.rows[*known.get()] = row;
            }
            hashbrown::hash_map::Entry::Vacant(new) => {
                new.insert(ratings.rows.len());
                ratings.rows.push(row);
            }
        }
        Ok(())
    }
}
