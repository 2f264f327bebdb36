//! Documents by their digests.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::value::Key;
use crate::sql;

const HAS_DOCUMENT: &str = "SELECT 1 FROM documents WHERE digest = $1";
const ADD_DOCUMENT: &str =
    "INSERT INTO documents (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const REMOVE_DOCUMENT: &str = "DELETE FROM documents WHERE digest = $1";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[HAS_DOCUMENT, ADD_DOCUMENT, REMOVE_DOCUMENT];

pub(super) fn get(connection: &Connection, digest: Digest) -> Result<Option<Bytes>, Fault> {
    let bytes: Option<Vec<u8>> = connection
        .prepare_cached(sql::DOCUMENT)?
        .query_row([Key(digest)], |row| row.get(0))
        .optional()?;
    Ok(bytes.map(Bytes::from))
}

pub(super) fn exists(connection: &Connection, digest: Digest) -> Result<bool, Fault> {
    Ok(connection
        .prepare_cached(HAS_DOCUMENT)?
        .exists([Key(digest)])?)
}

pub(super) fn add(connection: &Connection, digest: Digest, bytes: &[u8]) -> Result<(), Fault> {
    connection
        .prepare_cached(ADD_DOCUMENT)?
        .execute(params![Key(digest), bytes])?;
    Ok(())
}

/// Removes a document that no image needs.
pub(super) fn remove(connection: &Connection, digest: Digest) -> Result<(), Fault> {
    connection
        .prepare_cached(REMOVE_DOCUMENT)?
        .execute([Key(digest)])?;
    Ok(())
}
