//! Writing archives that Docker, podman, skopeo and OCI tools load.
//!
//! [`plan`] returns the members of an archive in order. For each of them the caller sends the
//! [header](Member::header), the [content](Member::content) and the [padding](Member::padding), and
//! finally the [end](end()). Nothing here does I/O. The same images always give the same bytes.
//!
//! An archive is an OCI layout and a docker archive in one. The documents come before the layers:
//! many readers search for `manifest.json` from the start of the file on each access.

mod docker;
mod member;
mod oci;

pub use member::{Content, Member, end};

use std::collections::BTreeMap;

use sockerless_reference::{Digest, Reference};

use crate::{Document, Platform, Target};

/// An image to write.
#[derive(Debug, Clone)]
pub struct SavedImage {
    /// Its manifest or index.
    pub target: Target,
    /// The names to write, each with a tag and without a digest. May be empty.
    pub names: Vec<Reference>,
    /// The config of the variant that readers without indexes see.
    pub config: Digest,
    /// That variant's layer blobs, base first.
    pub layers: Vec<Digest>,
    /// The platform it runs on; `None` for an index, whose descriptors have it.
    pub platform: Option<Platform>,
}

/// The members of an archive of these images, in the order in which they must be written.
///
/// `documents` are the configs, manifests and indexes of the images, `blobs` their layers with
/// their sizes; the targets need not be among them, and duplicates are written once.
///
/// # Errors
/// None that this data can cause; those of the JSON library are passed on.
pub fn plan(
    images: &[SavedImage],
    documents: impl IntoIterator<Item = Document>,
    blobs: impl IntoIterator<Item = (Digest, u64)>,
) -> serde_json::Result<Vec<Member>> {
    let mut members = vec![
        Member::fixed("oci-layout", oci::LAYOUT),
        Member::fixed("index.json", oci::index(images)?),
        Member::fixed("manifest.json", docker::manifest(images)?),
    ];
    if let Some(repositories) = docker::repositories(images)? {
        members.push(Member::fixed("repositories", repositories));
    }
    let targets = images.iter().map(|image| image.target.document.clone());
    let documents: BTreeMap<_, _> = targets
        .chain(documents)
        .map(|document| (document.digest, document.bytes))
        .collect();
    let mut blobs: BTreeMap<_, _> = blobs.into_iter().collect();
    blobs.retain(|digest, _| !documents.contains_key(digest));
    if !documents.is_empty() || !blobs.is_empty() {
        members.push(Member::folder("blobs/"));
        members.push(Member::folder("blobs/sha256/"));
    }
    let document = |(digest, bytes)| Member::document(digest, bytes);
    members.extend(documents.into_iter().map(document));
    members.extend(
        blobs
            .into_iter()
            .map(|(digest, size)| Member::blob(digest, size)),
    );
    Ok(members)
}

#[cfg(test)]
mod tests;
