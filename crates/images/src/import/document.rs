//! The config and manifest of an image that an import makes.

use jiff::Timestamp;
use serde::Serialize;
use sockerless_archive::Document;
use sockerless_oci::Platform;
use sockerless_reference::Digest;

use crate::RunConfig;

/// A new image of one layer.
#[derive(Debug)]
pub(super) struct Made<'a> {
    pub(super) created: Timestamp,
    /// The comment in its history.
    pub(super) message: &'a str,
    pub(super) platform: &'a Platform,
    pub(super) run: &'a RunConfig,
    pub(super) diff_id: Digest,
}

#[derive(Serialize)]
struct Config<'a> {
    created: Timestamp,
    architecture: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<&'a str>,
    os: &'a str,
    #[serde(rename = "os.version", skip_serializing_if = "Option::is_none")]
    os_version: Option<&'a str>,
    comment: &'a str,
    config: &'a RunConfig,
    rootfs: RootFs,
    history: [Step<'a>; 1],
}

#[derive(Serialize)]
struct RootFs {
    r#type: &'static str,
    diff_ids: [Digest; 1],
}

#[derive(Serialize)]
struct Step<'a> {
    created: Timestamp,
    comment: &'a str,
}

impl Made<'_> {
    /// Its config.
    pub(super) fn document(&self) -> serde_json::Result<Document> {
        let config = Config {
            created: self.created,
            architecture: &self.platform.architecture,
            variant: self.platform.variant.as_deref(),
            os: &self.platform.os,
            os_version: self.platform.os_version.as_deref(),
            comment: self.message,
            config: self.run,
            rootfs: RootFs {
                r#type: "layers",
                diff_ids: [self.diff_id],
            },
            history: [Step {
                created: self.created,
                comment: self.message,
            }],
        };
        serde_json::to_vec(&config).map(Document::new)
    }
}
