//! Repository digests of images.

use rusqlite::{Connection, OptionalExtension, params};
use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::value::Key;

const ADD_REPO_DIGEST: &str = "\
    INSERT INTO repo_digests (repository, digest, target) VALUES ($1, $2, $3) \
    ON CONFLICT (repository, digest) DO UPDATE SET target = excluded.target \
    WHERE repo_digests.target <> excluded.target";
const REPO_DIGESTS_OF_TARGET: &str =
    "SELECT repository, digest FROM repo_digests WHERE target = $1";
const ID_OF_REPO_DIGEST: &str = "\
    SELECT i.id FROM repo_digests r JOIN images i ON i.target = r.target \
    WHERE r.repository = $1 AND r.digest = $2";
const REMOVE_REPO_DIGEST: &str = "DELETE FROM repo_digests WHERE repository = $1 AND digest = $2";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    ADD_REPO_DIGEST,
    REPO_DIGESTS_OF_TARGET,
    ID_OF_REPO_DIGEST,
    REMOVE_REPO_DIGEST,
];
use crate::column;
pub(super) use crate::name::Pinned;

/// Points the repository digest to the image with this target, which must exist.
pub(super) fn point(
    connection: &Connection,
    pinned: Pinned<'_>,
    target: Digest,
) -> Result<(), Fault> {
    connection
        .prepare_cached(ADD_REPO_DIGEST)?
        .execute(params![pinned.repository, Key(pinned.digest), Key(target)])?;
    Ok(())
}

/// Removes the repository digest.
pub(super) fn remove(connection: &Connection, pinned: Pinned<'_>) -> Result<(), Fault> {
    connection
        .prepare_cached(REMOVE_REPO_DIGEST)?
        .execute(params![pinned.repository, Key(pinned.digest)])?;
    Ok(())
}

/// ID of the image that can be pulled under it.
pub(super) fn id(connection: &Connection, pinned: Pinned<'_>) -> Result<Option<Digest>, Fault> {
    let id = connection
        .prepare_cached(ID_OF_REPO_DIGEST)?
        .query_row(params![pinned.repository, Key(pinned.digest)], |row| {
            row.get(0).map(|Key(id)| id)
        })
        .optional()?;
    Ok(id)
}

/// Adds all of the image with this target to `references`.
pub(super) fn read_into(
    references: &mut Vec<Reference>,
    connection: &Connection,
    target: Digest,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(REPO_DIGESTS_OF_TARGET)?;
    let mut rows = statement.query([Key(target)])?;
    while let Some(row) = rows.next()? {
        let repository = row.get_ref(0)?.as_str().map_err(Fault::damaged)?;
        let Key(digest) = row.get(1)?;
        references.push(column::to_pinned(repository, digest)?);
    }
    Ok(())
}
