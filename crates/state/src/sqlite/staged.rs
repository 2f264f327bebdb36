//! Staged forms of images.

use rusqlite::{Connection, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::images;
use super::value::Key;
use crate::addition::lacks_variant;
use crate::name::check_repository;
use crate::{Staged, sql};

const SET_STAGED: &str = "\
    INSERT INTO staged (target, repository, config, manifest) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (target, repository, config) DO UPDATE SET manifest = excluded.manifest \
    WHERE staged.manifest <> excluded.manifest";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[SET_STAGED];

/// Records the form of a variant; its image and its manifest must exist.
pub(super) fn set(connection: &Connection, staged: &Staged) -> Result<(), Fault> {
    check_repository(&staged.repository)?;
    if !images::has_variant(connection, staged.target, staged.config)? {
        return Err(lacks_variant(staged).into());
    }
    connection.prepare_cached(SET_STAGED)?.execute(params![
        Key(staged.target),
        staged.repository,
        Key(staged.config),
        Key(staged.manifest),
    ])?;
    images::keep_document(connection, staged.target, staged.manifest)
}

/// The forms of the image in this repository, in the order of its variants.
pub(super) fn of(
    connection: &Connection,
    target: Digest,
    repository: &str,
) -> Result<Vec<Staged>, Fault> {
    let mut statement = connection.prepare_cached(sql::STAGED)?;
    let staged = statement.query_map(params![Key(target), repository], |row| {
        let (Key(config), Key(manifest)) = (row.get(0)?, row.get(1)?);
        Ok(Staged {
            target,
            config,
            repository: repository.to_owned(),
            manifest,
        })
    })?;
    Ok(staged.collect::<Result<_, _>>()?)
}
