//! The ID of a state.

use rusqlite::Connection;

use super::fault::Fault;

/// The first schema with an ID.
pub(super) const SINCE: usize = 2;

/// 32 hexadecimal characters that no other state has.
pub(super) fn get(connection: &Connection) -> Result<String, Fault> {
    let ids: Vec<String> = connection
        .prepare("SELECT id FROM identity LIMIT 2")?
        .query_map((), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    match <[String; 1]>::try_from(ids) {
        Ok([id]) => Ok(id),
        Err(ids) => Err(Fault::damaged(format!(
            "expected one row in table identity, found {}",
            ids.len()
        ))),
    }
}
