//! The image config: what it says and when it is valid.

use sockerless_reference::Digest;

use super::{HistoryEntry, RunConfig};
use crate::json::{JsonError, Member, any_case, decode};
use crate::{Platform, Time};

/// What an image config says.
///
/// What identifies the image and its layers must have the right type: the platform, `rootfs` and
/// the history. The rest is read leniently: a value of a wrong type counts as missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageConfig {
    /// When the image was made; `None` if missing or not a time.
    pub created: Option<Time>,
    /// Who made it; may be empty.
    pub author: String,
    /// A remark; may be empty.
    pub comment: String,
    /// The platform it runs on.
    pub platform: Platform,
    /// The defaults of its containers.
    pub run: RunConfig,
    /// How it was made, the first step first.
    pub history: Vec<HistoryEntry>,
    /// The type of `rootfs`, which is `layers`; empty if missing.
    pub rootfs_type: String,
    /// The digests of its uncompressed layers, base first.
    pub diff_ids: Vec<Digest>,
    has_rootfs: bool,
}

/// Why a readable config is not that of a usable image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnImage {
    /// It has no list of layers.
    #[error("invalid image JSON, no RootFS key")]
    NoRootFs,
    /// More steps made a layer than there are layers.
    #[error(
        "too many non-empty layers in History section: expected at most {expected} (its diff_ids), \
         found {found}"
    )]
    History {
        /// How many layers there are.
        expected: usize,
        /// How many steps made a layer.
        found: usize,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct RootFs {
    kind: String,
    diff_ids: Vec<Digest>,
}

any_case!(RootFs, "the rootfs of an image config" {
    "type" => kind,
    "diff_ids" => diff_ids,
});

impl ImageConfig {
    /// Reads the bytes of an image config.
    ///
    /// # Errors
    /// When they are not a JSON object, or a member that identifies the image or its layers has a
    /// wrong type.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        #[derive(Debug, Default)]
        struct Read {
            created: Member<Time>,
            author: Member<String>,
            comment: Member<String>,
            os: String,
            architecture: String,
            variant: Option<String>,
            os_version: Option<String>,
            config: Member<RunConfig>,
            history: Vec<HistoryEntry>,
            rootfs: Option<RootFs>,
        }

        any_case!(Read, "an image config" {
            "created" => created,
            "author" => author,
            "comment" => comment,
            "os" => os,
            "architecture" => architecture,
            "variant" => variant,
            "os.version" => os_version,
            "config" => config (merged),
            "history" => history,
            "rootfs" => rootfs,
        });

        let read: Read = decode(bytes)?;
        let rootfs = read.rootfs.clone().unwrap_or_default();
        let set = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(Self {
            created: read.created.value(),
            author: read.author.value().unwrap_or_default(),
            comment: read.comment.value().unwrap_or_default(),
            platform: Platform {
                os: read.os,
                architecture: read.architecture,
                variant: set(read.variant),
                os_version: set(read.os_version),
            },
            run: read.config.value().unwrap_or_default(),
            history: read.history,
            has_rootfs: read.rootfs.is_some(),
            rootfs_type: rootfs.kind,
            diff_ids: rootfs.diff_ids,
        })
    }

    /// Checks it as Docker checks every image.
    ///
    /// # Errors
    /// When it has no list of layers, or its history has more layers than the list.
    pub fn check(&self) -> Result<(), NotAnImage> {
        if !self.has_rootfs {
            return Err(NotAnImage::NoRootFs);
        }
        let made = self.history.iter().filter(|step| !step.empty_layer).count();
        if made > self.diff_ids.len() {
            return Err(NotAnImage::History {
                expected: self.diff_ids.len(),
                found: made,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF_ID: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn parse(json: &str) -> Result<ImageConfig, JsonError> {
        ImageConfig::parse(json.replace("HEX", DIFF_ID).as_bytes())
    }

    #[test]
    fn keys_in_any_case() {
        let json = r#"{"Os":"linux","Architecture":"arm64","Variant":"v8","created":null,
            "RootFS":{"Type":"layers","Diff_IDs":["HEX","HEX"]},
            "History":[{},null,{"empty_layer":true}],"x":[{}]}"#;
        let config = parse(json).expect("valid");
        assert_eq!(config.check(), Ok(()));
        assert_eq!(config.diff_ids.len(), 2);
        assert_eq!(config.platform.to_string(), "linux/arm64/v8");
        assert_eq!(config.rootfs_type, "layers");
    }

    #[test]
    fn what_go_takes() {
        let config = ImageConfig::parse(
            b"{\"author\":\"J\xfcrgen\",\"x\":1e999,\"config\":{\"Labels\":{\"\\udc80\":\"a\"}}}",
        )
        .expect("valid");
        assert_eq!(config.author, "J\u{fffd}rgen");
        assert_eq!(config.run.labels.keys().collect::<Vec<_>>(), ["\u{fffd}"]);
        let nested = format!("{{\"x\":{}{}}}", "[".repeat(9_000), "]".repeat(9_000));
        assert!(parse(&nested).is_ok());
    }

    #[test]
    fn two_spellings() {
        let config = parse(
            r#"{"os":"linux","OS":"windows","config":{"Cmd":["a"],"User":"u","Labels":{"a":"b"}},
                "Config":{"user":"v","Labels":null,"Env":["A=1"]}}"#,
        )
        .expect("valid");
        assert_eq!(config.platform.os, "windows");
        let run = config.run;
        assert_eq!(
            (run.user.as_str(), run.env.len(), run.labels.len()),
            ("v", 1, 1)
        );
        assert_eq!(run.cmd, Some(vec!["a".to_owned()]));
        let config = parse(r#"{"config":{"User":"u"},"CONFIG":null}"#).expect("valid");
        assert_eq!(config.run, RunConfig::default());
    }

    #[test]
    fn broken_configs() {
        for (json, message) in [
            ("zzz", "expected value at line 1 column 1"),
            (
                r#"{"rootfs":{"diff_ids":["sha256:1"]}}"#,
                "invalid checksum digest length: \"sha256:1\" at line 1 column 34",
            ),
        ] {
            assert_eq!(parse(json).expect_err("broken").to_string(), message);
        }
        for (json, error) in [
            ("{}", NotAnImage::NoRootFs),
            (r#"{"rootfs":null}"#, NotAnImage::NoRootFs),
            (
                r#"{"rootfs":{"diff_ids":["HEX"]},"history":[{},{}]}"#,
                NotAnImage::History {
                    expected: 1,
                    found: 2,
                },
            ),
        ] {
            assert_eq!(parse(json).expect("JSON").check(), Err(error), "{json}");
        }
    }
}
