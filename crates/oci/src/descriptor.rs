//! OCI descriptors.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sockerless_reference::Digest;

use crate::json::any_case;
use crate::{Platform, media_type};

/// An OCI descriptor: what a document says about a blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Media type; some writers leave it out.
    pub media_type: String,
    /// Digest of the blob.
    pub digest: Digest,
    /// Bytes of the blob.
    pub size: u64,
    /// Where else the blob can be fetched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Annotations, among them the names of an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// The platform of the image that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// The type of the artifact that it names, if it names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
}

impl Descriptor {
    /// A descriptor with the required members only.
    pub fn new(media_type: impl Into<String>, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.into(),
            digest,
            size,
            urls: Vec::new(),
            annotations: None,
            platform: None,
            artifact_type: None,
        }
    }

    /// An annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// Whether it may name an image or an index of images, judged by its own type. Some writers
    /// leave the type out.
    pub fn may_be_image(&self) -> bool {
        let kind = self.media_type.as_str();
        kind.is_empty() || media_type::is_index(kind) || media_type::is_manifest(kind)
    }

    /// Whether it declares that it names an attachment of an image, as those of BuildKit's
    /// attestations do.
    pub fn is_attached(&self) -> bool {
        let attests = self.annotation("vnd.docker.reference.type");
        self.platform.as_ref().is_some_and(Platform::is_unknown)
            || attests == Some("attestation-manifest")
    }

    /// The platform of the image that it names, if known.
    pub fn known_platform(&self) -> Option<&Platform> {
        self.platform
            .as_ref()
            .filter(|platform| platform.is_known())
    }

    /// Whether its bytes are deliberately kept elsewhere, such as a Windows layer that may not be
    /// distributed.
    pub fn is_foreign(&self) -> bool {
        !self.urls.is_empty()
    }
}

impl<'de> Deserialize<'de> for Descriptor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Debug, Default)]
        struct Read {
            media_type: String,
            digest: Option<Digest>,
            size: Option<u64>,
            urls: Vec<String>,
            annotations: Option<BTreeMap<String, String>>,
            platform: Option<Platform>,
            artifact_type: Option<String>,
        }

        any_case!(Read, "a descriptor" {
            "mediatype" => media_type,
            "digest" => digest,
            "size" => size,
            "urls" => urls,
            "annotations" => annotations,
            "platform" => platform,
            "artifacttype" => artifact_type,
        });

        let read = Read::deserialize(deserializer)?;
        Ok(Self {
            media_type: read.media_type,
            digest: read
                .digest
                .ok_or_else(|| D::Error::missing_field("digest"))?,
            size: read.size.ok_or_else(|| D::Error::missing_field("size"))?,
            urls: read.urls,
            annotations: read.annotations,
            platform: read.platform,
            artifact_type: read.artifact_type,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::decode;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn keys_in_any_case() {
        let json = format!(
            r#"{{"MediaType":"t","DIGEST":"{DIGEST}","Size":3,"urls":null,
                "platform":{{"OS":"linux","architecture":"arm","Variant":"7","os.features":["x"]}}}}"#
        );
        let descriptor: Descriptor = decode(json.as_bytes()).expect("valid");
        assert_eq!((descriptor.media_type.as_str(), descriptor.size), ("t", 3));
        assert!(!descriptor.is_foreign());
        let platform = descriptor.platform.map(|platform| platform.to_string());
        assert_eq!(platform.as_deref(), Some("linux/arm/7"));
    }

    #[test]
    fn what_an_entry_of_an_index_names() {
        let manifest = media_type::OCI_MANIFEST;
        for (kind, more, may_be_image, is_attached) in [
            (manifest, "", true, false),
            ("", "", true, false),
            (media_type::DOCKER_LIST, "", true, false),
            ("application/vnd.cncf.helm.config.v1+json", "", false, false),
            (
                manifest,
                r#","platform":{"os":"unknown","architecture":"unknown"}"#,
                true,
                true,
            ),
            (
                manifest,
                r#","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#,
                true,
                true,
            ),
            // Its config and layers determine whether it is an image.
            (
                manifest,
                r#","artifactType":"application/spdx+json""#,
                true,
                false,
            ),
        ] {
            let json = format!(r#"{{"mediaType":"{kind}","digest":"{DIGEST}","size":3{more}}}"#);
            let descriptor: Descriptor = decode(json.as_bytes()).expect("valid");
            assert_eq!(descriptor.may_be_image(), may_be_image, "{json}");
            assert_eq!(descriptor.is_attached(), is_attached, "{json}");
        }
    }

    #[test]
    fn what_every_descriptor_has() {
        for (json, message) in [
            (r#"{"size":1}"#.to_owned(), "missing field `digest`"),
            (
                format!(r#"{{"digest":"{DIGEST}"}}"#),
                "missing field `size`",
            ),
            (
                format!(r#"{{"digest":"{DIGEST}","size":-1}}"#),
                "invalid value: integer `-1`",
            ),
        ] {
            let error = decode::<Descriptor>(json.as_bytes()).expect_err("broken");
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }
}
