//! Generating an OCI manifest for an image without one.

use serde::Serialize;
use sockerless_oci::media_type;
use sockerless_reference::Digest;

use crate::Document;

/// A layer as a generated manifest lists it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestLayer {
    /// Media type of the blob.
    pub media_type: String,
    /// Digest of the blob.
    pub digest: Digest,
    /// Bytes of the blob.
    pub size: u64,
    /// Where else it can be fetched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
}

/// Makes the OCI manifest ([`media_type::OCI_MANIFEST`]) of an image without one. The same image
/// always gets the same manifest.
///
/// # Errors
/// None that this data can cause; those of the JSON library are passed on.
pub fn generate(config: &Document, layers: &[ManifestLayer]) -> serde_json::Result<Document> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        media_type: &'static str,
        digest: Digest,
        size: u64,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Manifest<'a> {
        schema_version: u8,
        media_type: &'static str,
        config: Config,
        layers: &'a [ManifestLayer],
    }
    let manifest = Manifest {
        schema_version: 2,
        media_type: media_type::OCI_MANIFEST,
        config: Config {
            media_type: media_type::OCI_CONFIG,
            digest: config.digest,
            size: config.bytes.len() as u64,
        },
        layers,
    };
    serde_json::to_vec(&manifest).map(Document::new)
}
