//! Pages of containers.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::containers::container;
use super::containers::several;
use super::fault::Fault;
use crate::column::limit;
use crate::container_selection::comparable;
use crate::{Container, ContainerSelection};

/// The condition on a container of a selection, whose parameters are `$2` to `$8`.
macro_rules! is_selected {
    () => {
        "($2 IS NULL OR image IN (SELECT unhex(i.value) FROM json_each($2) i)) \
         AND ($3 IS NULL OR EXISTS (SELECT 1 FROM json_each($3) p \
         WHERE substr(containers.id, 1, length(p.value)) = p.value)) \
         AND ($4 IS NULL OR created_at <= $4) \
         AND ($5 IS NULL OR (created_at, id) < ($5, $6)) \
         AND ($7 IS NULL OR (created_at, id) > ($7, $8))"
    };
}

const NEXT_CONTAINERS: &str = container!("id > $1 AND ", is_selected!(), " ORDER BY id LIMIT $9");
const NEXT_CONTAINERS_WITH_STATUS: &str = container!(
    "id > $1 AND ",
    is_selected!(),
    " AND status = $9 ORDER BY id LIMIT $10"
);

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[NEXT_CONTAINERS, NEXT_CONTAINERS_WITH_STATUS];

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
        return several(connection, NEXT_CONTAINERS, parameters);
    }
    // A page of each status, so that none reads containers with another status.
    let mut page = Vec::new();
    for status in selection.distinct_statuses() {
        let status = status.as_str();
        let parameters = params![
            after, images, prefixes, until, before_at, before_id, since_at, since_id, status, end,
        ];
        let with_status = several(connection, NEXT_CONTAINERS_WITH_STATUS, parameters)?;
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
