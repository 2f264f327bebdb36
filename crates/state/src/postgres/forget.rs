//! Removes old records of registries that no image needs.

use jiff::Timestamp;
use tokio_postgres::Row;

use super::fault::Fault;
use super::session::ask;
use super::sql;
use super::transaction::Transaction;
use super::value::{Key, get};
use crate::Forgotten;
use crate::column::{limit, time, to_size};

/// Reads the oldest encodings and the oldest locations, and removes or refreshes each. In two round
/// trips.
pub(super) async fn forget(
    transaction: &Transaction<'_>,
    before: Timestamp,
    rows: usize,
) -> Result<Forgotten, Fault> {
    let (before, most) = (time(before)?, limit(rows));
    let [encodings, locations] = transaction
        .all([
            ask!(sql::OLD_ENCODINGS, before, most),
            ask!(sql::OLD_LOCATIONS, before, most),
        ])
        .await?;
    let (diff_ids, ways) = keys(&encodings)?;
    let (digests, repositories) = keys(&locations)?;
    if diff_ids.is_empty() && digests.is_empty() {
        return Ok(Forgotten::default());
    }
    let [encodings, _, locations, _] = transaction
        .all([
            ask!(sql::FORGET_ENCODINGS, diff_ids, ways),
            ask!(sql::KEEP_ENCODINGS, diff_ids, ways),
            ask!(sql::FORGET_LOCATIONS, digests, repositories),
            ask!(sql::KEEP_LOCATIONS, digests, repositories),
        ])
        .await?;
    Ok(Forgotten {
        encodings: count(&encodings)?,
        locations: count(&locations)?,
        more: diff_ids.len() >= rows || digests.len() >= rows,
    })
}

/// The two key columns of the rows, sorted.
fn keys(rows: &[Row]) -> Result<(Vec<Key>, Vec<&str>), Fault> {
    let keys = rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?)));
    let mut keys: Vec<(Key, &str)> = keys.collect::<Result<_, Fault>>()?;
    keys.sort_unstable();
    Ok(keys.into_iter().unzip())
}

fn count(rows: &[Row]) -> Result<u64, Fault> {
    let row = rows
        .first()
        .ok_or_else(|| Fault::damaged("a count without a row"))?;
    Ok(to_size(get(row, 0)?)?)
}
