use bytes::Bytes;
use sockerless_reference::Digest;

use super::fault::Fault;
use super::session::{Session, ask};
use super::sql;
use super::value::{Key, get};
use crate::Counts;
use crate::column::to_size;

pub(super) async fn get_bytes(session: &Session, digest: Digest) -> Result<Option<Bytes>, Fault> {
    let rows = session.one(ask!(crate::sql::DOCUMENT, Key(digest))).await?;
    let bytes = rows
        .first()
        .map(|row| get(row, 0).map(Bytes::copy_from_slice));
    bytes.transpose()
}

/// How many there are of everything.
pub(super) async fn counts(session: &Session) -> Result<Counts, Fault> {
    let rows = session.one(ask!(sql::COUNTS)).await?;
    let row = rows
        .first()
        .ok_or_else(|| Fault::damaged("counts without a row"))?;
    Ok(Counts {
        images: to_size(get(row, 0)?)?,
        names: to_size(get(row, 1)?)?,
        containers: to_size(get(row, 2)?)?,
    })
}
