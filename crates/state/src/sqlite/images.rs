//! The rows of images, and the tables that refer to them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::value::{Key, size, time, to_size, to_time};
use crate::merge::merge;
use crate::name::beyond;
use crate::{Image, ListPosition, Origin, column, contents};

/// Columns of an image, in the order that its reader expects.
macro_rules! image {
    ($select:literal, $rest:literal) => {
        concat!(
            "SELECT i.target, i.id, i.media_type, i.size, i.original, i.loaded_at, i.contents, ",
            $select,
            " AS variant ",
            $rest
        )
    };
}
pub(super) use image;

const HAS_IMAGE: &str = "SELECT 1 FROM images WHERE target = $1";
const ADD_IMAGE: &str = "\
    INSERT INTO images (target, id, media_type, size, original, created, loaded_at, contents) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
const REPLACE_IMAGE: &str =
    "UPDATE images SET id = $1, created = $2, contents = $3 WHERE target = $4";
const SET_IMAGE_DIGEST: &str = "\
    INSERT INTO image_digests (role, digest, target, variant) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (role, digest, target) DO UPDATE SET variant = excluded.variant \
    WHERE image_digests.variant <> excluded.variant";
const ADD_IMAGE_DOCUMENT: &str =
    "INSERT INTO image_documents (digest, target) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const ADD_IMAGE_BLOB: &str =
    "INSERT INTO image_blobs (digest, target) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const TOUCH_IMAGE: &str = "\
    UPDATE images SET last_tagged_at = $1 \
    WHERE target = $2 AND (last_tagged_at IS NULL OR last_tagged_at < $1)";
const TAGGED: &str = "SELECT target, last_tagged_at FROM images WHERE id = $1";
pub(super) const COUNT_IMAGES: &str = "SELECT COUNT(DISTINCT id) FROM images";
const NEXT_PLACES_OF_SECOND: &str = "\
    SELECT DISTINCT created, id FROM images WHERE created = $1 AND id > $2 ORDER BY id LIMIT $3";
const OLDER_PLACES: &str = "\
    SELECT DISTINCT created, id FROM images WHERE created < $1 ORDER BY created DESC, id LIMIT $2";
/// One more than the limit shows that there are too many.
const PLACES_WITH_NAMES_BETWEEN: &str = "\
    SELECT i.created, i.id FROM names n JOIN images i ON i.target = n.target \
    WHERE n.repository >= $1 AND n.repository < $2 LIMIT $3";
const PLACES_WITH_REPO_DIGESTS_BETWEEN: &str = "\
    SELECT i.created, i.id FROM repo_digests r JOIN images i ON i.target = r.target \
    WHERE r.repository >= $1 AND r.repository < $2 LIMIT $3";
const HAS_VARIANT: &str =
    "SELECT 1 FROM image_digests WHERE role = 'config' AND digest = $1 AND target = $2";
const IMAGE_WITH_TARGET: &str = image!("0", "FROM images i WHERE i.target = $1");
const CONFIGS_BETWEEN: &str = "\
    SELECT DISTINCT digest FROM image_digests \
    WHERE role = 'config' AND digest >= $1 AND digest <= $2 ORDER BY digest LIMIT 2";
const TARGETS_OF_ID: &str = "SELECT target FROM images WHERE id = $1";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    HAS_IMAGE,
    ADD_IMAGE,
    REPLACE_IMAGE,
    SET_IMAGE_DIGEST,
    ADD_IMAGE_DOCUMENT,
    ADD_IMAGE_BLOB,
    TOUCH_IMAGE,
    TAGGED,
    COUNT_IMAGES,
    NEXT_PLACES_OF_SECOND,
    OLDER_PLACES,
    PLACES_WITH_NAMES_BETWEEN,
    PLACES_WITH_REPO_DIGESTS_BETWEEN,
    HAS_VARIANT,
    IMAGE_WITH_TARGET,
    CONFIGS_BETWEEN,
    TARGETS_OF_ID,
];

/// The first image of the statement's result, and the index of the variant that is meant.
pub(super) fn first(
    connection: &Connection,
    statement: &str,
    parameters: impl rusqlite::Params,
) -> Result<Option<(Image, usize)>, Fault> {
    let mut statement = connection.prepare_cached(statement)?;
    let mut rows = statement.query(parameters)?;
    rows.next()?.map(read).transpose()
}

fn read(row: &Row<'_>) -> Result<(Image, usize), Fault> {
    let Key(target) = row.get(0)?;
    let Key(id) = row.get(1)?;
    let origin = if row.get(4)? {
        Origin::Original
    } else {
        Origin::Generated
    };
    let contents = contents::read(row.get_ref(6)?.as_str().map_err(Fault::damaged)?, target)?;
    let variant: i64 = row.get(7)?;
    let variant = usize::try_from(variant)
        .map_err(|_| Fault::damaged(format!("variant {variant} of image {target}")))?;
    let image = Image {
        target,
        media_type: row.get(2)?,
        size: to_size(row.get(3)?)?,
        id,
        origin,
        variants: contents.variants,
        documents: contents.documents,
        blobs: contents.blobs,
        loaded_at: to_time(row.get(5)?)?,
    };
    Ok((image, variant))
}

/// Adds an image whose documents exist. False when it exists already: then it gets what it lacks.
pub(super) fn add(connection: &Connection, image: &Image) -> Result<bool, Fault> {
    let added = connection.prepare_cached(ADD_IMAGE)?.execute(params![
        Key(image.target),
        Key(image.id),
        image.media_type,
        size(image.size)?,
        image.origin == Origin::Original,
        image.place().seconds(),
        time(image.loaded_at)?,
        contents::write(image)?,
    ])?;
    if added > 0 {
        add_references(connection, image)?;
        return Ok(true);
    }
    let old = get(connection, image.target)?;
    if let Some(image) = old.and_then(|old| merge(&old, image)) {
        replace(connection, &image)?;
    }
    Ok(false)
}

/// Replaces the image with the same target. The documents must exist. Those that only the old one
/// refers to stay.
pub(super) fn replace(connection: &Connection, image: &Image) -> Result<(), Fault> {
    connection.prepare_cached(REPLACE_IMAGE)?.execute(params![
        Key(image.id),
        image.place().seconds(),
        contents::write(image)?,
        Key(image.target)
    ])?;
    add_references(connection, image)
}

/// The image with this target.
pub(super) fn get(connection: &Connection, target: Digest) -> Result<Option<Image>, Fault> {
    let found = first(connection, IMAGE_WITH_TARGET, [Key(target)])?;
    Ok(found.map(|(image, _)| image))
}

/// Targets of the images with this ID.
pub(super) fn targets(connection: &Connection, id: Digest) -> Result<Vec<Digest>, Fault> {
    digests(connection, TARGETS_OF_ID, id)
}

/// The digests that the statement returns for one.
pub(super) fn digests(
    connection: &Connection,
    statement: &str,
    of: Digest,
) -> Result<Vec<Digest>, Fault> {
    let mut statement = connection.prepare_cached(statement)?;
    let digests = statement.query_map([Key(of)], |row| row.get(0).map(|Key(digest)| digest))?;
    Ok(digests.collect::<Result<_, _>>()?)
}

/// Whether the image has a variant with this config.
pub(super) fn has_variant(
    connection: &Connection,
    target: Digest,
    config: Digest,
) -> Result<bool, Fault> {
    Ok(connection
        .prepare_cached(HAS_VARIANT)?
        .exists([Key(config), Key(target)])?)
}

/// Adds the rows by which the image is found by its digests, and which keep its documents and
/// blobs.
fn add_references(connection: &Connection, image: &Image) -> Result<(), Fault> {
    let target = Key(image.target);
    let mut digests = connection.prepare_cached(SET_IMAGE_DIGEST)?;
    digests.execute(params!["target", target, target, 0_i64])?;
    // A digest of two variants means the first, so that is set last.
    let variants: Vec<_> = (0_i64..).zip(&image.variants).collect();
    for (index, variant) in variants.into_iter().rev() {
        digests.execute(params!["manifest", Key(variant.manifest), target, index])?;
        digests.execute(params!["config", Key(variant.config), target, index])?;
    }
    for document in image.needed_documents() {
        keep_document(connection, image.target, document)?;
    }
    let mut blobs = connection.prepare_cached(ADD_IMAGE_BLOB)?;
    let layers = image.variants.iter().flat_map(|variant| &variant.layers);
    for blob in layers
        .map(|layer| layer.digest)
        .chain(image.blobs.iter().copied())
    {
        blobs.execute(params![Key(blob), target])?;
    }
    Ok(())
}

/// Keeps an existing document as long as the image.
pub(super) fn keep_document(
    connection: &Connection,
    target: Digest,
    document: Digest,
) -> Result<(), Fault> {
    connection
        .prepare_cached(ADD_IMAGE_DOCUMENT)?
        .execute([Key(document), Key(target)])?;
    Ok(())
}

pub(super) fn exists(connection: &Connection, target: Digest) -> Result<bool, Fault> {
    Ok(connection
        .prepare_cached(HAS_IMAGE)?
        .exists([Key(target)])?)
}

/// Records that the image was tagged, unless it was tagged later already.
pub(super) fn touch(connection: &Connection, target: Digest, at: Timestamp) -> Result<(), Fault> {
    connection
        .prepare_cached(TOUCH_IMAGE)?
        .execute(params![time(at)?, Key(target)])?;
    Ok(())
}

/// Targets of the images with this ID, each with the time when it was last tagged.
pub(super) fn tagged(
    connection: &Connection,
    id: Digest,
) -> Result<Vec<(Digest, Option<Timestamp>)>, Fault> {
    let mut statement = connection.prepare_cached(TAGGED)?;
    let mut rows = statement.query([Key(id)])?;
    let mut tagged = Vec::with_capacity(1);
    while let Some(row) = rows.next()? {
        let Key(target) = row.get(0)?;
        let at: Option<i64> = row.get(1)?;
        tagged.push((target, at.map(to_time).transpose()?));
    }
    Ok(tagged)
}

/// The next places after `after`, in order.
pub(super) fn places(
    connection: &Connection,
    after: Option<ListPosition>,
    limit: usize,
) -> Result<Vec<ListPosition>, Fault> {
    let mut places = Vec::new();
    if let Some(place) = after {
        let parameters = params![place.seconds(), Key(place.id()), column::limit(limit)];
        places = read_places(connection, NEXT_PLACES_OF_SECOND, parameters)?;
    }
    // No image is as new as that.
    let seconds = after.map_or(i64::MAX, ListPosition::seconds);
    let rest = column::limit(limit.saturating_sub(places.len()));
    places.extend(read_places(connection, OLDER_PLACES, [seconds, rest])?);
    Ok(places)
}

/// The places, in order, of the images with names or repository digests in repositories that begin
/// with one of these texts. `None` when there are more of them than `limit`.
pub(super) fn places_in(
    connection: &Connection,
    beginnings: &[String],
    limit: usize,
) -> Result<Option<Vec<ListPosition>>, Fault> {
    let mut places = BTreeSet::new();
    let mut left = limit;
    for beginning in beginnings {
        let end = beyond(beginning);
        for statement in [PLACES_WITH_NAMES_BETWEEN, PLACES_WITH_REPO_DIGESTS_BETWEEN] {
            let one_more = column::limit(left).saturating_add(1);
            let parameters = params![beginning, end, one_more];
            let found = read_places(connection, statement, parameters)?;
            let Some(rest) = left.checked_sub(found.len()) else {
                return Ok(None);
            };
            left = rest;
            places.extend(found);
        }
    }
    Ok(Some(places.into_iter().collect()))
}

fn read_places(
    connection: &Connection,
    statement: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<ListPosition>, Fault> {
    let mut statement = connection.prepare_cached(statement)?;
    let places = statement.query_map(parameters, |row| {
        let Key(id) = row.get(1)?;
        Ok(ListPosition::at(row.get(0)?, id))
    })?;
    Ok(places.collect::<Result<_, _>>()?)
}

pub(super) fn count(connection: &Connection) -> Result<u64, Fault> {
    to_size(
        connection
            .prepare_cached(COUNT_IMAGES)?
            .query_row((), |row| row.get(0))?,
    )
}

/// The only config between the two digests.
pub(super) fn only_config_between(
    connection: &Connection,
    (first, last): (Digest, Digest),
) -> Result<Between, Fault> {
    let mut statement = connection.prepare_cached(CONFIGS_BETWEEN)?;
    let mut configs =
        statement.query_map([Key(first), Key(last)], |row| row.get(0).map(|Key(id)| id))?;
    Ok(
        match (configs.next().transpose()?, configs.next().transpose()?) {
            (None, _) => Between::None,
            (Some(config), None) => Between::One(config),
            (Some(_), Some(_)) => Between::Several,
        },
    )
}

/// How many configs there are in a range of digests.
pub(super) enum Between {
    None,
    One(Digest),
    Several,
}
