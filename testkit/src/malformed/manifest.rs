//! Faults in `manifest.json` and its references.

use serde_json::json;

use super::Fault;
use super::members::manifest;
use crate::image::{Image, bytes};
use crate::tar::Tar;

pub(super) fn faults() -> Vec<Fault> {
    let image = Image::sample("manifest faults", 2);
    let layers: Vec<String> = image
        .layers
        .iter()
        .map(|layer| format!("{}/layer.tar", layer.hex()))
        .collect();
    let config = format!("{}.json", image.hex());
    let files = Tar::new()
        .file(&config, &image.config)
        .file(&layers[0], &image.layers[0].tar)
        .file(&layers[1], &image.layers[1].tar);
    let with = |content: &[u8]| files.clone().file("manifest.json", content).finish();
    let whole = manifest(&config, &[&layers[0], &layers[1]]);
    vec![
        Fault::new("no manifest.json", files.finish(), &["manifest.json"]),
        Fault::new("an object for a manifest", with(b"{}"), &["manifest.json"]),
        Fault::new("null for a manifest", with(b"null"), &["manifest.json"]),
        Fault::new("an empty manifest file", with(b""), &["manifest.json"]),
        Fault::new(
            "a manifest cut short",
            with(&whole[..whole.len() - 20]),
            &["manifest.json"],
        ),
        Fault::new(
            "a manifest with a wrong type",
            with(&bytes(&json!([{"Config": config, "Layers": "none"}]))),
            &["manifest.json"],
        ),
        Fault::new(
            "a manifest without a config",
            with(&bytes(&json!([{"RepoTags": ["a:1"], "Layers": layers}]))),
            &["manifest.json", "config"],
        ),
        Fault::new(
            "a config that is not there",
            with(&manifest("nope.json", &[&layers[0], &layers[1]])),
            &["nope.json"],
        ),
        Fault::new(
            "a layer that is not there",
            with(&manifest(&config, &[&layers[0], "nope/layer.tar"])),
            &["nope/layer.tar", &image.layers[1].hex()],
        ),
        Fault::new(
            "fewer layers than diff_ids",
            with(&manifest(&config, &[&layers[0]])),
            &["1", "2", "layer"],
        ),
        Fault::new(
            "more layers than diff_ids",
            with(&manifest(&config, &[&layers[0], &layers[1], &layers[0]])),
            &["3", "2", "layer"],
        ),
        Fault::new(
            "a good image before a broken one",
            with(&bytes(&json!([
                {"Config": config, "RepoTags": ["malformed:good"], "Layers": layers},
                {"Config": "nope.json", "RepoTags": ["malformed:bad"], "Layers": layers},
            ]))),
            &["nope.json"],
        ),
    ]
}
