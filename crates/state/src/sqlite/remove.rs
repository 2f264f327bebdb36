//! Removes names and images.

use std::collections::HashSet;

use rusqlite::Connection;
use sockerless_reference::Digest;

use super::fault::Fault;
use super::names::Name;
use super::repo_digests::Pinned;
use super::value::Key;
use super::{blobs, containers, documents, images, names, repo_digests};
use crate::{Removal, Removed};

const DOCUMENTS_ONLY_OF: &str = "\
    SELECT d.digest FROM image_documents d WHERE d.target = $1 AND NOT EXISTS ( \
    SELECT 1 FROM image_documents o WHERE o.digest = d.digest AND o.target <> $1)";
const BLOBS_ONLY_OF: &str = "\
    SELECT b.digest FROM image_blobs b WHERE b.target = $1 AND NOT EXISTS ( \
    SELECT 1 FROM image_blobs o WHERE o.digest = b.digest AND o.target <> $1)";
const REMOVE_STAGED_OF: &str = "DELETE FROM staged WHERE target = $1";
const REMOVE_DIGESTS_OF: &str = "DELETE FROM image_digests WHERE target = $1";
const REMOVE_DOCUMENTS_OF: &str = "DELETE FROM image_documents WHERE target = $1";
const REMOVE_BLOBS_OF: &str = "DELETE FROM image_blobs WHERE target = $1";
const REMOVE_IMAGE: &str = "DELETE FROM images WHERE target = $1";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    DOCUMENTS_ONLY_OF,
    BLOBS_ONLY_OF,
    REMOVE_STAGED_OF,
    REMOVE_DIGESTS_OF,
    REMOVE_DOCUMENTS_OF,
    REMOVE_BLOBS_OF,
    REMOVE_IMAGE,
];

/// Names and repository digests up to which a removal shares a transaction.
const MANY: usize = 256;

/// Whether it gets a transaction of its own.
pub(super) fn is_large(removal: &Removal) -> bool {
    // How much is removed with an image is only known when it is read.
    removal.images || removal.names.len() + removal.repo_digests.len() > MANY
}

/// Removes everything, or nothing when the removal does not match the state. That is checked before
/// anything is written, because a transaction with a result is committed.
pub(super) fn remove(connection: &Connection, removal: &Removal) -> Result<Removed, Fault> {
    let pointers = Pointers::of(removal)?;
    let targets = images::targets(connection, removal.id)?;
    if !pointers.are_of(connection, removal.id)? {
        return Ok(Removed::Changed);
    }
    if removal.images && !may_go(connection, removal, &pointers, &targets)? {
        return Ok(Removed::Changed);
    }

    for name in pointers.names {
        names::remove(connection, name)?;
    }
    for pinned in pointers.repo_digests {
        repo_digests::remove(connection, pinned)?;
    }
    let mut released = Vec::new();
    if removal.images {
        for target in targets {
            released.append(&mut remove_image(connection, target)?);
        }
    }
    released.sort_unstable();
    Ok(Removed::Done { released })
}

/// The pointers to remove, each once.
struct Pointers<'a> {
    names: HashSet<Name<'a>>,
    repo_digests: HashSet<Pinned<'a>>,
}

impl<'a> Pointers<'a> {
    fn of(removal: &'a Removal) -> Result<Self, Fault> {
        let names = removal.names.iter().map(Name::of);
        let repo_digests = removal.repo_digests.iter().map(Pinned::of);
        Ok(Self {
            names: names.collect::<Result<_, _>>()?,
            repo_digests: repo_digests.collect::<Result<_, _>>()?,
        })
    }

    /// Whether all of them exist and belong to images with this ID.
    fn are_of(&self, connection: &Connection, id: Digest) -> Result<bool, Fault> {
        for name in &self.names {
            if names::id(connection, *name)? != Some(id) {
                return Ok(false);
            }
        }
        for pinned in &self.repo_digests {
            if repo_digests::id(connection, *pinned)? != Some(id) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether the images exist, have no other pointers, and no container that protects them. All of
/// `pointers` belong to these images.
fn may_go(
    connection: &Connection,
    removal: &Removal,
    pointers: &Pointers<'_>,
    targets: &[Digest],
) -> Result<bool, Fault> {
    let (mut names, mut repo_digests) = (Vec::new(), Vec::new());
    for target in targets {
        names::read_into(&mut names, connection, *target)?;
        repo_digests::read_into(&mut repo_digests, connection, *target)?;
    }
    if targets.is_empty()
        || names.len() > pointers.names.len()
        || repo_digests.len() > pointers.repo_digests.len()
    {
        return Ok(false);
    }
    if !removal.although_used {
        for target in targets {
            if containers::use_image(connection, *target)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Removes an image to which nothing points, and returns the blobs to which only it referred.
fn remove_image(connection: &Connection, target: Digest) -> Result<Vec<Digest>, Fault> {
    let documents = images::digests(connection, DOCUMENTS_ONLY_OF, target)?;
    let blobs = images::digests(connection, BLOBS_ONLY_OF, target)?;
    for statement in [
        REMOVE_STAGED_OF,
        REMOVE_DIGESTS_OF,
        REMOVE_DOCUMENTS_OF,
        REMOVE_BLOBS_OF,
        REMOVE_IMAGE,
    ] {
        connection
            .prepare_cached(statement)?
            .execute([Key(target)])?;
    }
    for document in documents {
        documents::remove(connection, document)?;
    }
    for blob in &blobs {
        blobs::remove(connection, *blob)?;
    }
    Ok(blobs)
}
