use rusqlite::{Connection, OptionalExtension, params};
use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::value::{Key, to_size};
pub(super) use crate::name::Name;
use crate::{column, sql};

/// Points the name to `target`, which is here.
pub(super) fn point(connection: &Connection, name: Name<'_>, target: Digest) -> Result<(), Fault> {
    connection.prepare_cached(sql::ADD_NAME)?.execute(params![
        name.repository,
        name.tag,
        Key(target)
    ])?;
    Ok(())
}

/// Takes the name away.
pub(super) fn remove(connection: &Connection, name: Name<'_>) -> Result<(), Fault> {
    connection
        .prepare_cached(sql::REMOVE_NAME)?
        .execute([name.repository, name.tag])?;
    Ok(())
}

/// ID of the image that the name points to.
pub(super) fn id(connection: &Connection, name: Name<'_>) -> Result<Option<Digest>, Fault> {
    let id = connection
        .prepare_cached(sql::ID_OF_NAME)?
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
    let mut statement = connection.prepare_cached(sql::NAMES_OF_TARGET)?;
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
            .prepare_cached(sql::COUNT_NAMES)?
            .query_row((), |row| row.get(0))?,
    )
}
