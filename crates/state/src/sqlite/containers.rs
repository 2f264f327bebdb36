//! The rows of containers.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::images;
use super::value::{Key, size, time, to_size, to_time};
use crate::container::{beyond_ids, check_name};
use crate::sql::{is_orphan, update_state};
use crate::{
    Container, ContainerAdded, ContainerState, ContainerStatus, Error, Renamed, Users, sql,
};

/// A container with its columns in the order that its reader expects.
macro_rules! container {
    ($($condition:expr),+) => {
        concat!(
            "SELECT ",
            $crate::sql::container_columns!(),
            " FROM containers WHERE ",
            $($condition),+
        )
    };
}
pub(super) use container;

const UPDATE_STATE: &str = update_state!();
const CONTAINER: &str = container!("id = $1");
const CONTAINER_WITH_NAME: &str = container!("name = $1");
const CONTAINERS_BETWEEN: &str = container!("id >= $1 AND id < $2 ORDER BY id LIMIT 2");
const HAS_CONTAINER: &str = "SELECT 1 FROM containers WHERE id = $1";
const CONTAINER_ID_OF_NAME: &str = "SELECT id FROM containers WHERE name = $1";
const RENAME_CONTAINER: &str = "UPDATE containers SET name = $1 WHERE id = $2";
const REMOVE_CONTAINER: &str = "DELETE FROM containers WHERE id = $1";
const IS_USED: &str = concat!(
    "SELECT 1 FROM containers c WHERE c.target = $1 UNION ALL \
     SELECT 1 FROM image_digests d JOIN containers c ON c.image = d.digest \
     WHERE d.target = $1 AND d.role = 'config' AND ",
    is_orphan!(),
    " LIMIT 1"
);
const VARIANT_IS_USED: &str = concat!(
    "SELECT 1 FROM containers c WHERE (c.target = $1 OR ",
    is_orphan!(),
    ") AND c.image = $2 LIMIT 1"
);

/// Containers of the targets with the ID `$1`.
macro_rules! users {
    () => {
        "FROM images i JOIN containers c ON c.target = i.target WHERE i.id = $1"
    };
}

/// Containers of removed targets whose configs the targets with the ID `$1` have.
macro_rules! orphans {
    () => {
        concat!(
            "FROM images i JOIN image_digests d ON d.target = i.target AND d.role = 'config' \
             JOIN containers c ON c.image = d.digest WHERE i.id = $1 AND ",
            is_orphan!()
        )
    };
}

macro_rules! count_users {
    () => {
        concat!(
            "(SELECT COUNT(*) ",
            users!(),
            ") + (SELECT COUNT(DISTINCT c.id) ",
            orphans!(),
            ") "
        )
    };
}

pub(super) const USERS_OF_ID: &str = concat!(
    "SELECT c.id, c.created_at, ",
    count_users!(),
    users!(),
    " UNION SELECT c.id, c.created_at, ",
    count_users!(),
    orphans!(),
    " ORDER BY 2, 1 LIMIT 1"
);
pub(super) const COUNT_CONTAINERS: &str = "SELECT COUNT(*) FROM containers";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    UPDATE_STATE,
    CONTAINER,
    CONTAINER_WITH_NAME,
    CONTAINERS_BETWEEN,
    HAS_CONTAINER,
    CONTAINER_ID_OF_NAME,
    RENAME_CONTAINER,
    REMOVE_CONTAINER,
    IS_USED,
    VARIANT_IS_USED,
    USERS_OF_ID,
    COUNT_CONTAINERS,
];

/// Adds a container, if its name is free and its image is here.
pub(super) fn add(connection: &Connection, container: &Container) -> Result<ContainerAdded, Fault> {
    let (id, state) = (&container.id, &container.state);
    container.check()?;
    if exists(connection, id)? {
        return Err(container.is_second().into());
    }
    if !images::has_variant(connection, container.target, container.image)? {
        return Ok(ContainerAdded::ImageGone);
    }
    if let Some(by) = id_of_name(connection, &container.name)? {
        return Ok(ContainerAdded::NameTaken { by });
    }
    connection
        .prepare_cached(sql::ADD_CONTAINER)?
        .execute(params![
            id,
            container.name,
            Key(container.target),
            Key(container.image),
            time(container.created_at)?,
            &container.spec[..],
            size(container.revision)?,
            state.status.as_str(),
            state.exit_code,
            state.error,
            state.oom_killed,
            state.started_at.map(time).transpose()?,
            state.finished_at.map(time).transpose()?,
            size(state.restart_count)?,
            state.owner,
        ])?;
    Ok(ContainerAdded::Added)
}

/// The container that `word` means: its ID, its name, or a prefix of its ID.
pub(super) fn find(connection: &Connection, word: &str) -> Result<Option<Container>, Fault> {
    for statement in [CONTAINER, CONTAINER_WITH_NAME] {
        let mut found = several(connection, statement, [word])?;
        if let Some(container) = found.pop() {
            return Ok(Some(container));
        }
    }
    if word.is_empty() {
        return Ok(None);
    }
    let end = beyond_ids(word);
    let mut found = several(connection, CONTAINERS_BETWEEN, [word, &end])?;
    if found.len() > 1 {
        let prefix = word.to_owned();
        return Err(Error::Ambiguous { prefix }.into());
    }
    Ok(found.pop())
}

/// Gives the container another name, if that is free.
pub(super) fn rename(connection: &Connection, id: &str, name: &str) -> Result<Renamed, Fault> {
    check_name(name)?;
    if !exists(connection, id)? {
        return Ok(Renamed::Gone);
    }
    match id_of_name(connection, name)? {
        Some(by) if by == id => Ok(Renamed::Done),
        Some(by) => Ok(Renamed::NameTaken { by }),
        None => {
            connection
                .prepare_cached(RENAME_CONTAINER)?
                .execute([name, id])?;
            Ok(Renamed::Done)
        }
    }
}

/// Replaces the state of the container, if its last change is number `revision`. False otherwise.
pub(super) fn update(
    connection: &Connection,
    id: &str,
    revision: u64,
    state: &ContainerState,
) -> Result<bool, Fault> {
    state.check()?;
    let updated = connection.prepare_cached(UPDATE_STATE)?.execute(params![
        size(revision.saturating_add(1))?,
        state.status.as_str(),
        state.exit_code,
        state.error,
        state.oom_killed,
        state.started_at.map(time).transpose()?,
        state.finished_at.map(time).transpose()?,
        size(state.restart_count)?,
        state.owner,
        id,
        size(revision)?,
    ])?;
    Ok(updated > 0)
}

/// Removes the container. False when there is none.
pub(super) fn remove(connection: &Connection, id: &str) -> Result<bool, Fault> {
    let removed = connection.prepare_cached(REMOVE_CONTAINER)?.execute([id])?;
    Ok(removed > 0)
}

/// Whether a container has this target, or one of its configs and a removed target.
pub(super) fn use_image(connection: &Connection, target: Digest) -> Result<bool, Fault> {
    Ok(connection.prepare_cached(IS_USED)?.exists([Key(target)])?)
}

/// Whether a container has this config, and this target or a removed one.
pub(super) fn use_variant(
    connection: &Connection,
    target: Digest,
    config: Digest,
) -> Result<bool, Fault> {
    Ok(connection
        .prepare_cached(VARIANT_IS_USED)?
        .exists([Key(target), Key(config)])?)
}

/// The containers of the images with these IDs, in the order of `ids`.
pub(super) fn users(connection: &Connection, ids: &[Digest]) -> Result<Vec<Users>, Fault> {
    let mut statement = connection.prepare_cached(USERS_OF_ID)?;
    let mut users = Vec::new();
    for image in ids {
        let row = statement
            .query_row([Key(*image)], |row| Ok((row.get(0)?, row.get(2)?)))
            .optional()?;
        if let Some((oldest, count)) = row {
            users.push(Users {
                image: *image,
                count: to_size(count)?,
                oldest,
            });
        }
    }
    Ok(users)
}

pub(super) fn count(connection: &Connection) -> Result<u64, Fault> {
    to_size(
        connection
            .prepare_cached(COUNT_CONTAINERS)?
            .query_row((), |row| row.get(0))?,
    )
}

pub(super) fn several(
    connection: &Connection,
    statement: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Container>, Fault> {
    let mut statement = connection.prepare_cached(statement)?;
    let mut rows = statement.query(parameters)?;
    let mut containers = Vec::new();
    while let Some(row) = rows.next()? {
        containers.push(read(row)?);
    }
    Ok(containers)
}

fn read(row: &Row<'_>) -> Result<Container, Fault> {
    let (Key(target), Key(image)) = (row.get(2)?, row.get(3)?);
    Ok(Container {
        id: row.get(0)?,
        name: row.get(1)?,
        target,
        image,
        created_at: to_time(row.get(4)?)?,
        spec: Bytes::from(row.get::<_, Vec<u8>>(5)?),
        revision: to_size(row.get(6)?)?,
        state: state(row)?,
    })
}

/// The state in the columns from `status` on.
fn state(row: &Row<'_>) -> Result<ContainerState, Fault> {
    let time = |column: Option<i64>| column.map(to_time).transpose();
    Ok(ContainerState {
        status: ContainerStatus::from_column(&row.get::<_, String>(7)?)?,
        exit_code: row.get(8)?,
        error: row.get(9)?,
        oom_killed: row.get(10)?,
        started_at: time(row.get(11)?)?,
        finished_at: time(row.get(12)?)?,
        restart_count: to_size(row.get(13)?)?,
        owner: row.get(14)?,
    })
}

fn exists(connection: &Connection, id: &str) -> Result<bool, Fault> {
    Ok(connection.prepare_cached(HAS_CONTAINER)?.exists([id])?)
}

fn id_of_name(connection: &Connection, name: &str) -> Result<Option<String>, Fault> {
    let id = connection
        .prepare_cached(CONTAINER_ID_OF_NAME)?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(id)
}
