//! The environment of a config, indexed by variable name.

use std::borrow::Cow;
use std::collections::HashMap;

use sockerless_oci::config::env_key;

/// The environment of a config, indexed by name.
#[derive(Debug, Default)]
pub(super) struct Variables {
    entries: Vec<String>,
    places: HashMap<String, Occurrences>,
    any_case: bool,
}

/// The position of a variable in the list. An image may list one twice: Docker sets the first and
/// reads the last.
#[derive(Debug, Clone, Copy)]
struct Occurrences {
    first: usize,
    last: usize,
}

impl Variables {
    /// The variables of `entries`, whose names are case-insensitive if `any_case` is set.
    pub(super) fn new(entries: Vec<String>, any_case: bool) -> Self {
        let mut variables = Self {
            any_case,
            ..Self::default()
        };
        for entry in entries {
            let name = variables.fold(env_key(&entry)).into_owned();
            variables.note(name);
            variables.entries.push(entry);
        }
        variables
    }

    /// The value of a variable; empty if its entry has no `=`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let place = self.places.get(self.fold(name).as_ref())?;
        let entry = self.entries.get(place.last)?;
        Some(entry.split_once('=').map_or("", |(_, value)| value))
    }

    /// Sets a variable in place, or appends it.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        let entry = format!("{name}={value}");
        let name = self.fold(name).into_owned();
        let place = self.places.get(&name).map(|place| place.first);
        match place.and_then(|place| self.entries.get_mut(place)) {
            Some(place) => *place = entry,
            None => {
                self.note(name);
                self.entries.push(entry);
            }
        }
    }

    /// The entries in their order.
    pub(super) fn into_entries(self) -> Vec<String> {
        self.entries
    }

    /// Records the position of the next entry.
    fn note(&mut self, name: String) {
        let next = self.entries.len();
        let place = self.places.entry(name).or_insert(Occurrences {
            first: next,
            last: next,
        });
        place.last = next;
    }

    fn fold<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match self.any_case {
            true => Cow::Owned(name.to_uppercase()),
            false => Cow::Borrowed(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(entries: &[&str], any_case: bool) -> Variables {
        let entries = entries.iter().map(|&entry| entry.to_owned()).collect();
        Variables::new(entries, any_case)
    }

    #[test]
    fn by_name() {
        let mut found = variables(&["a=1", "b", "c=", "d=x=y"], false);
        assert_eq!(found.get("a"), Some("1"));
        assert_eq!(found.get("A"), None);
        assert_eq!(found.get("b"), Some(""));
        assert_eq!(found.get("c"), Some(""));
        assert_eq!(found.get("d"), Some("x=y"));
        found.set("b", "2");
        found.set("A", "3");
        assert_eq!(found.get("b"), Some("2"));
        assert_eq!(found.get("A"), Some("3"));
        assert_eq!(found.into_entries(), ["a=1", "b=2", "c=", "d=x=y", "A=3"]);
    }

    #[test]
    fn in_any_case() {
        let mut found = variables(&["Path=1"], true);
        assert_eq!(found.get("PATH"), Some("1"));
        found.set("path", "2");
        assert_eq!(found.into_entries(), ["path=2"]);
    }

    #[test]
    fn listed_twice() {
        let mut found = variables(&["a=1", "a=2"], false);
        assert_eq!(found.get("a"), Some("2"));
        found.set("a", "3");
        assert_eq!(found.get("a"), Some("2"));
        assert_eq!(found.into_entries(), ["a=3", "a=2"]);
    }
}
