//! Names of images, and pages of the tags of a repository.

use rusqlite::{Connection, OptionalExtension, params};
use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::value::{Key, to_size};

const NAMES_OF_TARGET: &str = "SELECT repository, tag FROM names WHERE target = $1";
const ID_OF_NAME: &str = "\
    SELECT i.id FROM names n JOIN images i ON i.target = n.target \
    WHERE n.repository = $1 AND n.tag = $2";
const ADD_NAME: &str = "\
    INSERT INTO names (repository, tag, target) VALUES ($1, $2, $3) \
    ON CONFLICT (repository, tag) DO UPDATE SET target = excluded.target \
    WHERE names.target <> excluded.target";
pub(super) const COUNT_NAMES: &str = "SELECT COUNT(*) FROM names";
const REMOVE_NAME: &str = "DELETE FROM names WHERE repository = $1 AND tag = $2";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    NAMES_OF_TARGET,
    ID_OF_NAME,
    ADD_NAME,
    COUNT_NAMES,
    REMOVE_NAME,
];
pub(super) use crate::name::Name;
use crate::{column, sql};

/// Points the name to `target`, which must exist.
pub(super) fn point(connection: &Connection, name: Name<'_>, target: Digest) -> Result<(), Fault> {
    connection.prepare_cached(ADD_NAME)?.execute(params![
        name.repository,
        name.tag,
        Key(target)
    ])?;
    Ok(())
}

/// Removes the name.
pub(super) fn remove(connection: &Connection, name: Name<'_>) -> Result<(), Fault> {
    connection
        .prepare_cached(REMOVE_NAME)?
        .execute([name.repository, name.tag])?;
    Ok(())
}

/// ID of the image that the name points to.
pub(super) fn id(connection: &Connection, name: Name<'_>) -> Result<Option<Digest>, Fault> {
    let id = connection
        .prepare_cached(ID_OF_NAME)?
        .query_row([name.repository, name.tag], |row| {
            row.get(0).map(|Key(id)| id)
        })
        .optional()?;
    Ok(id)
}

/// Adds all names of the image with this target to `names`.
pub(super) fn read_into(
    names: &mut Vec<Reference>,
    connection: &Connection,
    target: Digest,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(NAMES_OF_TARGET)?;
    let mut rows = statement.query([Key(target)])?;
    while let Some(row) = rows.next()? {
        let repository = row.get_ref(0)?.as_str().map_err(Fault::damaged)?;
        let tag = row.get_ref(1)?.as_str().map_err(Fault::damaged)?;
        names.push(column::to_name(repository, tag)?);
    }
    Ok(())
}

/// The next tags of the repository, in their order.
pub(super) fn of(
    connection: &Connection,
    repository: &str,
    after_tag: Option<&str>,
    limit: usize,
) -> Result<Vec<(Reference, Digest)>, Fault> {
    let mut statement = connection.prepare_cached(sql::NEXT_TAGS)?;
    // No tag is empty.
    let mut rows = statement.query(params![
        repository,
        after_tag.unwrap_or(""),
        column::limit(limit)
    ])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        let tag = row.get_ref(0)?.as_str().map_err(Fault::damaged)?;
        let Key(target) = row.get(1)?;
        names.push((column::to_name(repository, tag)?, target));
    }
    Ok(names)
}

pub(super) fn count(connection: &Connection) -> Result<u64, Fault> {
    to_size(
        connection
            .prepare_cached(COUNT_NAMES)?
            .query_row((), |row| row.get(0))?,
    )
}
