//! The JSON form of an image's variants, documents and blobs, as both databases store it.

use serde::{Deserialize, Serialize};
use sockerless_reference::Digest;

use crate::column::Damage;
use crate::{Error, Image, Variant};

#[derive(Serialize)]
struct Contents<'a> {
    variants: &'a [Variant],
    documents: &'a [Digest],
    blobs: &'a [Digest],
}

/// The part of an image that no statement reads, stored in one JSON column.
#[derive(Deserialize)]
pub(crate) struct OwnedContents {
    pub(crate) variants: Vec<Variant>,
    pub(crate) documents: Vec<Digest>,
    pub(crate) blobs: Vec<Digest>,
}

pub(crate) fn write(image: &Image) -> Result<String, Error> {
    let contents = Contents {
        variants: &image.variants,
        documents: &image.documents,
        blobs: &image.blobs,
    };
    serde_json::to_string(&contents).map_err(|error| Error::Unstorable {
        what: format!("image {}: {error}", image.target),
    })
}

pub(crate) fn read(column: &str, target: Digest) -> Result<OwnedContents, Damage> {
    serde_json::from_str(column)
        .map_err(|error| Damage(format!("contents of image {target}: {error}")))
}
