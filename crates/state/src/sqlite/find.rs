//! Finds images by a query, and tags them.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use sockerless_reference::{Digest, IdPrefix, Query, Reference};

use super::fault::Fault;
use super::images::Between;
use super::images::image;
use super::names::Name;
use super::value::Key;
use super::{blobs, documents, images, names, repo_digests};
use crate::{Error, Found, Image};

// Of several images a digest means the one whose own digest it is, then one whose ID it
// is, then one that has it in another variant; an original before a generated one; the newest.
pub(super) const IMAGE_WITH_ID: &str = image!(
    "0",
    "FROM images i WHERE i.id = $1 ORDER BY i.original DESC, i.loaded_at DESC, i.target LIMIT 1"
);
const IMAGE_WITH_DIGEST: &str = image!(
    "d.variant",
    "FROM image_digests d JOIN images i ON i.target = d.target \
     WHERE d.role IN ('target', 'config', 'manifest') AND d.digest = $1 \
     ORDER BY CASE WHEN d.role = 'target' THEN 0 WHEN i.id = d.digest THEN 1 ELSE 2 END, \
     i.original DESC, i.loaded_at DESC, i.target LIMIT 1"
);
const IMAGE_IN_REPOSITORY: &str = image!(
    "d.variant",
    "FROM image_digests d JOIN images i ON i.target = d.target \
     WHERE d.role IN ('target', 'manifest') AND d.digest = $1 AND EXISTS ( \
     SELECT 1 FROM images o JOIN names n ON n.target = o.target \
     WHERE o.id = i.id AND n.repository = $2) \
     ORDER BY CASE WHEN d.role = 'target' THEN 0 ELSE 1 END, \
     i.original DESC, i.loaded_at DESC, i.target LIMIT 1"
);
/// The digest is of a variant's own manifest, or of its staged one, or of the whole index.
const IMAGE_WITH_REPO_DIGEST: &str = image!(
    "COALESCE( \
     (SELECT d.variant FROM image_digests d \
     WHERE d.role = 'manifest' AND d.digest = r.digest AND d.target = r.target), \
     (SELECT MIN(d.variant) FROM staged s \
     JOIN image_digests d ON d.role = 'config' AND d.digest = s.config AND d.target = s.target \
     WHERE s.target = r.target AND s.repository = r.repository AND s.manifest = r.digest), 0)",
    "FROM repo_digests r JOIN images i ON i.target = r.target \
     WHERE r.repository = $1 AND r.digest = $2"
);
const IMAGE_WITH_NAME: &str = image!(
    "0",
    "FROM names n JOIN images i ON i.target = n.target WHERE n.repository = $1 AND n.tag = $2"
);

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    IMAGE_WITH_ID,
    IMAGE_WITH_DIGEST,
    IMAGE_IN_REPOSITORY,
    IMAGE_WITH_REPO_DIGEST,
    IMAGE_WITH_NAME,
];

/// Bytes of configs after which a page ends: a config may be megabytes, and most are a few
/// thousand bytes.
const PAGE_BYTES: usize = 1 << 20;

/// The image that `query` means, with its other data.
pub(super) fn find(connection: &Connection, query: &Query) -> Result<Option<Found>, Fault> {
    resolve(connection, query)?
        .map(|(image, variant)| complete(connection, image, variant))
        .transpose()
}

/// Points `name` to the image that `source` finds, and returns its ID.
pub(super) fn tag(
    connection: &Connection,
    source: &Query,
    name: &Reference,
    at: Timestamp,
) -> Result<Option<Digest>, Fault> {
    let name = Name::of(name)?;
    let Some((image, _)) = resolve(connection, source)? else {
        return Ok(None);
    };
    names::point(connection, name, image.target)?;
    images::touch(connection, image.target, at)?;
    Ok(Some(image.id))
}

/// One [`Found`] for each known one of these IDs, until their configs are large.
pub(super) fn with_ids(connection: &Connection, ids: &[Digest]) -> Result<Vec<Found>, Fault> {
    let mut page = Vec::new();
    let mut bytes = 0;
    for id in ids {
        if let Some((image, variant)) = images::first(connection, IMAGE_WITH_ID, [Key(*id)])? {
            let found = complete(connection, image, variant)?;
            bytes += found.config.len();
            page.push(found);
        }
        if bytes > PAGE_BYTES {
            break;
        }
    }
    Ok(page)
}

/// Checks that the image with this target is complete: it can be read, its variants have their
/// configs and manifests, and every document that it names exists.
pub(super) fn whole(connection: &Connection, target: Digest) -> Result<(), Fault> {
    let image = images::get(connection, target)?;
    let image = image.ok_or_else(|| Fault::damaged("it has no row"))?;
    if image.variants.is_empty() {
        return Err(Fault::damaged("it has no variant"));
    }
    let variants = &image.variants;
    let needed = variants.iter().flat_map(|v| [v.config, v.manifest]);
    for digest in needed
        .chain([image.target])
        .chain(image.documents.iter().copied())
    {
        if !documents::exists(connection, digest)? {
            return Err(Fault::damaged(format!("document {digest} is gone")));
        }
    }
    Ok(())
}

fn resolve(connection: &Connection, query: &Query) -> Result<Option<(Image, usize)>, Fault> {
    match query {
        Query::Id(digest) => with_digest(connection, *digest),
        Query::Name { reference, prefix } => {
            if let Some(found) = with_name(connection, reference)? {
                return Ok(Some(found));
            }
            match prefix {
                Some(prefix) => with_prefix(connection, prefix),
                None => Ok(None),
            }
        }
    }
}

fn with_digest(connection: &Connection, digest: Digest) -> Result<Option<(Image, usize)>, Fault> {
    images::first(connection, IMAGE_WITH_DIGEST, [Key(digest)])
}

/// A digest takes precedence over a tag, as in Docker: the tag is ignored then.
fn with_name(
    connection: &Connection,
    reference: &Reference,
) -> Result<Option<(Image, usize)>, Fault> {
    let repository = reference.repository();
    if let Some(digest) = reference.digest() {
        let parameters = params![repository, Key(digest)];
        if let Some(found) = images::first(connection, IMAGE_WITH_REPO_DIGEST, parameters)? {
            return Ok(Some(found));
        }
        let parameters = params![Key(digest), repository];
        return images::first(connection, IMAGE_IN_REPOSITORY, parameters);
    }
    match reference.tag() {
        Some(tag) => images::first(connection, IMAGE_WITH_NAME, [repository, tag]),
        None => Ok(None),
    }
}

fn with_prefix(
    connection: &Connection,
    prefix: &IdPrefix,
) -> Result<Option<(Image, usize)>, Fault> {
    match images::only_config_between(connection, prefix.bounds())? {
        Between::None => Ok(None),
        Between::One(config) => with_digest(connection, config),
        Between::Several => Err(Error::Ambiguous {
            prefix: prefix.as_str().to_owned(),
        }
        .into()),
    }
}

fn complete(connection: &Connection, image: Image, variant: usize) -> Result<Found, Fault> {
    let meant = image.variants.get(variant).ok_or_else(|| {
        Fault::damaged(format!("image {} has no variant {variant}", image.target))
    })?;
    let config = documents::get(connection, meant.config)?.ok_or_else(|| {
        Fault::damaged(format!(
            "config {} of image {} is gone",
            meant.config, image.target
        ))
    })?;
    let mut found = Found {
        config,
        names: Vec::new(),
        repo_digests: Vec::new(),
        last_tagged_at: None,
        content_size: blobs::content_size(connection, &meant.layers)?,
        image,
        variant,
    };
    for (target, last_tagged_at) in images::tagged(connection, found.image.id)? {
        names::read_into(&mut found.names, connection, target)?;
        repo_digests::read_into(&mut found.repo_digests, connection, target)?;
        found.last_tagged_at = found.last_tagged_at.max(last_tagged_at);
    }
    found.names.sort_unstable();
    found.repo_digests.sort_unstable();
    Ok(found)
}
