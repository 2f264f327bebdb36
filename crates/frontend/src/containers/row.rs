//! One row of a list of containers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use sockerless_containers::{ContainerRow, ContainerSpec};
use sockerless_images::{Digest, Platform};

use super::network;
use crate::version::ApiVersion;

/// What a row shows besides the container itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    /// Whether the name of the image still means that image.
    pub(super) is_current: bool,
    /// Bytes of the image, when they were requested.
    pub(super) size: Option<u64>,
}

/// One row of a list, its fields in Docker's order. `None` is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContainerSummary<'a> {
    id: &'a str,
    names: [String; 1],
    /// Its name, or its ID when the name means another image by now.
    image: String,
    #[serde(rename = "ImageID")]
    image_id: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_manifest_descriptor: Option<Value>,
    command: String,
    /// Seconds since 1970.
    created: i64,
    ports: [Value; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    size_root_fs: Option<u64>,
    labels: &'a BTreeMap<String, String>,
    state: &'static str,
    status: &'static str,
    host_config: Value,
    network_settings: NetworkSummary,
    mounts: [Value; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSummary {
    networks: Map<String, Value>,
}

/// The row of a container in `GET /containers/json` and `GET /system/df`.
pub(super) fn summary<'a>(
    row: &'a ContainerRow,
    shown: Shown,
    version: ApiVersion,
) -> ContainerSummary<'a> {
    let spec = &row.spec;
    let mode = network::mode(spec);
    ContainerSummary {
        id: &row.id,
        names: [format!("/{}", row.name)],
        image: match shown.is_current {
            true => spec.image_name.clone(),
            false => row.image.to_string(),
        },
        image_id: row.image,
        image_manifest_descriptor: version.at_least(48).then(|| manifest_descriptor(spec)),
        command: command(spec),
        created: row.created_at.as_second(),
        ports: [],
        size_root_fs: shown.size,
        labels: &spec.run.labels,
        state: "created",
        status: "Created",
        host_config: json!({ "NetworkMode": mode }),
        network_settings: NetworkSummary {
            networks: network::networks(spec, &mode),
        },
        mounts: [],
        health: version
            .at_least(52)
            .then(|| json!({ "Status": "none", "FailingStreak": 0 })),
    }
}

/// The manifest of the variant that is to run.
pub(super) fn manifest_descriptor(spec: &ContainerSpec) -> Value {
    json!({
        "mediaType": spec.manifest_media_type,
        "digest": spec.manifest,
        "size": spec.manifest_size,
        "platform": platform(&spec.platform),
    })
}

fn platform(platform: &Platform) -> Value {
    let mut object = Map::new();
    for (key, value) in [
        ("architecture", Some(&platform.architecture)),
        ("os", Some(&platform.os)),
        ("os.version", platform.os_version.as_ref()),
        ("variant", platform.variant.as_ref()),
    ] {
        object.extend(value.map(|value| (key.to_owned(), json!(value))));
    }
    Value::Object(object)
}

/// The command as one line, which is not meant to be parsed: arguments with a space are quoted.
fn command(spec: &ContainerSpec) -> String {
    let (program, arguments) = spec.command();
    let mut line = program.to_owned();
    for argument in arguments {
        let quote = if argument.contains(' ') { "'" } else { "" };
        line.push_str(&format!(" {quote}{argument}{quote}"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containers::sample::{ID, row, row_in};

    fn shown(row: &ContainerRow, shown: Shown, version: &str) -> Value {
        let version = ApiVersion::negotiate(Some(version)).expect("served");
        serde_json::to_value(summary(row, shown, version)).expect("JSON")
    }

    const PLAIN: Shown = Shown {
        is_current: true,
        size: None,
    };

    #[test]
    fn rows_by_version() {
        let (image, manifest) = (Digest::of("config"), Digest::of("manifest"));
        let mut expected = json!({
            "Id": ID,
            "Names": ["/web"],
            "Image": "p/one:1",
            "ImageID": image,
            "Command": "run",
            "Created": 1_700_000_000,
            "Ports": [],
            "Labels": {},
            "State": "created",
            "Status": "Created",
            "HostConfig": { "NetworkMode": "default" },
            "NetworkSettings": { "Networks": network::networks(&row().spec, network::DEFAULT) },
            "Mounts": [],
        });
        assert_eq!(shown(&row(), PLAIN, "1.47"), expected);
        expected["ImageManifestDescriptor"] = json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": manifest,
            "size": 7,
            "platform": { "architecture": "arm", "os": "linux", "variant": "v7" },
        });
        assert_eq!(shown(&row(), PLAIN, "1.51"), expected);
        expected["Health"] = json!({ "Status": "none", "FailingStreak": 0 });
        assert_eq!(shown(&row(), PLAIN, "1.55"), expected);
        expected["SizeRootFs"] = json!(9);
        expected["Image"] = json!(image);
        let other = Shown {
            is_current: false,
            size: Some(9),
        };
        assert_eq!(shown(&row(), other, "1.55"), expected);
    }

    #[test]
    fn commands() {
        for (entrypoint, cmd, line) in [
            (&[][..], &["a"][..], "a"),
            (&["/e"], &[], "/e"),
            (&["/e", "-x"], &["two words", "c"], "/e -x 'two words' c"),
        ] {
            let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
            let mut row = row();
            row.spec.run.entrypoint = Some(words(entrypoint));
            row.spec.run.cmd = Some(words(cmd));
            assert_eq!(shown(&row, PLAIN, "1.55")["Command"], line);
        }
    }

    #[test]
    fn network_modes() {
        for (host_config, mode) in [
            ("null", "default"),
            ("{}", "default"),
            (r#"{"NetworkMode":""}"#, "default"),
            (r#"{"networkmode":"host"}"#, "host"),
        ] {
            let row = shown(&row_in(host_config, "null"), PLAIN, "1.55");
            assert_eq!(row["HostConfig"], json!({ "NetworkMode": mode }));
        }
    }
}
