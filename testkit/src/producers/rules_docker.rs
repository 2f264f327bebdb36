//! Bazel's rules_docker: a probe without any layer, then a load without the layers of the base.

use serde_json::json;

use crate::compress::gzip;
use crate::image::{Image, bytes};
use crate::sample::Sample;
use crate::tar::Tar;

/// The probe and the load that follows it.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![probe(), load()]
}

fn probe() -> Sample {
    let image = Image::sample("rules_docker probe", 2).reconfigured(|config| {
        config["created"] = json!("0001-01-01T00:00:00Z");
        config["history"] = json!([{"created": "0001-01-01T00:00:00Z", "author": "Bazel"}]);
    });
    let item = json!({"Config": "config.json", "RepoTags": [], "Layers": image.diff_ids()});
    let archive = Tar::new()
        .file("config.json", &image.config)
        .file("manifest.json", bytes(&json!([item])))
        .finish();
    Sample::without_base("rules_docker probe", archive, &image, &[], 2)
}

fn load() -> Sample {
    let image = Image::sample("rules_docker load", 3);
    let paths: Vec<String> = image
        .layers
        .iter()
        .map(|layer| format!("{}.tar", layer.hex()))
        .collect();
    let item = json!({"Config": "config.json", "RepoTags": [], "Layers": paths});
    let archive = Tar::new()
        .file("config.json", &image.config)
        .file("manifest.json", bytes(&json!([item])))
        .file(&paths[2], gzip(&image.layers[2].tar))
        .finish_in_records();
    Sample::without_base("rules_docker load", archive, &image, &[], 2)
}
