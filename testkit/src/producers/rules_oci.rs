//! Bazel's rules_oci: `oci_load` in both formats.

use serde_json::{Value, json};

use crate::compress::gzip;
use crate::digest;
use crate::image::{Image, Layer, bytes};
use crate::layout::{Blob, Layout, index, named};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// `format = "docker"` and `format = "oci"`.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![docker(), oci()]
}

/// Layers under `blobs/`, no `oci-layout`; a repeated layer is there twice.
fn docker() -> Sample {
    let same = Layer::with_file("same", "rules_oci\n");
    let image = Image::with_layers("rules_oci docker", vec![same.clone(), same]);
    let config = format!("blobs/sha256/{}", image.hex());
    let mut tar = Tar::new()
        .stamped(0o755, 1_672_560_000)
        .file(&config, &image.config);
    let mut paths = Vec::new();
    for layer in &image.layers {
        let blob = gzip(&layer.tar);
        let path = format!("blobs/sha256/{}.tar.gz", digest::hex(&blob));
        tar = tar.file(&path, blob);
        paths.push(path);
    }
    let item = json!({"Config": config, "RepoTags": ["my/oci:docker"], "Layers": paths});
    let tar = tar.file("manifest.json", bytes(&json!([item])));
    let images = vec![Expected::new(&image, &["my/oci:docker"])];
    Sample::new("rules_oci format=docker", tar.finish(), images)
}

/// One descriptor for each tag, with the full name as `ref.name`.
fn oci() -> Sample {
    let image = Image::sample("rules_oci oci", 2);
    let mut layout = Layout::new();
    let manifest = layout.image(&image, Blob::Gzip);
    let nested = layout.index(&[manifest]);
    let names = ["ghcr.io/bazel/app:one", "ghcr.io/bazel/app:two"];
    let manifests: Vec<Value> = names
        .iter()
        .map(|name| named(nested.clone(), name))
        .collect();
    let images = vec![Expected::new(&image, &names)];
    Sample::new(
        "rules_oci format=oci",
        layout.finish(&index(&manifests)).finish(),
        images,
    )
}
