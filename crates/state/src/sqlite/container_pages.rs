//! Pages of containers.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::containers::several;
use super::fault::Fault;
use crate::column::limit;
use crate::container_selection::comparable;
use crate::{Container, ContainerSelection, sql};

/// The next containers of the selection after the ID, in order of ID.
pub(super) fn page(
    connection: &Connection,
    selection: &ContainerSelection,
    after: Option<&str>,
    rows: usize,
) -> Result<Vec<Container>, Fault> {
    // No ID is empty.
    let after = after.unwrap_or("");
    let images = selection.images.as_ref();
    let images = images.map(|ids| ids.iter().map(|id| id.hex()).collect::<Vec<_>>());
    let images = images.map(|ids| json(&ids)).transpose()?;
    let prefixes = selection.possible_prefixes();
    let prefixes = prefixes.map(|prefixes| json(&prefixes)).transpose()?;
    let until = selection.until.map(comparable);
    let (before_at, before_id) = selection.before_columns();
    let (since_at, since_id) = selection.since_columns();
    let end = limit(rows);
    if selection.statuses.is_empty() {
        let parameters = params![
            after, images, prefixes, until, before_at, before_id, since_at, since_id, end,
        ];
        return several(connection, sql::NEXT_CONTAINERS, parameters);
    }
    // Of each status a page, so that none looks at containers with another status.
    let mut page = Vec::new();
    for status in selection.distinct_statuses() {
        let status = status.as_str();
        let parameters = params![
            after, images, prefixes, until, before_at, before_id, since_at, since_id, status, end,
        ];
        let with_status = several(connection, sql::NEXT_CONTAINERS_WITH_STATUS, parameters)?;
        page.extend(with_status);
    }
    page.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    page.truncate(rows);
    Ok(page)
}

/// A list as one parameter.
fn json(list: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(list).map_err(Fault::unavailable)
}
