//! Platforms: operating system, architecture and variant.

mod matcher;
mod normal;
mod text;

use std::fmt;

use serde::Serialize;

pub use matcher::PlatformMatcher;
pub use text::PlatformError;

use crate::json::any_case;

/// What an image runs on, in Go's terms, as an index or a config says it. It is written in the key
/// order of the OCI specification.
///
/// Two spellings of one platform (`x86_64` and `amd64`, `arm/7` and `arm/v7`) are two values:
/// [`PlatformMatcher`] compares their meaning, [`normalized`](Self::normalized) makes them equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Platform {
    /// Architecture: `amd64`, `arm64`; empty when it is not known.
    pub architecture: String,
    /// Operating system: `linux`, `windows`; empty when it is not known.
    pub os: String,
    /// Version of the operating system (Windows).
    #[serde(rename = "os.version", skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// Variant of the architecture: `v7`, `v8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

any_case!(Platform, "a platform" {
    "os" => os,
    "architecture" => architecture,
    "variant" => variant,
    "os.version" => os_version,
});

impl Platform {
    /// A platform of these values; an empty variant means none.
    pub fn new(os: &str, architecture: &str, variant: &str) -> Self {
        Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: (!variant.is_empty()).then(|| variant.to_owned()),
            os_version: None,
        }
    }

    /// Whether it says what an image runs on: it has an operating system and an architecture, and
    /// neither is `unknown`, which BuildKit writes for anything that is not an image.
    pub fn is_known(&self) -> bool {
        let known = |word: &str| !word.is_empty() && !word.eq_ignore_ascii_case("unknown");
        known(&self.os) && known(&self.architecture)
    }

    /// Whether it is `unknown/unknown`, which BuildKit writes for anything that is not an image.
    pub fn is_unknown(&self) -> bool {
        self.os.eq_ignore_ascii_case("unknown")
    }

    fn variant(&self) -> &str {
        self.variant.as_deref().unwrap_or_default()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match self.variant() {
            "" => Ok(()),
            variant => write!(f, "/{variant}"),
        }
    }
}
