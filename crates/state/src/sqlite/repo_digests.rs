use rusqlite::{Connection, OptionalExtension, params};
use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::value::Key;
pub(super) use crate::name::Pinned;
use crate::{column, sql};

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

/// Adds all of the image with this target to `references`.
pub(super) fn read_into(
    references: &mut Vec<Reference>,
    connection: &Connection,
    target: Digest,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(sql::REPO_DIGESTS_OF_TARGET)?;
    let mut rows = statement.query([Key(target)])?;
    while let Some(row) = rows.next()? {
        let repository = row.get_ref(0)?.as_str().map_err(Fault::damaged)?;
        let Key(digest) = row.get(1)?;
        references.push(column::to_pinned(repository, digest)?);
    }
    Ok(())
}
