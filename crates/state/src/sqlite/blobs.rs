//! Verified blobs, and the sizes of their content.

use rusqlite::{Connection, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::value::{Key, size, to_size};
use crate::{Blob, Layer, image};

const ADD_BLOB: &str = "\
    INSERT INTO blobs (digest, size, media_type, diff_id, tar_size, content_size) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
pub(super) const BLOBS_OF_DIFF_ID: &str = "\
    SELECT digest, size, media_type, diff_id, tar_size, content_size FROM blobs \
    WHERE diff_id = $1 ORDER BY digest";
const CONTENT_SIZE: &str = "SELECT MAX(content_size) FROM blobs WHERE diff_id = $1";
pub(super) const IS_REFERENCED: &str = "SELECT 1 FROM image_blobs WHERE digest = $1 LIMIT 1";
const REMOVE_BLOB: &str = "DELETE FROM blobs WHERE digest = $1";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    ADD_BLOB,
    BLOBS_OF_DIFF_ID,
    CONTENT_SIZE,
    IS_REFERENCED,
    REMOVE_BLOB,
];

/// Records a blob. False when it was recorded already.
pub(super) fn add(connection: &Connection, blob: &Blob) -> Result<bool, Fault> {
    let added = connection.prepare_cached(ADD_BLOB)?.execute(params![
        Key(blob.digest),
        size(blob.size)?,
        blob.media_type,
        Key(blob.diff_id),
        size(blob.tar_size)?,
        size(blob.content_size)?,
    ])?;
    Ok(added > 0)
}

/// Removes the row of a blob that no image refers to.
pub(super) fn remove(connection: &Connection, digest: Digest) -> Result<(), Fault> {
    connection
        .prepare_cached(REMOVE_BLOB)?
        .execute([Key(digest)])?;
    Ok(())
}

/// The blobs that have one of these `diff_ids`, in the order of those.
pub(super) fn with_diff_ids(
    connection: &Connection,
    diff_ids: &[Digest],
) -> Result<Vec<Blob>, Fault> {
    let mut statement = connection.prepare_cached(BLOBS_OF_DIFF_ID)?;
    let mut blobs = Vec::new();
    for diff_id in diff_ids {
        let mut rows = statement.query([Key(*diff_id)])?;
        while let Some(row) = rows.next()? {
            let Key(digest) = row.get(0)?;
            let Key(diff_id) = row.get(3)?;
            blobs.push(Blob {
                digest,
                size: to_size(row.get(1)?)?,
                media_type: row.get(2)?,
                diff_id,
                tar_size: to_size(row.get(4)?)?,
                content_size: to_size(row.get(5)?)?,
            });
        }
    }
    Ok(blobs)
}

/// Sum of the content sizes of `layers`; `None` when one is not known. Every blob with the
/// `diff_id` has the same size: they have one tar.
pub(super) fn content_size(
    connection: &Connection,
    layers: &[Layer],
) -> Result<Option<u64>, Fault> {
    let mut statement = connection.prepare_cached(CONTENT_SIZE)?;
    let mut known = Vec::with_capacity(layers.len());
    for layer in layers {
        let size: Option<i64> = statement.query_row([Key(layer.diff_id)], |row| row.get(0))?;
        known.push(size.map(to_size).transpose()?);
    }
    Ok(image::content_size(layers, known))
}

/// Those of `digests` that an image refers to.
pub(super) fn referenced(
    connection: &Connection,
    digests: &[Digest],
) -> Result<Vec<Digest>, Fault> {
    let mut statement = connection.prepare_cached(IS_REFERENCED)?;
    let mut referenced = Vec::new();
    for digest in digests {
        if statement.exists([Key(*digest)])? {
            referenced.push(*digest);
        }
    }
    Ok(referenced)
}
