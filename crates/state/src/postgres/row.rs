//! Decodes the rows of look-ups.

use bytes::Bytes;
use sockerless_reference::Digest;
use tokio_postgres::Row;

use super::fault::Fault;
use super::value::{Key, digest, get};
use crate::column::{to_name, to_pinned, to_size, to_time};
use crate::image::content_size;
use crate::{Blob, Container, ContainerState, ContainerStatus, Found, Image, Origin, contents};

/// An image in the columns `target, id, media_type, size, original, loaded_at, contents`.
pub(super) fn image(row: &Row) -> Result<Image, Fault> {
    let target = digest(row, 0)?;
    let origin = if get(row, 4)? {
        Origin::Original
    } else {
        Origin::Generated
    };
    let contents = contents::read(get(row, 6)?, target)?;
    Ok(Image {
        target,
        media_type: get(row, 2)?,
        size: to_size(get(row, 3)?)?,
        id: digest(row, 1)?,
        origin,
        variants: contents.variants,
        documents: contents.documents,
        blobs: contents.blobs,
        loaded_at: to_time(get(row, 5)?)?,
    })
}

/// The image that was found. `None` when the target is missing, which means that a prefix matches
/// several IDs.
pub(super) fn found(row: &Row) -> Result<Option<Found>, Fault> {
    if get::<Option<Key>>(row, 0)?.is_none() {
        return Ok(None);
    }
    let image = image(row)?;
    let variant: i64 = get(row, 7)?;
    let variant = usize::try_from(variant)
        .ok()
        .filter(|index| *index < image.variants.len())
        .ok_or_else(|| {
            Fault::damaged(format!("image {} has no variant {variant}", image.target))
        })?;
    let config: Option<&[u8]> = get(row, 8)?;
    let config = config.ok_or_else(|| {
        Fault::damaged(format!(
            "the config of variant {variant} of image {} is gone",
            image.target
        ))
    })?;
    let names = pairs(row, 9, |repository: &str, tag: &str| {
        to_name(repository, tag)
    })?;
    let repo_digests = pairs(row, 11, |repository: &str, Key(digest)| {
        to_pinned(repository, digest)
    })?;
    let last_tagged_at: Option<i64> = get(row, 13)?;
    let known: Option<Vec<Option<i64>>> = get(row, 14)?;
    let known = known.unwrap_or_default().into_iter();
    let known = known.map(|size| size.map(to_size).transpose());
    let known: Vec<Option<u64>> = known.collect::<Result<_, _>>()?;
    let layers = image.variants.get(variant).map_or(&[][..], |it| &it.layers);
    let content_size = content_size(layers, known);
    Ok(Some(Found {
        image,
        variant,
        config: Bytes::copy_from_slice(config),
        names,
        repo_digests,
        last_tagged_at: last_tagged_at.map(to_time).transpose()?,
        content_size,
    }))
}

/// The pairs of two parallel arrays, sorted. Without elements there is no array.
fn pairs<'a, A, B, T: Ord>(
    row: &'a Row,
    column: usize,
    read: impl Fn(A, B) -> Result<T, crate::column::Damage>,
) -> Result<Vec<T>, Fault>
where
    Option<Vec<A>>: tokio_postgres::types::FromSql<'a>,
    Option<Vec<B>>: tokio_postgres::types::FromSql<'a>,
{
    let first: Option<Vec<A>> = get(row, column)?;
    let second: Option<Vec<B>> = get(row, column + 1)?;
    let both = first.unwrap_or_default().into_iter();
    let both = both.zip(second.unwrap_or_default());
    let mut read: Vec<T> = both.map(|(a, b)| read(a, b)).collect::<Result<_, _>>()?;
    read.sort_unstable();
    Ok(read)
}

/// The digests in the first column.
pub(super) fn digests(rows: &[Row]) -> Result<Vec<Digest>, Fault> {
    rows.iter().map(|row| digest(row, 0)).collect()
}

pub(super) fn blob(row: &Row) -> Result<Blob, Fault> {
    Ok(Blob {
        digest: digest(row, 0)?,
        size: to_size(get(row, 1)?)?,
        media_type: get(row, 2)?,
        diff_id: digest(row, 3)?,
        tar_size: to_size(get(row, 4)?)?,
        content_size: to_size(get(row, 5)?)?,
    })
}

/// How many columns a container has.
pub(super) const CONTAINER_COLUMNS: usize = 15;

/// The state of a container in its columns from `status` on.
fn container_state(row: &Row) -> Result<ContainerState, Fault> {
    let time = |column: Option<i64>| column.map(to_time).transpose();
    Ok(ContainerState {
        status: ContainerStatus::from_column(get(row, 7)?)?,
        exit_code: get(row, 8)?,
        error: get(row, 9)?,
        oom_killed: get(row, 10)?,
        started_at: time(get(row, 11)?)?,
        finished_at: time(get(row, 12)?)?,
        restart_count: to_size(get(row, 13)?)?,
        owner: get(row, 14)?,
    })
}

pub(super) fn container(row: &Row) -> Result<Container, Fault> {
    Ok(Container {
        id: get(row, 0)?,
        name: get(row, 1)?,
        target: digest(row, 2)?,
        image: digest(row, 3)?,
        created_at: to_time(get(row, 4)?)?,
        revision: to_size(get(row, 6)?)?,
        state: container_state(row)?,
        spec: Bytes::copy_from_slice(get(row, 5)?),
    })
}
