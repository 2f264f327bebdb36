//! How values are kept in columns.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use sockerless_reference::Digest;

use super::fault::Fault;

/// A digest as its 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key(pub(super) Digest);

impl ToSql for Key {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
    }
}

impl FromSql for Key {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(|bytes| Self(Digest::from_bytes(bytes)))
    }
}

/// Bytes as a column keeps them: signed.
pub(super) fn size(bytes: u64) -> Result<i64, Fault> {
    i64::try_from(bytes).map_err(|_| Fault::unstorable(format!("a size of {bytes} bytes")))
}

pub(super) fn to_size(column: i64) -> Result<u64, Fault> {
    u64::try_from(column).map_err(|_| Fault::damaged(format!("a size of {column} bytes")))
}

/// Nanoseconds since 1970, which fit from the year 1677 to 2262.
pub(super) fn time(at: Timestamp) -> Result<i64, Fault> {
    i64::try_from(at.as_nanosecond()).map_err(|_| Fault::unstorable(format!("the time {at}")))
}

pub(super) fn to_time(column: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_nanosecond(column.into()).map_err(Fault::damaged)
}
