//! The JSON documents of archives, with only the fields that are needed.
//!
//! All other fields are skipped, so that a document cannot take more memory than its own bytes; the
//! bytes themselves are kept unchanged.

mod docker_manifest;
mod layout;

pub(crate) use docker_manifest::DockerManifestItem;
pub(crate) use layout::Layout;

use serde::de::DeserializeOwned;
use sockerless_oci::ImageConfig;
use sockerless_oci::json::decode;

use crate::Error;
use crate::read::Document;

/// Decodes a document; an error names it and the position.
pub(crate) fn parse<T: DeserializeOwned>(
    what: &'static str,
    entry: &str,
    document: &Document,
) -> Result<T, Error> {
    decode(&document.bytes).map_err(|error| broken(what, entry, &error))
}

/// Decodes a config and checks what every image must have.
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
