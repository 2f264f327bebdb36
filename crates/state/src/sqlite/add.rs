use std::collections::HashSet;

use rusqlite::Connection;
use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::names::Name;
use super::{blobs, documents, images, names};
use crate::{Added, Addition, Error, Image};

/// Rows that an addition may bring and still share a transaction. Most images bring fewer.
const MANY: usize = 256;

/// Whether it is worth a transaction of its own.
pub(super) fn is_large(addition: &Addition) -> bool {
    let Addition {
        images,
        documents,
        blobs,
        names,
    } = addition;
    let of_images = images.iter().map(|image| {
        let layers = image
            .variants
            .iter()
            .map(|variant| 4 + variant.layers.len());
        layers.sum::<usize>() + image.documents.len() + image.blobs.len()
    });
    of_images.sum::<usize>() + documents.len() + blobs.len() + names.len() > MANY
}

/// Adds everything, or fails before it has changed anything.
pub(super) fn add(connection: &Connection, addition: &Addition) -> Result<Added, Fault> {
    for image in &addition.images {
        check(image)?;
    }
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
        let now = names::id(connection, name)?;
        if let Some(before) = before
            && now != Some(before)
        {
            added.moved.push((reference.clone(), before));
        }
    }
    Ok(added)
}

/// What [`Image`] promises of itself.
fn check(image: &Image) -> Result<(), Fault> {
    match image.variants.first() {
        None => Err(Fault::unstorable(format!(
            "image {} without a variant",
            image.target
        ))),
        Some(first) if first.config != image.id => Err(Fault::unstorable(format!(
            "image {} with ID {}, but its first variant has the config {}",
            image.target, image.id, first.config
        ))),
        Some(_) => Ok(()),
    }
}

fn check_documents(connection: &Connection, addition: &Addition) -> Result<(), Fault> {
    let brought: HashSet<Digest> = addition
        .documents
        .iter()
        .map(|(digest, _)| *digest)
        .collect();
    for image in &addition.images {
        for document in images::needed_documents(image) {
            if !brought.contains(&document) && !documents::exists(connection, document)? {
                let what = format!("document {document} of image {}", image.target);
                return Err(Error::Incomplete { what }.into());
            }
        }
    }
    Ok(())
}

fn check_targets(connection: &Connection, addition: &Addition) -> Result<(), Fault> {
    let brought: HashSet<Digest> = addition.images.iter().map(|image| image.target).collect();
    for (name, target) in &addition.names {
        if !brought.contains(target) && !images::exists(connection, *target)? {
            let what = format!("image {target} of name {name}");
            return Err(Error::Incomplete { what }.into());
        }
    }
    Ok(())
}

/// The last occurrence of each name, in the order of the list.
fn pointers(addition: &Addition) -> Result<Vec<&(Reference, Digest)>, Fault> {
    let mut seen = HashSet::with_capacity(addition.names.len());
    let mut pointers = Vec::with_capacity(addition.names.len());
    for pointer in addition.names.iter().rev() {
        if seen.insert(Name::of(&pointer.0)?) {
            pointers.push(pointer);
        }
    }
    pointers.reverse();
    Ok(pointers)
}
