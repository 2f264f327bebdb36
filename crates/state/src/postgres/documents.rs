//! Documents, and the numbers of objects.

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

/// How many objects of each kind there are.
pub(super) async fn counts(session: &Session) -> Result<Counts, Fault> {
    let [images, containers, names] = counted(session, sql::COUNTS).await?;
    Ok(Counts {
        images,
        names,
        containers,
    })
}

/// How many images and containers there are.
pub(super) async fn images_and_containers(session: &Session) -> Result<(u64, u64), Fault> {
    let [images, containers] = counted(session, sql::IMAGES_AND_CONTAINERS).await?;
    Ok((images, containers))
}

async fn counted<const N: usize>(session: &Session, sql: &'static str) -> Result<[u64; N], Fault> {
    let rows = session.one(ask!(sql)).await?;
    let row = rows
        .first()
        .ok_or_else(|| Fault::damaged("counts without a row"))?;
    let mut counts = [0; N];
    for (count, column) in counts.iter_mut().zip(0..) {
        *count = to_size(get(row, column)?)?;
    }
    Ok(counts)
}
