//! The rows of containers.

use sockerless_reference::Digest;

use super::fault::Fault;
use super::session::{Session, ask};
use super::transaction::Transaction;
use super::value::{Key, can_be_kept, digest, get, keys};
use super::{row, sql};
use crate::column::{size, time, to_size};
use crate::container::{beyond_ids, check_name};
use crate::{Container, ContainerAdded, ContainerState, Error, Renamed, Users};

/// Adds a container, if its name is free and its image is here; in two round trips.
pub(super) async fn add(
    transaction: &Transaction<'_>,
    container: &Container,
) -> Result<ContainerAdded, Fault> {
    container.check()?;
    let (image, target) = (Key(container.image), Key(container.target));
    let before = ask!(
        sql::BEFORE_CONTAINER,
        container.id,
        image,
        target,
        container.name
    );
    let [before] = transaction.all([before]).await?;
    let before = before.first().ok_or_else(no_row)?;
    if get(before, 0)? {
        return Err(container.is_second().into());
    }
    if !get::<bool>(before, 1)? {
        return Ok(ContainerAdded::ImageGone);
    }
    if let Some(by) = get(before, 2)? {
        return Ok(ContainerAdded::NameTaken { by });
    }
    let (at, spec) = (time(container.created_at)?, &container.spec[..]);
    let revision = size(container.revision)?;
    let state = &container.state;
    let status = state.status.as_str();
    let started_at = state.started_at.map(time).transpose()?;
    let finished_at = state.finished_at.map(time).transpose()?;
    let restart_count = size(state.restart_count)?;
    let add = ask!(
        crate::sql::ADD_CONTAINER,
        container.id,
        container.name,
        target,
        image,
        at,
        spec,
        revision,
        status,
        state.exit_code,
        state.error,
        state.oom_killed,
        started_at,
        finished_at,
        restart_count,
        state.owner
    );
    transaction.all([add]).await?;
    Ok(ContainerAdded::Added)
}

/// The container that `word` means: its ID, its name, or a prefix of its ID.
pub(super) async fn find(session: &Session, word: &str) -> Result<Option<Container>, Fault> {
    if !can_be_kept(word) {
        return Ok(None);
    }
    let rows = session
        .one(ask!(sql::CONTAINER, word, beyond_ids(word)))
        .await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let is_prefix = get::<i32>(first, row::CONTAINER_COLUMNS)? == 2;
    if is_prefix && rows.len() > 1 {
        let prefix = word.to_owned();
        return Err(Error::Ambiguous { prefix }.into());
    }
    row::container(first).map(Some)
}

/// Gives the container another name, if that is free.
pub(super) async fn rename(session: &Session, id: &str, name: &str) -> Result<Renamed, Fault> {
    check_name(name)?;
    let rows = session.one(ask!(sql::RENAME_CONTAINER, id, name)).await?;
    let row = rows.first().ok_or_else(no_row)?;
    let (here, taken, renamed): (bool, Option<String>, bool) =
        (get(row, 0)?, get(row, 1)?, get(row, 2)?);
    Ok(match taken {
        _ if !here => Renamed::Gone,
        Some(by) if by == id => Renamed::Done,
        Some(by) => Renamed::NameTaken { by },
        None if renamed => Renamed::Done,
        // It was removed meanwhile.
        None => Renamed::Gone,
    })
}

/// Replaces the state of the container, if its last change is number `revision`. False otherwise.
pub(super) async fn update(
    session: &Session,
    id: &str,
    revision: u64,
    state: &ContainerState,
) -> Result<bool, Fault> {
    state.check()?;
    if !can_be_kept(id) {
        return Ok(false);
    }
    let next = size(revision.saturating_add(1))?;
    let status = state.status.as_str();
    let started_at = state.started_at.map(time).transpose()?;
    let finished_at = state.finished_at.map(time).transpose()?;
    let restart_count = size(state.restart_count)?;
    let revision = size(revision)?;
    let update = ask!(
        sql::UPDATE_STATE,
        next,
        status,
        state.exit_code,
        state.error,
        state.oom_killed,
        started_at,
        finished_at,
        restart_count,
        state.owner,
        id,
        revision
    );
    Ok(!session.one(update).await?.is_empty())
}

/// Removes the container. False when there is none.
pub(super) async fn remove(session: &Session, id: &str) -> Result<bool, Fault> {
    let rows = session.one(ask!(sql::REMOVE_CONTAINER, id)).await?;
    Ok(!rows.is_empty())
}

/// The containers of the images with these IDs, in the order of `ids`.
pub(super) async fn users(session: &Session, ids: &[Digest]) -> Result<Vec<Users>, Fault> {
    let rows = session.one(ask!(sql::USERS, keys(ids))).await?;
    let users = rows.iter().map(|row| {
        Ok(Users {
            image: digest(row, 0)?,
            count: to_size(get(row, 1)?)?,
            oldest: get(row, 2)?,
        })
    });
    users.collect()
}

fn no_row() -> Fault {
    Fault::damaged("a statement that always gives a row gave none")
}
