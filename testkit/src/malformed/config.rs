//! Invalid configurations.

use serde_json::json;

use super::Fault;
use super::members::manifest;
use crate::image::{Image, Layer};
use crate::tar::Tar;

pub(super) fn faults() -> Vec<Fault> {
    let layer = Layer::with_file("f", "config faults\n");
    let image = Image::with_layers("config faults", vec![layer.clone()]);
    let with = |config: &[u8]| {
        Tar::new()
            .file("the-config.json", config)
            .file("layer", &layer.tar)
            .file("manifest.json", manifest("the-config.json", &["layer"]))
            .finish()
    };
    let changed =
        |change: fn(&mut serde_json::Value)| with(&image.clone().reconfigured(change).config);
    let zeros = format!("{}.json", "0".repeat(64));
    let misnamed = Tar::new()
        .file(&zeros, &image.config)
        .file("layer", &layer.tar)
        .file("manifest.json", manifest(&zeros, &["layer"]))
        .finish();
    vec![
        Fault::new(
            "a config under another digest",
            misnamed,
            &[&zeros, &image.hex()],
        ),
        Fault::new(
            "a config that is no JSON",
            with(b"zzz"),
            &["the-config.json"],
        ),
        Fault::new("a config that is a list", with(b"[]"), &["the-config.json"]),
        Fault::new("an empty config", with(b""), &["the-config.json"]),
        Fault::new(
            "a config without rootfs",
            changed(|config| {
                config
                    .as_object_mut()
                    .and_then(|keys| keys.remove("rootfs"));
            }),
            &["the-config.json", "rootfs"],
        ),
        Fault::new(
            "a diff_id that is no digest",
            changed(|config| config["rootfs"]["diff_ids"] = json!(["sha256:abc"])),
            &["the-config.json", "sha256:abc"],
        ),
        Fault::new(
            "more history than layers",
            changed(|config| config["history"] = json!([{"created_by": "a"}, {"created_by": "b"}])),
            &["the-config.json", "history", "1", "2"],
        ),
    ]
}
