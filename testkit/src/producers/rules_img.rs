//! Bazel's rules_img: an OCI layout of all platforms, a `manifest.json` of the first.

use serde_json::json;

use crate::digest;
use crate::image::{Image, bytes};
use crate::layout::{Blob, Layout, index, with};
use crate::sample::{Expected, Sample};

/// An image for two platforms.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let amd = Image::sample("rules_img amd64", 1);
    let arm = Image::sample("rules_img arm64", 1)
        .reconfigured(|config| config["architecture"] = json!("arm64"));
    let mut layout = Layout::new();
    let first = layout.image(&amd, Blob::Plain);
    let second = layout.image(&arm, Blob::Plain);
    let nested = layout.index(&[
        with(
            first,
            "platform",
            json!({"os": "linux", "architecture": "amd64"}),
        ),
        with(
            second,
            "platform",
            json!({"os": "linux", "architecture": "arm64"}),
        ),
    ]);
    let annotations = json!({"io.containerd.image.name": "ghcr.io/rules/img:1"});
    let layers: Vec<String> = amd
        .layers
        .iter()
        .map(|layer| format!("blobs/sha256/{}", layer.hex()))
        .collect();
    let config = format!("blobs/sha256/{}", digest::digits(&amd.id()));
    let item = json!({"Config": config, "RepoTags": ["ghcr.io/rules/img:1"], "Layers": layers});
    let tar = layout
        .finish(&index(&[with(nested, "annotations", annotations)]))
        .file("manifest.json", bytes(&json!([item])));
    let images = vec![Expected::new(&amd, &["ghcr.io/rules/img:1"])];
    vec![Sample::new("rules_img tarball", tar.finish(), images)]
}
