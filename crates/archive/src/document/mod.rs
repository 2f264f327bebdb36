//! The JSON documents that only archives have: only the fields that decide what they mean.
//!
//! Everything else in them is passed over without being kept, so that a document cannot take more
//! memory than its own bytes; the bytes themselves are kept as they came.

mod docker_manifest;
mod layout;

pub(crate) use docker_manifest::DockerManifestItem;
pub(crate) use layout::Layout;

use serde::de::DeserializeOwned;
use sockerless_oci::ImageConfig;
use sockerless_oci::json::decode;

use crate::Error;
use crate::read::Document;

/// Decodes a document, or says which one is broken and where.
pub(crate) fn parse<T: DeserializeOwned>(
    what: &'static str,
    entry: &str,
    document: &Document,
) -> Result<T, Error> {
    decode(&document.bytes).map_err(|error| broken(what, entry, &error))
}

/// Decodes a config and holds it to what every image has.
pub(crate) fn parse_config(entry: &str, document: &Document) -> Result<ImageConfig, Error> {
    let config = ImageConfig::parse(&document.bytes);
    let config = config.map_err(|error| broken("config", entry, &error))?;
    let checked = config.check();
    checked.map_err(|error| broken("config", entry, &error))?;
    Ok(config)
}

fn broken(what: &'static str, entry: &str, error: &dyn std::fmt::Display) -> Error {
    Error::Document {
        what,
        entry: entry.to_owned(),
        reason: error.to_string(),
    }
}
