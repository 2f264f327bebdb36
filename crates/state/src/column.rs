//! The form of numbers and texts in columns of any database.

use jiff::Timestamp;
use sockerless_reference::{Digest, Reference};

use crate::Error;

/// A column has a value that this program never wrote.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Damage(pub(crate) String);

/// Bytes, signed.
pub(crate) fn size(bytes: u64) -> Result<i64, Error> {
    i64::try_from(bytes).map_err(|_| Error::Unstorable {
        what: format!("a size of {bytes} bytes"),
    })
}

pub(crate) fn to_size(column: i64) -> Result<u64, Damage> {
    u64::try_from(column).map_err(|_| Damage(format!("a size of {column} bytes")))
}

/// Nanoseconds since 1970, which fit from the year 1677 to 2262.
pub(crate) fn time(at: Timestamp) -> Result<i64, Error> {
    i64::try_from(at.as_nanosecond()).map_err(|_| Error::Unstorable {
        what: format!("the time {at}"),
    })
}

pub(crate) fn to_time(column: i64) -> Result<Timestamp, Damage> {
    Timestamp::from_nanosecond(column.into()).map_err(|error| Damage(error.to_string()))
}

/// A limit of rows.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

pub(crate) fn to_name(repository: &str, tag: &str) -> Result<Reference, Damage> {
    Reference::from_parts(repository, Some(tag), None)
        .map_err(|error| Damage(format!("name {repository}:{tag}: {error}")))
}

pub(crate) fn to_pinned(repository: &str, digest: Digest) -> Result<Reference, Damage> {
    Reference::from_parts(repository, None, Some(digest))
        .map_err(|error| Damage(format!("repository {repository}: {error}")))
}
