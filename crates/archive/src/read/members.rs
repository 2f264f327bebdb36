use std::collections::HashMap;

use bytes::Bytes;
use sockerless_reference::Digest;

use super::path::clean;
use crate::{Blob, Error};

/// Links that are followed before they are taken for a loop.
const LINK_HOPS: usize = 32;

/// What an archive has, by name.
#[derive(Debug, Default)]
pub(crate) struct Members {
    by_path: HashMap<String, Member>,
    /// Blobs announced so far, to number them.
    announced: usize,
    /// The blobs in the order of the archive.
    pub(crate) blobs: Vec<Blob>,
}

/// One member.
#[derive(Debug, Clone)]
pub(crate) enum Member {
    /// A JSON document, kept in memory.
    Document(Document),
    /// Any other file: an index into the blobs.
    Blob(usize),
    /// A file without bytes, also a blob.
    Empty(usize),
    /// A link, with its target as written.
    Link { target: String, symbolic: bool },
}

/// A JSON document with its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Digest of the bytes.
    pub digest: Digest,
    /// The bytes as they came.
    pub bytes: Bytes,
}

impl Document {
    /// Bytes with their digest.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            digest: Digest::of(&bytes),
            bytes,
        }
    }
}

/// What a name leads to, links followed.
#[derive(Debug)]
pub(crate) enum Resolved<'a> {
    Document(&'a Document),
    Blob(&'a Blob),
    /// A file without bytes.
    Empty(&'a Blob),
    /// Nothing of that name.
    Missing,
}

impl Members {
    /// Puts a member under its name; of several the last wins.
    pub(super) fn insert(&mut self, path: String, member: Member) {
        self.by_path.insert(path, member);
    }

    /// Puts the next blob under its name.
    pub(super) fn insert_blob(&mut self, path: String, empty: bool) {
        let index = self.announced;
        self.insert(
            path,
            if empty {
                Member::Empty(index)
            } else {
                Member::Blob(index)
            },
        );
        self.announced += 1;
    }

    /// What `name` leads to.
    ///
    /// A symbolic link is read from its own folder, and else from the root of the archive, as some
    /// writers mean it; a hard link from the root.
    ///
    /// # Errors
    /// [`Error::Climbs`] when the name leads out of the archive, [`Error::Link`] when it is a link
    /// that leads nowhere.
    pub(crate) fn get(&self, name: &str) -> Result<Resolved<'_>, Error> {
        let climbs = || Error::Climbs {
            entry: name.to_owned(),
        };
        let mut path = clean(name).ok_or_else(climbs)?;
        for hop in 0..LINK_HOPS {
            match self.by_path.get(&path) {
                None if hop == 0 => return Ok(Resolved::Missing),
                None => break,
                Some(Member::Document(document)) => return Ok(Resolved::Document(document)),
                Some(Member::Empty(index)) => {
                    return Ok(self
                        .blobs
                        .get(*index)
                        .map_or(Resolved::Missing, Resolved::Empty));
                }
                Some(Member::Blob(index)) => {
                    return Ok(self
                        .blobs
                        .get(*index)
                        .map_or(Resolved::Missing, Resolved::Blob));
                }
                Some(Member::Link { target, symbolic }) => {
                    let folder = path.rsplit_once('/').map(|(folder, _)| folder);
                    let beside = folder.filter(|_| *symbolic && !target.starts_with('/'));
                    let beside = beside.and_then(|folder| clean(&format!("{folder}/{target}")));
                    let from_root = clean(target);
                    path = match (beside, from_root) {
                        (Some(beside), _) if self.by_path.contains_key(&beside) => beside,
                        (_, Some(from_root)) => from_root,
                        (Some(beside), None) => beside,
                        (None, None) => return Err(climbs()),
                    };
                }
            }
        }
        Err(Error::Link {
            entry: name.to_owned(),
            target: path,
        })
    }

    /// A document that the archive must have to mean anything.
    pub(crate) fn document(&self, name: &str) -> Result<Option<&Document>, Error> {
        Ok(match self.get(name)? {
            Resolved::Document(document) => Some(document),
            _ => None,
        })
    }

    /// The blobs, when nothing more is to be looked up.
    pub(crate) fn into_blobs(self) -> Vec<Blob> {
        self.blobs
    }
}
