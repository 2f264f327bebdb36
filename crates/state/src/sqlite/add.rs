//! Adds images, names, blobs and everything else of an addition.

use rusqlite::Connection;
use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::names::Name;
use super::repo_digests::Pinned;
use super::{blobs, documents, images, locations, names, repo_digests, staged};
use crate::addition::{
    check_images, documents_elsewhere, lacks_document, lacks_image, pointers, targets_elsewhere,
};
use crate::{Added, Addition};

/// Rows up to which an addition shares a transaction. Most images have fewer.
const MANY: usize = 256;

/// Whether it gets a transaction of its own.
pub(super) fn is_large(addition: &Addition) -> bool {
    let Addition {
        images,
        documents,
        blobs,
        names,
        tagged_at: _,
        repo_digests,
        locations,
        staged,
    } = addition;
    let of_images = images.iter().map(|image| {
        let layers = image
            .variants
            .iter()
            .map(|variant| 4 + variant.layers.len());
        layers.sum::<usize>() + image.documents.len() + image.blobs.len()
    });
    let listed = [
        documents.len(),
        blobs.len(),
        names.len(),
        repo_digests.len(),
        locations.len(),
        2 * staged.len(),
    ];
    of_images.chain(listed).sum::<usize>() > MANY
}

/// Adds everything, or fails: the caller then has to undo its changes.
pub(super) fn add(connection: &Connection, addition: &Addition) -> Result<Added, Fault> {
    check_images(addition)?;
    check_documents(connection, addition)?;
    let pointers = pointers(addition)?;
    check_targets(connection, addition)?;

    for (digest, bytes) in &addition.documents {
        documents::add(connection, *digest, bytes)?;
    }
    let mut added = Added::default();
    for image in &addition.images {
        if images::add(connection, image)? {
            added.new_images.push(image.target);
        }
    }
    for blob in &addition.blobs {
        if blobs::add(connection, blob)? {
            added.new_blobs.push(blob.digest);
        }
    }
    for (reference, target) in pointers {
        let name = Name::of(reference)?;
        let before = names::id(connection, name)?;
        names::point(connection, name, *target)?;
        if let Some(at) = addition.tagged_at {
            images::touch(connection, *target, at)?;
        }
        let now = names::id(connection, name)?;
        if let Some(before) = before
            && now != Some(before)
        {
            added.moved.push((reference.clone(), before));
        }
    }
    for (reference, target) in &addition.repo_digests {
        repo_digests::point(connection, Pinned::of(reference)?, *target)?;
    }
    locations::add(connection, &addition.locations)?;
    for staged in &addition.staged {
        staged::set(connection, staged)?;
    }
    Ok(added)
}

/// Records where the image with this target can be pulled. False when there is no such image.
pub(super) fn record_push(
    connection: &Connection,
    target: Digest,
    repo_digests: &[Reference],
    locations: &[(Digest, String)],
) -> Result<bool, Fault> {
    if !images::exists(connection, target)? {
        return Ok(false);
    }
    for reference in repo_digests {
        repo_digests::point(connection, Pinned::of(reference)?, target)?;
    }
    locations::add(connection, locations)?;
    Ok(true)
}

fn check_documents(connection: &Connection, addition: &Addition) -> Result<(), Fault> {
    for (document, target) in documents_elsewhere(addition) {
        if !documents::exists(connection, document)? {
            return Err(lacks_document(document, target).into());
        }
    }
    Ok(())
}

fn check_targets(connection: &Connection, addition: &Addition) -> Result<(), Fault> {
    for (target, name) in targets_elsewhere(addition) {
        if !images::exists(connection, target)? {
            return Err(lacks_image(target, name).into());
        }
    }
    Ok(())
}
