use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::fault::Fault;
use crate::column::{limit, time};
use crate::{Forgotten, sql};

/// Looks at the oldest encodings and then at the oldest locations; forgets or remembers each.
pub(super) fn forget(
    connection: &Connection,
    before: Timestamp,
    rows: usize,
) -> Result<Forgotten, Fault> {
    let encodings = Old {
        old: sql::OLD_ENCODINGS,
        keep: sql::KEEP_ENCODING,
        forget: sql::FORGET_ENCODING,
    };
    let locations = Old {
        old: sql::OLD_LOCATIONS,
        keep: sql::KEEP_LOCATION,
        forget: sql::FORGET_LOCATION,
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
    /// How many were forgotten, and whether there may be more.
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
