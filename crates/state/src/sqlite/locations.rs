use rusqlite::{Connection, params};
use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::value::Key;
use crate::sql;

/// Makes each the newest location of its blob.
pub(super) fn add(connection: &Connection, locations: &[(Digest, String)]) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(sql::ADD_LOCATION)?;
    for (digest, repository) in locations {
        check(repository)?;
        statement.execute(params![Key(*digest), repository])?;
    }
    Ok(())
}

/// Only one spelling of a repository is ever kept, so that it is found again.
pub(super) fn check(repository: &str) -> Result<(), Fault> {
    Reference::from_parts(repository, None, None)
        .map(drop)
        .map_err(|error| Fault::unstorable(format!("the repository {repository:?}: {error}")))
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
