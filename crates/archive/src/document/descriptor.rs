use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sockerless_reference::Digest;

/// An OCI descriptor: what another document says about a blob.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Media type; some writers leave it out.
    #[serde(default)]
    pub media_type: String,
    /// Digest of the blob.
    pub digest: Digest,
    /// Bytes of the blob.
    pub size: u64,
    /// Where else it may be had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Annotations, among them the names of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// What the image that it names runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

impl Descriptor {
    pub(crate) fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// Whether its bytes are kept elsewhere on purpose: a layer of Windows that may not be
    /// distributed, say.
    pub(crate) fn is_foreign(&self) -> bool {
        !self.urls.is_empty()
    }
}

/// What an image runs on, in Go's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Platform {
    /// Operating system; empty when it is not told.
    #[serde(default)]
    pub os: String,
    /// Architecture; empty when it is not told.
    #[serde(default)]
    pub architecture: String,
    /// Variant of the architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Version of the operating system.
    #[serde(
        default,
        rename = "os.version",
        skip_serializing_if = "Option::is_none"
    )]
    pub os_version: Option<String>,
}

impl Platform {
    /// Whether an image for `self` is what somebody who asks for `wanted` wants. What is not asked
    /// for is not compared, and arm64 is arm64/v8.
    pub fn satisfies(&self, wanted: &Self) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (wanted.variant.is_none() || self.full_variant() == wanted.full_variant())
            && (wanted.os_version.is_none() || self.os_version == wanted.os_version)
    }

    fn full_variant(&self) -> Option<&str> {
        match (self.architecture.as_str(), self.variant.as_deref()) {
            ("arm64", None) => Some("v8"),
            (_, variant) => variant.filter(|variant| !variant.is_empty()),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match self.variant.as_deref() {
            None | Some("") => Ok(()),
            Some(variant) => write!(f, "/{variant}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        let mut parts = text.split('/');
        let mut next = || parts.next().map(str::to_owned);
        Platform {
            os: next().unwrap_or_default(),
            architecture: next().unwrap_or_default(),
            variant: next(),
            os_version: None,
        }
    }

    #[test]
    fn satisfies() {
        for (image, wanted, fits) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/amd64", "linux/arm64", false),
            ("windows/amd64", "linux/amd64", false),
            ("linux/arm/v7", "linux/arm", true),
            ("linux/arm/v6", "linux/arm/v7", false),
            ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm64/v8", "linux/arm64", true),
        ] {
            assert_eq!(
                platform(image).satisfies(&platform(wanted)),
                fits,
                "{image} {wanted}"
            );
        }
    }
}
