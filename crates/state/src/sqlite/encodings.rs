//! The compressed forms of layers.

use rusqlite::{Connection, OptionalExtension, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::value::{Key, size, to_size};
use crate::Encoding;

const SET_ENCODING: &str = "\
    INSERT INTO encodings (diff_id, encoding, digest, size) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (diff_id, encoding) DO UPDATE \
    SET digest = excluded.digest, size = excluded.size, used_at = excluded.used_at \
    WHERE encodings.digest <> excluded.digest OR encodings.size <> excluded.size \
    OR encodings.used_at < excluded.used_at - 86400000000000";
const ENCODING: &str = "SELECT digest, size FROM encodings WHERE diff_id = $1 AND encoding = $2";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[SET_ENCODING, ENCODING];

/// Records each in place of the previous form of its tar with the same encoding.
pub(super) fn set(connection: &Connection, encodings: &[Encoding]) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(SET_ENCODING)?;
    for encoding in encodings {
        statement.execute(params![
            Key(encoding.diff_id),
            encoding.encoding,
            Key(encoding.digest),
            size(encoding.size)?,
        ])?;
    }
    Ok(())
}

/// The known encodings of these tars, in the order of `diff_ids`.
pub(super) fn of(
    connection: &Connection,
    diff_ids: &[Digest],
    encoding: &str,
) -> Result<Vec<Encoding>, Fault> {
    let mut statement = connection.prepare_cached(ENCODING)?;
    let mut known = Vec::new();
    for diff_id in diff_ids {
        let row = statement
            .query_row(params![Key(*diff_id), encoding], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        if let Some((Key(digest), size)) = row {
            known.push(Encoding {
                diff_id: *diff_id,
                encoding: encoding.to_owned(),
                digest,
                size: to_size(size)?,
            });
        }
    }
    Ok(known)
}
