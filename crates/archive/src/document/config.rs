use sockerless_reference::Digest;

use super::Platform;
use super::key::any_case;
use crate::Error;
use crate::read::Document;

/// What an image's config says about its layers and platform.
#[derive(Debug, Default)]
pub(crate) struct ImageConfig {
    os: String,
    architecture: String,
    variant: String,
    os_version: String,
    rootfs: Option<RootFs>,
    history: Vec<HistoryEntry>,
}

#[derive(Debug, Default)]
struct RootFs {
    diff_ids: Vec<Digest>,
}

#[derive(Debug, Default)]
struct HistoryEntry {
    empty_layer: bool,
}

any_case!(ImageConfig, "an image config" {
    "os" => os,
    "architecture" => architecture,
    "variant" => variant,
    "os.version" => os_version,
    "rootfs" => rootfs,
    "history" => history,
});
any_case!(RootFs, "the rootfs of an image config" { "diff_ids" => diff_ids });
any_case!(HistoryEntry, "an entry of the history" { "empty_layer" => empty_layer });

impl ImageConfig {
    /// Decodes a config and holds it to what every image has.
    pub(crate) fn parse(entry: &str, document: &Document) -> Result<Self, Error> {
        let config: Self = super::parse("config", entry, document)?;
        let invalid = |reason| Error::Document {
            what: "config",
            entry: entry.to_owned(),
            reason,
        };
        let Some(rootfs) = &config.rootfs else {
            return Err(invalid("invalid image JSON, no RootFS key".to_owned()));
        };
        let layers = config
            .history
            .iter()
            .filter(|step| !step.empty_layer)
            .count();
        if layers > rootfs.diff_ids.len() {
            let found = rootfs.diff_ids.len();
            return Err(invalid(format!(
                "too many non-empty layers in History section: expected at most {found} (its \
                 diff_ids), found {layers}"
            )));
        }
        Ok(config)
    }

    /// The digests of its uncompressed layers, base first.
    pub(crate) fn diff_ids(&self) -> &[Digest] {
        self.rootfs.as_ref().map_or(&[], |rootfs| &rootfs.diff_ids)
    }

    /// What the image runs on.
    pub(crate) fn platform(&self) -> Platform {
        let set = |text: &String| (!text.is_empty()).then(|| text.clone());
        Platform {
            os: self.os.clone(),
            architecture: self.architecture.clone(),
            variant: set(&self.variant),
            os_version: set(&self.os_version),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF_ID: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn parse(json: &str) -> Result<ImageConfig, String> {
        let document = Document::new(json.replace("HEX", DIFF_ID).into_bytes());
        ImageConfig::parse("c.json", &document).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_in_any_case() {
        let json = r#"{"Os":"linux","Architecture":"arm64","Variant":"v8","created":null,
            "RootFS":{"Diff_IDs":["HEX","HEX"]},"History":[{},{"empty_layer":true}],"x":[{}]}"#;
        let config = parse(json).expect("valid");
        assert_eq!(config.diff_ids().len(), 2);
        assert_eq!(config.platform().to_string(), "linux/arm64/v8");
    }

    #[test]
    fn broken_configs() {
        for (json, message) in [
            (
                "zzz",
                "invalid config \"c.json\": expected value at line 1 column 1",
            ),
            (
                "{}",
                "invalid config \"c.json\": invalid image JSON, no RootFS key",
            ),
            (
                r#"{"rootfs":null}"#,
                "invalid config \"c.json\": invalid image JSON, no RootFS key",
            ),
            (
                r#"{"rootfs":{"diff_ids":["HEX"]},"history":[{},{}]}"#,
                "invalid config \"c.json\": too many non-empty layers in History section: \
                 expected at most 1 (its diff_ids), found 2",
            ),
            (
                r#"{"rootfs":{"diff_ids":["sha256:1"]}}"#,
                "invalid config \"c.json\": invalid checksum digest length: \"sha256:1\" at line 1 column 34",
            ),
        ] {
            assert_eq!(parse(json).expect_err("broken"), message);
        }
    }
}
