//! Files of ratings as sets of positives, with words about what they hold.

use std::path::Path;

use super::{Interactions, Layout, Ratings, read};
use crate::error::Result;
use crate::event::Listener;

/// Options for reading files of ratings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatingsFormat {
    /// Least rating that counts as a positive.
    pub positive: f64,
    /// Layout of the files.
    pub layout: Layout,
}

impl RatingsFormat {
    /// Reads a file, and tells `listener` what it holds.
    ///
    /// # Errors
    /// When the file cannot be read or no rating is a positive.
    pub fn read(self, path: &Path, listener: &mut dyn Listener) -> Result<(Ratings, Interactions)> {
        let ratings = read(path, self.layout)?;
        let positives = self.positives(&ratings, listener)?;
        Ok((ratings, positives))
    }

    /// Returns the positives of `ratings`, and tells `listener` what these hold.
    ///
    /// # Errors
    /// When no rating is a positive.
    pub fn positives(self, ratings: &Ratings, listener: &mut dyn Listener) -> Result<Interactions> {
        let positives = ratings.positives(self.positive)?;
        let name = ratings.path().display();
        if let Some(header) = ratings.header() {
            listener.note(&format!("{name}: {header}"));
        }
        if self.layout == Layout::Ratings && ratings.is_implicit() {
            listener
                .note(&format!("{name}: no column of ratings: every pair of user and item is a positive"));
        }
        listener.note(&format!("{name}: {}", positives.summary()));
        let below = ratings.rows().len() - positives.count();
        if below > 0 {
            listener.note(&format!("{name}: {below} ratings below {} count as not observed", self.positive));
        }
        let repeated = ratings.repeated();
        if repeated > 0 {
            listener
                .note(&format!("{name}: pairs rated again, of which the latest rating counts: {repeated}"));
        }
        Ok(positives)
    }

    /// Reads the positives of known users and items, and tells `listener` what is left out.
    ///
    /// # Errors
    /// When the file cannot be read or no rating is a positive.
    pub fn read_held_out(
        self,
        path: &Path,
        known: &Interactions,
        listener: &mut dyn Listener,
    ) -> Result<Interactions> {
        self.held_out(&read(path, self.layout)?, known, listener)
    }

    /// Returns the positives of `ratings` of known users and items, and tells `listener` what is left out.
    ///
    /// # Errors
    /// When no rating is a positive.
    pub fn held_out(
        self,
        ratings: &Ratings,
        known: &Interactions,
        listener: &mut dyn Listener,
    ) -> Result<Interactions> {
        let positives = self.positives(ratings, listener)?;
        let held = known.held_out(&positives);
        if let Some(text) = held.left_out() {
            listener.note(&format!("{}: left out: {text}", ratings.path().display()));
        }
        Ok(held.data)
    }
}
