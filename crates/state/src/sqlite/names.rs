use rusqlite::{Connection, OptionalExtension, params};
use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::value::{Key, to_size};
use crate::sql;

/// A name as it is kept: a tag in a repository.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Name<'a> {
    repository: &'a str,
    tag: &'a str,
}

impl<'a> Name<'a> {
    /// Only a name with a tag and without a digest can point somewhere else one day.
    pub(super) fn of(reference: &'a Reference) -> Result<Self, Fault> {
        match (reference.tag(), reference.digest()) {
            (Some(tag), None) => Ok(Self {
                repository: reference.repository(),
                tag,
            }),
            (None, _) => Err(Fault::unstorable(format!(
                "the name {reference} without a tag"
            ))),
            (_, Some(_)) => Err(Fault::unstorable(format!(
                "the name {reference} with a digest"
            ))),
        }
    }
}

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

/// All names of the images with this ID, sorted.
pub(super) fn with_id(connection: &Connection, id: Digest) -> Result<Vec<Reference>, Fault> {
    let mut statement = connection.prepare_cached(sql::NAMES_OF_ID)?;
    let mut rows = statement.query([Key(id)])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        let repository = row.get_ref(0)?.as_str().map_err(Fault::damaged)?;
        let tag = row.get_ref(1)?.as_str().map_err(Fault::damaged)?;
        names.push(read(repository, tag)?);
    }
    names.sort_unstable();
    Ok(names)
}

/// The next tags of the repository, in their order.
pub(super) fn of(
    connection: &Connection,
    repository: &str,
    after_tag: Option<&str>,
    limit: usize,
) -> Result<Vec<(Reference, Digest)>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql::NEXT_TAGS)?;
    // No tag is empty.
    let mut rows = statement.query(params![repository, after_tag.unwrap_or(""), limit])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        let tag = row.get_ref(0)?.as_str().map_err(Fault::damaged)?;
        let Key(target) = row.get(1)?;
        names.push((read(repository, tag)?, target));
    }
    Ok(names)
}

fn read(repository: &str, tag: &str) -> Result<Reference, Fault> {
    Reference::from_parts(repository, Some(tag), None)
        .map_err(|error| Fault::damaged(format!("name {repository}:{tag}: {error}")))
}

pub(super) fn count(connection: &Connection) -> Result<u64, Fault> {
    to_size(
        connection
            .prepare_cached(sql::COUNT_NAMES)?
            .query_row((), |row| row.get(0))?,
    )
}
