//! The repositories that have blobs.

use rusqlite::{Connection, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::value::Key;
use crate::name::check_repository;

const ADD_LOCATION: &str = "\
    INSERT INTO locations (digest, repository, recorded) VALUES ($1, $2, \
    (SELECT COALESCE(MAX(recorded), 0) + 1 FROM locations WHERE digest = $1)) \
    ON CONFLICT (digest, repository) DO UPDATE \
    SET recorded = excluded.recorded, used_at = excluded.used_at \
    WHERE locations.recorded <> excluded.recorded - 1 \
    OR locations.used_at < excluded.used_at - 86400000000000";
pub(super) const LOCATIONS_OF_BLOB: &str =
    "SELECT repository FROM locations WHERE digest = $1 ORDER BY recorded DESC, repository";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[ADD_LOCATION, LOCATIONS_OF_BLOB];

/// Makes each the newest location of its blob.
pub(super) fn add(connection: &Connection, locations: &[(Digest, String)]) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(ADD_LOCATION)?;
    for (digest, repository) in locations {
        check_repository(repository)?;
        statement.execute(params![Key(*digest), repository])?;
    }
    Ok(())
}

/// The locations of the blobs in the order of `digests`, newest first.
pub(super) fn of(
    connection: &Connection,
    digests: &[Digest],
) -> Result<Vec<(Digest, String)>, Fault> {
    let mut statement = connection.prepare_cached(LOCATIONS_OF_BLOB)?;
    let mut locations = Vec::new();
    for digest in digests {
        let repositories = statement.query_map([Key(*digest)], |row| row.get(0))?;
        for repository in repositories {
            locations.push((*digest, repository?));
        }
    }
    Ok(locations)
}
