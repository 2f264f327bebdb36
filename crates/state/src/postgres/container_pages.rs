//! Pages of containers.

use super::fault::Fault;
use super::session::{Session, ask};
use super::value::keys;
use super::{row, sql};
use crate::column::limit;
use crate::container_selection::comparable;
use crate::{Container, ContainerSelection};

/// The next containers of the selection after the ID, in order of ID.
pub(super) async fn page(
    session: &Session,
    selection: &ContainerSelection,
    after: Option<&str>,
    rows: usize,
) -> Result<Vec<Container>, Fault> {
    // No ID is empty.
    let after = after.unwrap_or_default();
    let images = selection.images.as_ref().map(keys);
    let prefixes = selection.possible_prefixes();
    let until = selection.until.map(comparable);
    let (before_at, before_id) = selection.before_columns();
    let (since_at, since_id) = selection.since_columns();
    let statuses = selection.distinct_statuses();
    let statuses: Vec<_> = statuses.into_iter().map(|status| status.as_str()).collect();
    let end = limit(rows);
    let ask = if statuses.is_empty() {
        ask!(
            sql::NEXT_CONTAINERS,
            after,
            images,
            prefixes,
            until,
            before_at,
            before_id,
            since_at,
            since_id,
            end,
        )
    } else {
        ask!(
            sql::NEXT_CONTAINERS_WITH_STATUS,
            after,
            images,
            prefixes,
            until,
            before_at,
            before_id,
            since_at,
            since_id,
            statuses,
            end,
        )
    };
    let rows = session.one(ask).await?;
    rows.iter().map(row::container).collect()
}
