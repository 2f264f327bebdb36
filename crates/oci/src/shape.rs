//! Telling manifests and indexes apart by their content.

use serde::de::IgnoredAny;

use crate::json::{JsonError, any_case, decode};
use crate::media_type;

/// The kind of a document that a descriptor names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An OCI index or Docker manifest list.
    Index,
    /// An OCI manifest or Docker's of schema 2.
    Manifest,
    /// Docker's schema 1, or unknown.
    Other,
}

impl Shape {
    /// Determines the kind by the document's own media type, or else by its members: some writers
    /// leave the type out.
    ///
    /// # Errors
    /// When it is not a JSON object.
    pub fn of(document: &[u8]) -> Result<Self, JsonError> {
        Self::with_type(document).map(|(shape, _)| shape)
    }

    /// As [`of`](Self::of), with the media type that the document declares; empty if none.
    ///
    /// # Errors
    /// When it is not a JSON object.
    pub fn with_type(document: &[u8]) -> Result<(Self, String), JsonError> {
        #[derive(Debug, Default)]
        struct Outline {
            media_type: String,
            manifests: Option<IgnoredAny>,
            config: Option<IgnoredAny>,
        }

        any_case!(Outline, "a manifest" {
            "mediatype" => media_type,
            "manifests" => manifests,
            "config" => config,
        });

        let outline: Outline = decode(document)?;
        let shape = match outline.media_type.as_str() {
            kind if media_type::is_index(kind) => Self::Index,
            kind if media_type::is_manifest(kind) => Self::Manifest,
            "" if outline.manifests.is_some() => Self::Index,
            "" if outline.config.is_some() => Self::Manifest,
            _ => Self::Other,
        };
        Ok((shape, outline.media_type))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        for (json, expected) in [
            (r#"{"schemaVersion":2,"manifests":[]}"#, Shape::Index),
            (
                r#"{"mediaType":"application/vnd.oci.image.index.v1+json"}"#,
                Shape::Index,
            ),
            (
                r#"{"MEDIATYPE":"application/vnd.oci.image.index.v1+json"}"#,
                Shape::Index,
            ),
            (
                r#"{"schemaVersion":2,"config":{},"layers":[]}"#,
                Shape::Manifest,
            ),
            (
                r#"{"mediaType":"application/vnd.docker.distribution.manifest.v2+json"}"#,
                Shape::Manifest,
            ),
            (r#"{"schemaVersion":1,"fsLayers":[]}"#, Shape::Other),
            (
                r#"{"mediaType":"application/vnd.docker.distribution.manifest.v1+json","config":1}"#,
                Shape::Other,
            ),
        ] {
            assert_eq!(
                Shape::of(json.as_bytes()).expect("JSON"),
                expected,
                "{json}"
            );
        }
        assert!(Shape::of(b"[]").is_err());
    }
}
