//! Manifests and configs that did not come in an archive: the same reading for a registry's.

use sockerless_oci::{Descriptor, ImageConfig, Index, Manifest, Shape};

use crate::document::{parse, parse_config};
use crate::{Document, Error};

/// What a manifest-like document says.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// An index or manifest list: the images of several platforms, and what belongs to them.
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
        /// The media type that tells what it is.
        kind: String,
        /// Everything that it refers to.
        parts: Vec<Descriptor>,
    },
    /// Docker schema 1, or nothing known.
    Unknown {
        /// The media type that the document says it has; empty when it says none.
        kind: String,
    },
}

/// Reads an OCI or Docker manifest or index; `entry` names it in errors.
///
/// # Errors
/// [`Error::Document`] when it is no JSON or lacks what it must have.
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
/// [`Error::Document`] when it is no JSON or lacks what it must have.
pub fn read_config(entry: &str, document: &Document) -> Result<ImageConfig, Error> {
    parse_config(entry, document)
}
