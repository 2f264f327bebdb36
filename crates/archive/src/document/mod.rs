//! The JSON documents of an archive: only the fields that decide what it means.
//!
//! Everything else in them is passed over without being kept, so that a document cannot take more
//! memory than its own bytes; the bytes themselves are kept as they came.

mod config;
mod descriptor;
mod docker_manifest;
mod key;
mod oci;

pub(crate) use config::ImageConfig;
pub use descriptor::{Descriptor, Platform};
pub(crate) use docker_manifest::DockerManifestItem;
pub(crate) use oci::{Index, Layout, Manifest, Shape, shape};

use serde::de::DeserializeOwned;

use crate::Error;
use crate::read::Document;

/// Decodes a document, or says which one is broken and where.
pub(crate) fn parse<T: DeserializeOwned>(
    what: &'static str,
    entry: &str,
    document: &Document,
) -> Result<T, Error> {
    serde_json::from_slice(&document.bytes).map_err(|error| Error::Document {
        what,
        entry: entry.to_owned(),
        reason: error.to_string(),
    })
}
