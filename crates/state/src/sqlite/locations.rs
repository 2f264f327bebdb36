use rusqlite::{Connection, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::value::Key;
use crate::name::check_repository;
use crate::sql;

/// Makes each the newest location of its blob.
pub(super) fn add(connection: &Connection, locations: &[(Digest, String)]) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(sql::ADD_LOCATION)?;
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
    let mut statement = connection.prepare_cached(sql::LOCATIONS_OF_BLOB)?;
    let mut locations = Vec::new();
    for digest in digests {
        let repositories = statement.query_map([Key(*digest)], |row| row.get(0))?;
        for repository in repositories {
            locations.push((*digest, repository?));
        }
    }
    Ok(locations)
}
