//! Pages of the places of images.

use tokio_postgres::Row;

use super::fault::Fault;
use super::session::{Session, ask};
use super::sql;
use super::value::{can_be_kept, digest, get};
use crate::ListPosition;
use crate::column::limit;
use crate::name::beyond;

/// The next places after `after`, in order.
pub(super) async fn next(
    session: &Session,
    after: Option<ListPosition>,
    rows: usize,
) -> Result<Vec<ListPosition>, Fault> {
    // No image is as new as that, and empty bytes sort before every digest.
    let seconds = after.map_or(i64::MAX, ListPosition::seconds);
    let id = after.map(ListPosition::id);
    let id = id.as_ref().map_or(&[][..], |id| &id.as_bytes()[..]);
    let rows = session
        .one(ask!(sql::NEXT_PLACES, seconds, id, limit(rows)))
        .await?;
    read(&rows)
}

/// The places, in order, of the images with names or repository digests in repositories that begin
/// with one of these texts. `None` when there are more of them than `most`.
pub(super) async fn in_repositories(
    session: &Session,
    beginnings: &[String],
    most: usize,
) -> Result<Option<Vec<ListPosition>>, Fault> {
    let beginnings: Vec<_> = beginnings.iter().filter(|text| can_be_kept(text)).collect();
    let beyond: Vec<_> = beginnings.iter().map(|text| beyond(text)).collect();
    // One more shows that there are too many.
    let one_more = limit(most).saturating_add(1);
    let rows = session
        .one(ask!(sql::PLACES_BETWEEN, beginnings, beyond, one_more))
        .await?;
    if rows.len() > most {
        return Ok(None);
    }
    let mut places = read(&rows)?;
    places.sort_unstable();
    places.dedup();
    Ok(Some(places))
}

fn read(rows: &[Row]) -> Result<Vec<ListPosition>, Fault> {
    let places = rows
        .iter()
        .map(|row| Ok(ListPosition::at(get(row, 0)?, digest(row, 1)?)));
    places.collect()
}
