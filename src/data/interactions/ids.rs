//! Numbering of string ids.

use hashbrown::HashMap;

/// Distinct ids, numbered from 0 in order of appearance.
///
/// ```
/// use irgan::data::interactions::Ids;
///
/// let mut ids = Ids::default();
/// assert_eq!((ids.number("b"), ids.number("a"), ids.number("b")), (0, 1, 0));
/// assert_eq!((ids.name(1), ids.find("c")), ("a", None));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Ids {
    names: Vec<String>,
    numbers: HashMap<String, u32, foldhash::fast::FixedState>,
}

impl Ids {
    /// Returns the number of `name`; a new name gets the next number.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// Returns the number of `name`, if it has one.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Returns the name with a number.
    ///
    /// # Panics
    /// When no name has this number.
    pub fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }

    /// Returns all names, in order of their numbers.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the number of names.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns true when there is no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

impl<S: AsRef<str>> FromIterator<S> for Ids {
    fn from_iter<T: IntoIterator<Item = S>>(names: T) -> Self {
        let mut ids = Self::default();
        names.into_iter().for_each(|name| {
            ids.number(name.as_ref());
        });
        ids
    }
}

impl PartialEq for Ids {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}
