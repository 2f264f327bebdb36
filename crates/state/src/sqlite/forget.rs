//! Removes old records of registries that no image needs.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::fault::Fault;
use crate::Forgotten;
use crate::column::{limit, time};
use crate::sql::{encoding_is_needed, location_is_needed};

const OLD_ENCODINGS: &str = concat!(
    "SELECT e.diff_id, e.encoding, ",
    encoding_is_needed!(),
    " FROM encodings e WHERE e.used_at < $1 ORDER BY e.used_at LIMIT $2"
);
const OLD_LOCATIONS: &str = concat!(
    "SELECT l.digest, l.repository, ",
    location_is_needed!(),
    " FROM locations l WHERE l.used_at < $1 ORDER BY l.used_at LIMIT $2"
);
const KEEP_ENCODING: &str = "\
    UPDATE encodings SET used_at = unixepoch() * 1000000000 WHERE diff_id = $1 AND encoding = $2";
const KEEP_LOCATION: &str = "\
    UPDATE locations SET used_at = unixepoch() * 1000000000 WHERE digest = $1 AND repository = $2";
const FORGET_ENCODING: &str = "DELETE FROM encodings WHERE diff_id = $1 AND encoding = $2";
const FORGET_LOCATION: &str = "DELETE FROM locations WHERE digest = $1 AND repository = $2";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    OLD_ENCODINGS,
    OLD_LOCATIONS,
    KEEP_ENCODING,
    KEEP_LOCATION,
    FORGET_ENCODING,
    FORGET_LOCATION,
];

/// Reads the oldest encodings and then the oldest locations, and removes or refreshes each.
pub(super) fn forget(
    connection: &Connection,
    before: Timestamp,
    rows: usize,
) -> Result<Forgotten, Fault> {
    let encodings = Old {
        old: OLD_ENCODINGS,
        keep: KEEP_ENCODING,
        forget: FORGET_ENCODING,
    };
    let locations = Old {
        old: OLD_LOCATIONS,
        keep: KEEP_LOCATION,
        forget: FORGET_LOCATION,
    };
    let (encodings, some) = encodings.forget(connection, before, rows)?;
    let (locations, others) = locations.forget(connection, before, rows)?;
    Ok(Forgotten {
        encodings,
        locations,
        more: some || others,
    })
}

/// The statements of one table. Its rows have two columns as their key.
struct Old {
    old: &'static str,
    keep: &'static str,
    forget: &'static str,
}

impl Old {
    /// Returns how many were removed, and whether there may be more.
    fn forget(
        &self,
        connection: &Connection,
        before: Timestamp,
        rows: usize,
    ) -> Result<(u64, bool), Fault> {
        let mut old = connection.prepare_cached(self.old)?;
        let old = old.query_map(params![time(before)?, limit(rows)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        let old: Vec<(Value, Value, bool)> = old.collect::<Result<_, _>>()?;
        let more = old.len() >= rows;
        let mut forgotten = 0;
        for (first, second, is_needed) in old {
            let change = if is_needed { self.keep } else { self.forget };
            let mut change = connection.prepare_cached(change)?;
            change.execute([first, second])?;
            forgotten += u64::from(!is_needed);
        }
        Ok((forgotten, more))
    }
}
