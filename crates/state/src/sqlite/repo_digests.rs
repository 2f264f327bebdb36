use rusqlite::{Connection, OptionalExtension, params};
use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::value::Key;
use crate::sql;

/// A repository and the digest of a manifest or index in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pinned<'a> {
    repository: &'a str,
    digest: Digest,
}

impl<'a> Pinned<'a> {
    pub(super) fn of(reference: &'a Reference) -> Result<Self, Fault> {
        match (reference.tag(), reference.digest()) {
            (None, Some(digest)) => Ok(Self {
                repository: reference.repository(),
                digest,
            }),
            (_, None) => Err(Fault::unstorable(format!(
                "the repository digest {reference} without a digest"
            ))),
            (Some(_), _) => Err(Fault::unstorable(format!(
                "the repository digest {reference} with a tag"
            ))),
        }
    }
}

/// The image with this target, which is here, is what the registry has there.
pub(super) fn point(
    connection: &Connection,
    pinned: Pinned<'_>,
    target: Digest,
) -> Result<(), Fault> {
    connection
        .prepare_cached(sql::ADD_REPO_DIGEST)?
        .execute(params![pinned.repository, Key(pinned.digest), Key(target)])?;
    Ok(())
}

/// Takes the repository digest away.
pub(super) fn remove(connection: &Connection, pinned: Pinned<'_>) -> Result<(), Fault> {
    connection
        .prepare_cached(sql::REMOVE_REPO_DIGEST)?
        .execute(params![pinned.repository, Key(pinned.digest)])?;
    Ok(())
}

/// ID of the image that can be pulled there.
pub(super) fn id(connection: &Connection, pinned: Pinned<'_>) -> Result<Option<Digest>, Fault> {
    let id = connection
        .prepare_cached(sql::ID_OF_REPO_DIGEST)?
        .query_row(params![pinned.repository, Key(pinned.digest)], |row| {
            row.get(0).map(|Key(id)| id)
        })
        .optional()?;
    Ok(id)
}

/// All of the images with this ID, sorted.
pub(super) fn with_id(connection: &Connection, id: Digest) -> Result<Vec<Reference>, Fault> {
    let mut statement = connection.prepare_cached(sql::REPO_DIGESTS_OF_ID)?;
    let mut rows = statement.query([Key(id)])?;
    let mut references = Vec::new();
    while let Some(row) = rows.next()? {
        let repository = row.get_ref(0)?.as_str().map_err(Fault::damaged)?;
        let Key(digest) = row.get(1)?;
        let reference = Reference::from_parts(repository, None, Some(digest))
            .map_err(|error| Fault::damaged(format!("repository {repository}: {error}")))?;
        references.push(reference);
    }
    references.sort_unstable();
    Ok(references)
}
