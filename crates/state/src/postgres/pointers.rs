//! Names, repository digests and locations as columns of arrays, each once and sorted.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sockerless_reference::{Digest, Reference};

use super::value::Key;
use crate::Error;
use crate::name::{Name, Pinned, check_repository};

/// Names, each with its new target.
#[derive(Default)]
pub(super) struct Names<'a> {
    pub(super) repositories: Vec<&'a str>,
    pub(super) tags: Vec<&'a str>,
    pub(super) targets: Vec<Key>,
}

impl<'a> Names<'a> {
    /// From names with their targets; each name occurs once.
    pub(super) fn to(
        pointers: impl IntoIterator<Item = &'a (Reference, Digest)>,
    ) -> Result<Self, Error> {
        let mut sorted = BTreeMap::new();
        for (reference, target) in pointers {
            sorted.insert(Name::of(reference)?, *target);
        }
        let mut names = Self::default();
        for (name, target) in sorted {
            names.repositories.push(name.repository);
            names.tags.push(name.tag);
            names.targets.push(Key(target));
        }
        Ok(names)
    }

    /// From names without targets.
    pub(super) fn of(references: &'a [Reference]) -> Result<Self, Error> {
        let names: BTreeSet<_> = references.iter().map(Name::of).collect::<Result<_, _>>()?;
        let (repositories, tags) = names.iter().map(|name| (name.repository, name.tag)).unzip();
        Ok(Self {
            repositories,
            tags,
            targets: Vec::new(),
        })
    }
}

/// Repository digests, each with the image that can be pulled under it.
#[derive(Default)]
pub(super) struct Pins<'a> {
    pub(super) repositories: Vec<&'a str>,
    pub(super) digests: Vec<Key>,
    pub(super) targets: Vec<Key>,
}

impl<'a> Pins<'a> {
    /// Of equal ones the last counts.
    pub(super) fn to(
        pointers: impl IntoIterator<Item = &'a (Reference, Digest)>,
    ) -> Result<Self, Error> {
        let mut sorted = BTreeMap::new();
        for (reference, target) in pointers {
            sorted.insert(Pinned::of(reference)?, *target);
        }
        let mut pins = Self::default();
        for (pinned, target) in sorted {
            pins.repositories.push(pinned.repository);
            pins.digests.push(Key(pinned.digest));
            pins.targets.push(Key(target));
        }
        Ok(pins)
    }

    pub(super) fn of(references: &'a [Reference]) -> Result<Self, Error> {
        let pins: BTreeSet<_> = references
            .iter()
            .map(Pinned::of)
            .collect::<Result<_, _>>()?;
        let pins = pins
            .iter()
            .map(|pinned| (pinned.repository, Key(pinned.digest)));
        let (repositories, digests) = pins.unzip();
        Ok(Self {
            repositories,
            digests,
            targets: Vec::new(),
        })
    }
}

/// Where blobs are. Those of one blob are in the order of the addition.
pub(super) struct Locations<'a> {
    pub(super) digests: Vec<Key>,
    pub(super) repositories: Vec<&'a str>,
}

impl<'a> Locations<'a> {
    pub(super) fn of(locations: &'a [(Digest, String)]) -> Result<Self, Error> {
        let mut seen = HashSet::new();
        let mut last = Vec::new();
        for (digest, repository) in locations.iter().rev() {
            check_repository(repository)?;
            if seen.insert((digest, repository)) {
                last.push((Key(*digest), repository.as_str()));
            }
        }
        last.reverse();
        last.sort_by_key(|(digest, _)| *digest);
        let (digests, repositories) = last.into_iter().unzip();
        Ok(Self {
            digests,
            repositories,
        })
    }
}
