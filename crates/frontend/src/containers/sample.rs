//! A container for tests.

use jiff::Timestamp;
use sockerless_containers::{ContainerRow, ContainerSpec, HostConfig, NetworkingConfig, Settings};
use sockerless_images::{Digest, Platform, RunConfig};

/// The ID of [`row`].
pub(super) const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A container for which the client gave only an image and a name.
pub(super) fn row() -> ContainerRow {
    let run = RunConfig {
        cmd: Some(vec!["run".to_owned()]),
        ..RunConfig::default()
    };
    let settings = Settings {
        hostname: ID[..12].to_owned(),
        ..Settings::default()
    };
    ContainerRow {
        id: ID.to_owned(),
        name: "web".to_owned(),
        target: Digest::of("index"),
        image: Digest::of("config"),
        created_at: Timestamp::new(1_700_000_000, 500).expect("a time"),
        spec: ContainerSpec {
            image_name: "p/one:1".to_owned(),
            manifest: Digest::of("manifest"),
            manifest_media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            manifest_size: 7,
            platform: Platform {
                os: "linux".to_owned(),
                architecture: "arm".to_owned(),
                variant: Some("v7".to_owned()),
                os_version: None,
            },
            pull_reference: None,
            run,
            settings,
            host_config: None,
            networking_config: None,
        },
    }
}

/// The same with this `HostConfig` and `NetworkingConfig`.
pub(super) fn row_in(host_config: &str, networking_config: &str) -> ContainerRow {
    let mut row = row();
    let host_config = serde_json::from_str(host_config).expect("JSON");
    row.spec.host_config = Some(HostConfig::parse(host_config).expect("valid"));
    let networking_config = serde_json::from_str(networking_config).expect("JSON");
    row.spec.networking_config = Some(NetworkingConfig::parse(networking_config).expect("valid"));
    row
}
