//! Reading manifests and configs that come from a registry, as those of an archive are read.

use sockerless_oci::{Descriptor, ImageConfig, Index, Manifest, Shape};

use crate::document::{parse, parse_config};
use crate::{Document, Error};

/// The meaning of a manifest or index.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// An index or manifest list: the images of several platforms, and their attachments.
    Index(Vec<Descriptor>),
    /// An image of one platform.
    Image {
        /// Its config.
        config: Box<Descriptor>,
        /// Its layers, base first.
        layers: Vec<Descriptor>,
    },
    /// Something else in the form of an image: a signature, an attestation, a chart.
    Attachment {
        /// The media type that identifies it.
        kind: String,
        /// Everything it refers to.
        parts: Vec<Descriptor>,
    },
    /// Docker schema 1, or unknown.
    Unknown {
        /// The media type that the document declares; empty if none.
        kind: String,
    },
}

/// Reads an OCI or Docker manifest or index; `entry` names it in errors.
///
/// # Errors
/// [`Error::Document`] when it is not valid JSON or lacks a required member.
pub fn read_manifest(entry: &str, document: &Document) -> Result<Meaning, Error> {
    let (shape, kind) = Shape::with_type(&document.bytes).map_err(|error| Error::Document {
        what: "manifest",
        entry: entry.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(match shape {
        Shape::Other => Meaning::Unknown { kind },
        Shape::Index => Meaning::Index(parse::<Index>("index", entry, document)?.manifests),
        Shape::Manifest => {
            let manifest: Manifest = parse("manifest", entry, document)?;
            if manifest.is_image() {
                return Ok(Meaning::Image {
                    config: Box::new(manifest.config),
                    layers: manifest.layers,
                });
            }
            let kind = manifest.kind().to_owned();
            let mut parts = vec![manifest.config];
            parts.extend(manifest.layers);
            Meaning::Attachment { kind, parts }
        }
    })
}

/// Reads an image's config; `entry` names it in errors.
///
/// # Errors
/// [`Error::Document`] when it is not valid JSON or lacks a required member.
pub fn read_config(entry: &str, document: &Document) -> Result<ImageConfig, Error> {
    parse_config(entry, document)
}
