//! Checks of an addition that need no store.

use std::collections::HashSet;

use sockerless_reference::{Digest, Reference};

use crate::name::Name;
use crate::{Addition, Error, Image, Staged};

/// Checks the invariants of every [`Image`].
pub(crate) fn check_images(addition: &Addition) -> Result<(), Error> {
    addition.images.iter().try_for_each(check_image)
}

fn check_image(image: &Image) -> Result<(), Error> {
    let what = match image.variants.first() {
        None => format!("image {} without a variant", image.target),
        Some(first) if first.config != image.id => format!(
            "image {} with ID {}, but its first variant has the config {}",
            image.target, image.id, first.config
        ),
        Some(_) => return Ok(()),
    };
    Err(Error::Unstorable { what })
}

/// The documents that must be in the store already, because the addition refers to them and does
/// not have them, each with the target of an image that needs it.
pub(crate) fn documents_elsewhere(addition: &Addition) -> Vec<(Digest, Digest)> {
    let documents = addition.documents.iter();
    let brought: HashSet<Digest> = documents.map(|(digest, _)| *digest).collect();
    let of_images = addition.images.iter().flat_map(|image| {
        image
            .needed_documents()
            .map(|document| (document, image.target))
    });
    let of_staged = addition
        .staged
        .iter()
        .map(|staged| (staged.manifest, staged.target));
    let mut elsewhere: Vec<_> = of_images.chain(of_staged).collect();
    elsewhere.retain(|(document, _)| !brought.contains(document));
    elsewhere
}

/// The images that must be in the store already because a reference points to them, each with that
/// reference.
pub(crate) fn targets_elsewhere(addition: &Addition) -> Vec<(Digest, &Reference)> {
    let brought: HashSet<Digest> = addition.images.iter().map(|image| image.target).collect();
    let pointers = addition.names.iter().chain(&addition.repo_digests);
    let mut elsewhere: Vec<_> = pointers.map(|(name, target)| (*target, name)).collect();
    elsewhere.retain(|(target, _)| !brought.contains(target));
    elsewhere
}

/// The last occurrence of each name, in the order of the list.
pub(crate) fn pointers(addition: &Addition) -> Result<Vec<&(Reference, Digest)>, Error> {
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

pub(crate) fn lacks_document(document: Digest, target: Digest) -> Error {
    Error::Incomplete {
        what: format!("document {document} of image {target}"),
    }
}

pub(crate) fn lacks_image(target: Digest, name: &Reference) -> Error {
    Error::Incomplete {
        what: format!("image {target} of name {name}"),
    }
}

pub(crate) fn lacks_variant(staged: &Staged) -> Error {
    Error::Incomplete {
        what: format!("variant {} of image {}", staged.config, staged.target),
    }
}
