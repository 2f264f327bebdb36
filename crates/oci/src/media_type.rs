//! Media types of the OCI image specification and of Docker, and what they denote.
//!
//! A registry's reply may have parameters after the type, and types are case-insensitive (RFC 9110,
//! section 8.3.1): every function here accepts any such form.

use crate::json::{JsonError, any_case, decode};

/// An OCI image index.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// An OCI image manifest.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The config of an OCI image.
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// An uncompressed layer.
pub const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
/// A layer in gzip.
pub const OCI_LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// A layer in zstd.
pub const OCI_LAYER_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
/// Docker's manifest list: its form of an index.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Docker's manifest of schema 2.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// The config of an image in Docker's manifest.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";

/// An uncompressed layer in Docker's manifest.
pub const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";
/// A layer in gzip in Docker's manifest.
pub const DOCKER_LAYER_GZIP: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
/// A layer in zstd in Docker's manifest.
pub const DOCKER_LAYER_ZSTD: &str = "application/vnd.docker.image.rootfs.diff.tar.zstd";
/// Docker's manifest of schema 1 without a signature.
pub const DOCKER_SCHEMA_1: &str = "application/vnd.docker.distribution.manifest.v1+json";
/// Docker's manifest of schema 1 with a signature.
pub const DOCKER_SCHEMA_1_SIGNED: &str =
    "application/vnd.docker.distribution.manifest.v1+prettyjws";

/// Prefix of the types of Docker's schema 1 manifests.
pub(crate) const DOCKER_SCHEMA_1_PREFIX: &str = "application/vnd.docker.distribution.manifest.v1";
const OCI_LAYER_PREFIXES: [&str; 2] = [
    OCI_LAYER,
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
];
const DOCKER_LAYER_PREFIXES: [&str; 2] = [
    DOCKER_LAYER,
    "application/vnd.docker.image.rootfs.foreign.diff.tar",
];

/// The type alone, in lower case: without parameters and white space.
pub fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The media type that a manifest or index declares, if any.
///
/// # Errors
/// When it is not a JSON object, or its type is not a string.
pub fn declared(document: &[u8]) -> Result<Option<String>, JsonError> {
    #[derive(Debug, Default)]
    struct Head {
        media_type: String,
    }

    any_case!(Head, "a manifest" { "mediatype" => media_type });

    let head: Head = decode(document)?;
    Ok(Some(head.media_type).filter(|media_type| !media_type.is_empty()))
}

/// Whether it is the type of an index or of Docker's manifest list.
pub fn is_index(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), OCI_INDEX | DOCKER_LIST)
}

/// Whether it is the type of a manifest of one image: of the OCI, or Docker's schema 2.
pub fn is_manifest(media_type: &str) -> bool {
    matches!(essence(media_type).as_str(), OCI_MANIFEST | DOCKER_MANIFEST)
}

/// Whether it is one of the types of Docker's schema 1, which cannot be verified by its digest.
pub fn is_schema_1(media_type: &str) -> bool {
    essence(media_type).starts_with(DOCKER_SCHEMA_1_PREFIX)
}

/// Whether it is the type of an image's config. Some writers leave the type out, and some old
/// registries wrote a generic one into the manifest.
pub fn is_image_config(media_type: &str) -> bool {
    matches!(
        essence(media_type).as_str(),
        "" | OCI_CONFIG
            | DOCKER_CONFIG
            | "application/octet-stream"
            | "application/json"
            | "text/html"
    )
}

/// Whether it is the type of a layer of a root file system, however it is compressed. Some writers
/// leave the type out.
pub fn is_layer(media_type: &str) -> bool {
    let essence = essence(media_type);
    let begins = |prefix: &&str| essence.starts_with(*prefix);
    essence.is_empty()
        || OCI_LAYER_PREFIXES.iter().any(begins)
        || DOCKER_LAYER_PREFIXES.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let cases: [(&str, [bool; 5]); 16] = [
            (OCI_INDEX, [true, false, false, false, false]),
            (DOCKER_LIST, [true, false, false, false, false]),
            (OCI_MANIFEST, [false, true, false, false, false]),
            (DOCKER_MANIFEST, [false, true, false, false, false]),
            (
                "Application/vnd.oci.image.manifest.v1+JSON; charset=utf-8",
                [false, true, false, false, false],
            ),
            (
                "application/vnd.docker.distribution.manifest.v1+prettyjws",
                [false, false, true, false, false],
            ),
            (OCI_CONFIG, [false, false, false, true, false]),
            (DOCKER_CONFIG, [false, false, false, true, false]),
            ("", [false, false, false, true, true]),
            (
                "application/octet-stream",
                [false, false, false, true, false],
            ),
            ("text/html", [false, false, false, true, false]),
            (OCI_LAYER_ZSTD, [false, false, false, false, true]),
            (
                "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                [false, false, false, false, true],
            ),
            (
                "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                [false, false, false, false, true],
            ),
            ("application/vnd.in-toto+json", [false; 5]),
            ("application/vnd.cncf.helm.config.v1+json", [false; 5]),
        ];
        for (media_type, expected) in cases {
            let found = [
                is_index(media_type),
                is_manifest(media_type),
                is_schema_1(media_type),
                is_image_config(media_type),
                is_layer(media_type),
            ];
            assert_eq!(found, expected, "{media_type}");
        }
    }
}
