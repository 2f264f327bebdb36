//! Looking up and verifying documents, configs and layers of an image.

use std::rc::Rc;

use sockerless_oci::Descriptor;
use sockerless_reference::Digest;

use super::Wish;
use super::configs::{Configs, Facts};
use crate::image::{ArchiveLayer, Presence};
use crate::read::{Document, Members, Resolved};
use crate::{Blob, Error};

/// The document `entry`, which `wanted_by` refers to.
pub(super) fn document<'a>(
    members: &'a Members,
    wish: &Wish<'_>,
    what: &'static str,
    entry: &str,
    wanted_by: &str,
) -> Result<&'a Document, Error> {
    let invalid = |reason| Error::Document {
        what,
        entry: entry.to_owned(),
        reason,
    };
    match members.get(entry)? {
        Resolved::Document(document) => Ok(document),
        Resolved::Empty(_) => Err(invalid("expected a JSON object, found no bytes".to_owned())),
        Resolved::Blob(blob) if blob.staged.size() > wish.limits.document_bytes => {
            Err(Error::Limit {
                name: "max-document-bytes",
                what: format!("bytes of {what} {entry:?}"),
                found: blob.staged.size(),
                limit: wish.limits.document_bytes,
            })
        }
        Resolved::Blob(blob) => Err(invalid(format!(
            "expected a JSON object, found {} bytes that begin with {:?}",
            blob.staged.size(),
            String::from_utf8_lossy(&blob.start),
        ))),
        Resolved::Missing => Err(Error::Missing {
            what,
            entry: entry.to_owned(),
            wanted_by: wanted_by.to_owned(),
        }),
    }
}

/// The document of a descriptor, verified against it.
pub(super) fn described<'a>(
    members: &'a Members,
    wish: &Wish<'_>,
    what: &'static str,
    descriptor: &Descriptor,
    wanted_by: &str,
) -> Result<&'a Document, Error> {
    let entry = entry(descriptor.digest);
    let document = document(members, wish, what, &entry, wanted_by)?;
    same(
        what,
        &entry,
        descriptor,
        document.digest,
        document.bytes.len() as u64,
    )?;
    Ok(document)
}

/// The config `entry`, with its parsed content.
pub(super) fn config<'a>(
    members: &'a Members,
    wish: &Wish<'_>,
    configs: &mut Configs,
    entry: &str,
    wanted_by: &str,
) -> Result<(&'a Document, Rc<Facts>), Error> {
    let document = document(members, wish, "config", entry, wanted_by)?;
    Ok((document, configs.read(entry, document)?))
}

/// The layer number `index` in `entry`, verified to have `diff_id`, or left out.
pub(super) fn layer(
    members: &Members,
    index: usize,
    entry: &str,
    diff_id: Digest,
    descriptor: Option<&Descriptor>,
) -> Result<ArchiveLayer, Error> {
    let foreign = descriptor.is_some_and(Descriptor::is_foreign);
    let presence = match members.get(entry)? {
        Resolved::Blob(blob) => Presence::Here(proven(blob, index, entry, diff_id, descriptor)?),
        // An empty file is an empty layer only if the config says so; otherwise it stands for a
        // known layer.
        Resolved::Empty(blob) if blob.staged.digest() == diff_id => Presence::Here(diff_id),
        Resolved::Empty(_) | Resolved::Missing if foreign => Presence::Foreign,
        Resolved::Empty(_) | Resolved::Missing => Presence::LeftOut,
        Resolved::Document(_) => {
            return Err(Error::Document {
                what: "layer",
                entry: entry.to_owned(),
                reason: "expected a tar, found a JSON document".to_owned(),
            });
        }
    };
    Ok(ArchiveLayer {
        diff_id,
        entry: entry.to_owned(),
        descriptor: descriptor.cloned(),
        presence,
    })
}

fn proven(
    blob: &Blob,
    index: usize,
    entry: &str,
    diff_id: Digest,
    descriptor: Option<&Descriptor>,
) -> Result<Digest, Error> {
    if let Some(descriptor) = descriptor {
        same(
            "layer",
            entry,
            descriptor,
            blob.staged.digest(),
            blob.staged.size(),
        )?;
    }
    let found = blob.layer().map_err(|source| Error::Layer {
        index,
        entry: entry.to_owned(),
        source,
    })?;
    if found.diff_id == diff_id {
        return Ok(blob.staged.digest());
    }
    let (entry, found) = (entry.to_owned(), found.diff_id);
    Err(Error::DiffId {
        index,
        entry,
        expected: diff_id,
        found,
    })
}

/// Compares a descriptor with the digest and size of a member.
pub(super) fn same(
    what: &'static str,
    entry: &str,
    descriptor: &Descriptor,
    digest: Digest,
    size: u64,
) -> Result<(), Error> {
    let entry = || entry.to_owned();
    if descriptor.digest != digest {
        let expected = descriptor.digest;
        return Err(Error::Digest {
            what,
            entry: entry(),
            expected,
            found: digest,
        });
    }
    if descriptor.size != size {
        let expected = descriptor.size;
        return Err(Error::Size {
            what,
            entry: entry(),
            expected,
            found: size,
        });
    }
    Ok(())
}

/// The name of a blob in an OCI layout.
pub(super) fn entry(digest: Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}
