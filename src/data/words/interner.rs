//! Interner of strings: every different one is stored once, numbered in the order of arrival.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::BuildHasher;

/// Strings with numbers from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interner {
    names: Vec<Box<str>>,
    places: HashTable<u32>, // indices of `names`, by the hash of the name
}

fn hash(name: &str) -> u64 {
    FixedState::with_seed(0).hash_one(name)
}

impl Interner {
    /// Returns the number of `name`, and true when it is new.
    pub(crate) fn insert(&mut self, name: &str) -> (u32, bool) {
        let Self { names, places } = self;
        let same = |&place: &u32| &*names[place as usize] == name;
        match places.entry(hash(name), same, |&place| hash(&names[place as usize])) {
            Entry::Occupied(entry) => (*entry.get(), false),
            Entry::Vacant(entry) => {
                let place = u32::try_from(names.len()).expect("callers stay below 2^32 names");
                entry.insert(place);
                names.push(name.into());
                (place, true)
            }
        }
    }

    /// Returns the number of `name`; `None` when it is unknown.
    pub(crate) fn get(&self, name: &str) -> Option<u32> {
        self.places.find(hash(name), |&place| &*self.names[place as usize] == name).copied()
    }

    /// Returns the names by their numbers.
    pub(crate) fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// Returns the number of names.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number() {
        let mut interner = Interner::default();
        let names: Vec<String> = (0..1000).map(|n| (n % 300).to_string()).collect();
        for (arrival, name) in names.iter().enumerate() {
            assert_eq!(interner.insert(name), ((arrival % 300) as u32, arrival < 300));
        }
        assert_eq!((interner.len(), interner.get("299"), interner.get("300")), (300, Some(299), None));
        assert_eq!(&*interner.names()[17], "17");
    }
}
