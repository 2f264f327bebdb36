use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::value::{Key, size, time, to_size, to_time};
use crate::merge::merge;
use crate::name::beyond;
use crate::{Image, Origin, Place, column, contents, sql};

/// The first image that the statement gives, and the index of the variant that is meant.
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

/// Adds an image whose documents are here. False when it was here already: then it gets what it
/// lacks.
pub(super) fn add(connection: &Connection, image: &Image) -> Result<bool, Fault> {
    let added = connection.prepare_cached(sql::ADD_IMAGE)?.execute(params![
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

/// Puts the image, whose documents are here, in the place of the one with its target. What only
/// that one refers to stays.
pub(super) fn replace(connection: &Connection, image: &Image) -> Result<(), Fault> {
    connection
        .prepare_cached(sql::REPLACE_IMAGE)?
        .execute(params![
            Key(image.id),
            image.place().seconds(),
            contents::write(image)?,
            Key(image.target)
        ])?;
    add_references(connection, image)
}

/// The image with this target.
pub(super) fn get(connection: &Connection, target: Digest) -> Result<Option<Image>, Fault> {
    let found = first(connection, sql::IMAGE_WITH_TARGET, [Key(target)])?;
    Ok(found.map(|(image, _)| image))
}

/// Targets of the images with this ID.
pub(super) fn targets(connection: &Connection, id: Digest) -> Result<Vec<Digest>, Fault> {
    digests(connection, sql::TARGETS_OF_ID, id)
}

/// The digests that the statement gives for one.
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
        .prepare_cached(sql::HAS_VARIANT)?
        .exists([Key(config), Key(target)])?)
}

/// Makes the image be found by its digests, and keeps its documents and blobs.
fn add_references(connection: &Connection, image: &Image) -> Result<(), Fault> {
    let target = Key(image.target);
    let mut digests = connection.prepare_cached(sql::SET_IMAGE_DIGEST)?;
    digests.execute(params!["target", target, target, 0_i64])?;
    // Of two variants with one digest the first is meant, so it is set last.
    let variants: Vec<_> = (0_i64..).zip(&image.variants).collect();
    for (index, variant) in variants.into_iter().rev() {
        digests.execute(params!["manifest", Key(variant.manifest), target, index])?;
        digests.execute(params!["config", Key(variant.config), target, index])?;
    }
    for document in image.needed_documents() {
        keep_document(connection, image.target, document)?;
    }
    let mut blobs = connection.prepare_cached(sql::ADD_IMAGE_BLOB)?;
    let layers = image.variants.iter().flat_map(|variant| &variant.layers);
    for blob in layers
        .map(|layer| layer.digest)
        .chain(image.blobs.iter().copied())
    {
        blobs.execute(params![Key(blob), target])?;
    }
    Ok(())
}

/// Keeps a document, which is here, as long as the image.
pub(super) fn keep_document(
    connection: &Connection,
    target: Digest,
    document: Digest,
) -> Result<(), Fault> {
    connection
        .prepare_cached(sql::ADD_IMAGE_DOCUMENT)?
        .execute([Key(document), Key(target)])?;
    Ok(())
}

pub(super) fn exists(connection: &Connection, target: Digest) -> Result<bool, Fault> {
    Ok(connection
        .prepare_cached(sql::HAS_IMAGE)?
        .exists([Key(target)])?)
}

/// Remembers that the image was tagged, unless it was tagged later already.
pub(super) fn touch(connection: &Connection, target: Digest, at: Timestamp) -> Result<(), Fault> {
    connection
        .prepare_cached(sql::TOUCH_IMAGE)?
        .execute(params![time(at)?, Key(target)])?;
    Ok(())
}

/// Targets of the images with this ID, each with when it was last tagged.
pub(super) fn tagged(
    connection: &Connection,
    id: Digest,
) -> Result<Vec<(Digest, Option<Timestamp>)>, Fault> {
    let mut statement = connection.prepare_cached(sql::TAGGED)?;
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
    after: Option<Place>,
    limit: usize,
) -> Result<Vec<Place>, Fault> {
    let mut places = Vec::new();
    if let Some(place) = after {
        let parameters = params![place.seconds(), Key(place.id()), column::limit(limit)];
        places = read_places(connection, sql::NEXT_PLACES_OF_SECOND, parameters)?;
    }
    // Nothing is as new as that.
    let seconds = after.map_or(i64::MAX, Place::seconds);
    let rest = column::limit(limit.saturating_sub(places.len()));
    places.extend(read_places(connection, sql::OLDER_PLACES, [seconds, rest])?);
    Ok(places)
}

/// The places, in order, of the images with names or repository digests in repositories that begin
/// with one of these texts. None when there are more of them than `limit`.
pub(super) fn places_in(
    connection: &Connection,
    beginnings: &[String],
    limit: usize,
) -> Result<Option<Vec<Place>>, Fault> {
    let mut places = BTreeSet::new();
    let mut left = limit;
    for beginning in beginnings {
        let end = beyond(beginning);
        for statement in [
            sql::PLACES_WITH_NAMES_BETWEEN,
            sql::PLACES_WITH_REPO_DIGESTS_BETWEEN,
        ] {
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
) -> Result<Vec<Place>, Fault> {
    let mut statement = connection.prepare_cached(statement)?;
    let places = statement.query_map(parameters, |row| {
        let Key(id) = row.get(1)?;
        Ok(Place::at(row.get(0)?, id))
    })?;
    Ok(places.collect::<Result<_, _>>()?)
}

pub(super) fn count(connection: &Connection) -> Result<u64, Fault> {
    to_size(
        connection
            .prepare_cached(sql::COUNT_IMAGES)?
            .query_row((), |row| row.get(0))?,
    )
}

/// The only config that lies between the two digests.
pub(super) fn only_config_between(
    connection: &Connection,
    (first, last): (Digest, Digest),
) -> Result<Between, Fault> {
    let mut statement = connection.prepare_cached(sql::CONFIGS_BETWEEN)?;
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
