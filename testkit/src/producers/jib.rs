//! Jib: `buildTar` in both formats, and what it pipes into `docker load`.

use serde_json::json;

use crate::compress::gzip;
use crate::digest;
use crate::image::{Image, bytes};
use crate::layout::{Blob, Layout, index, named};
use crate::sample::{Expected, Sample};
use crate::tar::Tar;

/// The Docker format and the OCI format.
#[must_use]
pub fn samples() -> Vec<Sample> {
    vec![docker(), oci()]
}

fn docker() -> Sample {
    let image = Image::sample("jib docker", 3);
    let mut tar = Tar::new().stamped(0o644, 0);
    let mut paths = Vec::new();
    for layer in &image.layers {
        let blob = gzip(&layer.tar);
        let path = format!("{}.tar.gz", digest::hex(&blob));
        tar = tar.file(&path, blob);
        paths.push(path);
    }
    let names = ["gcr.io/project/jib:1", "gcr.io/project/jib:latest"];
    let item = json!({"Config": "config.json", "RepoTags": names, "Layers": paths});
    let tar = tar
        .file("config.json", &image.config)
        .file("manifest.json", bytes(&json!([item])));
    Sample::new(
        "jib, Docker format",
        tar.finish(),
        vec![Expected::new(&image, &names)],
    )
}

fn oci() -> Sample {
    let image = Image::sample("jib oci", 2);
    let mut layout = Layout::new();
    let manifest = layout.image(&image, Blob::Gzip);
    let index = index(&[named(manifest, "gcr.io/project/jib-oci:1")]);
    let images = vec![Expected::new(&image, &["gcr.io/project/jib-oci:1"])];
    Sample::new("jib, OCI format", layout.finish(&index).finish(), images)
}
