//! The form of values in columns.

use std::error::Error;

use bytes::BytesMut;
use sockerless_reference::Digest;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use super::fault::Fault;

/// A digest as its 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(pub(super) Digest);

impl ToSql for Key {
    fn to_sql(
        &self,
        column: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.as_bytes().as_slice().to_sql(column, out)
    }

    accepts!(BYTEA);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Key {
    fn from_sql(_: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Digest::from_bytes(bytes.try_into()?)))
    }

    accepts!(BYTEA);
}

/// The value of a column of a row. Another type counts as damage.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, Fault> {
    row.try_get(column).map_err(Fault::damaged)
}

/// The same for a digest.
pub(super) fn digest(row: &Row, column: usize) -> Result<Digest, Fault> {
    get(row, column).map(|Key(digest)| digest)
}

/// Whether a text can be stored in a column or looked up: PostgreSQL texts cannot have a zero byte.
pub(super) fn can_be_kept(text: &str) -> bool {
    !text.contains('\0')
}

pub(super) fn keys<'a>(digests: impl IntoIterator<Item = &'a Digest>) -> Vec<Key> {
    digests.into_iter().copied().map(Key).collect()
}
