//! The form of values in columns.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use sockerless_reference::Digest;

use super::fault::Fault;
use crate::column;

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

pub(super) fn size(bytes: u64) -> Result<i64, Fault> {
    Ok(column::size(bytes)?)
}

pub(super) fn to_size(column: i64) -> Result<u64, Fault> {
    Ok(column::to_size(column)?)
}

pub(super) fn time(at: Timestamp) -> Result<i64, Fault> {
    Ok(column::time(at)?)
}

pub(super) fn to_time(column: i64) -> Result<Timestamp, Fault> {
    Ok(column::to_time(column)?)
}
